// The parts of the page as landmarks, between which a screen reader jumps. Python's layouts know no
// roles: it gives a part one of these classes.

/** @type {Record<string, [role: string, label?: string]>} */
const LANDMARKS = {
  "cs-network": ["navigation"],
  "cs-stage": ["main"],
  "cs-beside": ["complementary"],
  "cs-player": ["region", "player"],
  "cs-settings": ["region", "settings"],
};

/**
 * @param {Element} root the dashboard, or a part of it
 */
export function markLandmarks(root) {
  for (const part of root.shadowRoot?.children ?? []) {
    const [role, label] = LANDMARKS[[...part.classList].find((name) => name in LANDMARKS) ?? ""] ?? [];
    if (role) part.role = role;
    if (label) part.ariaLabel = label;
    markLandmarks(part);
  }
}
