/**
 * The palette and measures. Every pair of text and ground is at least 4.5:1 in both schemes (tests/sdk/element_logic.test.js).
 *
 * A page may set `--visavis-accent`, `--visavis-accent-ink` and `--visavis-font`; `theme="light"` or `"dark"` on the
 * element overrides what the system prefers.
 */

/** Light and dark value of each colour. */
export const COLOURS = /** @type {const} */ ({
  room: ["#f4f2ee", "#14191b"],
  surface: ["#ffffff", "#1f272a"],
  raised: ["#e9e6df", "#2b3538"],
  ink: ["#1d2b30", "#eef3f3"],
  quiet: ["#51616a", "#aebbc0"],
  line: ["#d9d5cc", "#38444a"],
  accent: ["#0d6560", "#7fd1c7"],
  "accent-ink": ["#ffffff", "#08201e"],
  "accent-soft": ["#dcebe8", "#1d3a38"],
  stop: ["#b3261e", "#cf3f35"],
  "stop-ink": ["#ffffff", "#ffffff"],
  off: ["#3a474d", "#e3e9ea"],
  "off-ink": ["#ffffff", "#1b2326"],
  notice: ["#7a4a00", "#f2c274"],
  "notice-soft": ["#fbeed6", "#40321a"],
  good: ["#0d6560", "#7fd1c7"],
  veil: ["#0e1517", "#0e1517"],
  "veil-ink": ["#ffffff", "#ffffff"],
});

const declarations = Object.entries(COLOURS)
  .map(([name, [light, dark]]) => `--${name}: light-dark(${light}, ${dark});`)
  .join("\n  ");

export const tokens = `
:host {
  ${declarations}
  --accent: var(--visavis-accent, light-dark(${COLOURS.accent[0]}, ${COLOURS.accent[1]}));
  --accent-ink: var(--visavis-accent-ink, light-dark(${COLOURS["accent-ink"][0]}, ${COLOURS["accent-ink"][1]}));
  --font: var(--visavis-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  --round: 22px;
  --gap: 12px;
  --shadow: 0 1px 2px rgb(20 30 35 / 10%), 0 8px 28px rgb(20 30 35 / 12%);
  color-scheme: light dark;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
`;
