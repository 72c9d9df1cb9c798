// The few things the pages need a script for: look-ups, questions, selections, the search key, the menu, light and dark.
(function () {
  "use strict";

  function each(found, what) { document.querySelectorAll(found).forEach(what); }
  function keep(name, value) { try { window.localStorage.setItem(name, value); } catch (refused) { /* it holds for this page */ } }

  // Look-ups: a select that asks the server while one types.
  function labelOf(select) {
    var label = document.querySelector("label[for='" + select.id + "']");
    return label ? label.textContent.trim() : select.name;
  }
  function lookUp(select) {
    select.setAttribute("aria-label", labelOf(select));
    var box = new window.TomSelect(select, {
      valueField: "id", labelField: "text", searchField: [], preload: "focus", maxOptions: 50, loadThrottle: 200,
      plugins: [], allowEmptyOption: false,
      load: function (word, done) {
        box.clearOptions();
        window.fetch(select.dataset.lookup + "?q=" + encodeURIComponent(word), { headers: { "X-Requested-With": "XMLHttpRequest" } })
          .then(function (answer) { return answer.json(); })
          .then(function (told) { done(told.results); }, function () { done(); });
      },
      render: {
        option: function (row, escape) {
          return "<div>" + escape(row.text) + (row.more ? "<small>" + escape(row.more) + "</small>" : "") + "</div>";
        },
        no_results: function () { return "<div class='no-results'>—</div>"; }
      }
    });
    box.control_input.setAttribute("aria-label", labelOf(select));
  }
  if (window.TomSelect) { each("select.lookup", lookUp); }

  each("[data-fill]", function (button) {
    button.addEventListener("click", function () {
      var field = document.getElementById(button.dataset.fill);
      field.value = button.dataset.value;
      field.focus();
    });
  });
  // What is typed into a field that has the focus replaces what stands in it.
  each("input[autofocus]", function (input) { if (input.select) { input.select(); } });

  // Questions: one dialog, with a line for the reason where one is asked for.
  var dialog = document.getElementById("question");
  function ask(form, submitter, text, wantsReason) {
    var reason = dialog.querySelector("input");
    dialog.querySelector("[data-text]").textContent = text;
    reason.hidden = !wantsReason;
    reason.setAttribute("aria-label", text);
    reason.value = "";
    dialog.returnValue = "";
    dialog.onclose = function () {
      if (dialog.returnValue !== "yes") { return; }
      if (wantsReason) { form.elements.namedItem("change_reason").value = reason.value.slice(0, 300); }
      form.dataset.asked = "1";
      form.requestSubmit(submitter || undefined);
      delete form.dataset.asked;
    };
    dialog.showModal();
  }
  if (dialog) { dialog.querySelector("[data-no]").addEventListener("click", function () { dialog.close(); }); }

  document.addEventListener("submit", function (event) {
    var form = event.target, submitter = event.submitter;
    var question = (submitter && submitter.dataset.confirm) || form.dataset.confirm || form.dataset.reason;
    if (question && dialog && !form.dataset.asked) {
      event.preventDefault();
      ask(form, submitter, question, Boolean(form.dataset.reason));
      return;
    }
    form.querySelectorAll("[data-skip-empty]").forEach(function (input) { if (!input.value) { input.disabled = true; } });
    if (form.method === "post") {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      window.setTimeout(function () { delete form.dataset.sent; }, 4000);
    }
  });
  // A page that comes back from the browser's memory is not being sent.
  window.addEventListener("pageshow", function () { each("form[data-sent]", function (form) { delete form.dataset.sent; }); });

  // A table wider than the page scrolls in its own frame, by keys too.
  each("main table.table", function (table) {
    var frame = table.closest(".table-responsive, .table-scroll"), heading = document.querySelector("h1");
    if (!frame) {
      frame = document.createElement("div");
      frame.className = "table-responsive";
      table.replaceWith(frame);
      frame.append(table);
    }
    if (!frame.hasAttribute("tabindex") && frame.scrollWidth > frame.clientWidth) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", heading ? heading.textContent.trim() : "");
    }
  });

  // Selections of a list: how many rows are chosen, and the acts on them.
  each("[data-selection]", function (bar) {
    var boxes = Array.from(document.querySelectorAll("input[name=rowid][form='" + bar.id + "']"));
    var all = document.querySelector("[data-choose-all='" + bar.id + "']");
    function count() {
      var chosen = boxes.filter(function (box) { return box.checked; }).length;
      bar.hidden = !chosen;
      bar.querySelector("[data-count]").textContent = chosen;
      if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
    }
    boxes.forEach(function (box) { box.addEventListener("change", count); });
    if (all) { all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); count(); }); }
    count();
  });

  // A click on a row opens it; links, buttons and ticks in it keep their own meaning.
  document.addEventListener("click", function (event) {
    var row = event.target.closest("tr.opens");
    if (!row || event.target.closest("a, button, input, label, summary") || String(window.getSelection())) { return; }
    var link = row.querySelector("a");
    if (link) { link.click(); }
  });

  // Tabs are remembered in the address.
  each("[data-bs-toggle=tab]", function (tab) {
    tab.addEventListener("shown.bs.tab", function () { window.history.replaceState(null, "", tab.getAttribute("href")); });
    if (window.location.hash && tab.getAttribute("href") === window.location.hash && window.bootstrap) { new window.bootstrap.Tab(tab).show(); }
  });

  // Unsaved changes ask before they are left.
  each("form.entity-form[method=post]", function (form) {
    var changed = false;
    form.addEventListener("input", function () { changed = true; });
    form.addEventListener("submit", function () { changed = false; });
    window.addEventListener("beforeunload", function (event) { if (changed) { event.preventDefault(); } });
  });

  each("[data-theme-switch]", function (button) {
    button.addEventListener("click", function () {
      var page = document.documentElement, theme = page.dataset.bsTheme === "dark" ? "light" : "dark";
      page.dataset.bsTheme = theme;
      keep("theme", theme);
      document.dispatchEvent(new CustomEvent("theme"));
    });
  });
  each("[data-menu-fold]", function (button) {
    button.addEventListener("click", function () {
      keep("menu", document.documentElement.classList.toggle("folded") ? "folded" : "open");
    });
  });

  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      var box = document.getElementById("global-search");
      if (box) { event.preventDefault(); box.focus(); }
    }
    each("[data-key]", function (keyed) {
      if (keyed.dataset.key === event.key) { event.preventDefault(); keyed.click(); }
    });
  });
})();
