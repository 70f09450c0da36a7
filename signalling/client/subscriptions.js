/**
 * What the relay says that it sends here of each picture, and what the own network carries. Pure.
 */

const UNSAID = { rid: null, spatial_layer: null, temporal_layer: null, width: null, height: null, kbps: null };

/**
 * @param {import("./protocol.js").Subscriptions} said
 * @param {import("./roster.js").Roster} roster
 * @returns {import("./public.js").Reception} Of those who are still there.
 */
export function receptionOf({ state, path_kbps, pictures }, roster) {
  return {
    state,
    path_kbps: path_kbps ?? null,
    pictures: pictures.flatMap(({ track: id, ...picture }) => {
      const participant = roster.others.find(({ tracks }) => tracks.some((track) => track.id === id));
      const track = participant && roster.track(id);
      return participant && track ? [{ participant, track, ...UNSAID, ...picture }] : [];
    }),
  };
}
