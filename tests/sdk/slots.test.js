import assert from "node:assert/strict";
import test from "node:test";

import { Slots } from "../../signalling/client/slots.js";
import { FakeStream, FakeTrack } from "./fake_webrtc.js";

const voice = { mid: "2", participant: "p", track: "t-voice", kind: "audio", source: "microphone" };
const face = { mid: "4", participant: "p", track: "t-face", kind: "video", source: "camera" };
const screen = { mid: "5", participant: "p", track: "t-screen", kind: "video", source: "screen" };

function received(...mids) {
  return new Map(mids.map((mid) => [mid, new FakeTrack(Number(mid) < 4 ? "audio" : "video")]));
}

test("voice and face share one stream, a screen has its own", () => {
  const slots = new Slots(() => new FakeStream());
  slots.receive(received("2", "3", "4", "5", "6"));
  const { added } = slots.bind([voice, face, screen, { mid: "6", track: null }]);
  assert.deepEqual(added.map(({ binding }) => binding.track), ["t-voice", "t-face", "t-screen"]);
  assert.equal(added[0].stream, added[1].stream);
  assert.notEqual(added[0].stream, added[2].stream);
  assert.equal(added[0].stream.getTracks().length, 2);
});

test("bindings told before the answer wait for the tracks", () => {
  const slots = new Slots(() => new FakeStream());
  assert.equal(slots.bind([voice]).added.length, 0);
  assert.equal(slots.receive(received("2")).added.length, 1);
});

test("the same statement twice changes nothing", () => {
  const slots = new Slots(() => new FakeStream());
  slots.receive(received("2"));
  slots.bind([voice]);
  assert.deepEqual(slots.bind([{ ...voice }]), { added: [], removed: [] });
});

test("a slot given to somebody else ends the one and begins the other", () => {
  const slots = new Slots(() => new FakeStream());
  slots.receive(received("4"));
  const [before] = slots.bind([face]).added;
  const { added, removed } = slots.bind([{ ...face, participant: "q", track: "t-other" }]);
  assert.equal(removed[0].binding.participant, "p");
  assert.equal(added[0].binding.participant, "q");
  assert.notEqual(added[0].stream, before.stream);
  assert.equal(before.stream.getTracks().length, 0);
});

test("a fresh leg puts its tracks into the stream the page already plays", () => {
  const slots = new Slots(() => new FakeStream());
  slots.receive(received("2", "4"));
  const stream = slots.bind([voice, face]).added[0].stream;
  const fresh = received("2", "4");
  const { added, removed } = slots.receive(fresh);
  assert.equal(removed.length, 0);
  assert.equal(added.length, 2);
  assert.equal(added[0].stream, stream);
  assert.deepEqual(new Set(stream.getTracks()), new Set(fresh.values()));
});
