/**
 * What a way carries, each direction by itself: messages over its data channel, counted where they arrive.
 *
 * @typedef {import("./codes.js").Way} Way
 *
 * @typedef {object} Path A way that is up.
 * @property {Way} path
 * @property {RTCDataChannel} channel
 * @property {import("../clock.js").Clock} clock
 * @property {(type: string, fields: Record<string, unknown>) => Promise<any>} request Asks the relay.
 */

import { every } from "../clock.js";
import { Arrivals, Departures, MESSAGE_BYTES } from "./flow.js";

const TICK_MS = 10;
/** What waits in the browser has not left: more of it would tell nothing. */
const MOST_BUFFERED_BYTES = 64 * 1_024;
const FILLING = "0".repeat(MESSAGE_BYTES);

/**
 * Measures what is carried from here to the relay, which counts it.
 *
 * @param {Path} path
 * @param {number} max_kbps
 * @returns {Promise<{ kbps: number | null, rtt_ms: number | null }>} Rejects with the relay's refusal.
 */
export async function measureFrom({ path, channel, clock, request }, max_kbps) {
  /** Once the relay counts: it begins by acknowledging nothing. @type {Departures | null} */
  let departures = null;
  channel.onmessage = ({ data }) => {
    departures ??= new Departures(max_kbps, clock.now_ms());
    departures.noteAcknowledged(Number(data), clock.now_ms());
  };
  const measuring = request("measure", { path, direction: "from" });
  const stop = every(clock, TICK_MS, () => {
    if (!departures) return;
    const now_ms = clock.now_ms();
    for (let left = departures.allowed(now_ms); left > 0; left--) {
      if (channel.readyState !== "open" || channel.bufferedAmount > MOST_BUFFERED_BYTES) return;
      channel.send(FILLING);
      departures.noteSent(now_ms);
    }
  });
  try {
    const { kbps = null } = await measuring;
    const rtt_ms = leastRtt(departures);
    return { kbps, rtt_ms: rtt_ms === null ? null : Math.round(rtt_ms) };
  } finally {
    stop();
    channel.onmessage = null;
  }
}

/**
 * Measures what is carried from the relay to here.
 *
 * @param {Path} path
 * @returns {Promise<number | null>} In kbit/s. Rejects with the relay's refusal.
 */
export async function measureTowards({ path, channel, clock, request }) {
  const arrivals = new Arrivals();
  channel.onmessage = ({ data }) => {
    // A late acknowledgement of what was measured before.
    if (String(data).length < MESSAGE_BYTES) return;
    const isDue = arrivals.note(String(data).length, clock.now_ms());
    if (isDue && channel.readyState === "open") channel.send(String(arrivals.received_bytes));
  };
  try {
    await request("measure", { path, direction: "towards" });
    return arrivals.kbps(clock.now_ms());
  } finally {
    channel.onmessage = null;
  }
}

/**
 * @param {Departures | null} departures
 * @returns {number | null}
 */
function leastRtt(departures) {
  return departures?.leastRtt_ms ?? null;
}
