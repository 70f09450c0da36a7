/**
 * While an interpreter speaks, the voices they speak over are quieter, in whatever the page has named as playing them.
 *
 * Interpreters hear the others as they are, unless another interpreter speaks.
 */

// 12 dB: still there, under a voice that is understood.
const SHARE = 0.25;
// Longer than a breath: voices that come and go with it would be worse than either.
const HOLD_MS = 1_000;

export class Interpreting {
  /** Who speaks, by the relay. @type {Set<string>} */
  #speaking = new Set();
  /** What is quieter now, with what it was before and is. @type {Map<HTMLMediaElement, { before: number, now: number }>} */
  #quieter = new Map();
  /** @type {(() => void) | null} */
  #giveUpHolding = null;

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./slots.js").Slots} about.slots
   * @param {import("./player_list.js").PlayerList} about.players
   */
  constructor(about) {
    this.about = about;
    const stop = about.line.events.on("message", (message) => this.#hear(message));
    this.stop = () => {
      stop();
      this.#restore();
    };
  }

  /** @param {import("./protocol.js").RelayMessage} message */
  #hear(message) {
    if (message.type === "speaking" && message.speaking) this.#speaking.add(message.participant);
    else if (message.type === "speaking" || message.type === "participant_left") this.#speaking.delete(message.participant);
    else return;
    if ([...this.#speaking].some((id) => this.#interprets(id))) this.#lower();
    else if (this.#quieter.size > 0) this.#giveUpHolding ??= this.about.clock.after(HOLD_MS, () => this.#restore());
  }

  #lower() {
    this.#giveUpHolding?.();
    this.#giveUpHolding = null;
    for (const [player, { stream: named }] of this.about.players.all) {
      if (!("volume" in player) || this.#quieter.has(player)) continue;
      const played = named ?? player.srcObject;
      const placed = this.about.slots.placed.find(({ stream }) => stream === played);
      if (!placed || this.#interprets(placed.binding.participant)) continue;
      const before = player.volume;
      player.volume = before * SHARE;
      this.#quieter.set(player, { before, now: player.volume });
    }
  }

  #restore() {
    this.#giveUpHolding?.();
    this.#giveUpHolding = null;
    for (const [player, { before, now }] of this.#quieter) {
      // What the page, or the person, has set meanwhile is theirs.
      if (player.volume === now) player.volume = before;
    }
    this.#quieter.clear();
  }

  /** @param {string} id */
  #interprets(id) {
    return this.about.roster.find(id)?.role === "interpreter";
  }
}
