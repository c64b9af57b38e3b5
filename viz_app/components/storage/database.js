// Key frames in IndexedDB. What was not used for the longest time goes first.

const ROOM = 64e6; // bytes of all frames

/**
 * Where a frame may lie: from one iteration to another, under a key.
 * @typedef {{ key: string, first: number, last: number }} Span
 */

/** @typedef {{ key: string, iteration: number, content: ArrayBuffer | Uint8Array<ArrayBuffer> }} Frame */

/**
 * When a frame was used last, and its bytes.
 * @typedef {[used: number, size: number]} Use
 */

/**
 * What a request gives.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Open the storage; rejected where the browser has none, or permits none. */
export async function open() {
  const request = indexedDB.open("convscope", 1);
  request.onupgradeneeded = () => {
    const frames = request.result.createObjectStore("frames", { keyPath: ["key", "iteration"] });
    frames.createIndex("use", ["used", "size"]);
  };
  return answer(request);
}

/**
 * How many of the uses, the latest first, fit into the room together.
 * @param {Use[]} uses
 * @param {number} room bytes
 */
export function fitting(uses, room) {
  let left = room;
  const end = uses.findIndex(([, size]) => (left -= size) < 0);
  return end < 0 ? uses.length : end;
}

/**
 * Keep a frame, and let go what has no room beside it.
 * @param {IDBDatabase} database
 * @param {Frame} frame
 */
export async function keep(database, { key, iteration, content }) {
  const frames = database.transaction("frames", "readwrite").objectStore("frames");
  // A copy: the message may be a part of a larger one.
  const bytes = Uint8Array.from(new Uint8Array(content));
  await answer(frames.put({ key, iteration, content: bytes, size: bytes.length, used: Date.now() }));
  /** @type {Use[]} */
  const uses = [];
  /** @type {IDBValidKey[]} */
  const keys = [];
  const cursors = frames.index("use").openKeyCursor(null, "prev");
  for (let cursor = await answer(cursors); cursor; cursor = await answer(cursors)) {
    uses.push(/** @type {Use} */ (cursor.key));
    keys.push(cursor.primaryKey);
    cursor.continue();
  }
  await Promise.all(keys.slice(fitting(uses, ROOM)).map((old) => answer(frames.delete(old))));
}

/**
 * The last frame in the first span that has one.
 * @param {IDBDatabase} database
 * @param {Span[]} spans
 * @returns {Promise<Frame | null>}
 */
export async function latest(database, spans) {
  if (!spans.length) return null;
  const frames = database.transaction("frames", "readwrite").objectStore("frames");
  for (const { key, first, last } of spans) {
    const range = IDBKeyRange.bound([key, first], [key, last]);
    const cursor = await answer(frames.openCursor(range, "prev"));
    if (cursor) {
      await answer(cursor.update({ ...cursor.value, used: Date.now() }));
      return cursor.value;
    }
  }
  return null;
}
