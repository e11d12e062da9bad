for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    const key = (row) => row.cells[head.cellIndex].dataset.order;
    const number = (text) => (text === "-inf" ? -Infinity : Number(text));
    const numeric = [...body.rows].every((row) => key(row) !== "" && !Number.isNaN(number(key(row))));
    const compare = numeric ? (a, b) => number(key(a)) - number(key(b)) : (a, b) => key(a).localeCompare(key(b), "en");
    body.append(...[...body.rows].sort((a, b) => (ascending ? 1 : -1) * compare(a, b)));
  });
}
