/**
 * The day as it is now: server-sent events, and what a page was sent with until the first of them.
 */

/** @typedef {import("./sentences.js").Today} Today */

// Minutes of waiting pass without an event.
const EVERY_MS = 15_000;

/**
 * Shows the day, again with each change.
 *
 * @param {Today} first
 * @param {(today: Today, age_s: number) => void} show `age_s` is since the server said so.
 */
export function follow(first, show) {
  let today = first;
  let toldAt = performance.now();
  const again = () => show(today, (performance.now() - toldAt) / 1000);
  const source = new EventSource("/today/events");
  source.addEventListener("message", ({ data }) => {
    today = JSON.parse(data);
    toldAt = performance.now();
    again();
  });
  source.addEventListener("error", () => {
    // The browser comes back by itself; what is shown meanwhile may be old.
    today = { ...today, is_true: false };
    again();
  });
  setInterval(again, EVERY_MS);
  again();
}
