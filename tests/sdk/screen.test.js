/** A screen that is shared beside microphone and camera. */

import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { FakeStream, FakeTrack, unanswered } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

const EVERYTHING = { audio: true, video: true, screen: true };

/** In the room, with a screen to show; `asked` is what the browser was asked for, in order. */
async function sharing() {
  const made = bench();
  await made.consultation.join();
  const stream = new FakeStream();
  stream.addTrack(new FakeTrack("video"));
  const asked = [];
  const { mediaDevices } = made;
  const opens = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => (asked.push("devices"), opens(constraints));
  mediaDevices.getDisplayMedia = async () => (asked.push("screen"), stream);
  return { ...made, asked, screen: stream.tracks[0] };
}

test("the screen is asked for while the press that allows it counts, before the devices", async () => {
  const { consultation, relay, asked } = await sharing();
  const { published, problems } = await consultation.publish(EVERYTHING);
  await settled();
  assert.deepEqual(asked, ["screen", "devices"]);
  assert.deepEqual([published, problems], [["microphone", "camera", "screen"], []]);
  assert.deepEqual([...relay.tracks.keys()].sort(), ["camera", "microphone", "screen"]);
});

test("a screen that is refused costs neither microphone nor camera, and is told", async () => {
  const { consultation, relay, mediaDevices } = await sharing();
  mediaDevices.getDisplayMedia = () => Promise.reject(Object.assign(new Error(""), { name: "NotAllowedError" }));
  const { published, problems } = await consultation.publish(EVERYTHING);
  await settled();
  assert.deepEqual(published, ["microphone", "camera"]);
  assert.deepEqual(problems.map(({ code, source }) => [code, source]), [["screen_denied", "screen"]]);
  assert.deepEqual([...relay.tracks.keys()].sort(), ["camera", "microphone"]);
  await assert.rejects(consultation.publish({ screen: true }), { code: "screen_denied" });
});

test("a screen ends with its person's leaving, also while the question for the devices stands open", async () => {
  const { consultation, mediaDevices, screen } = await sharing();
  const { answer } = unanswered(mediaDevices);
  const refused = assert.rejects(consultation.publish(EVERYTHING), { code: "left" });
  await settled();
  assert.equal(screen.readyState, "live");
  await consultation.leave();
  assert.equal(screen.readyState, "ended");
  answer();
  await refused;
});
