/**
 * From the browser's growing counters to one sample a second per person.
 *
 * Reads what WebRTC Statistics (W3C webrtc-stats §8) names; a counter a browser lacks counts as zero.
 *
 * @typedef {import("./quality.js").Sample} Sample
 * @typedef {object} Watched What should arrive.
 * @property {string} participant
 * @property {string} trackIdentifier
 * @property {boolean} muted
 */

// A new slot waits for a key frame, and Opus in silence sends only every 400 ms.
const SILENT_AFTER_S = 4;
// A player that starts, or starts again, invents sound until its buffer has filled.
const SETTLING_S = 3;

export class Statistics {
  /** @type {Map<string, Record<string, number>>} */
  #before = new Map();
  /** @type {Map<string, number>} */
  #silent_s = new Map();
  /** @type {Map<string, number>} */
  #settling_s = new Map();

  /**
   * @param {Iterable<Record<string, any>>} entries The values of an RTCStatsReport.
   * @param {Watched[]} watched
   * @returns {{ incoming: Map<string, Sample>, outgoing: Sample | null }}
   */
  read(entries, watched) {
    const all = [...entries];
    const rtt_ms = roundTripMs(all);
    /** @type {Map<string, Sample>} */
    const incoming = new Map();
    for (const entry of all.filter(({ type }) => type === "inbound-rtp")) {
      const what = watched.find(({ trackIdentifier }) => trackIdentifier === entry.trackIdentifier);
      if (!what) continue;
      const sample = this.#incoming(entry, what, rtt_ms);
      const other = incoming.get(what.participant);
      incoming.set(what.participant, other ? worst(sample, other) : sample);
    }
    const losses = all.filter(({ type }) => type === "remote-inbound-rtp").map(({ fractionLost }) => fractionLost ?? 0);
    const outgoing = losses.length > 0 ? { ...clean(rtt_ms), loss_ratio: Math.max(...losses) } : null;
    return { incoming, outgoing };
  }

  /**
   * @param {Record<string, any>} entry
   * @param {Watched} what
   * @param {number | null} rtt_ms
   * @returns {Sample}
   */
  #incoming(entry, { trackIdentifier, muted }, rtt_ms) {
    const grown = this.#growth(trackIdentifier, entry);
    const expected = grown.packetsReceived + Math.max(0, grown.packetsLost);
    const quiet_s = grown.packetsReceived > 0 || muted ? 0 : (this.#silent_s.get(trackIdentifier) ?? 0) + 1;
    this.#silent_s.set(trackIdentifier, quiet_s);
    const settling_s = muted ? SETTLING_S : (this.#settling_s.get(trackIdentifier) ?? SETTLING_S);
    this.#settling_s.set(trackIdentifier, grown.packetsReceived > 0 ? Math.max(0, settling_s - 1) : settling_s);
    if (settling_s > 0) return { ...clean(rtt_ms), silent: quiet_s >= SILENT_AFTER_S };
    // Sound that is missing while nobody speaks harms nobody.
    const audible = grown.concealedSamples - grown.silentConcealedSamples;
    return {
      loss_ratio: expected < 5 ? 0 : Math.max(0, grown.packetsLost) / expected,
      concealed_ratio: !grown.totalSamplesReceived ? 0 : Math.max(0, audible) / grown.totalSamplesReceived,
      frozen_ratio: Math.min(1, grown.totalFreezesDuration),
      rtt_ms,
      silent: quiet_s >= SILENT_AFTER_S,
    };
  }

  /**
   * @param {string} key
   * @param {Record<string, any>} entry
   * @returns {Record<typeof COUNTERS[number], number>}
   */
  #growth(key, entry) {
    const before = this.#before.get(key);
    /** @type {Record<string, number>} */
    const now = {};
    for (const counter of COUNTERS) now[counter] = entry[counter] ?? 0;
    this.#before.set(key, now);
    const growth = COUNTERS.map((counter) => [counter, before ? (now[counter] ?? 0) - (before[counter] ?? 0) : 0]);
    return Object.fromEntries(growth);
  }
}

const COUNTERS = /** @type {const} */ ([
  "packetsReceived",
  "packetsLost",
  "concealedSamples",
  "silentConcealedSamples",
  "totalSamplesReceived",
  "totalFreezesDuration",
]);

/**
 * The pair of candidates in use.
 *
 * @param {Record<string, any>[]} all
 */
export function chosenPair(all) {
  // After an ICE restart the pairs of before are still listed as nominated. Firefox marks the one in use instead.
  const inUse = all.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId)?.selectedCandidatePairId;
  return all.find(({ type, id, selected }) => type === "candidate-pair" && (selected || (inUse && id === inUse)));
}

/** @param {Record<string, any>[]} all */
function roundTripMs(all) {
  const pair = chosenPair(all);
  const seconds = pair?.currentRoundTripTime;
  return typeof seconds === "number" ? seconds * 1_000 : null;
}

/**
 * @param {number | null} rtt_ms
 * @returns {Sample}
 */
function clean(rtt_ms) {
  return { loss_ratio: 0, concealed_ratio: 0, frozen_ratio: 0, rtt_ms, silent: false };
}

/**
 * A person is heard and seen as badly as the worse of voice and picture; a still picture alone is not silence.
 *
 * @param {Sample} one
 * @param {Sample} other
 * @returns {Sample}
 */
function worst(one, other) {
  return {
    loss_ratio: Math.max(one.loss_ratio, other.loss_ratio),
    concealed_ratio: Math.max(one.concealed_ratio, other.concealed_ratio),
    frozen_ratio: Math.max(one.frozen_ratio, other.frozen_ratio, one.silent !== other.silent ? 1 : 0),
    rtt_ms: one.rtt_ms,
    silent: one.silent && other.silent,
  };
}
