/**
 * Every sentence a person reads, by language.
 *
 * A language is one file with the same keys (a test compares them); adding one is adding it to `LANGUAGES`.
 */

import { en } from "./en.js";
import { fr } from "./fr.js";

/** @typedef {typeof en} Words */

/** @type {Map<string | undefined, Words>} */
const LANGUAGES = new Map([
  ["en", en],
  ["fr", fr],
]);

/** The languages there are. */
export const languages = /** @type {string[]} */ ([...LANGUAGES.keys()]);

/**
 * The words of a language tag such as `fr-CA`; English where there are none.
 *
 * @param {string | undefined} tag
 * @returns {Words}
 */
export function wordsFor(tag) {
  return LANGUAGES.get(tag?.toLowerCase().split("-")[0]) ?? en;
}
