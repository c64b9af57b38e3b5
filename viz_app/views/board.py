"""The board: draws a scene in the browser and links its cells there."""

from __future__ import annotations

from typing import ClassVar

import param

from core.symbols import AXES
from viz_app import theme
from viz_app.component import Component, script
from viz_app.packing import packed

STYLE = """
/* No box of its own: Bokeh would lay out the page anew whenever its height changes. */
:host { display: contents; }
.frame { position: relative; flex: 1; min-width: 0; }
.panels {
  display: flex; gap: 10px 12px; align-items: flex-start; justify-content: safe center;
  font: var(--cs-small)/1.3 var(--cs-font); color: var(--cs-ink);
}
.column { display: flex; flex-direction: column; gap: 8px; min-width: 0; }
.table { display: flex; flex-direction: column; min-width: 0; }
.table .panel {
  display: grid; grid-template-columns: auto max-content; gap: 0 6px; padding: 0 4px;
}
.table .title { align-self: center; text-align: right; font-weight: 400; }
.table .tiles { margin-top: 0; }
.table .overview, .table .foot { grid-column: 2; }
.table .panel:not(:last-child) :is(.overview, .foot) { display: none; }
.grid { display: grid; gap: 6px 10px; align-items: start; min-width: 0; }
.panels > * { flex: 0 0 auto; }
/* Titles such as "velocity v before" above one number. */
.grid > .panel { min-width: 120px; }
.operator { align-self: center; font-size: var(--cs-title); color: var(--cs-soft); }
.panel { margin: 0; padding: 2px 4px; border-left: 3px solid transparent; min-width: 0; }
.panels { --phase: var(--cs-forward); }
.panels[data-phase=loss] { --phase: var(--cs-loss); }
.panels[data-phase=backward] { --phase: var(--cs-backward); }
.panels[data-phase=update] { --phase: var(--cs-update); }
.panel.now { border-left-color: var(--phase); }
.title { font-weight: 600; line-height: 1.2; }
.axes { font-weight: 400; color: var(--cs-soft); }
.tip .axes { display: none; }
sup, sub { line-height: 0; font-size: max(0.8em, var(--cs-small)); }
.body { display: flex; gap: 6px; min-width: 0; }
.names { margin-top: 2px; color: var(--cs-soft); white-space: nowrap; text-align: right; }
.tiles { display: flex; flex-wrap: wrap; gap: 4px; max-width: max-content; margin-top: 2px; }
.tile { position: relative; touch-action: pan-y; }
/* The large tile stands alone, above the small ones. */
.break { flex: 0 0 100%; height: 0; margin-top: -4px; }
canvas { display: block; image-rendering: pixelated; }
.base, .over { position: absolute; inset: 0; image-rendering: auto; }
.over { cursor: crosshair; }
.overview { margin-top: 3px; cursor: grab; }
.foot {
  display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--cs-soft); max-width: 340px;
  justify-content: space-between; width: 0; min-width: 100%; letter-spacing: -0.4px;
}
.legend {
  display: flex; flex-wrap: wrap; gap: 0 4px; align-items: center;
  font-variant-numeric: tabular-nums;
}
.top {
  display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; width: 0; min-width: 100%;
}
.top .legend { margin-left: auto; color: var(--cs-soft); }
.table .top { display: contents; }
.table .body { order: 1; }
.table .overview, .table .legend, .table .foot { order: 2; grid-column: 2; margin: 0; }
.table .panel:not(:last-child) .legend { display: none; }
.bar { width: 36px; height: 8px; border-radius: 2px; }
/* On a line of its own, so that narrow panels side by side begin at the same height. */
.legend.narrow { flex: 0 0 100%; flex-wrap: nowrap; white-space: nowrap; letter-spacing: -0.4px; }
.narrow .bar { width: 10px; }
.tip {
  position: absolute; z-index: 5; pointer-events: none; padding: 2px 8px; border-radius: 6px;
  background: var(--cs-ink); color: var(--cs-paper); white-space: nowrap;
  font: var(--cs-small)/1.4 var(--cs-font);
}
[hidden] { display: none !important; }
/* Above the sheet of the explanation. */
@media (max-width: 1279px) { .panel { scroll-margin: 12px 0 62vh; } }
@media (max-width: 700px) {
  .panel { scroll-margin-bottom: calc(42vh + 64px); }
  .panels { flex-wrap: wrap; justify-content: flex-start; }
  .grid { grid-template-columns: minmax(0, 1fr) !important; }
  .tiles { max-width: 100%; overflow-x: auto; }
  .operator { align-self: flex-start; }
}
"""


class Board(Component):
    """Draws `scene` (see `Scene.message`), packed; a click writes `selected`.

    Both ways `selected` is `{"key": array, "index": [...], "coordinates": {...}}`.
    """

    scene = param.Dict(default=packed({"panels": {}, "layout": []}))
    selected = param.Dict(default={})
    palettes = param.Dict(default=theme.PALETTES, constant=True)
    axes = param.Dict(default=dict(AXES), constant=True)

    _esm = script("numbers.js", "linking.js", "tile.js", "panel.js", "board.js")
    _stylesheets: ClassVar = [STYLE]
