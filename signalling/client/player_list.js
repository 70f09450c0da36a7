/**
 * What a page has named as playing what arrives, and the loudspeaker that all of it uses.
 *
 * @typedef {HTMLMediaElement | AudioContext} Player
 * @typedef {{ stream: MediaStream | null, stopped_ms: number, tried: number }} Played `stream`: `null` is what the element
 *   shows at each moment.
 */

export class PlayerList {
  /** @type {Map<Player, Played>} */
  all = new Map();
  /** @param {string} [speaker] Its id; empty is the browser's choice. */
  constructor(speaker = "") {
    this.speaker = speaker;
  }

  /**
   * @param {Player} player
   * @param {MediaStream | null} stream
   * @returns {() => void} Forgets it.
   */
  watch(player, stream) {
    this.all.set(player, { stream, stopped_ms: -1, tried: 0 });
    // One that is gone leaves the browser's own choice.
    if (this.speaker) lead(player, this.speaker).catch(() => {});
    return () => void this.all.delete(player);
  }
}

/**
 * @param {Player} player
 * @param {string} id
 */
async function lead(player, id) {
  // Safari cannot, nor can AudioContext in Firefox; types know it of media elements alone.
  await /** @type {{ setSinkId?: (id: string) => Promise<void> }} */ (player).setSinkId?.(id);
}
