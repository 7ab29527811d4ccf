"use strict";
// Each header becomes a button that sorts its table; without scripts it stays a header.
const text = new Intl.Collator("en", { numeric: true });
const keyOf = (row, column) => {
  const cell = row.cells[column];
  return "key" in cell.dataset ? Number(cell.dataset.key) : cell.textContent.trim();
};
const compared = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return text.compare(String(a), String(b));
};
const sorted = (rows, column, sign) => {
  const keyed = rows.map((row) => [keyOf(row, column), row]);
  const numbers = keyed.some(([key]) => typeof key === "number");
  const isLast = (key) => numbers && typeof key !== "number"; // what is not known
  keyed.sort(([a], [b]) => isLast(a) - isLast(b) || sign * compared(a, b));
  return keyed.map(([, row]) => row);
};
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rows = [...body.rows];
      const isNumber = rows.some((row) => typeof keyOf(row, column) === "number");
      const order = head.ariaSort || (isNumber ? "ascending" : "descending");
      const next = order === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", next);
      body.replaceChildren(...sorted(rows, column, next === "ascending" ? 1 : -1));
    });
  });
}
