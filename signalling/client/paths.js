/**
 * Which way sound and picture take: straight to the relay over UDP or TCP, or through a TURN server.
 *
 * @typedef {"direct" | "tcp" | "turn"} Way
 * @typedef {"udp" | "tcp" | "tls"} Over What leaves this device, as its network sees it and its browser says. `tcp` to a TURN server
 *   may be TLS in Firefox, which calls both so: nobody is told that it is not encrypted.
 * @typedef {object} Path
 * @property {Way} way `tcp`: to the relay as `direct`, though over TCP. `turn`: through a TURN server.
 * @property {Over} over
 * @property {boolean} blocked Whether the network seems to block the better ways: they were tried, too.
 * @property {string} words
 */

import { Emitter } from "./events.js";

export class Paths {
  /** @type {Emitter<{ path: Path }>} */
  events = new Emitter();
  /** The last that was told. @type {Path | null} */
  now = null;
  #seen = "";

  /**
   * @param {object} about
   * @param {import("./words/index.js").Words} about.words
   * @param {RTCIceTransportPolicy} [about.policy] `relay`: the page wants no other way than through TURN.
   */
  constructor(about) {
    this.about = about;
  }

  /**
   * Looks at one second's statistics, and tells the way where that is another.
   *
   * @param {Iterable<Record<string, any>>} entries The values of an RTCStatsReport.
   * @param {() => RTCIceServer[]} servers Of the connection.
   */
  take(entries, servers) {
    const found = pathOf([...entries], servers);
    // Its words come once the consultation stands, as this does.
    if (!found || !("path" in this.about.words)) return;
    const [way, over] = found;
    const before = this.#seen;
    this.#seen = `${way} ${over}`;
    // What is not direct counts when it has lasted for a second: by then a better one has often been found.
    if (way !== "direct" && this.#seen !== before) return;
    if (this.now?.way === way && this.now.over === over) return;
    const blocked = way !== "direct" && this.about.policy !== "relay";
    this.now = { way, over, blocked, words: this.about.words.path(way, over, blocked) };
    this.events.emit("path", this.now);
  }
}

/**
 * The pair of candidates in use. After an ICE restart the pairs of before are still listed as nominated; Firefox marks the
 * one in use instead.
 *
 * @param {Record<string, any>[]} entries
 */
export function pairInUse(entries) {
  const inUse = entries.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId)?.selectedCandidatePairId;
  return entries.find(({ type, id, selected }) => type === "candidate-pair" && (selected || (inUse && id === inUse)));
}

/**
 * Asks a connection for its servers, where that is of account.
 *
 * @param {import("./leg.js").Leg | null} leg
 * @returns {() => RTCIceServer[]}
 */
export const serversOf = (leg) => () => leg?.connection.getConfiguration().iceServers ?? [];

/**
 * @param {Record<string, any>[]} entries
 * @param {() => RTCIceServer[]} servers
 * @returns {[Way, Over] | null} `null` while none is known.
 */
export function pathOf(entries, servers) {
  const pair = pairInUse(entries);
  const local = pair && entries.find(({ type, id }) => type === "local-candidate" && id === pair.localCandidateId);
  if (!local) return null;
  // Behind a TURN server whose address is translated, Chromium calls its candidate `prflx`.
  if (local.candidateType !== "relay" && !local.relayProtocol) return local.protocol === "tcp" ? ["tcp", "tcp"] : ["direct", "udp"];
  if (local.relayProtocol !== "tcp") return ["turn", local.relayProtocol === "tls" ? "tls" : "udp"];
  // Firefox calls TLS `tcp`, too, and says nothing of the server. It is TLS for certain where none can be reached by TCP without.
  /** @type {string[]} */
  const urls = local.url ? [local.url] : servers().flatMap((server) => server.urls);
  const isTls = urls.some((url) => /^turns:/i.test(url)) && !urls.some((url) => /^turn:.*transport=tcp/i.test(url));
  return ["turn", isTls ? "tls" : "tcp"];
}
