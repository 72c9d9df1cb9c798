// Ready words of an answer: a choice writes them into the field it names; what stands there is kept before them.
document.querySelectorAll("select[data-fills]").forEach((select) => {
  const field = document.getElementById(select.dataset.fills);
  select.addEventListener("change", () => {
    if (!select.value) return;
    field.value = [field.value.trim(), select.value].filter(Boolean).join("\n");
    select.value = "";
    field.focus();
  });
});
