/** What a person waits for who comes in: that sound and picture flow for the first time. */

import { mediaUnreachable, openings } from "./openings.js";

export const FIRST_CONNECT_MS = 15_000;
// Checks and a handshake take less over a mobile network; whoever waits longer reads why.
const SLOW_MS = 4_000;

/**
 * Waits for it, and tells `slow` where it takes its time.
 *
 * @param {import("./media_line.js").MediaLine} media
 * @param {import("./clock.js").Clock} clock
 * @param {string} lang
 * @returns {Promise<void>} Rejects with the relay's refusal of the offer, or `media_unreachable`.
 */
export function firstConnection(media, clock, lang) {
  const { status, events } = media;
  if (status === "up") return Promise.resolve();
  // Noted with each answer: by the end another connection may have been begun, which has none.
  let needed = openings(media.leg?.connection);
  return new Promise((resolve, reject) => {
    /** @param {() => void} settled */
    const settle = (settled) => {
      for (const stop of stops) stop();
      settled();
    };
    const stops = [
      events.on("status", (now) => now === "up" && settle(resolve)),
      events.on("refused", (error) => settle(() => reject(error))),
      events.on("negotiated", () => (needed = openings(media.leg?.connection))),
      clock.after(SLOW_MS, () => events.emit("slow", undefined)),
      clock.after(FIRST_CONNECT_MS, () => settle(() => reject(mediaUnreachable(lang, needed)))),
    ];
  });
}
