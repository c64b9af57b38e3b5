// Matrices and images of one stage, with one selection running through all of them.
//
// Every cell of every panel has coordinates by name: sample n, input channel c, output channel o,
// place in the kernel s, t, place in the output i, j, place in the input y, x, and so on. Two cells
// belong together when no coordinate contradicts: shared names are equal, and y = i·stride − padding
// + s can hold. That one rule is the whole linking, for every layer, in both directions.

const GAP = 1; // px between cells
const PRINT_FROM = 22; // px: from this size on a cell shows its number
const ROOMY = 40; // px: from this width on a cell has room for a small number as it is
const FONT = 13; // px
const LARGEST = 2; // times their size that cells grow to where there is room

const WORDS = {
  n: "sample", c: "channel", o: "output channel", s: "kernel row", t: "kernel column",
  i: "row", j: "column", y: "row", x: "column", f: "feature", u: "output", k: "class",
  q: "statistic",
};

/** Coordinates of position `at` on an axis, a product of named dimensions in row-major order. */
function decode(dims, at, into) {
  for (let k = dims.length - 1; k >= 0; k--) {
    const [name, size] = dims[k];
    into[name] = at % size;
    at = Math.floor(at / size);
  }
  return into;
}

/** Position on an axis of the cells that fit the coordinates, or null when they leave it open. */
function encode(dims, coordinates) {
  let at = 0;
  for (const [name, size] of dims) {
    if (!(name in coordinates)) return null;
    at = at * size + coordinates[name];
  }
  return at;
}

/** Can y = i·stride − padding + s hold, where each of the three may be open? */
function reaches(y, i, s, kernel, stride, padding, count) {
  if (y === undefined) return true;
  if (i !== undefined && s !== undefined) return y === i * stride - padding + s;
  if (i !== undefined) { const k = y - i * stride + padding; return k >= 0 && k < kernel; }
  if (s !== undefined) {
    const k = y + padding - s;
    return k >= 0 && k % stride === 0 && k / stride < count;
  }
  return true;
}

function compatible(a, b, geometry) {
  for (const name in b) if (name in a && a[name] !== b[name]) return false;
  if (!geometry) return true;
  const one = (name) => (name in a ? a[name] : b[name]);
  const [kh, kw] = geometry.kernel, [sh, sw] = geometry.stride, [ph, pw] = geometry.padding;
  const [oh, ow] = geometry.output;
  return reaches(one("y"), one("i"), one("s"), kh, sh, ph, oh)
    && reaches(one("x"), one("j"), one("t"), kw, sw, pw, ow);
}

/** The coordinates without those of one entry of a window: the window as a whole. */
function widened(coordinates) {
  if (!("i" in coordinates && "s" in coordinates)) return null;
  const { c, s, t, ...rest } = coordinates;
  return rest;
}

/** The power of ten by which all cells of a panel are divided before they are printed. */
function exponentOf(panel, [low, high]) {
  const { width, cell, bins } = panel.tiles[0];
  if (bins || (width || cell) >= ROOMY) return 0;
  const most = Math.max(Math.abs(low), Math.abs(high));
  return most > 0 && (most < 0.3 || most >= 1000) ? Math.floor(Math.log10(most)) : 0;
}

const raised = (n) => String(n).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]));

/** A number in at most `width` px, or "" when not even one digit fits. */
function fitted(context, value, width) {
  for (const digits of [3, 2, 1]) {
    const text = format(value, digits).replace(/^(−?)0\./, "$1.");
    if (context.measureText(text).width <= width) return text;
  }
  // Too small, or too large, for its cell: pointing at it tells the number.
  return Math.abs(value) < 1 ? "~0" : "…";
}

class TileView {
  constructor(board, panel, tile) {
    Object.assign(this, { board, panel, tile });
    this.base = el("canvas", { className: "base" });
    this.over = el("canvas", { className: "over" });
    this.over.setAttribute("role", "img");
    this.node = el("div", { className: "tile" }, this.base, this.over);
    const handle = (event, then) => {
      const cell = this.cellAt(event);
      if (cell) then(cell);
    };
    this.over.addEventListener("pointermove", (e) => handle(e, (cell) => board.hover(this, cell, e)));
    this.over.addEventListener("pointerleave", () => board.hover(null));
    this.over.addEventListener("click", (e) => handle(e, (cell) => board.choose(this, cell)));
    this.over.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
  }

  /** Height and width of a cell on the screen, in px. */
  get side() { return this.board.grown(this.tile.cell); }
  get wide() { return this.board.grown(this.tile.width || this.tile.cell); }

  /** Which rows and columns are in sight: as many as fit, from where the shared scroll stands. */
  window() {
    const { tile, panel, board } = this;
    const [rows, columns] = tile.shape;
    const side = tile.cell, wide = tile.width || side;
    const nr = Math.max(1, Math.min(rows, Math.floor(panel.max_height / side)));
    const nc = Math.max(1, Math.min(columns, Math.floor(panel.max_width / wide)));
    const r = Math.min(board.scrollOf(panel.rows), rows - nr);
    const c = Math.min(board.scrollOf(panel.columns), columns - nc);
    return { r: Math.max(0, r), c: Math.max(0, c), nr, nc };
  }

  value(r, c) { return this.tile.values[r * this.tile.shape[1] + c]; }

  coordinates(r, c) {
    const into = { ...this.tile.fixed };
    decode(this.panel.rows, r + this.tile.row_start, into);
    decode(this.panel.columns, c + this.tile.column_start, into);
    return into;
  }

  index(r, c) {
    const { panel, tile } = this;
    if (panel.index === "dims") {
      const coordinates = this.coordinates(r, c);
      return [...tile.prefix, ...[...panel.rows, ...panel.columns].map(([name]) => coordinates[name])];
    }
    const row = r + tile.row_start, column = c + tile.column_start;
    const pick = { rc: [row, column], cr: [column, row], r: [row], c: [column], "": [] }[panel.index];
    return [...tile.prefix, ...pick];
  }

  cellAt(event) {
    const box = this.over.getBoundingClientRect();
    const at = this.window();
    const c = at.c + Math.floor((event.clientX - box.left) / this.wide);
    const r = at.r + Math.floor((event.clientY - box.top) / this.side);
    return r >= 0 && c >= 0 && r < at.r + at.nr && c < at.c + at.nc ? [r, c] : null;
  }

  wheel(event) {
    const at = this.window(), [rows, columns] = this.tile.shape;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey || at.nr === rows;
    if (sideways ? at.nc === columns : at.nr === rows) return;
    event.preventDefault();
    const step = Math.sign(event.deltaY || event.deltaX);
    this.board.scroll(sideways ? this.panel.columns : this.panel.rows, (sideways ? at.c : at.r) + step);
  }

  draw() {
    const { tile, panel, board } = this;
    const at = (this.shown = this.window());
    const { side, wide } = this, { zoom } = board;
    const w = at.nc * wide, h = at.nr * side;
    for (const canvas of [this.base, this.over]) {
      if (canvas.width !== w * zoom || canvas.height !== h * zoom) {
        canvas.width = w * zoom; canvas.height = h * zoom;
        canvas.style.width = `${w}px`; canvas.style.height = `${h}px`;
        if (canvas === this.over) this.lit = false;
      }
    }
    this.node.style.width = `${w}px`; this.node.style.height = `${h}px`;
    const context = this.base.getContext("2d");
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.clearRect(0, 0, w, h);
    const [low, high] = tile.range || panel.range;
    const scale = board.scale(panel.scale, low, high);
    const power = 10 ** exponentOf(panel, [low, high]);
    const gap = side >= 5 ? GAP : 0;
    if (tile.bins) {
      this.drawBars(context, at, side, wide, high);
      return;
    }
    // A larger cell has room for a larger number, and for more of it.
    context.font = `${Math.round(FONT * (1 + board.growth) / 2)}px ${board.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let r = 0; r < at.nr; r++) {
      for (let c = 0; c < at.nc; c++) {
        const value = this.value(at.r + r, at.c + c);
        const [red, green, blue] = scale(value);
        context.fillStyle = `rgb(${red},${green},${blue})`;
        context.fillRect(c * wide, r * side, wide - gap, side - gap);
        if (side >= PRINT_FROM) {
          context.fillStyle = 0.3 * red + 0.59 * green + 0.11 * blue < 140 ? "white" : "black";
          context.fillText(fitted(context, value / power, wide - 2), c * wide + wide / 2, r * side + side / 2 + 1);
        }
      }
    }
    if (tile.marks) this.mark(context, at, side, wide);
    this.separate(context, at, side, wide);
    this.over.setAttribute("aria-label", `${panel.plain}${tile.label ? `, ${tile.label}` : ""}`);
  }

  /** A histogram: a bar for each count, and a line where the numbers change sign. */
  drawBars(context, at, height, wide, most) {
    const [start, step] = this.tile.bins;
    context.fillStyle = this.board.colour("--phase");
    for (let c = 0; c < at.nc; c++) {
      const count = this.value(0, at.c + c);
      const long = count ? Math.max(1, count / most * (height - 1)) : 0;
      context.fillRect(c * wide, height - 1 - long, wide - 1, long);
    }
    context.fillStyle = this.board.colour("--cs-soft");
    context.fillRect(0, height - 1, at.nc * wide, 1);
    const zero = Math.round(-start / step) - at.c;
    if (zero > 0 && zero < at.nc) context.fillRect(zero * wide - 1, 0, 1, height);
    this.over.setAttribute("aria-label", `histogram of ${this.panel.plain}`);
  }

  /** A line between groups of rows and of columns: between channels in X^(col), say. */
  separate(context, at, side, wide) {
    const inner = (dims) => dims.slice(1).reduce((size, dim) => size * dim[1], 1);
    const [height, width] = [at.nr * side, at.nc * wide];
    context.fillStyle = this.board.colour("--cs-soft");
    const first = (start, k, dims) => dims.length > 1 && k > 0 && (start + k) % inner(dims) === 0;
    for (let r = 1; r < at.nr; r++) {
      if (first(this.tile.row_start + at.r, r, this.panel.rows)) context.fillRect(0, r * side - 1, width, 1);
    }
    for (let c = 1; c < at.nc; c++) {
      if (first(this.tile.column_start + at.c, c, this.panel.columns)) {
        context.fillRect(c * wide - 1, 0, 1, height);
      }
    }
  }

  /** A ring on each marked cell: the winners of a pooling window. */
  mark(context, at, side, wide) {
    context.lineWidth = side >= 10 ? 2 : 1;
    context.strokeStyle = this.board.ink;
    for (let r = 0; r < at.nr; r++) {
      for (let c = 0; c < at.nc; c++) {
        if (!this.tile.marks[(at.r + r) * this.tile.shape[1] + at.c + c]) continue;
        context.beginPath();
        context.rect(c * wide + 1.5, r * side + 1.5, wide - 4, side - 4);
        context.stroke();
      }
    }
  }

  /** The test of a histogram: which bar counts the number that is pointed at. */
  holds(pointed) {
    const [start, step] = this.tile.bins;
    const bar = pointed?.key === this.panel.key ? Math.floor((pointed.value - start) / step) : -1;
    return ({ b }) => (b === bar ? 2 : 0);
  }

  /** Outline what belongs to the selection; `test` answers 0, 1 (window) or 2 (cell). */
  highlight(test, pointed) {
    // An overlay that nothing was ever drawn on needs no memory.
    if (!test && !this.lit) return;
    const context = this.over.getContext("2d");
    const { zoom } = this.board;
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.clearRect(0, 0, this.over.width, this.over.height);
    this.lit = Boolean(test);
    if (!test) return;
    if (this.tile.bins) test = this.holds(pointed);
    const at = this.shown, { side, wide } = this;
    const levels = [];
    for (let r = 0; r < at.nr; r++) {
      levels.push([]);
      for (let c = 0; c < at.nc; c++) levels[r].push(test(this.coordinates(at.r + r, at.c + c)));
    }
    // A light halo keeps the outline visible on dark cells.
    const lines = [[1, 3.5, "halo"], [1, 1.5, "ink"], [2, 5, "halo"], [2, 2.5, "ink"]];
    for (const [level, width, colour] of lines) {
      if (side < 8 && colour === "halo") continue;
      context.strokeStyle = this.board[colour];
      context.lineWidth = side < 8 ? 1.25 : width;
      context.beginPath();
      const lit = (r, c) => levels[r]?.[c] >= level;
      for (let r = 0; r < at.nr; r++) {
        for (let c = 0; c < at.nc; c++) {
          if (!lit(r, c)) continue;
          const x = c * wide, y = r * side, right = x + wide - 1, low = y + side - 1;
          const left = Math.max(x, 0.75), top = Math.max(y, 0.75);
          if (!lit(r - 1, c)) { context.moveTo(left, top); context.lineTo(right, top); }
          if (!lit(r + 1, c)) { context.moveTo(left, low); context.lineTo(right, low); }
          if (!lit(r, c - 1)) { context.moveTo(left, top); context.lineTo(left, low); }
          if (!lit(r, c + 1)) { context.moveTo(right, top); context.lineTo(right, low); }
        }
      }
      context.stroke();
    }
  }
}

class PanelView {
  constructor(board, panel) {
    this.board = board;
    this.title = el("div", { className: "title" });
    this.tiles = el("div", { className: "tiles" });
    this.overview = el("canvas", { className: "overview" });
    this.bar = el("canvas", { className: "bar", width: 64, height: 1 });
    this.low = el("span"); this.high = el("span");
    this.unit = el("span", { className: "unit" });
    this.caption = el("div", { className: "caption" });
    this.legend = el("div", { className: "legend" }, this.low, this.bar, this.high, this.unit);
    this.names = el("div", { className: "names" });
    this.node = el("figure", { className: "panel" },
      el("div", { className: "top" }, this.title, this.legend),
      el("div", { className: "body" }, this.names, this.tiles), this.overview,
      el("div", { className: "foot" }, this.caption));
    this.views = [];
    this.overview.addEventListener("pointerdown", (e) => this.jump(e));
    this.overview.addEventListener("pointermove", (e) => { if (e.buttons) this.jump(e); });
    this.update(panel);
  }

  update(panel) {
    this.panel = panel;
    this.title.innerHTML = panel.title;
    this.node.dataset.key = panel.key;
    this.node.classList.toggle("now", panel.now);
    if (this.views.length !== panel.tiles.length) {
      this.views = panel.tiles.map((tile) => new TileView(this.board, panel, tile));
      this.tiles.replaceChildren(...this.views.map((view) => view.node));
    }
    panel.tiles.forEach((tile, k) => Object.assign(this.views[k], { panel, tile }));
    this.tiles.style.maxWidth = `${this.board.grown(panel.max_width) + 8}px`;
    this.draw();
  }

  draw() {
    for (const view of this.views) view.draw();
    const { panel, board } = this;
    const view = this.views[0];
    const [rows, columns] = view.tile.shape;
    const { r, c, nr, nc } = view.shown;
    const parts = [];
    const part = (what, start, count, offset, total) => {
      if (count < total) parts.push(`${what} ${offset + start}–${offset + start + count - 1} of ${total.toLocaleString("en")}`);
    };
    part("rows", r, nr, view.tile.row_start, panel.row_total);
    part("columns", c, nc, view.tile.column_start, panel.column_total);
    // What is in sight matters more than the note where there is room for one of them only.
    this.caption.textContent = [parts.length < 2 && panel.note, parts.join(", ")].filter(Boolean).join(" · ");
    this.caption.title = panel.note;
    this.drawOverview(rows, columns, r, c, nr, nc);
    this.drawNames(r + view.tile.row_start, nr, view.side);
    const [low, high] = panel.tiles[0].range || panel.range;
    this.legend.hidden = panel.scale === "none";
    for (const part of [this.low, this.bar, this.high]) part.hidden = !panel.legend;
    this.low.textContent = format(low, 2);
    this.high.textContent = format(high, 2);
    const power = exponentOf(panel, panel.tiles[0].range || panel.range);
    const printed = power && view.side >= PRINT_FROM ? `cells × 10${raised(power)}` : "";
    this.unit.textContent = [panel.unit, printed].filter(Boolean).join(" · ");
    const scale = board.scale(panel.scale, low, high);
    const context = this.bar.getContext("2d");
    const image = context.createImageData(64, 1);
    for (let k = 0; k < 64; k++) {
      image.data.set([...scale(low + (high - low) * k / 63), 255], 4 * k);
    }
    context.putImageData(image, 0, 0);
  }

  /** What the rows in sight are called. */
  drawNames(first, count, height) {
    const words = this.panel.named && this.board.scene.names[this.panel.rows[0][0]];
    this.names.hidden = !words;
    if (!words) return;
    const lines = Array.from({ length: count }, (_, k) => el("div", {}, words[first + k] ?? ""));
    for (const line of lines) line.style.cssText = `height:${height}px;line-height:${height}px`;
    this.names.replaceChildren(...lines);
  }

  /** The whole tile in small, with a frame round what is in sight. */
  drawOverview(rows, columns, r, c, nr, nc) {
    const windowed = nr < rows || nc < columns;
    this.overview.hidden = !windowed;
    if (!windowed) return;
    const view = this.views[0], { tile, panel } = { tile: view.tile, panel: this.panel };
    const width = parseInt(view.node.style.width), height = Math.max(8, Math.min(14, rows));
    const canvas = this.overview;
    canvas.width = width; canvas.height = height;
    canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
    const scale = this.board.scale(panel.scale, ...(tile.range || panel.range));
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    // Each pixel shows the largest number, in size, of the cells under it.
    for (let y = 0; y < height; y++) {
      const r0 = Math.floor(y * rows / height), r1 = Math.max(r0 + 1, Math.floor((y + 1) * rows / height));
      for (let x = 0; x < width; x++) {
        const c0 = Math.floor(x * columns / width), c1 = Math.max(c0 + 1, Math.floor((x + 1) * columns / width));
        let most = 0;
        for (let a = r0; a < r1; a++) {
          for (let b = c0; b < c1; b++) {
            const value = view.value(a, b);
            if (Math.abs(value) > Math.abs(most) || Number.isNaN(value)) most = value;
          }
        }
        image.data.set([...scale(most), 255], 4 * (y * width + x));
      }
    }
    context.putImageData(image, 0, 0);
    context.strokeStyle = this.board.ink;
    context.lineWidth = 2;
    context.strokeRect(c * width / columns + 1, r * height / rows + 1,
      Math.max(3, nc * width / columns - 2), Math.max(3, nr * height / rows - 2));
    canvas.title = "the whole of it in small: each pixel shows the largest number under it; drag the frame";
  }

  jump(event) {
    const view = this.views[0], [rows, columns] = view.tile.shape, { nr, nc } = view.shown;
    const box = this.overview.getBoundingClientRect();
    const r = Math.round((event.clientY - box.top) / box.height * rows - nr / 2);
    const c = Math.round((event.clientX - box.left) / box.width * columns - nc / 2);
    if (nc < columns) this.board.scroll(this.panel.columns, Math.max(0, Math.min(columns - nc, c)), true);
    if (nr < rows) this.board.scroll(this.panel.rows, Math.max(0, Math.min(rows - nr, r)), true);
  }

  highlight(test, pointed) {
    for (const view of this.views) view.highlight(test, pointed);
  }

  /** Bring the cells that fit the coordinates into sight. */
  reveal(coordinates) {
    const view = this.views[0];
    const [rows, columns] = view.tile.shape, { r, c, nr, nc } = view.shown;
    const look = (dims, at, count, total, start) => {
      const place = encode(dims, coordinates);
      if (place === null || count >= total) return;
      const here = place - start;
      if (here < 0 || here >= total || (here >= at && here < at + count)) return;
      this.board.scroll(dims, Math.max(0, Math.min(total - count, here - Math.floor(count / 2))));
    };
    look(this.panel.rows, r, nr, rows, view.tile.row_start);
    look(this.panel.columns, c, nc, columns, view.tile.column_start);
  }
}

class Board {
  constructor(model, host) {
    this.model = model;
    this.zoom = Math.max(1, Math.min(2, Math.round(window.devicePixelRatio || 1)));
    this.node = el("div", { className: "panels" });
    this.tip = el("div", { className: "tip", hidden: true });
    this.tip.setAttribute("role", "status");
    this.frame = el("div", { className: "frame" }, this.node, this.tip);
    host.append(this.frame);
    this.panels = new Map();
    this.scrolls = {};
    this.layoutKey = null;
    this.growth = 1;
    this.growths = new Map();
    // The part of the page that the board may fill.
    this.room = host.getRootNode().host.getRootNode().host;
    this.style = getComputedStyle(this.node);
    this.colours = new Map();
    this.build();
    model.on("scene", () => this.build());
    model.on("selected", () => this.showSelection(true));
    new ResizeObserver(() => { this.grow(); this.showSelection(false); }).observe(this.room);
  }

  grown(px) { return Math.floor(px * this.growth); }

  /** Let cells grow until the board fills its room; as long as panels keep their sizes, so do cells. */
  grow() {
    const { clientWidth, clientHeight } = this.room;
    const tiles = Object.values(this.scene.panels).map((panel) =>
      [panel.max_width, panel.max_height, panel.tiles.map(({ shape, cell, width }) => [shape, cell, width])]);
    const key = JSON.stringify([clientWidth, clientHeight, this.layoutKey, tiles]);
    if (!this.growths.has(key)) {
      this.resize(1);
      this.growths.set(key, this.measured(clientWidth, clientHeight));
    }
    this.resize(this.growths.get(key));
  }

  /** How often the panels, as they stand, fit into the room; 1 where it is as high as they are. */
  measured(width, height) {
    if (!width || getComputedStyle(this.room).overflowY === "visible") return 1;
    const panels = [...this.node.children].map((node) => node.getBoundingClientRect());
    const gap = parseFloat(this.style.columnGap) || 0;
    const across = panels.reduce((sum, box) => sum + box.width + gap, 0);
    const most = Math.min(width / across, height / this.node.offsetHeight, LARGEST);
    // In tenths, so that a line more above the board does not move it.
    return Math.max(1, Math.floor(10 * most) / 10);
  }

  resize(growth) {
    if (growth === this.growth) return;
    this.growth = growth;
    for (const view of this.panels.values()) view.update(view.panel);
  }

  get ink() { return this.colour("--cs-select"); }
  get halo() { return this.colour("--cs-halo"); }
  get font() { return this.colour("--cs-font"); }

  /** What the style sheet says. Asked once a frame: before it answers, all that changed is styled. */
  colour(name) {
    if (!this.colours.size) requestAnimationFrame(() => this.colours.clear());
    if (!this.colours.has(name)) this.colours.set(name, this.style.getPropertyValue(name).trim());
    return this.colours.get(name);
  }

  scale(kind, low, high) {
    return colourScale(this.model.palettes[kind] || this.model.palettes.sequential, low, high);
  }

  scrollKey(dims) { return dims.map(([name]) => name).join(); }
  scrollOf(dims) { return this.scrolls[this.scrollKey(dims)] || 0; }

  scroll(dims, to) {
    const key = this.scrollKey(dims);
    if (this.scrolls[key] === to) return;
    this.scrolls[key] = Math.max(0, to);
    for (const view of this.panels.values()) view.draw();
    this.showSelection(false);
  }

  build() {
    const scene = (this.scene = unpacked(this.model.scene));
    this.node.dataset.phase = scene.phase;
    this.colours.clear();
    const key = JSON.stringify(scene.layout);
    Object.assign(this.scrolls, scene.scroll || {});
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.tip.hidden = true;
      this.panels.clear();
      this.node.replaceChildren(...scene.layout.map((item) => this.place(item, scene.panels)));
    } else {
      for (const [name, view] of this.panels) view.update(scene.panels[name]);
    }
    this.grow();
    this.showSelection(true);
  }

  /** An item of the layout: a panel's key, an operator, a column (list), or a grid. */
  place(item, panels) {
    if (typeof item === "string") {
      if (!(item in panels)) return el("span", { className: "operator" }, item);
      const view = new PanelView(this, panels[item]);
      this.panels.set(item, view);
      return view.node;
    }
    if (Array.isArray(item)) {
      return el("div", { className: "column" }, ...item.map((inner) => this.place(inner, panels)));
    }
    if (item.table) {
      return el("div", { className: "table" }, ...item.table.map((inner) => this.place(inner, panels)));
    }
    const node = el("div", { className: "grid" });
    node.style.gridTemplateColumns = `repeat(${item.grid[0].length}, max-content)`;
    node.append(...item.grid.flat().map((inner) => (inner ? this.place(inner, panels) : el("span"))));
    return node;
  }

  tester(coordinates) {
    if (!coordinates) return null;
    const { geometry } = this.scene, wide = widened(coordinates);
    return (cell) => (compatible(coordinates, cell, geometry) ? 2
      : wide && compatible(wide, cell, geometry) ? 1 : 0);
  }

  light(coordinates, pointed) {
    const test = this.tester(coordinates);
    for (const view of this.panels.values()) view.highlight(test, pointed);
  }

  hover(view, cell, event) {
    if (!view) {
      this.tip.hidden = true;
      this.showSelection(false);
      return;
    }
    const { bins } = view.tile;
    const coordinates = view.coordinates(...cell), value = view.value(...cell);
    if (!bins) {
      for (const other of this.panels.values()) {
        if (other.panel !== view.panel) other.reveal(coordinates);
      }
      this.light(coordinates, { key: view.panel.key, value });
    }
    const place = Object.entries(coordinates).map(([name, at]) => {
      const names = this.scene.names?.[name];
      return names ? names[at] : `${WORDS[name] || name} ${at}`;
    }).join(", ");
    this.tip.innerHTML = "";
    const name = el("b"); name.innerHTML = view.panel.title;
    const from = bins && bins[0] + cell[1] * bins[1];
    const where = bins ? `from ${format(from, 4)} to ${format(from + bins[1], 4)}` : place;
    this.tip.append(name, ` ${where}: `, el("b", {}, format(value, 6)));
    this.tip.hidden = false;
    const frame = this.frame.getBoundingClientRect();
    const left = event.clientX - frame.left, top = event.clientY - frame.top;
    this.tip.style.left = `${Math.max(0, Math.min(left + 14, frame.width - this.tip.offsetWidth - 4))}px`;
    const below = top + 18;
    this.tip.style.top = `${below + this.tip.offsetHeight > frame.height ? top - this.tip.offsetHeight - 8 : below}px`;
  }

  choose(view, cell) {
    if (view.tile.bins) return;
    this.model.selected = {
      key: view.panel.key, index: view.index(...cell), coordinates: view.coordinates(...cell),
    };
  }

  showSelection(reveal) {
    const { selected } = this.model;
    const coordinates = selected && selected.coordinates && Object.keys(selected.coordinates).length
      ? selected.coordinates : null;
    if (reveal && coordinates) for (const view of this.panels.values()) view.reveal(coordinates);
    this.light(coordinates);
  }
}

export function render({ model, el: host }) {
  new Board(model, host);
}
