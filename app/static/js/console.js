// What Flask-Admin's templates lack for keyboards and screen readers.
document.querySelectorAll(".table-responsive").forEach(function (box) {
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", document.querySelector("h1").textContent);
});
