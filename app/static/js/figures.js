// Asks for the figures of an open home page again and again: those of today often, all of them now and then; not while nobody sees it.
(function () {
  "use strict";

  var section = document.getElementById("figures"), busy = false, isOver = false, failures = 0, timer = 0,
    lastAll = Date.now();
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

  // Nobody sees a hidden page, so nothing is asked until it is looked at again; after an error the pause doubles, up to a minute.
  function later() {
    var usual = section.dataset.seconds * 1000;
    window.clearTimeout(timer);
    if (!document.hidden) { timer = window.setTimeout(ask, failures ? Math.max(Math.min(usual * Math.pow(2, failures), 60000), usual) : usual); }
  }

  function ask() {
    if (document.hidden || busy) { return; }
    var isAll = Date.now() - lastAll >= section.dataset.allSeconds * 1000;
    busy = true;
    window.fetch(section.dataset.address + (isAll ? "" : "&today=y"), { headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (answer.status === 401) { isOver = true; }
        if (!answer.ok) { throw new Error(answer.status); }
        return answer.json();
      })
      .then(function (told) {
        failures = 0;
        show(told);
        if (isAll) { lastAll = Date.now(); }
      })
      .catch(function () { failures += 1; })
      .then(function () {
        busy = false;
        if (!isOver) { later(); }
      });
  }

  document.addEventListener("visibilitychange", function () {
    window.clearTimeout(timer);
    if (!document.hidden && !isOver) { ask(); }
  });
  later();
})();
