// Saves a file that Python has made.

const KEPT = 60_000; // ms that the browser may take to begin

export function render({ model }) {
  model.on("msg:custom", ({ name, content }) => {
    const href = URL.createObjectURL(new Blob([content]));
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), KEPT);
  });
}
