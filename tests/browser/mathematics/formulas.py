"""How tests read formulas in a page, whichever browser shows it."""

from __future__ import annotations

# All elements that fit a selector, also those inside of shadow roots.
_ALL = """const all = (css, root = document) => [...root.querySelectorAll("*")].flatMap((node) => [
    ...(node.matches(css) ? [node] : []),
    ...(node.shadowRoot ? all(css, node.shadowRoot) : [])]);"""

# Whether the document has a font exactly once, and loaded.
FONT_IS_THERE = """(family) => {
    const faces = [...document.fonts].filter((face) => face.family.includes(family));
    return faces.length === 1 && faces[0].status === "loaded"
        && document.fonts.check(`16px "${family}"`);
}"""

# Of a formula: its width as it is, with this font alone, and with another one.
WIDTHS = """(math, family) => [null, `"${family}"`, "monospace"].map((font) => {
    math.style.fontFamily = font ?? "";
    const { width } = math.getBoundingClientRect();
    math.style.fontFamily = "";
    return width;
})"""

# What stands in each part of the page, in words and in what is said when one points there.
READ_TEXTS = f"""() => {{
    {_ALL}
    const parts = {{ head: ".head", board: ".panels", explanation: ".why", captions: ".lines" }};
    const said = (node) => [node.textContent, node.title ?? "",
        ...[...node.querySelectorAll("[title]")].map((inner) => inner.title)].join("|");
    return Object.fromEntries(Object.entries(parts).map(([name, css]) =>
        [name, all(css).map(said).join("|").replace(/\\s/g, "")]));
}}"""

# Each formula, and whether it lies inside of all that would cut it off, and of its own line.
READ_BOXES = f"""() => {{
    {_ALL}
    const up = (node) => node.parentElement ?? node.getRootNode().host;
    return all("math").filter((math) => math.getClientRects().length).map((math) => {{
        const own = math.getBoundingClientRect();
        let inside = true;
        for (let node = up(math); node; node = up(node)) {{
            const cuts = node.matches(".line, .title, .formula")
                || !["visible", ""].includes(getComputedStyle(node).overflowX);
            if (!cuts) continue;
            const box = node.getBoundingClientRect();
            inside &&= own.left >= box.left - 1 && own.right <= box.right + 1;
            // What is scrolled downwards is not cut off.
            if (node.matches(".line, .title, .formula")) {{
                inside &&= own.top >= box.top - 1 && own.bottom <= box.bottom + 1;
            }}
        }}
        const {{ left, top, right, bottom }} = own;
        return {{ text: math.textContent, inside, box: [left, top, right, bottom] }};
    }});
}}"""

# The size of each index and power next to that of what it belongs to; not of those in others.
SCRIPT_SIZES = f"""() => {{
    {_ALL}
    const size = (node) => parseFloat(getComputedStyle(node).fontSize);
    return all(".head math > mrow > :is(msup, msub, msubsup)")
        .map((node) => size(node.children[1]) / size(node.children[0]));
}}"""
