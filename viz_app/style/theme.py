"""Colours, sizes and type: the only place with a colour code."""

from __future__ import annotations

# One type scale, in px.
SMALL, BODY, LARGE, TITLE = 13, 15, 18, 22
# What a finger can hit, in px.
TOUCH = 40
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
MATH = "'Latin Modern Math', 'STIX Two Math', 'Cambria Math', Georgia, serif"

LIGHT = {
    "paper": "#fbfaf7",
    "card": "#ffffff",
    "ink": "#1b2130",
    "soft": "#5c6575",
    "line": "#e3e0d8",
    "fill": "#f2efe8",
    "forward": "#0f766e",
    "loss": "#3b4758",
    "backward": "#9d2b8a",
    "update": "#a85a08",
    "on-phase": "#ffffff",
    "select": "#111111",
    "halo": "#ffffff",
    "shadow": "#00000033",
    "good": "#0f766e",
    "bad": "#b3261e",
}
DARK = {
    "paper": "#14171d",
    "card": "#1d2129",
    "ink": "#eceff4",
    "soft": "#a3acbb",
    "line": "#343a46",
    "fill": "#2a2f39",
    "forward": "#3fb8ab",
    "loss": "#94a3b8",
    "backward": "#d977c6",
    "update": "#e0963f",
    "on-phase": "#14171d",
    "select": "#ffffff",
    "halo": "#111111",
    "shadow": "#00000033",
    "good": "#3fb8ab",
    "bad": "#ff8a80",
}

# Stops of the two colour scales, evenly spaced: activations run pale to deep green, signed
# numbers from blue over near-white to orange-brown.
SEQUENTIAL = ["#fcfbf6", "#aacdbe", "#468c87", "#104660"]
DIVERGING = ["#2166ac", "#7fa9d3", "#faf9f7", "#d59a83", "#b24018"]
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


def _variables(root: str, dark: str) -> str:
    """Return the rules that set all variables on an element, and on it when it is dark."""
    return f"""
{root} {{
  color-scheme: light;
  {css_variables(LIGHT | _signs(PALETTES["diverging"]))}
  --cs-font: {FONT};
  --cs-math: {MATH};
  --cs-small: {SMALL}px; --cs-body: {BODY}px; --cs-large: {LARGE}px; --cs-title: {TITLE}px;
  --cs-control: 32px; --cs-tool: 26px; --cs-bar: 20px;
}}
@media (pointer: coarse) {{
  {root} {{ --cs-control: {TOUCH}px; --cs-tool: {TOUCH}px; --cs-bar: {TOUCH}px; }}
}}
{dark} {{
  color-scheme: dark; {css_variables(DARK | _signs(DARK_PALETTES["diverging"]))}
}}
"""


# Variables reach into every shadow root, so components need no colours of their own. A dashboard
# that is not the whole page sets them on itself.
EMBEDDED_CSS = (
    _variables(":host", ":host(.cs-dark)")
    + """
:host {
  --cs-height: 780px;
  background: var(--cs-paper); color: var(--cs-ink); font: var(--cs-small)/1.35 var(--cs-font);
}
"""
)
PAGE_CSS = f"""
{_variables(":root", ":root.cs-dark")}
/* See `page.js`. */
:root:not(.cs-drawn) {{ pointer-events: none; cursor: progress; }}
html, body {{
  margin: 0; background: var(--cs-paper); color: var(--cs-ink);
  font: var(--cs-small)/1.35 var(--cs-font);
}}
"""
