/**
 * How well people hear and see each other, as one steady word per person and direction. Pure.
 *
 * @typedef {import("./protocol.js").Verdict} Verdict
 * @typedef {import("./protocol.js").Direction} Direction
 * @typedef {object} Sample One second of one path.
 * @property {number} loss_ratio
 * @property {number} concealed_ratio Share of the sound the player had to invent.
 * @property {number} frozen_ratio Share of the second in which the picture stood still.
 * @property {number | null} rtt_ms
 * @property {boolean} silent Something should arrive and nothing does.
 */

/** @type {Verdict[]} From best to worst. */
const ORDER = ["good", "weak", "poor", "silent"];
// Opus with in-band FEC hides about 3 % of loss; beyond 10 % words are lost (ITU-T G.107: R falls under 70).
const LOSS_WEAK = 0.03;
const LOSS_POOR = 0.1;
// ITU-T G.114: conversation suffers above 400 ms one way; a round trip of 400 ms is where turns begin to collide.
const RTT_WEAK_MS = 400;
const RTT_POOR_MS = 800;
const FROZEN_WEAK = 0.3;
// A verdict that flickers is worse than a late one: two bad seconds to fall, four good ones to rise.
const SECONDS_TO_FALL = 2;
const SECONDS_TO_RISE = 4;

/**
 * What one second deserves.
 *
 * @param {Sample} sample
 * @returns {Verdict}
 */
export function verdictOf({ loss_ratio, concealed_ratio, frozen_ratio, rtt_ms, silent }) {
  if (silent) return "silent";
  const loss = Math.max(loss_ratio, concealed_ratio);
  if (loss >= LOSS_POOR || (rtt_ms ?? 0) >= RTT_POOR_MS) return "poor";
  if (loss >= LOSS_WEAK || (rtt_ms ?? 0) >= RTT_WEAK_MS || frozen_ratio >= FROZEN_WEAK) return "weak";
  return "good";
}

/**
 * The worse of two verdicts.
 *
 * @param {Verdict} one
 * @param {Verdict} other
 */
export function worse(one, other) {
  return ORDER.indexOf(one) >= ORDER.indexOf(other) ? one : other;
}

/** A verdict that moves only after several seconds agree. */
export class SteadyVerdict {
  /** @type {Verdict} */
  #steady = "good";
  #seconds = 0;

  /**
   * @param {Verdict} verdict That of the last second.
   * @returns {Verdict}
   */
  take(verdict) {
    if (verdict === this.#steady) {
      this.#seconds = 0;
      return verdict;
    }
    const falls = worse(verdict, this.#steady) === verdict;
    this.#seconds += 1;
    if (this.#seconds >= (falls ? SECONDS_TO_FALL : SECONDS_TO_RISE)) {
      this.#steady = verdict;
      this.#seconds = 0;
    }
    return this.#steady;
  }
}

/**
 * Gathers what the relay and this browser measured, and says what changed for whom.
 *
 * What somebody hears of me passes my uplink and their downlink; the worse of both is what they hear.
 */
export class QualityBook {
  /** @type {Map<string, SteadyVerdict>} */
  #local = new Map();
  /** @type {Map<string, Verdict>} */
  #verdicts = new Map();
  /** @type {Map<string, Verdict>} */
  #told = new Map();

  /**
   * @param {string} participant
   * @param {Direction} direction From or towards them, at the relay.
   * @param {Verdict} verdict
   */
  relaySays(participant, direction, verdict) {
    this.#verdicts.set(`relay ${participant} ${direction}`, verdict);
  }

  /**
   * @param {string} participant Whose media arrived here, or oneself for what was sent.
   * @param {Sample} sample
   */
  measured(participant, sample) {
    const steady = this.#local.get(participant) ?? new SteadyVerdict();
    this.#local.set(participant, steady);
    this.#verdicts.set(`here ${participant}`, steady.take(verdictOf(sample)));
  }

  /**
   * The verdicts that differ from those told last.
   *
   * @param {string} self
   * @param {string[]} others Participants who are connected.
   * @returns {{ participant: string | null, direction: Direction, verdict: Verdict }[]} `null`: the own network.
   */
  changes(self, others) {
    const own = this.#worst(`relay ${self} from`, `relay ${self} towards`, `here ${self}`);
    /** @type {{ participant: string | null, direction: Direction, verdict: Verdict }[]} */
    const now = [{ participant: null, direction: "towards", verdict: own }];
    for (const participant of others) {
      now.push({
        participant,
        direction: "from",
        verdict: this.#worst(`relay ${participant} from`, `relay ${self} towards`, `here ${participant}`),
      });
      now.push({
        participant,
        direction: "towards",
        verdict: this.#worst(`relay ${self} from`, `relay ${participant} towards`, `here ${self}`),
      });
    }
    return now.filter(({ participant, direction, verdict }) => {
      const key = `${participant} ${direction}`;
      if (this.#told.get(key) === verdict) return false;
      this.#told.set(key, verdict);
      return true;
    });
  }

  /**
   * Somebody left: what was known of them no longer holds.
   *
   * @param {string} participant
   */
  forget(participant) {
    this.#local.delete(participant);
    for (const book of [this.#verdicts, this.#told]) {
      for (const key of book.keys()) if (key.split(" ").includes(participant)) book.delete(key);
    }
  }

  /** @param {string[]} keys */
  #worst(...keys) {
    return keys.map((key) => this.#verdicts.get(key) ?? "good").reduce(worse);
  }
}
