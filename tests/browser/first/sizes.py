"""What is measured on the page: sizes of words, and boxes of parts."""

from __future__ import annotations

from playwright.sync_api import Page

# Words in sight, in all shadow roots, that are drawn smaller than so many px. Scripts of formulas
# are as small as mathematics has them.
READ_SMALL = """(least) => {
    const found = new Set();
    const script = "msub, msup, msubsup, munder, mover, munderover";
    const isScript = (node) => {
        for (let up = node; up.parentElement; up = up.parentElement) {
            if (up.parentElement.matches(script) && up !== up.parentElement.firstElementChild) {
                return true;
            }
        }
        return node.closest("sup, sub") !== null;
    };
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            if (["STYLE", "SCRIPT", "OPTION", "TITLE"].includes(node.tagName)) continue;
            const isField = node.matches("select, input");
            const text = isField ? node.value : [...node.childNodes]
                .filter((child) => child.nodeType === Node.TEXT_NODE)
                .map((child) => child.textContent.trim()).join("");
            const size = parseFloat(getComputedStyle(node).fontSize);
            if (text && size < least && node.checkVisibility({ opacityProperty: true })
                && node.getClientRects().length && !isScript(node)) {
                found.add(`${node.tagName}.${node.className} ${size} px: ${text}`);
            }
        }
    };
    walk(document);
    return [...found];
}"""


def small_words(page: Page, least: float) -> list[str]:
    """Return the words in sight that are drawn smaller than `least` px."""
    found: list[str] = page.evaluate(READ_SMALL, least)
    return found


def width_of(page: Page) -> int:
    """Return how wide the page is, in px; wider than its window it is scrolled sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found
