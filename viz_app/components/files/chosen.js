// The files that somebody chooses or drops, with the folders in which they lie.

/** @import { Chosen } from "./content.js" */

// What systems put into folders by themselves.
const OF_SYSTEMS = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i;

/**
 * Files of a field, those of a folder with their path.
 * @param {Iterable<File>} files
 * @returns {Chosen[]}
 */
export const chosenOf = (files) => sortedPaths([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));

/**
 * Files that are dropped, and those in folders that are.
 * @param {DataTransfer} transfer
 * @returns {Promise<Chosen[]>}
 */
export async function droppedOf(transfer) {
  // All of them now: what is dropped is gone with the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return chosenOf(transfer.files);
  const found = await Promise.all(entries.map((entry) => (entry ? filesBelow(entry) : [])));
  return sortedPaths(found.flat());
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Chosen[]>}
 */
async function filesBelow(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    });
    return [{ path, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Chosen[]} */
  const found = [];
  // A folder is read in parts, the last of which is empty.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!part.length) return found;
    for (const inside of part) found.push(...await filesBelow(inside));
  }
}

/** @param {Chosen[]} chosen */
function sortedPaths(chosen) {
  const own = chosen.filter(({ path }) => chosen.length === 1 || !OF_SYSTEMS.test(path));
  // Browsers list folders in different orders.
  return own.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
}
