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
      plugins: [], allowEmptyOption: false, optgroupField: "group", lockOptgroupOrder: true,
      load: function (word, done) {
        box.clearOptions();
        window.fetch(select.dataset.lookup + (select.dataset.lookup.indexOf("?") < 0 ? "?" : "&") + "q=" + encodeURIComponent(word),
          { headers: { "X-Requested-With": "XMLHttpRequest" } })
          .then(function (answer) { return answer.json(); })
          .then(function (told) {
            told.results.forEach(function (row) { if (row.group) { box.addOptionGroup(row.group, { label: row.group }); } });
            done(told.results);
          }, function () { done(); });
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

  // What a search offers while one types: a list under the input, moved in by arrows; Enter without a choice searches.
  function offerUnder(input) {
    var list = document.createElement("ul"), chosen = -1, timer = 0, latest = 0;
    list.id = input.id + "-offers";
    list.className = "offers";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", labelOf(input));
    input.after(list);
    input.parentElement.classList.add("offers-under");
    [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"], ["autocomplete", "off"]]
      .forEach(function (pair) { input.setAttribute(pair[0], pair[1]); });
    function choose(place) {
      chosen = place;
      Array.from(list.children).forEach(function (row, at) { row.setAttribute("aria-selected", String(at === place)); });
      if (place < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    }
    function show(rows) {
      list.replaceChildren.apply(list, rows.map(function (row, at) {
        var item = document.createElement("li"), more = document.createElement("small");
        item.id = list.id + "-" + at;
        item.setAttribute("role", "option");
        item.dataset.address = row.address;
        item.textContent = row.text;
        more.textContent = row.more;
        item.append(more);
        return item;
      }));
      list.hidden = !rows.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      choose(-1);
    }
    function stop() { window.clearTimeout(timer); latest += 1; show([]); }
    function load() {
      var mine = latest += 1;
      window.fetch(input.dataset.offers + "?q=" + encodeURIComponent(input.value), { headers: { "X-Requested-With": "XMLHttpRequest" } })
        .then(function (answer) { return answer.json(); })
        .then(function (told) { if (mine === latest) { show(told.results); } }, function () { /* the search itself still works */ });
    }
    input.addEventListener("input", function () {
      window.clearTimeout(timer);
      if (input.value.trim().length < 2) { stop(); return; }
      timer = window.setTimeout(load, 250);
    });
    input.addEventListener("keydown", function (event) {
      var count = list.children.length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && count) { event.preventDefault(); choose(Math.max(-1, Math.min(count - 1, chosen + step))); }
      if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); window.location.assign(list.children[chosen].dataset.address); }
      if (event.key === "Escape") { stop(); }
    });
    input.addEventListener("blur", stop);
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      var row = event.target.closest("li");
      if (row) { window.location.assign(row.dataset.address); }
    });
  }
  each("input[data-offers]", offerUnder);

  // Sums are grouped by threes while one types; the caret stays behind the same digit.
  function grouped(text) {
    var parts = /^([^.,]*)([.,]?.*)$/.exec(text);
    return parts[1].replace(/[^0-9]/g, "").replace(/\B(?=([0-9]{3})+$)/g, " ") + parts[2];
  }
  each("input[data-grouped]", function (input) {
    input.addEventListener("input", function () {
      if (!/^[0-9\s\u00a0]*([.,][0-9]*)?$/.test(input.value)) { return; }
      var behind = input.value.slice(input.selectionStart).replace(/[\s\u00a0]/g, "").length, place = 0;
      input.value = grouped(input.value);
      for (place = input.value.length; place > 0 && behind > 0; place -= 1) { if (input.value[place - 1] !== " ") { behind -= 1; } }
      input.setSelectionRange(place, place);
    });
  });

  // A drawer that is counted: the sum of its notes and coins while one types.
  each("[data-pieces]", function (pieces) {
    var form = pieces.closest("form"), rest = form.querySelector("[data-rest]"), total = form.querySelector("[data-total]");
    function plain(input) { return Number(input.value.replace(/[\s\u00a0]/g, "").replace(",", ".")) || 0; }
    function add() {
      var som = Array.from(pieces.querySelectorAll("[data-worth]")).reduce(function (sum, input) {
        return sum + plain(input) * Number(input.dataset.worth);
      }, plain(rest));
      total.textContent = som.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    }
    form.addEventListener("input", add);
    add();
  });

  // Rows of hits: the arrows move among them as among the lines of a list.
  document.addEventListener("keydown", function (event) {
    var hits = Array.from(document.querySelectorAll("a[data-hit]")), at = hits.indexOf(document.activeElement);
    var next = at < 0 ? undefined : hits[at + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] || 0)];
    if (next && next !== document.activeElement) { event.preventDefault(); next.focus(); }
  });

  // Divisions: more than a screen shows are found by typing; the reader's own stand first.
  function choose(select) {
    if (select.options.length < 12) { return; }
    select.setAttribute("aria-label", labelOf(select));
    var box = new window.TomSelect(select, { maxOptions: null, plugins: [], allowEmptyOption: true });
    box.control_input.setAttribute("aria-label", labelOf(select));
  }
  if (window.TomSelect) { each("select[name='division'], select[name='divisions']", choose); }

  each("[data-fill]", function (button) {
    button.addEventListener("click", function () {
      var field = document.getElementById(button.dataset.fill);
      field.value = button.dataset.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
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
    // What is done on all rows that match is shown before it is asked.
    var everything = form.elements.namedItem("all");
    var question = (submitter && !(everything && everything.checked) && submitter.dataset.confirm) || form.dataset.confirm || form.dataset.reason;
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
    var whole = bar.querySelector("[data-count-all]");
    if (whole) { whole.addEventListener("change", count); }
    function count() {
      var chosen = boxes.filter(function (box) { return box.checked; }).length;
      bar.hidden = !chosen;
      bar.querySelector("[data-count]").textContent = whole && whole.checked ? whole.dataset.countAll : chosen;
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

  each("[data-density]", function (button) {
    button.setAttribute("aria-pressed", String(document.documentElement.classList.contains("roomy")));
    button.addEventListener("click", function () {
      var roomy = document.documentElement.classList.toggle("roomy");
      button.setAttribute("aria-pressed", String(roomy));
      keep("rows", roomy ? "roomy" : "compact");
    });
  });

  // What a search is for does not fit a telephone in whole.
  if (window.matchMedia("(max-width: 575.98px)").matches) {
    each("input[data-short]", function (input) { input.placeholder = input.dataset.short; });
  }

  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      var box = document.getElementById("global-search");
      if (box) { event.preventDefault(); box.focus(); }
    }
    each("[data-key]", function (keyed) {
      // A letter that is typed into a field is no command.
      if (keyed.dataset.key === event.key && !(typing && event.key.length === 1) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault(); keyed.click();
      }
    });
  });
})();
