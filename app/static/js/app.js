// The few things the pages need a script for: look-ups, confirmation, the search key.
(function () {
  "use strict";

  function lookUp(select) {
    var field = window.jQuery(select).select2({
      theme: "bootstrap",
      allowClear: !select.required,
      placeholder: "",
      minimumInputLength: 0,
      ajax: { url: select.dataset.lookup, dataType: "json", delay: 200, data: function (given) { return { q: given.term || "" }; } }
    });
    // The widget names itself after its own content; its name is the label's.
    var label = document.querySelector("label[for='" + select.id + "']");
    var box = field.next(".select2-container").find(".select2-selection");
    box.attr("aria-label", label ? label.textContent.trim() : select.name).removeAttr("aria-labelledby");
    box.find(".select2-selection__rendered").removeAttr("role").removeAttr("aria-readonly");
  }

  if (window.jQuery && window.jQuery.fn.select2) { document.querySelectorAll("select.lookup").forEach(lookUp); }

  document.querySelectorAll("[data-fill]").forEach(function (button) {
    button.addEventListener("click", function () {
      var field = document.getElementById(button.dataset.fill);
      field.value = button.dataset.value;
      field.focus();
    });
  });
  // What is typed into a field that has the focus replaces what stands in it.
  document.querySelectorAll("input[autofocus]").forEach(function (input) { if (input.select) { input.select(); } });
  if (window.jQuery) {
    window.jQuery(document).on("select2:open", function () {
      var box = document.querySelector(".select2-container--open .select2-search__field");
      if (box) { box.focus(); }
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.dataset.reason) {
      var reason = window.prompt(form.dataset.reason, "");
      if (reason === null) { event.preventDefault(); return; }
      form.elements.change_reason.value = reason.slice(0, 300);
    }
    form.querySelectorAll("[data-skip-empty]").forEach(function (input) { if (!input.value) { input.disabled = true; } });
    if (form.method === "post") {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      window.setTimeout(function () { delete form.dataset.sent; }, 4000);
    }
  });

  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      var box = document.getElementById("global-search");
      if (box) { event.preventDefault(); box.focus(); }
    }
    document.querySelectorAll("[data-key]").forEach(function (keyed) {
      if (keyed.dataset.key === event.key) { event.preventDefault(); keyed.click(); }
    });
  });
})();
