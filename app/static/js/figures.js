// Asks for the figures of an open home page again and again: those of today often, all of them now and then; not while nobody sees it.
(function () {
  "use strict";

  var section = document.getElementById("figures"), busy = false, lastAll = Date.now();
  if (!section) { return; }

  function write(place, text) { if (place && place.textContent !== text) { place.textContent = text; } }

  function show(told) {
    Object.keys(told.figures).forEach(function (name) {
      var box = section.querySelector("[data-figure='" + name + "']"), figure = told.figures[name];
      if (!box) { return; }
      write(box.querySelector("[data-value]"), figure.value);
      var notes = box.querySelector("[data-notes]"), texts = Array.from(notes.children).map(function (each) { return each.textContent; });
      if (texts.join("\n") !== figure.notes.join("\n")) {
        notes.replaceChildren.apply(notes, figure.notes.map(function (text) {
          var note = document.createElement("span");
          note.textContent = text;
          return note;
        }));
      }
      notes.className = "notes" + (figure.trend ? " " + figure.trend : "");
    });
    write(section.querySelector("[data-at]"), told.at);
  }

  function ask() {
    if (document.hidden || busy) { return; }
    var isAll = Date.now() - lastAll >= section.dataset.allSeconds * 1000;
    busy = true;
    window.fetch(section.dataset.address + (isAll ? "" : "&today=y"), { headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (answer.status === 401) { window.clearInterval(timer); }
        return answer.ok ? answer.json() : null;
      })
      .then(function (told) {
        if (told) { show(told); }
        if (told && isAll) { lastAll = Date.now(); }
      }, function () { /* asked again next time */ })
      .then(function () { busy = false; });
  }

  var timer = window.setInterval(ask, section.dataset.seconds * 1000);
  document.addEventListener("visibilitychange", ask);
})();
