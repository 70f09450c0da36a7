/**
 * Who is not heard or seen though they should be: from the relay's list to news in words. Pure.
 *
 * @typedef {import("./public.js").Silence} Silence
 * @typedef {import("./protocol.js").RelaySilence} RelaySilence
 */

// What its publisher can do something about; the rest is its receiver's.
const CAPTURED_OR_SENT = ["not_captured", "not_arriving"];

export class SilenceBook {
  /** @type {Map<string, Silence>} */
  #told = new Map();

  /**
   * @param {object} about
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./words/index.js").Words} about.words
   */
  constructor({ roster, words }) {
    this.roster = roster;
    this.words = words;
  }

  /** @returns {Silence[]} Those of this moment; what most needs doing here is first. */
  get standing() {
    const urgency = (/** @type {Silence} */ { isMine, source }) => (isMine ? 0 : 2) + (source === "microphone" ? 0 : 1);
    return [...this.#told.values()].sort((one, other) => urgency(one) - urgency(other));
  }

  /**
   * @param {RelaySilence[]} silences All that the relay knows of.
   * @returns {Silence[]} What is new, and what is over.
   */
  take(silences) {
    const before = this.#told;
    this.#told = new Map(silences.map((each) => [keyOf(each), this.#silence(each)]));
    const news = [...this.#told].filter(([key, { cause }]) => before.get(key)?.cause !== cause).map(([, each]) => each);
    const over = [...before].filter(([key]) => !this.#told.has(key)).map(([, each]) => this.#over(each));
    return [...news, ...over];
  }

  /**
   * @param {RelaySilence} told
   * @returns {Silence}
   */
  #silence({ publisher, receiver, source, stage, cause }) {
    const direction = publisher === this.roster.self ? "towards" : "from";
    const other = direction === "from" ? publisher : receiver;
    const { others } = this.roster;
    const alone = others.length === 1 ? others[0] : null;
    const participant = (other ? this.roster.find(other) : alone) ?? null;
    const isMine = CAPTURED_OR_SENT.includes(stage) === (direction === "towards");
    const words = this.words.silence(participant?.role ?? null, direction, source, cause, isMine);
    return { participant, direction, source, stage, cause, isMine, over: false, words };
  }

  /**
   * @param {Silence} silence
   * @returns {Silence}
   */
  #over(silence) {
    const { participant, direction, source, isMine } = silence;
    return { ...silence, over: true, words: this.words.silence(participant?.role ?? null, direction, source, "", isMine) };
  }
}

/** @param {RelaySilence} silence */
function keyOf({ track, receiver }) {
  return `${track} ${receiver ?? ""}`;
}
