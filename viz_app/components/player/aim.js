// What is dragged asks again and again, but not more often than it can be drawn.

const PAUSE = 100; // ms

/**
 * @param {(aimed: number) => void} send
 * @returns {(aimed: number, isNew?: boolean) => void} sends what is aimed at, unless it was the last
 *   time; with `isNew` anyway
 */
export function makeAim(send) {
  let aimed = NaN, asked = NaN, waiting = false;
  function ask() {
    if (waiting || aimed === asked) return;
    asked = aimed;
    send(aimed);
    waiting = true;
    setTimeout(() => { waiting = false; ask(); }, PAUSE);
  }
  return (to, isNew = false) => {
    aimed = to;
    if (isNew) asked = NaN;
    ask();
  };
}
