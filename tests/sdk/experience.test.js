import assert from "node:assert/strict";
import test from "node:test";

import { Experience, networkOf } from "../../signalling/client/experience.js";
import { DOCTOR, bench } from "./consultation_bench.js";
import { settled } from "./virtual_clock.js";

const WATCHED = [
  { track: "voice", identifier: "a" },
  { track: "face", identifier: "v" },
];

/** What a browser counts of a voice and a face that arrive. */
function entries({ samples = 0, made_up = 0, hushed = 0, frozen_s = 0 } = {}) {
  return [
    { type: "inbound-rtp", trackIdentifier: "a", totalSamplesReceived: samples, concealedSamples: made_up, silentConcealedSamples: hushed },
    { type: "inbound-rtp", trackIdentifier: "v", totalFreezesDuration: frozen_s },
  ];
}

test("what was made up or stood still is told once in five seconds, as shares of them", () => {
  const experience = new Experience();
  assert.equal(experience.flaws(entries({ samples: 1_000, made_up: 900 }), WATCHED, 0), null, "nothing is known of before");
  assert.equal(experience.flaws(entries({ samples: 200_000, made_up: 90_000 }), WATCHED, 4_999), null);
  const later = entries({ samples: 241_000, made_up: 25_900, hushed: 1_000, frozen_s: 1.25 });
  assert.deepEqual(experience.flaws(later, WATCHED, 5_000), { voice: { made_up_ms: 500 }, face: { frozen_ms: 1_250 } });
  assert.equal(experience.flaws(later, WATCHED, 10_000), null, "nothing more");
});

test("a hitch, a browser that counts nothing and a track that comes anew are no flaws", () => {
  const experience = new Experience();
  experience.flaws(entries(), WATCHED, 0);
  assert.equal(experience.flaws(entries({ samples: 240_000, made_up: 900, frozen_s: 0.09 }), WATCHED, 5_000), null);
  assert.equal(experience.flaws([{ type: "inbound-rtp", trackIdentifier: "a" }], WATCHED, 10_000), null);
  assert.equal(experience.flaws(entries({ samples: 1, frozen_s: 60 }), [], 15_000), null, "it is not watched");
  assert.equal(experience.flaws(entries({ samples: 1, frozen_s: 90 }), WATCHED, 20_000), null, "it is watched from now on");
});

test("no word is larger than the relay takes", () => {
  const experience = new Experience();
  experience.flaws(entries(), WATCHED, 0);
  assert.deepEqual(experience.flaws(entries({ frozen_s: 7_200 }), WATCHED, 7_200_000), { face: { frozen_ms: 600_000 } });
});

const PAIR = { type: "candidate-pair", id: "p1", localCandidateId: "l1", remoteCandidateId: "r1" };
const USED = { type: "transport", id: "t", selectedCandidatePairId: "p1" };
const local = (fields) => ({ type: "local-candidate", id: "l1", candidateType: "host", protocol: "udp", ...fields });
const remote = (address) => ({ type: "remote-candidate", id: "r1", address });

test("the way through the network is told without an address", () => {
  const way = (...lines) => networkOf([{ type: "codec", id: "c" }, ...lines], () => []);
  assert.deepEqual(way(USED, PAIR, local(), remote("192.0.2.1")), { transport: "udp", relayed: false, ip: 4 });
  assert.deepEqual(way(USED, PAIR, local({ protocol: "tcp" }), remote("2001:db8::1")), { transport: "tcp", relayed: false, ip: 6 });
  const turn = local({ candidateType: "relay", relayProtocol: "tls" });
  assert.deepEqual(way(USED, PAIR, turn, remote("192.0.2.1")), { transport: "tls", relayed: true });
  assert.deepEqual(way({ ...PAIR, selected: true }, local(), { type: "remote-candidate", id: "r1" }), { transport: "udp", relayed: false });
  assert.equal(way(PAIR, local(), remote("192.0.2.1")), undefined, "no pair is chosen");
  assert.equal(way(), undefined);
});

test("both go to the relay with the word on one's health, and only when they are news", async () => {
  const page = bench();
  await Promise.all([page.consultation.join(), page.consultation.publish({ audio: true, video: true })]);
  page.relay.push({ type: "participant_joined", participant: DOCTOR });
  page.relay.push({ type: "slots", bindings: [{ mid: "2", participant: "d", track: "voice", kind: "audio", source: "microphone" }] });
  await settled();
  const [connection] = page.connections;
  const heard = {
    type: "inbound-rtp",
    trackIdentifier: connection.transceivers[2].receiver.track.id,
    packetsReceived: 1,
    totalSamplesReceived: 0,
    concealedSamples: 0,
  };
  connection.stats = [heard, USED, PAIR, local(), remote("192.0.2.1")];
  const pass = async (seconds, made_up) => {
    for (let half = 0; half < seconds * 2; half++) {
      heard.packetsReceived += 25;
      heard.totalSamplesReceived += 24_000;
      heard.concealedSamples += made_up / 2;
      await page.clock.pass(500);
    }
  };
  await pass(11, 0);
  const said = page.relay.asked("health");
  assert.deepEqual(said.at(-1).network, { transport: "udp", relayed: false, ip: 4 });
  assert.ok(said.every((word) => !("received" in word)));
  await pass(11, 4_800);
  const flawed = page.relay.asked("health").filter((word) => "received" in word);
  assert.equal(flawed.length, 2);
  for (const { received, network } of flawed) {
    assert.ok(received.voice.made_up_ms > 0 && received.voice.made_up_ms <= 500, JSON.stringify(received));
    assert.deepEqual(network, { transport: "udp", relayed: false, ip: 4 });
  }
  const before = page.relay.asked("health").length;
  await pass(11, 0);
  assert.ok(page.relay.asked("health").length <= before + 1, "the last of it, at most");
});
