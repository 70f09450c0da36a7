/** What a person waits for who comes in: that sound and picture flow for the first time. */

export const FIRST_CONNECT_MS = 15_000;

/**
 * Waits for it.
 *
 * @param {import("./media_line.js").MediaLine} media
 * @param {import("./clock.js").Clock} clock
 * @param {() => Error} tooLate
 * @returns {Promise<void>} Rejects with the relay's refusal of the offer, or `tooLate`.
 */
export function firstConnection({ status, events }, clock, tooLate) {
  if (status === "up") return Promise.resolve();
  return new Promise((resolve, reject) => {
    /** @param {() => void} settled */
    const settle = (settled) => {
      for (const stop of stops) stop();
      settled();
    };
    const stops = [
      events.on("status", (now) => now === "up" && settle(resolve)),
      events.on("refused", (error) => settle(() => reject(error))),
      clock.after(FIRST_CONNECT_MS, () => settle(() => reject(tooLate()))),
    ];
  });
}
