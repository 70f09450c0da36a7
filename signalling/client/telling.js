/**
 * News of people as an embedder gets them: with words. Pure.
 *
 * @typedef {import("./words/index.js").Words} Words
 * @typedef {import("./roster.js").RosterEvent} RosterEvent
 */

/**
 * @param {Words} words
 * @param {Extract<RosterEvent, { type: "muted" }>} event
 */
export function mutedWords(words, event) {
  const { source, muted } = event.track;
  return { ...event, muted, words: words.muted(event.participant.role, source, muted) };
}

/**
 * @param {Words} words
 * @param {Extract<RosterEvent, { type: "participant" }>} event
 */
export function changeWords(words, event) {
  return { ...event, words: words.participant(event.participant.role, event.change) };
}

/**
 * @param {Words} words
 * @param {import("./roster.js").Roster} roster
 * @param {ReturnType<import("./quality.js").QualityBook["changes"]>[number]} verdict
 */
export function qualityWords(words, roster, { participant, direction, verdict }) {
  const person = participant === null ? null : (roster.find(participant) ?? null);
  return { participant: person, direction, verdict, words: words.quality(person?.role ?? null, direction, verdict) };
}
