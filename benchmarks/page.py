"""What scripts of the benchmarks share that run in the page."""

from __future__ import annotations

# The first node that fits, also inside of shadow roots, or null: `FIND(document, (node) => …)`.
FIND = """((root, fits) => {
    const find = (inside) => {
        for (const node of inside.querySelectorAll("*")) {
            const found = fits(node) ? node : node.shadowRoot && find(node.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    return find(root);
})"""
