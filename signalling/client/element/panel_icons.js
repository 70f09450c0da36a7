/**
 * The icons of the panels.
 */

import { drawing } from "./drawing.js";

/** @type {Record<string, string[]>} */
const STROKES = {
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M20.500 3.500L10.500 13.500", "M20.500 3.500l-6.500 17-3.500-7-7-3.500z"],
  screen: ["M4.500 5h15A1.500 1.500 0 0 1 21 6.500v9a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 15.500v-9A1.500 1.500 0 0 1 4.500 5z", "M9 20.500h6M12 17v3.500"],
};

/** @param {string} name */
export const panelIcon = (name) => drawing(name, STROKES[name] ?? []);
