/**
 * What can be played of whom: slots and roster seen together. Pure.
 */

/**
 * @param {import("./roster.js").Roster} roster
 * @param {import("./slots.js").Placed} placed
 * @returns {import("./public.js").RemoteTrack}
 */
export function remoteTrack(roster, { binding, mediaTrack, stream }) {
  const { kind, source } = binding;
  const participant = roster.known(binding.participant);
  const track = roster.track(binding.track) ?? { id: binding.track, kind, source, muted: false };
  return { participant, track, mediaTrack, stream };
}
