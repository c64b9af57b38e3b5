// Keep the page for a visit without a network.

const opened = location.href.split("#")[0];

/** Put what this page was made of into a cache of its own version; forget those of older ones. */
async function keep() {
  if (!CAN_KEEP) return;
  const here = new URL(".", opened).href;
  const name = `convscope ${here} ${site.version}`;
  if (!(await caches.has(name))) {
    const cache = await caches.open(`${name} unfinished`);
    // The browser has the page itself in its own cache: nothing is loaded twice.
    await cache.put(here, await fetch(opened, { cache: "force-cache" }));
    for (const { file } of site.parts) {
      await cache.put(file, (await caches.match(file)) ?? loaded.get(file) ?? (await fetch(file)));
      loaded.delete(file);
    }
    // Whole, or not at all.
    const whole = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      if (answer) await whole.put(request, answer);
    }
  }
  for (const old of await caches.keys()) {
    if (old.startsWith(`convscope ${here} `) && old !== name) await caches.delete(old);
  }
  await navigator.serviceWorker.register("service-worker.js");
}
