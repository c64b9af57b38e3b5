// One number explained: its name, formula, terms and result; each factor leads to its cell.

// Reasons of one term that are listed.
const MOST_REASONS = 3;
const RESULT = { sum: "sum", max: "largest", argmax: "place of the largest" };

export function render({ model, el: host }) {
  const root = el("div", { className: "why" });
  host.append(root);
  let all = false;

  const number = (item, k, j) => (item.linked
    ? el("button", { type: "button", className: "link", title: item.title,
      onclick: () => model.send_msg([k, j]) }, format(item.value, 4))
    : el("span", {}, format(item.value, 4)));

  /** What a term is, and the recorded numbers from which its other factors follow. */
  function note(item) {
    const text = el("span");
    text.innerHTML = item.note;
    const shown = item.because.slice(0, MOST_REASONS).flatMap((reason, j) => {
      const name = el("span");
      name.innerHTML = reason.symbol;
      return [j ? ", " : "because ", name, " = ",
        number(reason, item.place, item.factors.length + j)];
    });
    if (item.because.length > MOST_REASONS) shown.push(", …");
    return shown.length ? [text, el("div", { className: "because" }, ...shown)] : [text];
  }

  function term(item) {
    const factors = item.factors.map((part, j) => number(part, item.place, j));
    if (factors.length === 1) {
      return el("tr", {}, el("td", { colSpan: 2 }, ...note(item)),
        el("td", { className: "number" }, factors[0]));
    }
    const product = factors.flatMap((part, j) => (j ? [" × ", part] : [part]));
    return el("tr", {}, el("td", {}, ...note(item)), el("td", { className: "product" }, ...product),
      el("td", { className: "number" }, format(item.value, 4)));
  }

  const result = (label, value, className = "total") => el("tr", { className },
    el("td", { colSpan: 2 }, label), el("td", { className: "number" }, format(value, 6)));

  function check() {
    const { gradient, check: found } = model.content;
    const stored = el("b", {}, format(model.content.stored, 6));
    if (!gradient) return [el("p", { className: "stored" }, "stored ", stored)];
    const button = el("button", { type: "button", className: "check",
      onclick: () => model.send_msg("check") }, "Check this gradient");
    if (!found) {
      return [el("p", { className: "line" },
        el("span", { className: "stored" }, "stored ", stored), button)];
    }
    // The analytic one is what is stored.
    return [el("p", { className: found.good ? "good" : "bad", role: "status" },
      `${found.good ? "✓" : "✗"} analytic ${format(found.analytic, 5)} · numeric ` +
      `${format(found.numeric, 5)} · relative error ${format(found.error, 2)}` +
      (found.note ? ` (${found.note})` : ""))];
  }

  function draw() {
    const content = model.content;
    root.classList.toggle("open", Boolean(content.name));
    if (!content.name) {
      root.replaceChildren(el("h3", {}, "Explain this number"),
        el("p", { className: "hint" }, "Point at a cell to see what belongs to it. Click it to see " +
          "how its number was made, and follow any term to where it came from. The small images are " +
          "the channels: click one to see it large."));
      return;
    }
    const shown = all ? content.terms : content.terms.slice(0, 8);
    const rest = content.terms.slice(shown.length).reduce((sum, item) => sum + item.value, content.rest.value);
    const hidden = content.terms.length - shown.length + content.rest.count;
    const rows = shown.map(term);
    if (hidden && content.operation === "sum") {
      rows.push(el("tr", {}, el("td", {}, all ? `${hidden} more` : el("button", { type: "button",
        className: "link", onclick: () => { all = true; draw(); } }, `${hidden} more`)), el("td"),
      el("td", { className: "number" }, format(rest, 4))));
    } else if (hidden) {
      rows.push(el("tr", {}, el("td", {}, el("button", { type: "button", className: "link",
        onclick: () => { all = true; draw(); } }, `${hidden} more`))));
    }
    const name = el("h3", {});
    name.innerHTML = content.name;
    const formula = el("div", { className: "formula" });
    formula.innerHTML = [content.formula, content.own].map((text) => `<div>${text}</div>`).join("");
    const copied = content.operation === "sum" && content.terms.length + content.rest.count === 1;
    const made = el("span", {}, copied ? "value" : RESULT[content.operation] || "");
    const several = content.terms.length + content.rest.count > 1;
    if (content.operation === "function") {
      made.innerHTML = content.function;
      if (several) rows.push(result("x, their sum", content.sum, "part"));
    }
    const close = el("button", { type: "button", className: "close", title: "select nothing (Esc)",
      ariaLabel: "Select nothing", onclick: () => model.send_msg("close") }, "×");
    root.replaceChildren(close, name, formula, ...check(),
      el("div", { className: "terms" }, el("table", {},
        el("tbody", {}, ...rows, result(made, content.total)))));
  }

  model.on("content", () => { all = false; draw(); });
  draw();
}
