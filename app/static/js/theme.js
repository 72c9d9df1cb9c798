// Before the first paint: light or dark, whether the menu is folded and the rows of lists are roomy; as chosen in this browser.
(function () {
  "use strict";
  var page = document.documentElement, kept = {};
  try { kept = { theme: window.localStorage.getItem("theme"), menu: window.localStorage.getItem("menu"),
    rows: window.localStorage.getItem("rows") }; } catch (refused) { /* nothing is kept */ }
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function show() { page.dataset.bsTheme = kept.theme || (dark.matches ? "dark" : "light"); }
  show();
  dark.addEventListener("change", show);
  if (kept.menu === "folded") { page.classList.add("folded"); }
  if (kept.rows === "roomy") { page.classList.add("roomy"); }
})();
