/**
 * What the relay says that it sends here of each picture, and what the own network carries. Pure.
 *
 * @typedef {import("./public.js").Reception} Reception
 */

export class Subscriptions {
  /** @type {import("./protocol.js").Subscriptions | null} */
  #said = null;

  /** @param {import("./roster.js").Roster} roster */
  constructor(roster) {
    this.roster = roster;
  }

  /** @param {import("./protocol.js").Subscriptions} said */
  take(said) {
    this.#said = said;
  }

  forget() {
    this.#said = null;
  }

  /** @returns {Reception | null} As last said, of those who are still there; `null` before. */
  get now() {
    if (!this.#said) return null;
    const { state, path_kbps = null, pictures } = this.#said;
    return {
      state,
      path_kbps,
      pictures: pictures.flatMap(({ track: id, ...picture }) => {
        const participant = this.roster.others.find(({ tracks }) => tracks.some((track) => track.id === id));
        const track = participant && this.roster.track(id);
        return participant && track ? [{ participant, track, ...UNSAID, ...picture }] : [];
      }),
    };
  }
}

const UNSAID = { rid: null, spatial_layer: null, temporal_layer: null, width: null, height: null, kbps: null };
