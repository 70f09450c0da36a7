/**
 * What has become of what arrives, as this browser plays it, and by which way it came: for the consultation's report.
 *
 * Reads what WebRTC Statistics (W3C webrtc-stats §8) names; a counter that a browser lacks counts as zero.
 *
 * @typedef {{ made_up_ms?: number, frozen_ms?: number }} Flaws
 * @typedef {{ transport: import("./paths.js").Over, relayed: boolean, ip?: 4 | 6 }} Network
 * @typedef {{ samples: number, made_up: number, frozen_s: number }} Counted
 */

import { pairInUse, pathOf } from "./paths.js";

// As long as a slot of the report.
const EVERY_MS = 5_000;
// A packet of sound, and what an eye takes for a hitch.
const LEAST_MADE_UP_MS = 20;
const LEAST_FROZEN_MS = 100;
const LONGEST_MS = 600_000;

export class Experience {
  /** Of each track that arrives, by its id. @type {Map<string, Counted>} */
  #before = new Map();
  #looked_ms = -Infinity;

  /**
   * What was flawed since the last time, once in five seconds; `null` where that is not over, or nothing was.
   *
   * @param {Record<string, any>[]} entries The values of an RTCStatsReport.
   * @param {{ track: string, identifier: string }[]} watched What should arrive: the relay's name of it, the browser's.
   * @param {number} now_ms
   * @returns {Record<string, Flaws> | null}
   */
  flaws(entries, watched, now_ms) {
    if (now_ms - this.#looked_ms < EVERY_MS) return null;
    this.#looked_ms = now_ms;
    const before = this.#before;
    this.#before = new Map();
    /** @type {Record<string, Flaws>} */
    const flaws = {};
    for (const { track, identifier } of watched) {
      const entry = entries.find(({ type, trackIdentifier }) => type === "inbound-rtp" && trackIdentifier === identifier);
      if (!entry) continue;
      const now = counted(entry);
      this.#before.set(identifier, now);
      const then = before.get(identifier);
      if (!then) continue;
      const played = now.samples - then.samples;
      // Samples, whatever the rate they are played at: their share of what was played in these five seconds.
      const made_up_ms = played > 0 ? within(((now.made_up - then.made_up) / played) * EVERY_MS) : 0;
      const frozen_ms = within((now.frozen_s - then.frozen_s) * 1_000);
      const found = {
        ...(made_up_ms >= LEAST_MADE_UP_MS && { made_up_ms }),
        ...(frozen_ms >= LEAST_FROZEN_MS && { frozen_ms }),
      };
      if (Object.keys(found).length > 0) flaws[track] = found;
    }
    return Object.keys(flaws).length > 0 ? flaws : null;
  }
}

/**
 * By which way media go just now; `undefined` while no path is chosen.
 *
 * @param {Record<string, any>[]} entries
 * @param {() => RTCIceServer[]} servers Of the connection.
 * @returns {Network | undefined}
 */
export function networkOf(entries, servers) {
  const path = pathOf(entries, servers);
  if (!path) return undefined;
  const [way, transport] = path;
  const relayed = way === "turn";
  const remote = entries.find(({ type, id }) => type === "remote-candidate" && id === pairInUse(entries)?.remoteCandidateId);
  const address = remote?.address ?? remote?.ip;
  // The relay's address says which family the path has; behind TURN it is another path's.
  if (relayed || !address) return { transport, relayed };
  return { transport, relayed, ip: address.includes(":") ? 6 : 4 };
}

/**
 * @param {Record<string, any>} entry
 * @returns {Counted}
 */
function counted(entry) {
  // Sound that is missing while nobody speaks harms nobody.
  const made_up = (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
  return { samples: entry.totalSamplesReceived ?? 0, made_up, frozen_s: entry.totalFreezesDuration ?? 0 };
}

/** @param {number} duration_ms */
function within(duration_ms) {
  return Math.round(Math.min(Math.max(0, duration_ms), LONGEST_MS));
}
