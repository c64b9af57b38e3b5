"""What axe, in the version of the lock file, finds on a page."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tools.check_javascript import FOLDER, install

FIND = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
        `${id}: ${html.slice(0, 160)} ${failureSummary}`))"""


@cache
def source() -> str:
    """Return the source of axe."""
    assert install() == 0, "npm cannot install what checks the scripts"
    return (FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Return what it finds on the page as it is."""
    page.add_script_tag(content=source())
    found: list[str] = page.evaluate(FIND)
    return found
