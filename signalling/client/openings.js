/**
 * What a network has to let through, said where it lets nothing: whoever looks after it can open only what is named.
 *
 * @typedef {{ answer: string, servers: RTCIceServer[] }} Tried The relay's answer; empty before it has come.
 */

// More than anybody reads out to somebody on the telephone.
const MOST = 6;
const CANDIDATE = /^a=candidate:\S+ 1 (udp|tcp) \d+ (\S+) (\d+) /gim;
const SERVER = /^(turns?):(\[[^\]]+\]|[^:?]+):?(\d*)(?:\?transport=(\w+))?$/;

/**
 * The ways that a connection tries.
 *
 * @param {Tried} tried
 * @returns {string[]} As `UDP 203.0.113.7:7882`, the most wanted first; without the relay's own before its answer.
 */
export function openings({ answer, servers }) {
  const direct = [...answer.matchAll(CANDIDATE)].map(([, over = "", ip = "", port]) => {
    return `${over.toUpperCase()} ${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
  });
  const turn = servers.flatMap(({ urls }) => urls).flatMap((url) => {
    const [, scheme, host, port, over] = SERVER.exec(url) ?? [];
    const isTls = scheme === "turns";
    return host ? `${isTls || over === "tcp" ? "TCP" : "UDP"} ${host}:${port || (isTls ? 5349 : 3478)}` : [];
  });
  return [...new Set([...direct, ...turn])].slice(0, MOST);
}
