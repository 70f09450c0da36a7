/**
 * TURN servers on a connection that lives longer than their credentials (docs/turn.md).
 */

/**
 * Gives a connection the present ones, for the ICE restart that is about to begin. Given sooner, they would have whatever
 * offer comes next restart ICE in Chromium.
 *
 * @param {RTCPeerConnection} connection
 * @param {RTCIceServer[] | undefined} iceServers
 */
export function renewServers(connection, iceServers) {
  // Without servers nothing ends, and not every host that is no browser can be given any.
  if (!iceServers?.length) return;
  const { iceTransportPolicy, bundlePolicy } = connection.getConfiguration();
  connection.setConfiguration({ iceServers, iceTransportPolicy, bundlePolicy });
}
