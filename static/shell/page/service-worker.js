// Keeps the page for a visit without a network. The page itself fills the cache, once it is live,
// with what it has loaded anyway; here it is only handed out.

const PATIENCE = 3000; // ms that a slow network gets before the kept page is shown

/** The type checker takes this for a worker of any kind. */
const own = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

own.addEventListener("install", () => own.skipWaiting());
own.addEventListener("activate", (event) => event.waitUntil(own.clients.claim()));

own.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(own.registration.scope)) return;
  event.respondWith(request.mode === "navigate" ? newest(request) : kept(request));
});

/**
 * The page from the network, so that an update is seen; the kept one if none comes in time.
 * @param {Request} request
 */
async function newest(request) {
  const page = await caches.match(own.registration.scope).catch(() => undefined);
  if (!page) return fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, page));
  return Promise.race([fetch(request).then((answer) => (answer.ok ? answer : page), () => page), late]);
}

/**
 * Files are named after their content: what is kept under a name is what the name stands for. The
 * page says so if it means another cache than this: none for what came damaged, the browser's own
 * for itself, which may be newer than what is kept.
 * @param {Request} request
 */
async function kept(request) {
  if (request.cache !== "default") return fetch(request);
  return (await caches.match(request).catch(() => undefined)) ?? fetch(request);
}
