// What the theme leaves out for those who read by keyboard or by ear.
document.addEventListener("DOMContentLoaded", () => {
  const each = (selector, mend) => document.querySelectorAll(selector).forEach(mend);
  each(".caption[role=heading]", (one) => one.setAttribute("aria-level", "2"));
  each(".highlight > pre, .table-wrapper", (one) => one.setAttribute("tabindex", "0")); // it scrolls by the arrows
  each(".sidebar-drawer", (one) => one.setAttribute("aria-label", "pages"));
  each(".toc-drawer", (one) => one.setAttribute("aria-label", "on this page"));
});
