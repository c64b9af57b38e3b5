// What somebody has done in a lesson, kept by browsers that keep anything.

const PREFIX = "convscope-lesson ";

/**
 * @param {string} key of the lesson
 * @returns {string} empty if there is nothing
 */
export function keptOf(key) {
  try {
    return localStorage.getItem(PREFIX + key) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} key of the lesson
 * @param {string} text
 */
export function keepProgress(key, text) {
  try {
    localStorage.setItem(PREFIX + key, text);
  } catch {
    // Then for this visit.
  }
}
