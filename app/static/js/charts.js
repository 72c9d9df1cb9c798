// Draws every figure of a page from the figures beside it; a bar may lead to the rows behind it.
(function () {
  "use strict";

  function drawChart(figure) {
    var source = document.getElementById(figure.dataset.chart);
    var canvas = figure.querySelector("canvas");
    if (!source || !canvas || !window.Chart) { return; }
    var data = JSON.parse(source.textContent);
    var style = getComputedStyle(document.documentElement), ink = style.getPropertyValue("--ink"), line = style.getPropertyValue("--line");
    var colours = document.documentElement.dataset.bsTheme === "dark" ? ["#6aa9ee", "#8fcf6d", "#f09a5f"] : ["#0b5cad", "#5f9e3e", "#c2571a"];
    var format = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
    var chart = new window.Chart(canvas, {
      type: data.type,
      data: {
        labels: data.labels,
        datasets: data.series.map(function (series, index) {
          return { label: series.label, data: series.values, backgroundColor: colours[index % colours.length] };
        })
      },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        locale: document.documentElement.lang || "en",
        color: ink,
        scales: {
          x: { ticks: { color: ink }, grid: { color: line } },
          y: { beginAtZero: true, title: { display: true, text: data.unit, color: ink }, ticks: { color: ink }, grid: { color: line } }
        },
        plugins: { legend: { labels: { color: ink } }, tooltip: { callbacks: { label: function (item) { return item.dataset.label + ": " + format.format(item.raw) + " " + data.unit; } } } },
        onClick: function (event) {
          var hit = chart.getElementsAtEventForMode(event, "index", { intersect: false }, true)[0];
          if (hit && data.links && data.links[hit.index]) { window.location.href = data.links[hit.index]; }
        },
        onHover: function (event, hits) { canvas.style.cursor = hits.length && data.links && data.links.length ? "pointer" : "default"; }
      }
    });
  }

  function drawAll() { document.querySelectorAll("figure[data-chart]").forEach(drawChart); }
  drawAll();
  document.addEventListener("theme", function () {
    document.querySelectorAll("figure[data-chart] canvas").forEach(function (canvas) { window.Chart.getChart(canvas).destroy(); });
    drawAll();
  });
})();
