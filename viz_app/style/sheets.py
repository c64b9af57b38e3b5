"""Style sheets of the page: layout and widgets. Colours and sizes come from `theme`.

The page marks all parts with `data-embed` where it stands in a frame; see `sharing/embed.js`.
"""

from __future__ import annotations

PAGE = """
:host {
  display: grid; grid-template-columns: minmax(0, 1fr); position: relative;
  grid-template-rows: max-content max-content minmax(380px, 1fr) max-content;
  width: 100%; min-width: 0 !important; box-sizing: border-box;
  margin-top: var(--cs-banner, 0px) !important;
  height: calc(var(--cs-height, 100vh) - var(--cs-banner, 0px));
  font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink);
}
@media (max-width: 1279px), (max-height: 500px) {
  :host {
    grid-template-rows: max-content max-content 1fr max-content; height: auto; min-height: 100vh;
  }
}
/* How far what is said keeps away from what stands beside the board, or from the settings. */
@media (min-width: 1280px) { .cs-player { --cs-aside: calc(340px * var(--cs-scale) + 16px); } }
.cs-settings:not(.cs-away) ~ .cs-player { --cs-aside: calc(var(--cs-drawer) + 16px); }
.cs-settings.cs-wide:not(.cs-away) ~ .cs-player { --cs-aside: calc(var(--cs-form) + 16px); }
:host([data-embed]) {
  grid-template-rows: minmax(0, 1fr) max-content max-content; min-height: 0;
  height: calc(100vh - var(--cs-banner, 0px));
}
"""

# The parts below the strip have what is left of the window's height.
MAIN = """
:host {
  grid-row: 3;
  min-width: 0 !important; box-sizing: border-box; padding: 4px 16px 12px;
  display: grid; grid-template-columns: minmax(0, 1fr) calc(340px * var(--cs-scale)); gap: 16px;
  width: 100%; height: 100%; min-height: 0;
}
@media (max-width: 1279px) {
  :host { grid-template-columns: minmax(0, 1fr); grid-auto-rows: max-content; height: auto; }
}
@media (max-width: 700px) { :host { padding: 4px 8px 8px; } }
@media (max-height: 500px) and (min-width: 701px) {
  :host {
    grid-template-columns: minmax(0, 1fr) 300px; align-items: start; gap: 8px;
    padding: 4px 8px 8px;
  }
}
:host([data-embed]) {
  grid-row: 1; grid-template: minmax(0, 1fr) / minmax(0, 1fr); height: 100%; padding: 4px 8px;
}
@media (min-width: 560px) {
  :host([data-embed].cs-led) {
    grid-template-columns: minmax(0, 1fr) clamp(220px, 38%, 360px); gap: 8px;
  }
}
"""

# Of `MAIN` and `SIDE`, while a lesson leads: in a frame it stands beside the board, not over it.
LED_CLASS = "cs-led"

# Hides a part, and everything in it.
AWAY_CLASS = "cs-away"
AWAY = f":host(.{AWAY_CLASS}) {{ display: none; }}"

CARD = """
:host {
  display: flex; flex-direction: column; gap: 8px; min-width: 0; min-height: 0; height: 100%;
  overflow: hidden;
}
@media (max-width: 1279px), (max-height: 500px) { :host { height: auto; overflow: visible; } }
:host([data-embed]) { height: 100%; overflow: hidden; gap: 4px; }
"""

BOARD = """
:host { flex: 1; min-height: 0; min-width: 0; width: 100%; overflow: auto; }
@media (max-width: 1279px), (max-height: 500px) { :host { flex: 0 0 auto; overflow: visible; } }
:host([data-embed]) { flex: 1; overflow: auto; }
"""

SIDE = """
:host {
  display: flex; flex-direction: column; min-width: 0; min-height: 0; height: 100%; width: 100%;
  background: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 8px;
  box-sizing: border-box; overflow: hidden;
}
:host > div { min-height: 0; }
@media (max-width: 1279px) { :host { height: 320px; } }
/* Under the board of a phone the page is scrolled, and nothing in it. */
@media (max-width: 700px) { :host { height: auto; min-height: 320px; overflow: visible; } }
@media (max-height: 500px) and (min-width: 701px) {
  :host {
    position: sticky !important; top: 4px;
    height: calc(100vh - var(--cs-player, 0px) - 104px);
  }
}
/* What is explained stands over the board there. */
:host([data-embed]) { position: absolute; width: 0; height: 0; border: 0; }
@media (min-width: 560px) {
  :host([data-embed].cs-led) {
    position: relative !important; width: 100%; height: 100%; border: 1px solid var(--cs-line);
  }
}
"""

# Of `DRAWER`, while a network is written in it.
WIDE_CLASS = "cs-wide"

# In two columns, so that all of it is in sight in a window of 1280×720. It ends above what is said.
DRAWER = """
:host {
  position: absolute !important; z-index: 9; right: 16px; top: calc(52px * var(--cs-scale));
  width: min(var(--cs-drawer), calc(100% - 32px));
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 10px 12px;
  padding: 14px; box-sizing: border-box; align-content: start; align-items: end;
  max-height: calc(100% - 64px); overflow-y: auto;
  background: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 8px;
  box-shadow: 0 4px 24px var(--cs-shadow);
}
:host(.cs-wide) { width: min(var(--cs-form), calc(100% - 32px)); }
/* A button stands beside the field of its row, not beside its label. */
:host > div { align-self: end !important; }
/* Panel's own, for long columns. */
.scroll-button { display: none; }
@media (max-width: 1279px) and (min-height: 501px) {
  :host {
    --top: calc(56px * var(--cs-scale) + var(--cs-banner, 0px));
    position: var(--cs-over, fixed) !important; top: var(--top);
    max-height: calc(100vh - var(--top) - 8px - var(--cs-player, 0px) - var(--cs-said, 0px));
  }
}
@media (max-width: 700px) { :host, :host(.cs-wide) { left: 8px; right: 8px; width: auto; } }
"""

# Beside the board, while two runs are compared or are going to be.
COMPARING = """
:host {
  display: flex; flex-direction: column; gap: 8px; padding: 8px; box-sizing: border-box;
  overflow-y: auto;
}
:host > div { flex: none; }
"""
CHOICES = ":host { display: flex; flex-direction: column; gap: 6px; }"

# Goes into every shadow root with formulas.
FORMULA = """
math { font-family: var(--cs-math); font-weight: 400; font-style: normal; letter-spacing: 0; }
/* Among words, its small letters are as high as theirs. */
math:not([displaystyle]) { font-size: 1.12em; }
"""

# Of `FIELD`, while it is said why what was typed in is refused.
REFUSED_CLASS = "cs-refused"

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
:host(.cs-refused) .bk-input-group .bk-input { border-color: var(--cs-bad); border-width: 2px; }
:host(.cs-refused) .bk-input-group label { color: var(--cs-bad); font-weight: 600; }
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

# The figure gives way to what is said above it; where that is not enough, both are scrolled.
CHART = """
:host { min-height: 0; height: 100%; overflow-y: auto; }
"""

# Goes into the tooltip itself, which hangs outside of the page's grid.
TOOLTIP = (
    f"""{FORMULA}"""
    + """
:host {
  background: var(--cs-card) !important; border-color: var(--cs-line) !important;
  opacity: 1 !important;
}
table {
  border-spacing: 8px 1px; color: var(--cs-ink); text-align: left;
  font: var(--cs-small)/1.35 var(--cs-font); font-variant-numeric: tabular-nums;
}
"""
)
