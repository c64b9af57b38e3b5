// Keep the page for a visit without a network.

const opened = location.href.split("#")[0];

/** Put what this page was made of into a cache of its own version; forget those of older ones. */
async function keep() {
  if (!CAN_KEEP) return;
  const here = new URL(".", opened).href;
  const name = `convscope ${here} ${site.version}`;
  if (await caches.has(name)) {
    const whole = await caches.open(name);
    await Promise.all([...mended].map((file) => whole.put(file, /** @type {Response} */ (loaded.get(file)))));
  } else {
    try {
      await fill(here, name);
    } finally {
      await caches.delete(unfinished(name));
    }
  }
  for (const old of await caches.keys()) {
    if (old.startsWith(`convscope ${here} `) && old !== name) await caches.delete(old);
  }
  await navigator.serviceWorker.register("service-worker.js");
}

/** @param {string} name */
const unfinished = (name) => `${name} unfinished`;

/**
 * Fill a cache whole, or not at all.
 * @param {string} here
 * @param {string} name
 */
async function fill(here, name) {
  const cache = await caches.open(unfinished(name));
  // The browser has the page itself in its own cache: nothing is loaded twice.
  const page = await fetch(opened, { cache: "force-cache" });
  const text = await page.clone().text();
  if (!text.includes(site.version) || !text.trimEnd().endsWith("</html>")) throw new Error("the page is another one now");
  await cache.put(here, page);
  for (const part of site.parts) {
    // What is kept has been unpacked, and so checked.
    if (!loaded.has(part.file)) await bring(part, () => {});
    await cache.put(part.file, /** @type {Response} */ (loaded.get(part.file)));
    loaded.delete(part.file);
  }
  const whole = await caches.open(name);
  for (const request of await cache.keys()) {
    const answer = await cache.match(request);
    if (answer) await whole.put(request, answer);
  }
}
