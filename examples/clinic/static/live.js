/**
 * The day as it is now: server-sent events, and what a page was sent with until the first of them.
 */

/** @typedef {import("./sentences.js").Today} Today */

// Minutes of waiting pass without an event; a server that gives none is asked again as often.
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
  const listen = () => {
    const source = new EventSource("/today/events");
    source.addEventListener("message", ({ data }) => {
      today = JSON.parse(data);
      toldAt = performance.now();
      again();
    });
    source.addEventListener("error", () => {
      // After a cut the browser comes back by itself. Any answer but 200 is the end of a source (HTML §9.2), also that of a proxy
      // while the clinic restarts, or of a clinic with too many pages.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, EVERY_MS);
      // What is shown meanwhile may be old.
      today = { ...today, is_true: false };
      again();
    });
  };
  listen();
  setInterval(again, EVERY_MS);
  again();
}
