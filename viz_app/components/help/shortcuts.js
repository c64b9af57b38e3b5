// The keys of the page: what each asks for, and how it is explained to people.

/**
 * @typedef {object} Shortcut
 * @property {string} key as the browser calls it
 * @property {string} shown
 * @property {string} action
 * @property {string} does
 * @property {boolean} [ctrl] whether it is pressed with Ctrl, or ⌘
 * @property {boolean} [shift] whether it is pressed with Shift, where it is with Ctrl
 * @property {boolean} [always] whether it stays when single keys are switched off
 */

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  { key: "ArrowRight", shown: "→", action: "step", does: "step" },
  { key: "ArrowLeft", shown: "←", action: "back", does: "step back" },
  { key: " ", shown: "Space", action: "space", does: "play, pause" },
  { key: "1", shown: "1", action: "Iteration", does: "steps of an iteration" },
  { key: "2", shown: "2", action: "Layer", does: "steps of a layer" },
  { key: "3", shown: "3", action: "Inside", does: "steps through the inside of a layer" },
  { key: "4", shown: "4", action: "Cell", does: "steps of a cell" },
  { key: "p", shown: "p", action: "present", does: "larger, for a class" },
  { key: "a", shown: "a", action: "answer", does: "in Present: show the answer to a lesson's question" },
  { key: "z", shown: "Ctrl z", action: "undo", ctrl: true, always: true, does: "take the last change of the run back" },
  { key: "z", shown: "Ctrl Shift z", action: "redo", ctrl: true, shift: true, always: true, does: "make it again" },
  { key: "?", shown: "?", action: "help", does: "this list" },
  { key: "Escape", shown: "Esc", action: "deselect", always: true,
    does: "close the settings, select nothing, close what is said" },
];

/**
 * Keys of what has the focus, which cannot be in anybody's way.
 * @type {[place: string, keys: [shown: string, does: string][]][]}
 */
export const KEYS_OF_PLACES = [
  ["In a matrix (Tab goes from one to the next)", [
    ["← → ↑ ↓", "the next cell"],
    ["Home End", "the ends of its row; with Ctrl, of the matrix"],
    ["Page ↑ Page ↓", "the rows behind those in sight"],
    ["Enter, Space", "explain the cell"],
    ["e, F2", "change its number"],
    ["Shift with an arrow", "the next picture of the same array"],
    ["Esc", "leave it"],
  ]],
  ["On the drawing of a probe", [
    ["← → ↑ ↓", "the next pixel"],
    ["Space, Enter", "draw it"],
    ["Delete", "erase it"],
    ["Ctrl with z", "take back"],
  ]],
  ["On the stages, and on the losses below them", [
    ["← →", "one on, or back"],
    ["Page ↑ Page ↓", "several on, or back"],
    ["Home End", "the first, the last"],
  ]],
];
