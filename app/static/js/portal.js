// What was typed stays when the language is switched: it is kept for this tab until the page is shown again.
const here = "typed " + location.pathname;
const fields = () => [...document.querySelectorAll("main :is(input, select, textarea)[name]")]
  .filter((each) => !["hidden", "file", "password", "submit"].includes(each.type));
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", () => {
    const typed = fields().map((each) => [each.name, each.value, each.checked]);
    try { sessionStorage.setItem(here, JSON.stringify(typed)); } catch { /* without storage nothing is kept */ }
  });
}
try {
  const kept = JSON.parse(sessionStorage.getItem(here) || "[]");
  sessionStorage.removeItem(here);
  for (const [name, value, checked] of kept) {
    for (const field of fields().filter((each) => each.name === name)) {
      if (["checkbox", "radio"].includes(field.type)) { if (field.value === value) field.checked = checked; } else field.value = value;
    }
  }
} catch { /* nothing was kept */ }
