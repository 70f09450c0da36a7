/**
 * English: which way sound and picture take.
 */

/**
 * @param {import("../paths.js").Way} way
 * @param {import("../paths.js").Over} over
 * @param {boolean} blocked Whether the network seems to block better ones; else the page wants this one.
 */
export function path(way, over, blocked) {
  if (way === "direct") return "Sound and picture take the direct way.";
  if (!blocked) return "Sound and picture go through a relay server, as this page asks.";
  const falters = "this works, but may falter when the network is busy.";
  const noUdp = "Your network seems to block the usual way of calls (UDP).";
  if (way === "tcp") return `${noUdp} The call goes over TCP: ${falters}`;
  if (over === "udp") return "Your network seems to block the direct way. The call goes through a relay server.";
  const only = over === "tls" ? "Your network seems to let only encrypted web traffic through." : noUdp;
  return `${only} The call goes through a relay server: ${falters}`;
}
