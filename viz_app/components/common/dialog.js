// What is laid over the page until it is closed.

import { el } from "./elements.js";

let dialogsMade = 0;

/**
 * Open a dialog; the focus is in it, and afterwards where it was before.
 * @param {HTMLElement} room an element of the component whose style sheet (`dialog.css`) it has
 * @param {string} title
 * @param {...(Node | string)} content
 */
export function openDialog(room, title, ...content) {
  dialogsMade += 1;
  const heading = el("h2", { id: `dialog-${dialogsMade}` }, title);
  const close = el("button", { type: "button", className: "close", onclick: () => dialog.close() }, "Close");
  const dialog = el("dialog", { "aria-labelledby": heading.id },
    el("div", { className: "heading" }, heading, close), ...content);
  // Keys belong to what is in front.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  room.append(dialog);
  dialog.showModal();
  return dialog;
}
