/**
 * Every sentence a person reads, by language, in two parts: what may be read on the way into a consultation, and what
 * comes once it stands (`…_more.js`). A page fetches its own language only.
 *
 * A language is files with the same keys (a test compares them); adding one is adding it to `PARTS` and to `first.js`.
 */

import { first } from "./first.js";

/** @typedef {typeof import("./en.js").en & ReturnType<typeof import("./en_more.js").more>} Words */
/** @typedef {keyof typeof first} Language */

const PARTS = {
  en: { first: async () => (await import("./en.js")).en, more: async () => (await import("./en_more.js")).more },
  fr: { first: async () => (await import("./fr.js")).fr, more: async () => (await import("./fr_more.js")).more },
};

/** One object for each language, which fills as its parts come. */
const WORDS = { en: unspoken("en"), fr: unspoken("fr") };
/** @type {Map<string, Promise<void>>} */
const coming = new Map();

/**
 * The words of a language tag such as `fr-CA`, as far as they have come; English where there are none.
 *
 * @param {string | undefined} tag
 * @returns {Words}
 */
export function wordsFor(tag) {
  const language = tag?.toLowerCase().split("-")[0] ?? "";
  return Object.hasOwn(WORDS, language) ? WORDS[/** @type {Language} */ (language)] : WORDS.en;
}

/**
 * Whether there are words for everything on the way into a consultation; else there are those of `first.js` alone.
 *
 * @param {Words} words
 */
export function haveCome(words) {
  return "state" in words;
}

/**
 * Fetches what may be read on the way into a consultation.
 *
 * @param {Words} words They fill.
 * @returns {Promise<void>} Rejects when it cannot be had; asking again fetches again, where the browser does.
 */
export function fetchWords(words) {
  return once(words, "first", async ({ first: part }) => fill(words, await part()));
}

/**
 * Fetches what may be read in the course of one.
 *
 * @param {Words} words
 * @returns {Promise<void>}
 */
export function fetchMoreWords(words) {
  return once(words, "more", async ({ more: part }) => {
    const [more] = await Promise.all([part(), fetchWords(words)]);
    fill(words, more(words.roles));
  });
}

/**
 * @param {Words} words
 * @param {string} part
 * @param {(parts: (typeof PARTS)[Language]) => Promise<void>} fetch
 */
function once({ lang }, part, fetch) {
  const key = `${lang} ${part}`;
  const before = coming.get(key);
  if (before) return before;
  const now = fetch(PARTS[/** @type {Language} */ (lang)]);
  coming.set(key, now);
  now.catch(() => coming.delete(key));
  return now;
}

/**
 * @param {Words} words
 * @param {{ ui: object, errors: object }} part
 */
function fill(words, { ui, errors, ...rest }) {
  Object.assign(words, rest);
  Object.assign(words.ui, ui);
  Object.assign(words.errors, errors);
}

/** @param {Language} lang */
function unspoken(lang) {
  /**
   * Until more has come, which knows why and what to do. Without a cause it is over.
   *
   * @type {Words["silence"]}
   */
  const silence = (role, direction, _source, cause) => words.quality(role, direction, cause === "" ? "good" : "silent");
  const words = /** @type {Words} */ (/** @type {unknown} */ ({ lang, dir: "ltr", errors: { ...first[lang] }, ui: {}, permissionSteps: {}, silence, interrupted: () => "", picture: () => "" }));
  return words;
}
