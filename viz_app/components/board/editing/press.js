// A long press of a finger, as good as a double click.

const LONG_PRESS = 500; // ms
const STILL = 10; // px that a finger may move meanwhile

/**
 * Answer a long press; the finger that is lifted then does not click as well.
 * @param {HTMLElement} node
 * @param {(event: PointerEvent) => void} then
 */
export function onLongPress(node, then) {
  /** @type {number | undefined} */
  let waiting;
  let isPressed = false;
  /** @type {PointerEvent | null} */
  let first = null;
  const cancel = () => {
    clearTimeout(waiting);
    first = null;
  };
  node.addEventListener("pointerdown", (event) => {
    cancel();
    isPressed = false;
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    first = event;
    waiting = setTimeout(() => {
      isPressed = true;
      then(event);
    }, LONG_PRESS);
  });
  node.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (first && Math.hypot(clientX - first.clientX, clientY - first.clientY) > STILL) cancel();
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) node.addEventListener(name, cancel);
  node.addEventListener("contextmenu", (event) => { if (first || isPressed) event.preventDefault(); });
  node.addEventListener("touchend", (event) => { if (isPressed) event.preventDefault(); });
}
