/**
 * The sentences of a check before the consultation, by language. What the SDK says of devices anyway is said in the same words.
 */

import { en } from "./words_en.js";
import { fr } from "./words_fr.js";

/** @typedef {typeof en} CheckWords */
/** @typedef {readonly [words: string, action: string]} Sentences */

/** @type {Map<string | undefined, CheckWords>} */
const LANGUAGES = new Map([
  ["en", en],
  ["fr", fr],
]);

/**
 * The words of a language tag such as `fr-CA`; English where there are none.
 *
 * @param {string | undefined} tag
 * @returns {CheckWords}
 */
export function checkWordsFor(tag) {
  return LANGUAGES.get(tag?.toLowerCase().split("-")[0]) ?? en;
}

/**
 * What was found, and what to do about it: empty where there is nothing to do.
 *
 * @param {CheckWords} words
 * @param {import("./codes.js").Finding} finding
 * @returns {Sentences}
 */
export function sentencesOf({ findings, errors }, { of, code }) {
  const whole = `${code}.${of}`;
  return findings[whole] ?? findings[code] ?? errors[whole] ?? errors[code] ?? findings.not_measured ?? ["", ""];
}
