// The preview of a form with files: only what it would do comes into the page, so that the chosen files stay chosen.
(function () {
  "use strict";
  var form = document.querySelector("form[data-in-place]");
  if (!form || !window.fetch) { return; }

  function files(from) { return Array.from(from.querySelectorAll("input[type=file]")); }
  function put(text) {
    var page = new DOMParser().parseFromString(text, "text/html"), made = page.querySelector("form[data-in-place]");
    if (!made) { return false; }
    files(form).forEach(function (kept) {
      var place = made.querySelector("input[type=file][name='" + kept.name + "']");
      if (place) { place.replaceWith(kept); }
    });
    var told = page.querySelectorAll("main .alert-danger");
    form.replaceChildren.apply(form, Array.from(document.adoptNode(made).childNodes));
    document.querySelectorAll("main .alert-danger").forEach(function (old) { if (!form.contains(old)) { old.remove(); } });
    told.forEach(function (one) { if (!form.contains(one)) { form.before(document.adoptNode(one)); } });
    return true;
  }
  form.addEventListener("submit", function (event) {
    var pressed = event.submitter;
    if (!pressed || pressed.value !== "preview" || !files(form).some(function (input) { return input.files.length; })) { return; }
    event.preventDefault();
    var sent = new FormData(form);
    sent.append(pressed.name, pressed.value);
    pressed.disabled = true;
    window.fetch(form.action || window.location.href, { method: "POST", body: sent, credentials: "same-origin" })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        delete form.dataset.sent;
        if (!put(text)) { document.open(); document.write(text); document.close(); return; }
        var found = form.querySelector(".act-effects, .field-error");
        if (found) { found.scrollIntoView({ block: "center" }); }
      }, function () { pressed.disabled = false; delete form.dataset.sent; });
  });
})();
