/** What a person waits for who comes in: that sound and picture flow for the first time. */

import { failure } from "./errors.js";
import { fetchMoreWords, wordsFor } from "./words/index.js";

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
  let tried = triedBy(media.leg?.connection);
  return new Promise((resolve, reject) => {
    /** @param {() => void} settled */
    const settle = (settled) => {
      for (const stop of stops) stop();
      settled();
    };
    const stops = [
      events.on("status", (now) => now === "up" && settle(resolve)),
      events.on("refused", (error) => settle(() => reject(error))),
      events.on("negotiated", () => (tried = triedBy(media.leg?.connection))),
      clock.after(SLOW_MS, () => events.emit("slow", undefined)),
      clock.after(FIRST_CONNECT_MS, () => settle(() => void unreachable(lang, tried).then(reject))),
    ];
  });
}

/**
 * @param {RTCPeerConnection | undefined} connection
 * @returns {import("./openings.js").Tried}
 */
function triedBy(connection) {
  return { answer: connection?.remoteDescription?.sdp ?? "", servers: connection?.getConfiguration().iceServers ?? [] };
}

/**
 * The error of a page to which no sound and picture come; what would help is named where that can be fetched.
 *
 * @param {string} lang
 * @param {import("./openings.js").Tried} tried
 */
async function unreachable(lang, tried) {
  const error = failure(lang, "media_unreachable");
  const words = wordsFor(lang);
  const [fetched] = await Promise.all([import("./openings.js"), fetchMoreWords(words)]).catch(() => []);
  const needed = fetched?.openings(tried) ?? [];
  if (needed.length > 0) error.action += ` ${words.openings(needed.join(", "))}`;
  return error;
}
