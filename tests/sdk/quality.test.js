import assert from "node:assert/strict";
import test from "node:test";

import { QualityBook, SteadyVerdict, verdictOf, worse } from "../../signalling/client/quality.js";
import { Statistics } from "../../signalling/client/statistics.js";

const clean = { loss_ratio: 0, concealed_ratio: 0, frozen_ratio: 0, rtt_ms: 30, silent: false };

test("a second is judged by its worst trait", () => {
  for (const [trait, verdict] of [
    [{}, "good"],
    [{ loss_ratio: 0.02 }, "good"],
    [{ loss_ratio: 0.04 }, "weak"],
    [{ concealed_ratio: 0.12 }, "poor"],
    [{ frozen_ratio: 0.5 }, "weak"],
    [{ rtt_ms: 450 }, "weak"],
    [{ rtt_ms: 900 }, "poor"],
    [{ rtt_ms: null }, "good"],
    [{ silent: true }, "silent"],
  ]) {
    assert.equal(verdictOf({ ...clean, ...trait }), verdict, JSON.stringify(trait));
  }
  assert.equal(worse("weak", "good"), "weak");
  assert.equal(worse("poor", "silent"), "silent");
});

test("a verdict falls after two bad seconds and rises after four good ones", () => {
  const steady = new SteadyVerdict();
  const told = ["good", "poor", "good", "poor", "poor", "good", "good", "good", "good"].map((verdict) => steady.take(verdict));
  assert.deepEqual(told, ["good", "good", "good", "good", "poor", "poor", "poor", "poor", "good"]);
});

test("what somebody hears of me is the worse of my uplink and their downlink, and each change is told once", () => {
  const book = new QualityBook();
  book.changes("me", ["p"]);
  book.relaySays("p", "towards", "poor");
  assert.deepEqual(book.changes("me", ["p"]), [{ participant: "p", direction: "towards", verdict: "poor" }]);
  assert.deepEqual(book.changes("me", ["p"]), []);
  book.relaySays("me", "towards", "weak");
  assert.deepEqual(book.changes("me", ["p"]), [
    { participant: null, direction: "towards", verdict: "weak" },
    { participant: "p", direction: "from", verdict: "weak" },
  ]);
});

test("somebody who left is forgotten", () => {
  const book = new QualityBook();
  book.relaySays("p", "from", "poor");
  book.changes("me", ["p"]);
  book.forget("p");
  assert.deepEqual(book.changes("me", ["p"]).map(({ verdict }) => verdict), ["good", "good"]);
});

const inbound = (fields) => ({ type: "inbound-rtp", trackIdentifier: "a", packetsReceived: 0, packetsLost: 0, ...fields });
const watched = [{ participant: "p", trackIdentifier: "a", muted: false }];

test("samples are differences between two readings", () => {
  const statistics = new Statistics();
  for (let second = -3; second <= 0; second++) {
    statistics.read([inbound({ packetsReceived: 1_000 + second, packetsLost: 500, totalSamplesReceived: 48_000 })], watched);
  }
  const { incoming } = statistics.read(
    [
      inbound({ packetsReceived: 1_045, packetsLost: 505, totalSamplesReceived: 96_000, concealedSamples: 4_800, silentConcealedSamples: 2_400 }),
      { type: "candidate-pair", id: "pair", currentRoundTripTime: 0.12 },
      { type: "transport", selectedCandidatePairId: "pair" },
    ],
    watched,
  );
  assert.deepEqual(incoming.get("p"), { loss_ratio: 0.1, concealed_ratio: 0.05, frozen_ratio: 0, rtt_ms: 120, silent: false });
});

test("a track that should arrive and does not is silent after four seconds; a muted one never is", () => {
  const statistics = new Statistics();
  const silence = (muted) => {
    let last;
    for (let second = 0; second < 6; second++) last = statistics.read([inbound({})], [{ ...watched[0], muted }]).incoming.get("p").silent;
    return last;
  };
  assert.equal(silence(true), false);
  assert.equal(silence(false), true);
});

test("a player that starts, or starts again, is not blamed for the sound it invents meanwhile", () => {
  const statistics = new Statistics();
  let packetsReceived = 0;
  const second = (muted) => {
    packetsReceived += muted ? 0 : 50;
    const entry = inbound({ packetsReceived, totalSamplesReceived: packetsReceived * 960, concealedSamples: packetsReceived * 480 });
    return statistics.read([entry], [{ ...watched[0], muted }]).incoming.get("p").concealed_ratio;
  };
  const ratios = [false, false, false, false, false, true, true, false, false, false, false].map(second);
  assert.deepEqual(ratios, [0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0.5]);
});

test("a picture that stops while the voice goes on is weak, not silent", () => {
  const statistics = new Statistics();
  const both = [...watched, { participant: "p", trackIdentifier: "v", muted: false }];
  let sample;
  for (let second = 1; second < 8; second++) {
    const entries = [inbound({ packetsReceived: second * 50 }), inbound({ trackIdentifier: "v" })];
    sample = statistics.read(entries, both).incoming.get("p");
  }
  assert.equal(verdictOf(sample), "weak");
});

test("the round trip is that of the path in use, also after another one was", () => {
  const statistics = new Statistics();
  const pair = (id, currentRoundTripTime, more) => ({ type: "candidate-pair", id, nominated: true, state: "succeeded", currentRoundTripTime, ...more });
  const rtt = (entries) => statistics.read([...entries, { type: "remote-inbound-rtp" }], []).outgoing.rtt_ms;
  assert.equal(rtt([pair("old", 0.9), pair("new", 0.05), { type: "transport", selectedCandidatePairId: "new" }]), 50);
  assert.equal(rtt([pair("old", 0.9), pair("new", 0.05, { selected: true })]), 50);
  assert.equal(rtt([]), null);
});

test("what the relay receives of us is known once it reported", () => {
  const statistics = new Statistics();
  assert.equal(statistics.read([], []).outgoing, null);
  assert.equal(statistics.read([{ type: "remote-inbound-rtp", fractionLost: 0.2 }], []).outgoing.loss_ratio, 0.2);
});
