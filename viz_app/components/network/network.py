"""The network and the other texts of a run, as a form that says what is wrong while one writes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import param

from core.io.lines import over_lines
from viz_app.components.component import Component, script, source
from viz_app.network.menu import layer_menu, part_menus
from viz_app.network.report import Report, by_line
from viz_app.run.settings import SETTINGS

# Settings that are written in a line, each with a menu.
PARTS = tuple(part_menus())


def _menus() -> dict[str, Any]:
    return {
        "layers": [asdict(part) for part in layer_menu()],
        "parts": {name: [asdict(part) for part in parts] for name, parts in part_menus().items()},
        "titles": {name: SETTINGS[name].title for name in PARTS},
    }


class NetworkForm(Component):
    """Shows the texts in force, and what is known of the one that is written.

    Sends {"check": text, "number": which} and {"train": text, "number": which} of a network,
    {"judge": name, "text", "number": which} and {"change": name, "text"} of another setting, and
    {"opened": whether it is unfolded}. What is known of a text arrives with its number.
    """

    shown = param.Dict(default={}, doc="The texts in force by the name of the setting.")
    explained = param.Dict(default={}, doc="What these mean in numbers; empty if nothing is.")
    basis = param.Integer(default=0, doc="Another number whenever a text is to be checked again.")
    refused = param.String(default="", doc="Name of the setting that is said to be refused.")
    preset = param.String(default="", doc="The network of the preset, over several lines.")
    free = param.Boolean(default=True, doc="Whether the run can be changed now.")
    menus = param.Dict(default=_menus(), constant=True, doc="What can be put in.")

    _esm = script("network/network.js")
    _stylesheets: ClassVar = [source("network/network.css")]

    def report(self, number: int, text: str, report: Report) -> None:
        """Say what is known of a text of a network."""
        rows = [
            {
                "line": line,
                "shape": "×".join(map(str, row.shape)),
                "params": row.params,
                "adds": row.multiply_adds,
            }
            for line, row in by_line(text, report.rows).items()
        ]
        total = {
            "params": report.params,
            "of_image": sum(row.multiply_adds for row in report.rows),
            "adds": report.multiply_adds,
            "batch": report.batch_size,
        }
        fault = None if report.fault is None else asdict(report.fault)
        said = {"rows": rows, "total": total, "fault": fault, "note": report.note}
        self._send_msg({"number": number, "written": over_lines(report.network), **said})

    def judge(self, number: int, name: str, fault: str, explained: str) -> None:
        """Say what is wrong with the text of another setting, or what it means in numbers."""
        self._send_msg({"number": number, "name": name, "fault": fault, "explained": explained})
