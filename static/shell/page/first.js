// Runs before all else, in any browser: it says so if the rest of the page cannot run.

(function () {
  const words = /** @type {HTMLElement} */ (document.querySelector("#cs-notice p"));
  words.textContent = "Loading the page";
  let fault = "";
  addEventListener("error", (event) => { fault = fault || event.message || ""; });
  document.addEventListener("DOMContentLoaded", () => {
    if ("convscope" in window) return;
    words.textContent = document.getElementById("cs-end")
      ? `ConvScope cannot start (${fault}): this browser is too old, or the file is damaged. `
        + "Open it in a newer Chrome, Edge or Firefox (of 2024 or later); if that does not help, get it anew."
      : "ConvScope cannot start: its file was cut short on the way here. "
        + "Get it anew, as a whole: download or copy it again, then open it again.";
  });
})();
