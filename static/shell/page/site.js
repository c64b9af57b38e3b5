// What `page.py` tells the page.

/** @type {Site} */
const site = JSON.parse(byId("cs-site").textContent ?? "");

/**
 * An element of page.html.
 * @param {string} id
 */
function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element ${id}`);
  return node;
}
