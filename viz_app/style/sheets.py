"""Style sheets of the page: layout and widgets. Colours and sizes come from `theme`."""

from __future__ import annotations

PAGE = """
:host {
  display: grid; grid-template-columns: minmax(0, 1fr); grid-auto-rows: max-content;
  align-content: start; gap: 5px;
  grid-template-rows: repeat(4, max-content) minmax(420px, 1fr);
  width: 100%; min-width: 0 !important; box-sizing: border-box;
  margin-top: var(--cs-banner, 0px) !important;
  height: calc(var(--cs-height, 100vh) - var(--cs-banner, 0px));
  padding: 8px 12px 3px; font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink);
}
@media (max-width: 1279px) { :host { grid-template-rows: none; height: auto; } }
@media (max-width: 700px) { :host { padding: 8px 8px 64px; } }
"""

TOOLBAR = """
:host {
  display: flex; flex-wrap: wrap; gap: 6px; align-items: end; width: 100%;
  height: max-content !important; min-width: 0 !important;
}
"""

# On a telephone the moves stay in reach of the thumb, however far one scrolls.
MOVES = """
:host { display: flex; gap: 8px; align-items: end; align-self: end; width: max-content; }
@media (max-width: 700px) {
  :host {
    position: fixed; z-index: 9; left: 0; right: 0; bottom: 0; box-sizing: border-box;
    width: 100% !important; padding: 6px 8px; gap: 6px;
    background: var(--cs-paper); border-top: 1px solid var(--cs-line);
  }
  :host > div { flex: 1 1 auto; min-width: 0; }
}
"""

STATUS = """
:host { min-height: 20px; }
p { margin: 0; }
.cs-status { color: var(--cs-ink); font-size: var(--cs-body); font-variant-numeric: tabular-nums; }
.cs-message, .cs-note { color: var(--cs-bad); font-size: var(--cs-small); }
/* An error may point at a place in the line above it. */
.cs-message.pointed { white-space: pre; font-family: monospace; overflow-x: auto; }
.cs-note { color: var(--cs-soft); }
"""

# The parts below the strip have what is left of the window's height, also where a message takes a
# line of it.
MAIN = """
:host {
  min-width: 0 !important;
  display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 10px;
  width: 100%; height: 100%; min-height: 0;
}
@media (max-width: 1279px) {
  :host { grid-template-columns: minmax(0, 1fr); grid-auto-rows: max-content; height: auto; }
}
"""

# Hides a part, and everything in it.
AWAY_CLASS = "cs-away"
AWAY = f":host(.{AWAY_CLASS}) {{ display: none; }}"

CARD = """
:host {
  display: flex; flex-direction: column; gap: 8px; min-width: 0; min-height: 0; height: 100%;
  box-sizing: border-box; padding: 6px 10px; overflow: hidden;
  background: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 8px;
}
@media (max-width: 1279px) { :host { height: auto; overflow: visible; } }
"""

BOARD = """
:host { flex: 1; min-height: 0; min-width: 0; width: 100%; overflow: auto; }
@media (max-width: 1279px) { :host { flex: 0 0 auto; overflow: visible; } }
"""

SIDE = """
:host {
  display: grid; grid-template-rows: minmax(0, 1fr) 196px; gap: 10px; min-width: 0; min-height: 0;
  height: 100%; width: 100%;
}
:host > div {
  background: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 8px;
  box-sizing: border-box;
}
@media (max-width: 1279px) {
  :host { grid-template: 300px / minmax(0, 1fr) minmax(0, 1fr); height: auto; }
}
@media (max-width: 700px) { :host { grid-template: auto 300px / minmax(0, 1fr); } }
/* The explanation has its own frame there; see `explanation.css`. */
@media (max-width: 1279px) { :host > div:first-child { border: 0; background: none; } }
"""

TABS = """
:host { padding: 0 4px; }
.bk-header .bk-tab {
  font: var(--cs-small)/1.3 var(--cs-font); color: var(--cs-soft); padding: 4px 10px; border: 0;
}
.bk-header .bk-tab.bk-active { color: var(--cs-ink); font-weight: 600; background: none; }
"""

STATUS_BAR = """
:host {
  display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 4px 12px; width: 100%;
  align-items: center; min-width: 0 !important; min-height: 26px; height: max-content !important;
}
@media (max-width: 1279px) { :host { grid-template-columns: minmax(0, 1fr); } }
"""

# Browsers make indices and fractions smaller by themselves, without an end.
FORMULA = """
math :is(msub, msup, msubsup, munder, mover, munderover) > :not(:first-child), math mfrac > * {
  font-size: max(0.72em, var(--cs-small));
}
"""

FIELD = """
:host { margin: 0; }
.bk-input-group label { color: var(--cs-soft); font: var(--cs-small)/1.35 var(--cs-font); }
.bk-input-group .bk-input, .bk-input-group select.bk-input {
  font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink);
  height: var(--cs-control); padding: 4px 8px;
  background-color: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 6px;
}
/* The browser's own arrow follows light and dark. */
.bk-input-group select.bk-input { appearance: auto !important; background-image: none !important; }
.bk-spin-btn { --color: var(--cs-ink); }
"""

BUTTON = """
:host { margin: 0; }
:host(.solid) .bk-btn-group .bk-btn.bk-btn-default,
:host(.solid) .bk-btn-group .bk-btn.bk-btn-primary {
  font: 400 var(--cs-small)/1.35 var(--cs-font);
  height: var(--cs-control); border-radius: 6px; padding: 4px 8px;
  color: var(--cs-ink); background: var(--cs-card); border: 1px solid var(--cs-line);
}
:host(.solid) .bk-btn-group .bk-btn.bk-btn-primary {
  font-weight: 600; color: var(--cs-paper); background: var(--cs-ink); border-color: var(--cs-ink);
}
:host(.solid) .bk-btn-group .bk-btn.bk-btn-default:hover { background: var(--cs-fill); }
:host(.solid) .bk-btn-group .bk-btn:focus-visible {
  outline: 2px solid var(--cs-backward); outline-offset: 1px;
}
:host(.solid) .bk-btn-group .bk-btn[disabled] { opacity: 0.45; }
"""

TITLE = """
:host { margin: 0 4px 0 0; align-self: center; }
h1 {
  margin: 0; color: var(--cs-ink); font: 700 var(--cs-large)/1 var(--cs-font);
  letter-spacing: -0.3px;
}
h1 b { color: var(--cs-backward); }
"""

INLINE = (
    FIELD
    + """
.bk-input-group { flex-direction: row; align-items: center; gap: 6px; }
.bk-input-group .bk-input-container { flex: 1; }
.bk-input-group select.bk-input, .bk-input-group .bk-input {
  height: var(--cs-tool); min-height: 0; padding: 1px 6px;
}
"""
)

SMALL = """
:host(.solid) .bk-btn-group .bk-btn.bk-btn-default { height: var(--cs-tool); padding: 1px 8px; }
"""

CAPTION = """
:host { flex: 0 0 auto; max-height: 38px; overflow-y: auto; padding: 2px 6px 0; }
p { margin: 0; color: var(--cs-soft); font: var(--cs-small)/1.35 var(--cs-font); }
p u { cursor: help; text-decoration-style: dotted; text-underline-offset: 2px; }
sup { font-size: max(0.85em, var(--cs-small)); line-height: 0; }
.cs-bar { display: inline-block; width: 48px; height: 8px; margin: 0 3px; }
"""

# Goes into the tooltip itself, which hangs outside of the page's grid.
TOOLTIP = """
:host {
  background: var(--cs-card) !important; border-color: var(--cs-line) !important;
  opacity: 1 !important;
}
table {
  border-spacing: 8px 1px; color: var(--cs-ink); text-align: left;
  font: var(--cs-small)/1.35 var(--cs-font); font-variant-numeric: tabular-nums;
}
"""
