/**
 * What a network has to let through, said where it lets nothing: whoever looks after it can open only what is named.
 */

import { failure } from "./errors.js";
import { wordsFor } from "./words/index.js";

// More than anybody reads out to somebody on the telephone.
const MOST = 6;
const CANDIDATE = /^a=candidate:\S+ 1 (udp|tcp) \d+ (\S+) (\d+) /gim;
const SERVER = /^(turns?):(\[[^\]]+\]|[^:?]+):?(\d*)(?:\?transport=(\w+))?$/;

/**
 * The ways that a connection tries.
 *
 * @param {RTCPeerConnection | undefined} connection
 * @returns {string[]} As `UDP 203.0.113.7:7882`, the most wanted first; without the relay's own before its answer.
 */
export function openings(connection) {
  const answer = connection?.remoteDescription?.sdp ?? "";
  const direct = [...answer.matchAll(CANDIDATE)].map(([, over = "", ip = "", port]) => {
    return `${over.toUpperCase()} ${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
  });
  const servers = connection?.getConfiguration().iceServers ?? [];
  const turn = servers.flatMap(({ urls }) => urls).flatMap((url) => {
    const [, scheme, host, port, over] = SERVER.exec(url) ?? [];
    const isTls = scheme === "turns";
    return host ? `${isTls || over === "tcp" ? "TCP" : "UDP"} ${host}:${port || (isTls ? 5349 : 3478)}` : [];
  });
  return [...new Set([...direct, ...turn])].slice(0, MOST);
}

/**
 * The error of a page to which no sound and picture come, with what would help.
 *
 * @param {string} lang
 * @param {string[]} needed
 */
export function mediaUnreachable(lang, needed) {
  const error = failure(lang, "media_unreachable");
  if (needed.length > 0) error.action += ` ${wordsFor(lang).openings(needed.join(", "))}`;
  return error;
}
