// The files that a person chose, from a page that is left to the one opened in its place. They are
// there between the two only, and only those of the tab that was left last.

import { answer } from "./database.js";

const TAB = "convscope files";

async function openFiles() {
  const request = indexedDB.open("convscope files", 1);
  request.onupgradeneeded = () => { request.result.createObjectStore("files"); };
  return answer(request);
}

/**
 * Keep files for the next page of this tab.
 * @param {unknown} files
 */
export async function leaveFiles(files) {
  const database = await openFiles(), tab = String(Math.random());
  await answer(database.transaction("files", "readwrite").objectStore("files").put({ tab, files }, 0));
  sessionStorage.setItem(TAB, tab);
  database.close();
}

/**
 * The files that the page before has left; they are kept no longer.
 * @returns {Promise<any>}
 */
export async function takeFiles() {
  const tab = sessionStorage.getItem(TAB);
  if (!tab) return null;
  sessionStorage.removeItem(TAB);
  const database = await openFiles();
  const store = database.transaction("files", "readwrite").objectStore("files");
  const kept = await answer(store.get(0));
  if (kept?.tab === tab) await answer(store.delete(0));
  database.close();
  return kept?.tab === tab ? kept.files : null;
}
