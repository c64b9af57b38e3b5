"""Colours, sizes and type: the only place with a colour code."""

from __future__ import annotations

# One type scale, in px in a window of 1280×720.
SMALL, BODY, LARGE, TITLE = 13, 15, 18, 24
# All that is said, in px there, the numbers in matrices too; and the heights of what is pressed:
# controls, tools beside a title, stages of the timeline.
SIZES = {"small": SMALL, "body": BODY, "large": LARGE, "title": TITLE, "cell-font": SMALL}
CONTROLS = {"control": 32, "tool": 26, "bar": 20}
# Widths of the settings: as they are, and while a network is written in them.
WIDTHS = {"drawer": 440, "form": 680}
# Width and height, in px, of larger windows; so many times larger all of it is there.
WINDOWS = ((1600, 880, 1.16), (2400, 1300, 1.5), (3600, 1900, 2.2))
# And so many times before a class: 20 px at the least, in a window of 1920×1080.
PRESENT = 1.35
# But in a small window an equation has to stand beside its headline, and numbers have room: on the
# screen before a class 16 of 720 px are more than 20 of 1080.
PRESENT_SMALL = {"large": 20, "title": 26, "cell-font": 16}
# What a finger can hit, in px.
TOUCH = 40
# Width, in px, up to which a window is a phone's, and height of one that lies on its side.
PHONE, ON_ITS_SIDE = 700, 500
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# The font of `style/font.py`; the others until it is there.
MATH_FAMILY = "ConvScope Math"
MATH = f"'{MATH_FAMILY}', 'STIX Two Math', 'Latin Modern Math', 'Cambria Math', math, serif"

LIGHT = {
    "paper": "#fbfaf7",
    "card": "#ffffff",
    "ink": "#1b2130",
    "soft": "#5c6575",
    "line": "#e3e0d8",
    "fill": "#f2efe8",
    "forward": "#0f766e",
    "loss": "#36425c",
    "backward": "#9d2b8a",
    "update": "#9b5206",
    "on-phase": "#ffffff",
    "select": "#111111",
    "halo": "#ffffff",
    "shadow": "#00000033",
    "good": "#0f766e",
    "bad": "#b3261e",
    "lit": "#b45309",
    "second": "#c2410c",
}
DARK = {
    "paper": "#14171d",
    "card": "#1d2129",
    "ink": "#eceff4",
    "soft": "#a3acbb",
    "line": "#343a46",
    "fill": "#2a2f39",
    "forward": "#3fb8ab",
    "loss": "#cbd2de",
    "backward": "#d873d0",
    "update": "#e0963f",
    "on-phase": "#14171d",
    "select": "#ffffff",
    "halo": "#111111",
    "shadow": "#00000033",
    "good": "#3fb8ab",
    "bad": "#ff8a80",
    "lit": "#f5b942",
    "second": "#ffb25c",
}

# Stops of the two colour scales, evenly spaced: activations run pale to deep green, signed numbers
# from blue to orange-brown. Zero has the colour of an empty tile.
SEQUENTIAL = ["#f2efe8", "#9fc6b6", "#468c87", "#104660"]
DIVERGING = ["#2166ac", "#7fa9d3", "#f2efe8", "#d59a83", "#b24018"]
MASK = ["#f2efe8", "#1b2130"]
PALETTES = {"sequential": SEQUENTIAL, "diverging": DIVERGING, "mask": MASK, "none": ["#f2efe8"] * 2}
# In the dark zero is dark too, and what is large is bright.
DARK_PALETTES = {
    "sequential": ["#262c36", "#1f5f5d", "#3fa896", "#c5f5e4"],
    "diverging": ["#c3e0ff", "#3b7fd0", "#262c36", "#a9581c", "#ffcf9e"],
    "mask": ["#262c36", "#e6eaf2"],
    "none": ["#262c36"] * 2,
}


def css_variables(colours: dict[str, str]) -> str:
    """Return the colours as declarations of CSS variables, `--cs-ink: …`."""
    return " ".join(f"--cs-{name}: {code};" for name, code in colours.items())


def _signs(diverging: list[str]) -> dict[str, str]:
    """Return the colours of numbers below and above zero, by their names as CSS variables."""
    return {"minus": diverging[1], "plus": diverging[-2]}


def _sizes(times: float, least: int = 0) -> str:
    """Return the declarations of all sizes, so many times those of a small window.

    Args:
        times: how many.
        least: px of what is pressed.
    """
    type_ = {name: round(times * size) for name, size in SIZES.items()}
    controls = {name: max(least, round(times * size)) for name, size in CONTROLS.items()}
    widths = {name: round(times * size) for name, size in WIDTHS.items()}
    return f"--cs-scale: {times:.4g}; {_px(type_ | controls | widths)}"


def _px(sizes: dict[str, int]) -> str:
    return " ".join(f"--cs-{name}: {size}px;" for name, size in sizes.items())


def _scale(root: str, present: str) -> str:
    """Return the rules that set all sizes: by the window, before a class, under a finger.

    What is seldom pressed is away before a class: it has `display: var(--cs-seldom, ...)`.
    """
    rules = []
    for width, height, times in ((0, 0, 1.0), *WINDOWS):
        for least, pointer in ((0, ""), (TOUCH, " and (pointer: coarse)")):
            rules.append(
                f"@media (min-width: {width}px) and (min-height: {height}px){pointer} {{\n"
                f"  {root} {{ {_sizes(times, least)} }}\n"
                f"  {present} {{ {_sizes(times * PRESENT, least)} --cs-seldom: none; }}\n}}"
            )
    rules.append(
        f"@media (max-width: {WINDOWS[0][0] - 1}px), (max-height: {WINDOWS[0][1] - 1}px) {{\n"
        f"  {present} {{ {_px(PRESENT_SMALL)} }}\n}}"
    )
    small = f"(max-width: {PHONE}px), (max-height: {ON_ITS_SIDE}px)"
    phone = f"@media {small} {{ {root} {{ --cs-title: {LARGE}px; }} }}"
    return "\n".join([*rules, phone])


def _variables(root: str, dark: str, present: str) -> str:
    """Return the rules that set all variables on an element, when it is dark and before a class."""
    return f"""
{root} {{
  color-scheme: light;
  {css_variables(LIGHT | _signs(PALETTES["diverging"]))}
  --cs-font: {FONT};
  --cs-math: {MATH};
}}
{_scale(root, present)}
{dark} {{
  color-scheme: dark; {css_variables(DARK | _signs(DARK_PALETTES["diverging"]))}
}}
"""


# Variables reach into every shadow root, so components need no colours of their own. A dashboard
# that is not the whole page sets them on itself.
EMBEDDED_CSS = (
    _variables(":host", ":host(.cs-dark)", ":host(.cs-present)")
    + """
:host {
  --cs-height: 780px; --cs-over: absolute;
  background: var(--cs-paper); color: var(--cs-ink); font: var(--cs-small)/1.35 var(--cs-font);
}
"""
)
PAGE_CSS = f"""
{_variables(":root", ":root.cs-dark", ":root.cs-present")}
/* See `page.js`. */
:root:not(.cs-drawn) {{ pointer-events: none; cursor: progress; }}
html, body {{
  margin: 0; background: var(--cs-paper); color: var(--cs-ink);
  font: var(--cs-small)/1.35 var(--cs-font);
}}
"""
