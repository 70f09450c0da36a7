/**
 * The element's style sheet, made once and shared by every element of the page. That of the panels comes with them.
 *
 * A constructed sheet is not an inline style: it passes a Content-Security-Policy without `unsafe-inline`.
 */

import { frame } from "./frame.js";
import { scenes } from "./scenes.js";
import { stage } from "./stage.js";
import { tokens } from "./tokens.js";

/** @type {CSSStyleSheet | null} */
let shared = null;

/** @returns {CSSStyleSheet} */
export function styleSheet() {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync([tokens, frame, stage, scenes].join("\n"));
  }
  return shared;
}
