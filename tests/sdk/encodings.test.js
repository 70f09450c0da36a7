import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { settled } from "./virtual_clock.js";

const LOWER = [
  { rid: "h", active: false },
  { rid: "m", active: true, max_bitrate_bps: 300_000, scale: 3 },
  { rid: "l", active: false },
];

/** A page in a consultation that sends its camera; `camera` is the sender of a connection. */
async function sending() {
  const page = bench();
  await Promise.all([page.consultation.join(), page.consultation.publish({ audio: true, video: true })]);
  await settled();
  const camera = (connection = page.connections.at(-1)) => connection.transceivers[1].sender;
  const ask = async (encodings, track = "own-camera") => {
    page.relay.push({ type: "encodings", track, encodings });
    await settled();
  };
  return { ...page, camera, ask };
}

const brief = ({ encodings }) => encodings.map(({ rid, active, maxBitrate, scaleResolutionDownBy }) => [rid, active, maxBitrate, scaleResolutionDownBy]);
const FIRST = [["h", true, undefined, 1], ["m", false, undefined, 2], ["l", false, undefined, 4]];

test("what the relay asks of a camera is set, without an offer, and nothing else is touched", async () => {
  const { relay, camera, ask } = await sending();
  camera().encodings[0].priority = "high";
  await ask([...LOWER, { rid: "x", active: true }]);
  assert.deepEqual(brief(camera()), [["h", false, undefined, 1], ["m", true, 300_000, 3], ["l", false, undefined, 4]]);
  assert.equal(camera().encodings[0].priority, "high");
  assert.equal(relay.asked("offer").length, 1);
});

test("what is left out of an encoding is as it was set out with; an encoding left out stays", async () => {
  const { camera, ask } = await sending();
  await ask(LOWER);
  await ask([{ rid: "m", active: true }]);
  assert.deepEqual(brief(camera()), [["h", false, undefined, 1], ["m", true, undefined, 2], ["l", false, undefined, 4]]);
  assert.ok(!("maxBitrate" in camera().encodings[1]), "a bound that is undefined is not the same as none in every browser");
});

test("what is given up last is said to the browser in its own words, and taken back", async () => {
  const { relay, camera, ask } = await sending();
  const tell = async (keeps) => {
    relay.push({ type: "encodings", track: "own-camera", encodings: [], ...(keeps && { keeps }) });
    await settled();
    return camera().kept;
  };
  assert.equal(await tell("motion"), "maintain-framerate");
  assert.equal(await tell("detail"), "maintain-resolution");
  assert.equal(await tell("something new"), undefined);
  await tell("motion");
  await ask(LOWER);
  assert.equal(camera().kept, undefined, "each message says all of it");
});

test("wishes that come at once follow one another, and what is so already is not set again", async () => {
  const { relay, camera, ask } = await sending();
  for (const kbps of [900, 700, 500]) {
    relay.push({ type: "encodings", track: "own-camera", encodings: [{ rid: "h", active: true, max_bitrate_bps: kbps * 1_000 }] });
    // So that the browser is still busy with one when the next comes.
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
  }
  await settled();
  assert.deepEqual(brief(camera())[0], ["h", true, 500_000, 1]);
  const { changes } = camera();
  await ask([{ rid: "h", active: true, max_bitrate_bps: 500_000 }]);
  assert.equal(camera().changes, changes);
});

test("an answer that was on its way undoes a change, and the change is made again", async () => {
  const { relay, camera, ask } = await sending();
  const { offer } = relay.answers;
  relay.answers.offer = () => null;
  relay.push({ type: "renegotiate", reason: "codec" });
  await settled();
  await ask(LOWER);
  assert.equal(camera().encodings[1].active, true);
  const { id } = relay.asked("offer").at(-1);
  relay.push({ ...offer(), id });
  await settled();
  assert.deepEqual(camera().encodings.map(({ active }) => active), [false, true, false]);
});

test("a browser that refuses for now is asked again after the next answer", async () => {
  const { relay, camera, ask, of } = await sending();
  camera().refusal = new DOMException("between two descriptions", "InvalidStateError");
  await ask(LOWER);
  assert.deepEqual(brief(camera()), FIRST);
  camera().refusal = null;
  relay.push({ type: "renegotiate", reason: "codec" });
  await settled();
  assert.equal(camera().encodings[1].maxBitrate, 300_000);
  assert.equal(of("error").length, 0);
});

test("a fresh leg sends what it sets out with until it is told anew", async () => {
  const { relay, connections, camera, ask } = await sending();
  await ask(LOWER);
  relay.push({ type: "connection", state: "failed" });
  await settled();
  assert.equal(connections.length, 2);
  assert.deepEqual(brief(camera()), FIRST);
  await ask(LOWER);
  assert.deepEqual(camera().encodings.map(({ active }) => active), [false, true, false]);
});

test("a page that comes back to its seat is told of tracks it has not announced yet", async () => {
  const { relay, storage } = await sending();
  const reloaded = bench({ relay, storage });
  await reloaded.consultation.join();
  relay.push({ type: "encodings", track: "own-camera", encodings: LOWER });
  await settled();
  assert.deepEqual(reloaded.connections[0].transceivers[1].sender.encodings.map(({ active }) => active), [false, true, false]);
});

test("a microphone may be given a bound, and a track nobody knows gives none", async () => {
  const { connections, camera, ask } = await sending();
  await ask([{ rid: "", active: true, max_bitrate_bps: 24_000 }], "own-microphone");
  assert.deepEqual(connections[0].transceivers[0].sender.encodings, [{ active: true, maxBitrate: 24_000 }]);
  await ask(LOWER, "somebody-elses");
  await ask(LOWER, "own-screen");
  assert.deepEqual(brief(camera()), FIRST);
});
