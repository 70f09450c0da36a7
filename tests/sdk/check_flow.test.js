import assert from "node:assert/strict";
import test from "node:test";

import { Arrivals, Departures, MESSAGE_BYTES, WIRE_BYTES } from "../../signalling/client/check/flow.js";

const MOST_KBPS = 3_000;
const TICK_MS = 10;
const QUEUE_MS = 300;

/** A rate, a queue and half a round trip each way; time passes by milliseconds. The relay's end is tried on the same paths. */
function run(kbps, rtt_ms) {
  const departures = new Departures(MOST_KBPS, 0);
  const arrivals = new Arrivals();
  const coming = [];
  const goingBack = [];
  let [dropped, free_ms, now_ms] = [0, 0, 0];
  while ((arrivals.begun_ms === null || now_ms - arrivals.begun_ms < 2_000) && now_ms < 5_000) {
    now_ms += 1;
    while (goingBack[0]?.at_ms <= now_ms) departures.noteAcknowledged(goingBack.shift().bytes, now_ms);
    while (coming[0] <= now_ms) {
      const came_ms = coming.shift();
      if (arrivals.note(MESSAGE_BYTES, came_ms)) goingBack.push({ at_ms: came_ms + rtt_ms / 2, bytes: arrivals.received_bytes });
    }
    if (now_ms % TICK_MS) continue;
    for (let left = departures.allowed(now_ms); left > 0; left--) {
      departures.noteSent(now_ms);
      const begins_ms = Math.max(free_ms, now_ms);
      if (begins_ms - now_ms > QUEUE_MS) {
        dropped += 1;
        continue;
      }
      free_ms = begins_ms + (8 * WIRE_BYTES) / kbps;
      coming.push(free_ms + rtt_ms / 2);
    }
  }
  return { kbps: arrivals.kbps(now_ms), dropped, sent_bytes: departures.sent_bytes, rtt_ms: departures.leastRtt_ms };
}

function near(found, expected, share) {
  assert.ok(Math.abs(found - expected) <= share * expected, `${found}, not about ${expected}`);
}

for (const kbps of [300, 500, 1_000, 2_000]) {
  for (const rtt_ms of [10, 40, 120]) {
    test(`a path of ${kbps} kbit/s and ${rtt_ms} ms is measured, and nothing is lost`, () => {
      const found = run(kbps, rtt_ms);
      near(found.kbps, kbps, 0.12);
      assert.equal(found.dropped, 0);
      assert.ok(found.rtt_ms >= rtt_ms);
    });
  }
}

test("a wide path is measured up to the most that may be sent, a long one is no narrow one", () => {
  for (const rtt_ms of [10, 40, 120]) near(run(100_000, rtt_ms).kbps, MOST_KBPS, 0.1);
  assert.ok(run(100_000, 300).kbps >= 900);
});

test("whoever acknowledges nothing is sent five messages in all", () => {
  const departures = new Departures(MOST_KBPS, 0);
  for (let now_ms = 0; now_ms < 3_000; now_ms += TICK_MS) {
    for (let left = departures.allowed(now_ms); left > 0; left--) departures.noteSent(now_ms);
  }
  assert.equal(departures.sent_bytes, 5 * MESSAGE_BYTES);
});

test("acknowledgements that are made up, old or no numbers change nothing", () => {
  const departures = new Departures(MOST_KBPS, 0);
  for (let left = departures.allowed(0); left > 0; left--) departures.noteSent(0);
  for (const said of [NaN, -1, 0, 1e9, Infinity]) departures.noteAcknowledged(said, 10);
  assert.equal(departures.acknowledged_bytes, 0);
  departures.noteAcknowledged(3_000, 20);
  departures.noteAcknowledged(2_000, 30);
  assert.equal(departures.acknowledged_bytes, 3_000);
});

test("a stall and the burst after it do not count, and too little tells nothing", () => {
  const arrivals = new Arrivals();
  for (let window = 0; window < 8; window++) {
    for (let left = { 4: 0, 5: 40 }[window] ?? 20; left > 0; left--) arrivals.note(MESSAGE_BYTES, window * 250 + 1);
  }
  assert.equal(arrivals.kbps(2_001), 699);
  assert.equal(new Arrivals().kbps(2_000), null);
});
