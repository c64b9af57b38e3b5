// The font of formulas. A style sheet inside of a component can declare none, and a notebook has no
// page of ours: so it is given to the document, once for all that is drawn there.

/** @typedef {{ family: string, content: string }} Font `content` is the file in base64 */

/**
 * Give the document a font, unless it has it.
 * @param {Font} font
 */
export function declare({ family, content }) {
  if (Array.from(document.fonts).some((face) => face.family.replace(/["']/g, "") === family)) return;
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const face = new FontFace(family, bytes.buffer);
  document.fonts.add(face);
  face.load();
}
