/**
 * Ways for sound and picture to the relay, each tried with a connection of its own and nothing but that way.
 *
 * @typedef {import("./codes.js").Way} Way
 *
 * @typedef {object} Tried
 * @property {Way} path
 * @property {boolean} works
 * @property {number | null} after_ms How long it took to come up.
 * @property {RTCDataChannel | null} channel Open, where it works.
 * @property {() => void} close
 *
 * @typedef {object} Means
 * @property {import("../clock.js").Clock} clock
 * @property {(type: string, fields: Record<string, unknown>) => Promise<any>} request Asks the relay.
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} openConnection
 */

import { CHANNEL_LABEL } from "../leg.js";

/** By how good they are for sound and picture. @type {readonly Way[]} */
export const WAYS = ["udp", "tcp", "turn_udp", "turn_tcp", "turn_tls"];

// ICE's first checks go out at once and again within a second; a TURN server over TLS takes some four round trips more.
const UP_MS = 5_000;

/**
 * What a way needs of the TURN servers that the relay names.
 *
 * @param {Way} way
 * @param {RTCIceServer[]} named
 * @returns {RTCIceServer[] | null} `null`: there is no such way.
 */
export function serversFor(way, named) {
  if (way === "udp" || way === "tcp") return [];
  const servers = named
    .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => wayOf(url) === way) }))
    .filter(({ urls }) => urls.length > 0);
  return servers.length > 0 ? servers : null;
}

/**
 * Which way a server's address is (RFC 7065).
 *
 * @param {string} url
 * @returns {Way | null}
 */
export function wayOf(url) {
  if (/^turns:/i.test(url)) return "turn_tls";
  if (!/^turn:/i.test(url)) return null;
  return /[?&]transport=tcp\b/i.test(url) ? "turn_tcp" : "turn_udp";
}

/**
 * The relay's answer with the candidates of one protocol alone.
 *
 * @param {string} sdp
 * @param {"udp" | "tcp"} protocol
 * @returns {string | null} `null`: the relay has none.
 */
export function withCandidates(sdp, protocol) {
  const lines = sdp.split("\r\n").filter((line) => !line.startsWith("a=candidate:") || protocolOf(line) === protocol);
  return lines.some((line) => line.startsWith("a=candidate:")) ? lines.join("\r\n") : null;
}

/** @param {string} line */
function protocolOf(line) {
  return line.split(" ")[2]?.toLowerCase();
}

/**
 * Tries a way until it is up, fails, or its time is over.
 *
 * @param {Way} path
 * @param {RTCIceServer[]} servers
 * @param {Means} means
 * @returns {Promise<Tried | null>} `null`: the relay has no such way. Rejects with the relay's refusal.
 */
export async function tryWay(path, servers, { clock, request, openConnection }) {
  const began_ms = clock.now_ms();
  const iceTransportPolicy = servers.length > 0 ? "relay" : "all";
  const connection = openConnection({ iceServers: servers, iceTransportPolicy, bundlePolicy: "max-bundle" });
  // What is lost is not waited for: the next is counted as it comes.
  const channel = connection.createDataChannel(CHANNEL_LABEL, { ordered: false });
  const close = () => {
    connection.close();
    request("drop_path", { path }).catch(() => {});
  };
  try {
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await request("try_path", { path, sdp: connection.localDescription?.sdp ?? "" });
    // A TURN server speaks UDP with the relay, whichever way it is spoken with.
    const sdp = withCandidates(answer.sdp, path === "tcp" ? "tcp" : "udp");
    if (sdp === null) {
      close();
      return null;
    }
    await connection.setRemoteDescription({ type: "answer", sdp });
  } catch (error) {
    close();
    throw error;
  }
  const works = await comesUp(connection, channel, clock);
  if (!works) close();
  return { path, works, after_ms: works ? Math.round(clock.now_ms() - began_ms) : null, channel: works ? channel : null, close };
}

/**
 * @param {RTCPeerConnection} connection
 * @param {RTCDataChannel} channel
 * @param {import("../clock.js").Clock} clock
 * @returns {Promise<boolean>}
 */
function comesUp(connection, channel, clock) {
  return new Promise((resolve) => {
    /** @param {boolean} works */
    const settle = (works) => {
      cancel();
      channel.onopen = null;
      connection.onconnectionstatechange = null;
      resolve(works);
    };
    const cancel = clock.after(UP_MS, () => settle(false));
    channel.onopen = () => settle(true);
    connection.onconnectionstatechange = () => connection.connectionState === "failed" && settle(false);
    if (channel.readyState === "open") settle(true);
  });
}
