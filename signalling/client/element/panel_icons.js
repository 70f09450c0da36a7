/**
 * The icons of the panels.
 */

import { drawing } from "./drawing.js";

/** @type {Record<string, string[]>} */
const STROKES = {
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M20.5 3.5L10.5 13.5", "M20.5 3.5l-6.5 17-3.5-7-7-3.5z"],
  screen: ["M4.5 5h15A1.5 1.5 0 0 1 21 6.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5v-9A1.5 1.5 0 0 1 4.5 5z", "M9 20.5h6M12 17v3.5"],
};

/** @param {string} name */
export const panelIcon = (name) => drawing(name, STROKES[name] ?? []);
