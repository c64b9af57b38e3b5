// All stages of the iteration in a row: click or drag to go to one, arrow keys when it has focus.

const SIGN = { forward: "→", loss: "•", backward: "←", update: "↻" };

export function render({ model, el: host }) {
  const root = el("div", { className: "track", role: "slider", tabIndex: 0, ariaLabel: "stage" });
  host.append(root);
  let bars = [];
  let aimed = -1, asked = -1, waiting = false;

  function build() {
    bars = model.stages.map(({ phase, layer, label }) => {
      const bar = el("div", { className: `bar ${phase}`, title: `${phase} ${layer}` },
        el("span", {}, label));
      return bar;
    });
    root.replaceChildren(...bars);
    root.setAttribute("aria-valuemin", "1");
    root.setAttribute("aria-valuemax", String(bars.length));
    mark();
  }

  function mark() {
    bars.forEach((bar, k) => {
      const { phase, label } = model.stages[k];
      bar.classList.toggle("now", k === model.at);
      bar.classList.toggle("done", k < model.at);
      bar.firstChild.textContent = k === model.at ? `${SIGN[phase]} ${label}` : label;
    });
    root.setAttribute("aria-valuenow", String(model.at + 1));
    const stage = model.stages[model.at];
    if (stage) root.setAttribute("aria-valuetext", `${stage.phase} ${stage.layer}`);
    if (bars[model.at]) centre(bars[model.at]);
  }

  function pick(event) {
    const k = bars.findIndex((bar) => {
      const box = bar.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right + 3;
    });
    if (k >= 0) { aimed = k; ask(); }
  }

  /** Ask for the stage under the pointer; while it is dragged, not more often than it can be drawn. */
  function ask() {
    if (waiting || aimed === asked) return;
    asked = aimed;
    model.send_msg(aimed);
    waiting = true;
    setTimeout(() => { waiting = false; ask(); }, 100);
  }

  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    asked = -1;
    pick(event);
  });
  root.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
  root.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    const to = { ArrowRight: model.at + 1, ArrowUp: model.at + 1, ArrowLeft: model.at - 1,
      ArrowDown: model.at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    asked = -1;
    aimed = Math.max(0, Math.min(last, to));
    ask();
  });
  model.on("stages", build);
  model.on("at", mark);
  // The first time there is no width yet.
  new ResizeObserver(mark).observe(host);
  build();
}
