/**
 * What can be played of whom, and whose picture cannot: slots and roster seen together. Pure.
 */

/** @typedef {import("./roster.js").Roster} Roster */
/** @typedef {import("./slots.js").Slots} Slots */

/**
 * @param {Roster} roster
 * @param {import("./slots.js").Placed} placed
 * @returns {import("./public.js").RemoteTrack}
 */
export function remoteTrack(roster, { binding, mediaTrack, stream }) {
  const { kind, source } = binding;
  const participant = roster.known(binding.participant);
  const track = roster.track(binding.track) ?? { id: binding.track, kind, source, muted: false };
  return { participant, track, mediaTrack, stream };
}

/**
 * Whose picture the relay keeps back. A slot names the reason and not the person: it is whoever announces a picture that
 * no slot carries.
 */
export class KeptBack {
  /** @type {Map<string, string>} */
  #reasons = new Map();

  /**
   * @param {Roster} roster
   * @param {Slots} slots
   * @returns {{ participant: import("./protocol.js").ParticipantInfo, reason: string }[]} What is new; an empty reason
   *   where a picture is kept back no longer.
   */
  changes(roster, slots) {
    const before = this.#reasons;
    this.#reasons = new Map();
    const news = [];
    for (const participant of roster.others) {
      const { id, tracks } = participant;
      const isWithout = tracks.some(({ kind, id: track }) => kind === "video" && !slots.carries(track));
      const reason = (isWithout && slots.idleReason) || "";
      this.#reasons.set(id, reason);
      if (reason !== (before.get(id) ?? "")) news.push({ participant, reason });
    }
    return news;
  }
}
