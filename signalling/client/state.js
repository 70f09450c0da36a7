/**
 * The one word for where a consultation stands. Pure.
 *
 * @typedef {"connecting" | "waiting" | "connected" | "reconnecting" | "left"} StateName
 * @typedef {object} Facts
 * @property {string | null} ended The code it ended with.
 * @property {boolean} wasConnected Media flowed at least once.
 * @property {boolean} attached A socket holds the seat.
 * @property {"starting" | "up" | "interrupted"} media
 * @property {string | null} waiting Why this page waits to be let in; `null` while it is in the room.
 * @property {boolean} offline The browser says there is no network.
 * @property {boolean} slow Media did not flow at once: other ways through the network are being tried.
 * @property {number} present Others whose connection holds, or was lost only a moment ago.
 * @property {number} absent Others whose place is kept and whose connection is lost.
 */

/**
 * @param {Facts} facts
 * @returns {{ state: StateName, reason: string }}
 *   Reasons: connecting `server`, `media`, `detour`; reconnecting `offline`, `media`, `server` (sound and picture still flow);
 *   waiting `waiting_room`, `sent_back`, `handed_over` (to be let in), `alone`, `interrupted` (the other's network failed);
 *   connected ``; left: a code.
 */
export function stateOf({ ended, waiting, wasConnected, attached, media, offline, slow, present, absent }) {
  if (ended !== null) return { state: "left", reason: ended };
  if (waiting && attached) return { state: "waiting", reason: waiting };
  if (!wasConnected) return { state: "connecting", reason: !attached ? "server" : slow ? "detour" : "media" };
  const isCut = media !== "up";
  if (isCut || !attached) return { state: "reconnecting", reason: offline ? "offline" : isCut ? "media" : "server" };
  if (present > 0) return { state: "connected", reason: "" };
  return { state: "waiting", reason: absent > 0 ? "interrupted" : "alone" };
}
