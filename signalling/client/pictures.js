/**
 * Whose picture cannot be seen just now, and why: paused so that what matters more has room, or in no form this browser
 * shows. Slots and roster seen together. Pure.
 */

/** @typedef {import("./public.js").HiddenPicture} HiddenPicture */
/** @typedef {import("./protocol.js").ParticipantInfo} ParticipantInfo */
/** @typedef {import("./protocol.js").Source} Source */

export class Pictures {
  /** @type {Map<string, HiddenPicture>} */
  #told = new Map();

  /**
   * @param {object} about
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./slots.js").Slots} about.slots
   * @param {import("./words/index.js").Words} about.words
   */
  constructor({ roster, slots, words }) {
    this.roster = roster;
    this.slots = slots;
    this.words = words;
  }

  /** @returns {HiddenPicture[]} */
  get hidden() {
    return this.roster.others.flatMap((participant) =>
      participant.tracks.filter(({ kind }) => kind === "video").flatMap(({ id, source }) => {
        const reason = this.slots.hides(id);
        return reason ? [this.#picture(participant, source, reason, this.slots.carries(id))] : [];
      }),
    );
  }

  /** @returns {HiddenPicture[]} What is new since the last time; without a reason, what is hidden no longer. */
  changes() {
    const before = this.#told;
    this.#told = new Map(this.hidden.map((each) => [keyOf(each), each]));
    const news = [...this.#told.values()].filter((each) => before.get(keyOf(each))?.reason !== each.reason);
    for (const [key, { participant: { id }, source }] of before) {
      const participant = this.roster.find(id);
      // A picture that was withdrawn does not come back.
      const isThere = participant?.tracks.some((track) => track.source === source);
      if (participant && isThere && !this.#told.has(key)) news.push(this.#picture(participant, source, "", false));
    }
    return news;
  }

  /**
   * @param {ParticipantInfo} participant
   * @param {Source} source
   * @param {string} reason
   * @param {boolean} paused
   * @returns {HiddenPicture}
   */
  #picture(participant, source, reason, paused) {
    return { participant, source, paused, reason, words: this.words.picture(participant.role, reason, source) };
  }
}

/** @param {HiddenPicture} picture */
function keyOf({ participant, source }) {
  return `${participant.id} ${source}`;
}
