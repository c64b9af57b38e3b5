// A person's own weights: the choice of their file, and the network that is offered where they do
// not fit the present one.

import { whenDrawn } from "../common/bokeh.js";
import { el, hostOf } from "../common/elements.js";
import { leaveFiles, takeFiles } from "../storage/files.js";
import { sendParts } from "./parts.js";

/** @import { Rendered } from "../common/panel.js" */

/**
 * @typedef {object} Properties
 * @property {number} limit bytes of the file
 * @property {boolean} free whether a file can be chosen now
 * @property {string} used name of the weights from which the run began, or nothing
 * @property {string} saved which weights a file that is saved now holds
 * @property {{ text: string, note: string } | {}} offer
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const input = el("input", {
    type: "file", accept: ".npz,.safetensors", ariaLabel: "Load weights",
    title: "A .npz or .safetensors with weights by PyTorch's names, such as Save weights writes",
  });
  const offer = el("section", { className: "offer", ariaLabel: "A network that fits" });
  const drop = el("button", { type: "button", onclick: () => model.send_msg({ drop: true }) });
  const saved = el("p", { className: "saved" });
  host.append(el("div", { className: "weights" }, saved, el("label", {}, input, "Load weights"), offer, drop));

  /**
   * What was sent last, to be sent again by a page that is opened in place of this one.
   * @type {{ name: string, content: Blob } | null}
   */
  let sent = null;

  /** @param {{ name: string, content: Blob }} file */
  async function send(file) {
    sent = file;
    // What will be refused is not read.
    if (file.content.size <= model.limit) await sendParts(model, file.content);
    model.send_msg({ name: file.name, size: file.content.size });
  }

  input.onchange = async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    input.disabled = true;
    try {
      // A copy: the file may be another one later on.
      await send({ name: file.name, content: new Blob([await file.arrayBuffer()]) });
    } catch {
      model.send_msg({ name: file.name, size: -1 });
    } finally {
      show();
      // So that a mended file of the same name is taken again.
      input.value = "";
    }
  };

  // What is to be pressed, where there is no room for all of it.
  const bring = () => offer.lastElementChild?.scrollIntoView({ block: "nearest" });
  // The message that speaks of it stands below the settings, and makes them lower.
  const room = new ResizeObserver(bring);
  for (const part of [offer, hostOf(hostOf(host))]) room.observe(part);

  function show() {
    input.disabled = !model.free;
    drop.hidden = !model.used;
    drop.disabled = !model.free;
    drop.textContent = "Begin from drawn weights";
    drop.title = `The run began from ${model.used}`;
    offer.hidden = !("text" in model.offer);
    if (!("text" in model.offer)) {
      offer.replaceChildren();
      return;
    }
    offer.replaceChildren(
      el("p", {}, "A network that fits these weights:"), el("code", {}, model.offer.text),
      el("p", { className: "note" }, model.offer.note),
      el("button", { type: "button", disabled: !model.free, onclick: () => model.send_msg({ use: true }) }, "Use this network"),
    );
  }

  function tell() {
    saved.textContent = model.saved;
  }

  for (const name of ["free", "used", "offer"]) model.on(name, show);
  model.on("saved", tell);
  show();
  tell();

  /** @param {CustomEvent<Promise<unknown>[]>} event */
  const leave = ({ detail }) => {
    if (sent && new URLSearchParams(location.search).has("weights")) detail.push(leaveFiles(sent, "weights"));
  };
  document.addEventListener("cs-leaving", leave);
  model.on("remove", () => {
    room.disconnect();
    document.removeEventListener("cs-leaving", leave);
  });
  whenDrawn(() => {
    takeFiles("weights").then((kept) => kept && send(kept)).catch((error) => console.debug(`No weights were left: ${error}`));
  });
}
