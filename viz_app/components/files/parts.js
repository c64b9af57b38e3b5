// The content of files on its way to Python, in parts: a server closes the line on a long message.

import { base64 } from "../common/base64.js";

const PART = 2 ** 20; // bytes in a message

/**
 * Send content part by part; Python puts it together, see `Parts`.
 * @param {{ send_msg(message: unknown): void }} model
 * @param {Blob} content
 */
export async function sendParts(model, content) {
  for (let at = 0; at < content.size; at += PART) {
    model.send_msg({ part: await base64(content.slice(at, at + PART)) });
  }
}
