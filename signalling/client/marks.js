/**
 * What of a picture is given up last where not all of it can be sent: the words for it, and how a browser is told.
 *
 * The relay hears it from `announcer.js` and obeys it for each receiver; the encoder is told by what the relay then asks
 * (`encodings.js`), and by the track's own hint, which is all that some browsers have.
 */

import { failure } from "./errors.js";

/** @typedef {"motion" | "detail" | "both"} Keeps */
/** @typedef {boolean | { keeps?: Keeps | null }} PictureWish */

/** @type {readonly unknown[]} */
const MARKS = ["motion", "detail", "both", null];

/**
 * @param {string} lang
 * @param {PictureWish} wish
 * @returns {Keeps | null | undefined} `undefined`: as it was.
 */
export function markOf(lang, wish) {
  return typeof wish === "object" && wish.keeps !== undefined ? mark(lang, wish.keeps) : undefined;
}

/**
 * @param {string} lang
 * @param {Keeps | null} keeps As the embedder says it.
 * @returns {Keeps | null}
 */
export function mark(lang, keeps) {
  if (!MARKS.includes(keeps)) throw failure(lang, "invalid_argument");
  return keeps;
}

/**
 * Tells a track's own browser (W3C mst-content-hint). On an embedder's own track the hint is the embedder's.
 *
 * @param {{ source: string, owned: boolean, keeps: Keeps | null, mediaTrack: MediaStreamTrack | null }} sent
 */
export function hint({ source, owned, keeps, mediaTrack }) {
  if (!owned || !mediaTrack || source === "microphone" || !("contentHint" in mediaTrack)) return;
  const wanted = keeps === "motion" || keeps === "detail" ? keeps : "";
  if (mediaTrack.contentHint !== wanted) mediaTrack.contentHint = wanted;
}
