// Tables that sort and copy.
const tables = (() => {
  // groups are rows that stay together: one without a first cell belongs to the one above.
  function groups(body) {
    const out = [];
    for (const row of body.rows) {
      if (!out.length || row.cells[0].textContent !== "") out.push([]);
      out[out.length - 1].push(row);
    }
    return out;
  }

  const collator = new Intl.Collator("en", { numeric: true });

  function compare(a, b) {
    const x = Number.parseFloat(a), y = Number.parseFloat(b), nx = Number.isNaN(x), ny = Number.isNaN(y);
    if (!nx && !ny) return x - y;
    return nx !== ny ? (nx ? 1 : -1) : collator.compare(a, b);
  }

  function sort(table, column) {
    const head = table.tHead.rows[0].cells, body = table.tBodies[0];
    const down = head[column].getAttribute("aria-sort") === "ascending";
    const number = head[column].classList.contains("number");
    const order = groups(body);
    const cell = (g) => g[0].cells[column].textContent;
    order.sort((a, b) => (number ? compare(cell(a), cell(b)) : collator.compare(cell(a), cell(b))) * (down ? -1 : 1));
    for (const h of head) h.removeAttribute("aria-sort");
    head[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...order.flat());
  }

  const values = (table) => [...table.rows].map((r) => [...r.cells].map((c) => c.textContent.trim()).join("\t")).join("\n") + "\n";

  async function copy(table, button) {
    const tsv = values(table);
    try {
      await navigator.clipboard.writeText(tsv);
    } catch {
      // A page from a file may have no clipboard of this kind.
      const area = make("textarea", { class: "hidden", "aria-hidden": "true" });
      area.value = tsv;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.firstChild.textContent = "Copied";
    say("Table copied, " + table.tBodies[0].rows.length + " rows");
    setTimeout(() => (button.firstChild.textContent = "Copy"), 1500);
  }

  function start() {
    for (const table of document.querySelectorAll("table")) {
      [...table.tHead.rows[0].cells].forEach((cell, column) => {
        const name = cell.textContent;
        if (!name) return;
        const button = make("button", { type: "button", title: "Sort by " + name }, name);
        button.addEventListener("click", () => sort(table, column));
        cell.replaceChildren(button);
      });
    }
    for (const button of document.querySelectorAll(".copy")) {
      button.addEventListener("click", () => copy(byId("table-" + button.dataset.table).querySelector("table"), button));
    }
  }
  return { start };
})();
