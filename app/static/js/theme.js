// Before the first paint: light or dark, and whether the menu is folded; as chosen in this browser, else as the system has it.
(function () {
  "use strict";
  var page = document.documentElement, kept = {};
  try { kept = { theme: window.localStorage.getItem("theme"), menu: window.localStorage.getItem("menu") }; } catch (refused) { /* nothing is kept */ }
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function show() { page.dataset.bsTheme = kept.theme || (dark.matches ? "dark" : "light"); }
  show();
  dark.addEventListener("change", show);
  if (kept.menu === "folded") { page.classList.add("folded"); }
})();
