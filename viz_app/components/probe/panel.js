// The panel of a probe: a picture is drawn, opened or chosen, and the network answers at once.

import { base64 } from "../common/base64.js";
import { choice, el, write, writeMarkup } from "../common/elements.js";
import { format } from "../common/format.js";
import { unpacked } from "../common/unpack.js";
import { Sheet } from "./canvas.js";
import { makeGallery } from "./gallery.js";
import { bytesOf, paintGradient, textOf } from "./paint.js";
import { pictureIn, pixelsOf } from "./reading.js";

/** @import { Packed } from "../common/unpack.js" */
/** @import { Rendered } from "../common/panel.js" */
/** @import { Answer, Content, Gallery } from "./content.js" */

// ms after which a drawing that was not answered is taken for lost.
const LOST = 3000;
const NOT_CHOSEN = -1; // instead of a class, see `probe.py`

/**
 * @typedef {object} Properties
 * @property {Packed} content
 * @property {Gallery} gallery
 * @property {{ diverging: string[] }} palettes
 * @property {boolean} front
 */

/**
 * Bring the board into sight where it stands above the panel.
 * @param {Element} host
 */
function bringBoard(host) {
  /** @type {Element | null} */
  let part = host;
  while (part) {
    const root = part.getRootNode();
    if (!(root instanceof ShadowRoot)) return;
    const stage = root.querySelector(".cs-stage");
    if (stage) {
      stage.scrollIntoView({ block: "start" });
      return;
    }
    part = root.host;
  }
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  /** @type {Content} */
  let content = unpacked(model.content);
  /** @type {Sheet | null} */
  let sheet = null;
  // Whether the network is asked about a picture.
  let isAsked = false;
  // Of drawings: the last one made, the last one sent and when, the last one that Python has heard.
  let made = 0, sent = 0, since = 0;
  /** @type {number | undefined} */
  let waiting;

  /** @param {string} name @param {() => void} onclick @param {string} [title] */
  const button = (name, onclick, title = "") => el("button", { type: "button", onclick, title }, name);
  const words = el("p", { className: "words" });
  const back = button("Back to the training batch", () => model.send_msg({ end: true }));
  const again = button("", () => model.send_msg({ again: true }));
  const place = el("div", { className: "place" });
  const bars = el("div", { className: "bars", role: "group", ariaLabel: "Answer of the network" });
  const draws = button("Draw", () => choose(false)), erases = button("Erase", () => choose(true));
  const width = choice({ ariaLabel: "Width of the brush", title: "Width of the brush" },
    (value) => { if (sheet) sheet.width = /** @type {Sheet["width"]} */ (value); },
    ...["thin", "medium", "thick"].map((value) => el("option", { value, selected: value === "medium" }, value)));
  const colour = el("span");
  const undo = button("Undo", () => sheet?.undo()), clear = button("Clear", () => sheet?.clear());
  const file = el("input", { type: "file", accept: "image/*", ariaLabel: "Open picture", onchange: () => {
    if (file.files?.length) open(file.files[0]);
    // So that the same one is taken again.
    file.value = "";
  } });
  const opens = el("label", { className: "open", title: "A picture; or paste one, or drop it here" }, file, "Open picture");
  const tools = el("div", { className: "row tools", role: "group", ariaLabel: "Drawing tools" },
    draws, erases, width, colour, undo, clear, opens);
  const against = choice({ ariaLabel: "Class of the loss" }, (value) => model.send_msg({ label: Number(value) }));
  const loss = el("span", { className: "number" });
  const saliency = el("canvas", { className: "saliency", role: "img" });
  const title = el("span"), end = el("span", { className: "number" }), scale = el("i");
  const shows = button("Show on the board", () => { model.send_msg({ show: true }); bringBoard(host); },
    "The gradient of the loss with respect to the picture, with its numbers");
  const asks = el("div", { className: "row" }, el("label", {}, "Loss against ", against), loss);
  const legend = el("figcaption", {}, asks, title, el("span", { className: "scale" }, scale, end), shows);
  const gradient = el("figure", { className: "pair" }, saliency, legend);
  const runs = el("p", { className: "runs" });
  const said = el("div", { className: "hint" });
  const wrong = el("p", { className: "wrong", role: "alert" });
  const gallery = makeGallery((what) => model.send_msg(what));
  const root = el("div", { className: "probe", role: "region", ariaLabel: "Probe" },
    el("div", { className: "row top" }, words, back, again), el("div", { className: "pair" }, place, bars), tools, wrong,
    runs, gradient, said, gallery.node);
  host.append(root);

  /** @param {boolean} erase */
  function choose(erase) {
    if (sheet) sheet.erases = erase;
    draws.setAttribute("aria-pressed", String(!erase));
    erases.setAttribute("aria-pressed", String(erase));
  }

  // One drawing is on its way at a time; of those made meanwhile the last one follows.
  function drawn() {
    made += 1;
    write(wrong, "");
    send();
  }

  function send() {
    clearTimeout(waiting);
    if (!sheet || content.led || made <= content.number) return;
    const rest = sent > content.number ? since + LOST - performance.now() : 0;
    if (rest > 0) {
      waiting = setTimeout(send, rest);
      return;
    }
    [sent, since] = [made, performance.now()];
    waiting = setTimeout(send, LOST);
    model.send_msg({ drawn: textOf(sheet.drawing.pixels), number: sent });
  }

  /** @param {File} picture */
  async function open(picture) {
    write(wrong, "");
    try {
      const { pixels, ...about } = await pixelsOf(picture);
      model.send_msg({ opened: { ...about, pixels: await base64(pixels) } });
    } catch (error) {
      write(wrong, error instanceof Error ? error.message : String(error));
    }
  }

  function draw() {
    content = unpacked(model.content);
    const { shape, background, classes, led, answer } = content;
    if (!shape) return;
    // Numbers go on from those of a page before this one.
    [made, sent] = [Math.max(made, content.number), Math.max(sent, content.number)];
    const off = led || !shape.length || !classes.length;
    if (!shape.length) sheet = null;
    else if (!sheet || sheet.drawing.shape.join() !== shape.join() || sheet.drawing.background.join() !== background.join()) {
      sheet = new Sheet(shape, background, drawn);
      colour.replaceChildren(...(shape[0] > 1 ? [sheet.colour] : []));
      choose(false);
    }
    // Put there again, it would lose the focus, and the pen.
    if (place.firstChild !== (sheet?.node ?? null)) place.replaceChildren(...(sheet ? [sheet.node] : []));
    sheet?.switch(off);
    tools.hidden = off;
    write(words, answer ? `${answer.words[0].toUpperCase()}${answer.words.slice(1)}` : "Draw, open or choose a picture: the network answers.");
    back.hidden = !answer;
    again.hidden = Boolean(answer) || off || !content.before;
    write(again, `Ask again about ${content.before}`);
    write(runs, answer?.runs ?? "");
    said.replaceChildren(...content.said.map((text) => el("p", {}, text)));
    gradient.hidden = !answer;
    against.parentElement?.toggleAttribute("hidden", answer?.label === null);
    bars.hidden = !content.bars.length;
    bars.replaceChildren(...content.bars.map(bar));
    if (answer) tell(answer);
    // What is being drawn is ahead of what is answered.
    if (answer?.pixels && made === content.number) sheet?.take(bytesOf(answer.pixels));
    // Nothing is asked any more; the picture can be got back.
    if (isAsked && !answer) sheet?.take(sheet.drawing.blank());
    isAsked = Boolean(answer);
    gallery.draw(model.gallery, shape, led, answer?.source === "test" ? Number(answer.words.match(/\d+/)) : null);
    send();
  }

  /** @param {Content["bars"][number]} one */
  const bar = ({ name, value, share, first }) => el("div", { className: first ? "bar first" : "bar" },
    el("span", { className: "name", title: name }, name),
    el("span", { className: "share" }, el("i", { style: `width: ${100 * share}%` })),
    el("span", { className: "number" }, value === null ? "–" : value.toFixed(2).replace("-", "−")));

  /** @param {Answer} answer */
  function tell({ source, label, chosen, loss: value, gradient: numbers, most, title: name }) {
    const own = source === "test" ? "its own label" : "the guess";
    // Which class that is now, as long as none is chosen.
    const first = chosen || label === null ? own : `${own}: ${content.classes[label]}`;
    const names = [first, ...content.classes];
    if (against.childElementCount !== names.length || [...against.children].some((one, k) => one.textContent !== names[k])) {
      against.replaceChildren(...names.map((text, k) => el("option", { value: String(k + NOT_CHOSEN) }, text)));
    }
    against.value = String(chosen ? label : NOT_CHOSEN);
    write(loss, `= ${format(value, 4)}`);
    if (!content.shape.length) return;
    paintGradient(saliency, numbers, content.shape, most, model.palettes.diverging);
    writeMarkup(title, name);
    const size = format(most, 3), stops = model.palettes.diverging;
    write(end, `±${size}`);
    scale.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    const sides = content.shape[0] > 1 ? ", red, green and blue side by side" : "";
    gradient.title = `How the loss moves with each pixel${sides}`;
    saliency.ariaLabel = `Gradient of the loss with respect to the picture, from −${size} to ${size}${sides}`;
  }

  const isOn = () => model.front && Boolean(content.shape?.length) && Boolean(content.classes.length) && !content.led;
  /** @param {ClipboardEvent} event */
  const paste = (event) => {
    const picture = pictureIn(event.clipboardData);
    if (!picture || !isOn()) return;
    event.preventDefault();
    open(picture);
  };
  root.ondragover = (event) => { if (isOn()) event.preventDefault(); };
  root.ondrop = (event) => {
    event.preventDefault();
    const picture = pictureIn(event.dataTransfer);
    if (picture && isOn()) open(picture);
  };
  document.addEventListener("paste", paste);
  model.on("remove", () => {
    clearTimeout(waiting);
    document.removeEventListener("paste", paste);
  });
  model.on("content", draw);
  model.on("gallery", draw);
  model.on("palettes", draw);
  draw();
}
