// Runs before a page's own scripts: notes how much sound and how many frames were played, at a steady pace, and what the SDK told.
//
// It changes nothing of what the page sees. Everything stands under `window.flows`; the connections are those of `window.probe`.
(() => {
  const EVERY_MS = 50;
  let samples = [];
  const told = [];
  /** What each line had played when it was last looked at. */
  const before = new Map();
  let last_ms = now();
  let looking = false;
  let heard = null;

  /** This moment as Unix milliseconds, by the page's monotonic clock. */
  function now() {
    return performance.timeOrigin + performance.now();
  }

  async function look() {
    if (looking) return;
    looking = true;
    try {
      await note();
    } finally {
      looking = false;
    }
  }

  async function note() {
    const reports = await Promise.all(window.probe.connections.map((one) => (one.connectionState === "closed" ? null : one.getStats())));
    const at_ms = now();
    const sample = { at_ms, elapsed_ms: at_ms - last_ms, sound_s: 0, frames: 0 };
    reports.forEach((report, index) => {
      for (const entry of report?.values() ?? []) {
        if (entry.type !== "inbound-rtp") continue;
        // What was made up for lost packets was not heard.
        const samples_played = (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0);
        const played = entry.kind === "audio" ? samples_played / 48_000 : (entry.framesDecoded ?? 0);
        const key = `${index} ${entry.id}`;
        const grown = Math.max(0, played - (before.get(key) ?? 0));
        before.set(key, played);
        sample[entry.kind === "audio" ? "sound_s" : "frames"] += grown;
      }
    });
    last_ms = at_ms;
    samples.push(sample);
  }

  /** Writes down what the page's consultation tells from now on; false while there is none. */
  function listen() {
    const consultation = document.querySelector("visavis-consultation")?.consultation;
    if (!consultation || heard === consultation) return Boolean(consultation);
    heard = consultation;
    consultation.on("state", ({ state, reason }) => told.push({ at_ms: now(), name: "state", what: state, reason }));
    consultation.on("participant", ({ change }) => told.push({ at_ms: now(), name: "participant", what: change, reason: "" }));
    consultation.on("path", ({ way, over, blocked, words }) => told.push({ at_ms: now(), name: "path", what: `${way} ${over}`, reason: blocked ? words : "" }));
    consultation.on("silence", ({ cause, over }) => told.push({ at_ms: now(), name: "silence", what: over ? "over" : cause, reason: "" }));
    return true;
  }

  /** What was sampled since this was last asked. */
  function take() {
    const taken = samples;
    samples = [];
    return taken;
  }

  setInterval(() => void look(), EVERY_MS);
  window.flows = { take, listen, told, id: () => heard?.self?.id ?? null };
})();
