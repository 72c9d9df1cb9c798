// Draws every figure of a page from the figures beside it, as bars in groups; a group may lead to the rows behind it.
(function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg", TOP = 30, LETTER = 7.2, LINES = 6, FONT = 12;

  function add(parent, name, given, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(given).forEach(function (key) { made.setAttribute(key, given[key]); });
    if (text !== undefined) { made.textContent = text; }
    return parent.appendChild(made);
  }

  function longest(texts) { return Math.max.apply(null, texts.map(function (text) { return text.length; }).concat(0)) * LETTER; }

  // The distance of two lines: 1, 2 or 5 times a power of ten, so that there are few of them.
  function distance(span) {
    var power = Math.pow(10, Math.floor(Math.log10(span / LINES)));
    return power * [1, 2, 5, 10].find(function (times) { return span / (times * power) <= LINES; });
  }

  // Where values stand: the lines, the margins around the bars, and the height of a value.
  function scale(data, place, format) {
    var values = [0].concat.apply([0], data.series.map(function (series) { return series.values; }));
    var least = Math.min.apply(null, values), most = Math.max.apply(null, values), by = distance(most - least || 1), lines = [];
    for (var line = Math.floor(least / by); line <= Math.ceil(most / by); line += 1) { lines.push(line * by); }
    var left = longest(lines.map(format)) + 14, room = (place.clientWidth - left) / data.labels.length, wide = longest(data.labels);
    var isSteep = wide > room;
    if (isSteep) {  // names lean to the left of their bars
      left = Math.max(left, 0.77 * Math.min(wide, 172) - room / 2);
      room = (place.clientWidth - left) / data.labels.length;
    }
    var low = place.clientHeight - (isSteep ? Math.min(110, wide * 0.64) + 18 : 22), span = lines[lines.length - 1] - lines[0] || 1;
    return { lines: lines, left: left, room: room, isSteep: isSteep, low: low, each: Math.ceil((isSteep ? 14 : 1) / room),
             at: function (value) { return low - (value - lines[0]) / span * (low - TOP); } };
  }

  function drawAxes(svg, data, on, width, format, style) {
    var ink = { fill: style.ink, "font-size": FONT };
    on.lines.forEach(function (line) {
      add(svg, "line", { x1: on.left, x2: width, y1: on.at(line), y2: on.at(line), stroke: style.line });
      add(svg, "text", Object.assign({ x: on.left - 6, y: on.at(line) + 4, "text-anchor": "end" }, ink), format(line));
    });
    data.labels.forEach(function (label, place) {
      if (place % on.each) { return; }
      var x = on.left + (place + 0.5) * on.room, y = on.low + 15;
      var turned = on.isSteep ? { "text-anchor": "end", transform: "rotate(-40 " + x + " " + y + ")" } : { "text-anchor": "middle" };
      add(svg, "text", Object.assign({ x: x, y: y }, turned, ink), label);
    });
    var x = longest([data.unit]) + 12;
    add(svg, "text", Object.assign({ x: 0, y: 14 }, ink), data.unit);
    data.series.forEach(function (series, place) {
      add(svg, "rect", { x: x, y: 4, width: 12, height: 12, fill: style.colours[place % style.colours.length] });
      add(svg, "text", Object.assign({ x: x + 17, y: 14 }, ink), series.label);
      x += longest([series.label]) + 36;
    });
  }

  function drawBars(svg, data, on, format, style) {
    var wide = on.room * 0.76 / data.series.length;
    data.labels.forEach(function (label, place) {
      var link = data.links && data.links[place], group = add(svg, "g", link ? { cursor: "pointer" } : {});
      add(group, "rect", { x: on.left + place * on.room, y: TOP, width: on.room, height: Math.max(0, on.low - TOP), fill: "transparent" });
      data.series.forEach(function (series, number) {
        var value = series.values[place], from = on.at(Math.max(value, 0)), to = on.at(Math.min(value, 0));
        if (value === null) { return; }
        var bar = add(group, "rect", { x: on.left + (place + 0.12) * on.room + number * wide, width: Math.max(1, wide - 1), y: from, height: to - from,
                                       fill: style.colours[number % style.colours.length] });
        add(bar, "title", {}, label + "\n" + series.label + ": " + format(value) + " " + data.unit);
      });
      if (link) { group.addEventListener("click", function () { window.location.href = link; }); }
    });
  }

  function draw(figure) {
    var source = document.getElementById(figure.dataset.chart), place = figure.querySelector(".chart-canvas");
    if (!source || !place || !place.clientWidth) { return; }
    var data = JSON.parse(source.textContent), found = getComputedStyle(document.documentElement);
    var isDark = document.documentElement.dataset.bsTheme === "dark";
    var style = { ink: found.getPropertyValue("--ink"), line: found.getPropertyValue("--line"),
                  colours: isDark ? ["#6aa9ee", "#8fcf6d", "#f09a5f"] : ["#0b5cad", "#5f9e3e", "#c2571a"] };
    var numbers = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
    var format = numbers.format.bind(numbers), on = scale(data, place, format), svg = document.createElementNS(SVG, "svg");
    [["width", "100%"], ["height", "100%"], ["role", "img"], ["aria-label", place.dataset.label]].forEach(function (each) {
      svg.setAttribute(each[0], each[1]);
    });
    drawAxes(svg, data, on, place.clientWidth, format, style);
    drawBars(svg, data, on, format, style);
    place.replaceChildren(svg);
  }

  function drawAll() { document.querySelectorAll("figure[data-chart]").forEach(draw); }
  drawAll();
  document.addEventListener("theme", drawAll);
  window.addEventListener("resize", drawAll);
  window.addEventListener("beforeprint", drawAll);
})();
