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
 * @param {string} what they are
 */
export async function leaveFiles(files, what = "data") {
  const database = await openFiles(), tab = String(Math.random());
  await answer(database.transaction("files", "readwrite").objectStore("files").put({ tab, files }, what));
  sessionStorage.setItem(`${TAB} ${what}`, tab);
  database.close();
}

/**
 * The files that the page before has left; they are kept no longer.
 * @param {string} what they are
 * @returns {Promise<any>}
 */
export async function takeFiles(what = "data") {
  const tab = sessionStorage.getItem(`${TAB} ${what}`);
  if (!tab) return null;
  sessionStorage.removeItem(`${TAB} ${what}`);
  const database = await openFiles();
  const store = database.transaction("files", "readwrite").objectStore("files");
  const kept = await answer(store.get(what));
  if (kept?.tab === tab) await answer(store.delete(what));
  database.close();
  return kept?.tab === tab ? kept.files : null;
}
