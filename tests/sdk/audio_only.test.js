import assert from "node:assert/strict";
import test from "node:test";

import { DeviceActions } from "../../signalling/client/element/device_actions.js";
import { DOCTOR, bench } from "./consultation_bench.js";
import { joined, refusal } from "./fake_relay.js";
import { FakeTrack } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

const PICTURE = { id: "face", kind: "video", source: "camera", muted: false };
const SEEN = { ...DOCTOR, tracks: [...DOCTOR.tracks, PICTURE] };

async function talking() {
  const made = bench();
  made.relay.answers.join = () => joined({ room: { participants: [SEEN] } });
  await Promise.all([made.consultation.join(), made.consultation.publish({ audio: true, video: true })]);
  await settled();
  const asked = () => made.relay.asked("subscribe").map(({ track, wanted }) => [track, wanted]);
  return { ...made, asked };
}

const muted = ({ consultation }) => Object.fromEntries(consultation.local.sources.map((sent) => [sent.source, sent.muted]));

test("sound alone closes the camera and asks for nobody's picture, also of those who come later; and all comes back", async () => {
  const made = await talking();
  const { relay, consultation, asked } = made;
  await consultation.audioOnly();
  assert.equal(consultation.isAudioOnly, true);
  assert.deepEqual(muted(made), { microphone: false, camera: true });
  assert.deepEqual(asked(), [["face", false]]);
  relay.push({ type: "track_published", participant: "d", track: { id: "screen", kind: "video", source: "screen", muted: false } });
  await settled();
  assert.deepEqual(asked().slice(1), [["screen", false]]);
  await consultation.audioOnly(false);
  assert.deepEqual(muted(made), { microphone: false, camera: false });
  assert.deepEqual(asked().slice(2).sort(), [["face", true], ["screen", true]]);
});

test("what its person had turned off stays off afterwards", async () => {
  const made = await talking();
  await made.consultation.mute("camera");
  await made.consultation.audioOnly(true);
  await made.consultation.audioOnly(false);
  assert.deepEqual(muted(made), { microphone: false, camera: true });
});

test("what was wished during a cut is said when the line is back, and again to a relay that knows nothing of it", async () => {
  const { relay, consultation, clock, asked } = await talking();
  relay.answers.resume = () => joined({ resumed: true, room: { participants: [SEEN] }, tracks: [...relay.tracks.values()] });
  relay.reachable = false;
  relay.socket.cut(1006);
  await consultation.audioOnly(true);
  assert.deepEqual(asked(), []);
  relay.reachable = true;
  await clock.pass(5_000);
  assert.deepEqual(asked(), [["face", false]]);
  relay.socket.cut(1006);
  await clock.pass(5_000);
  assert.equal(asked().length, 1, "the seat has kept it");
  relay.answers.resume = () => joined({ resumed: false, room: { participants: [SEEN] } });
  relay.socket.cut(1006);
  await clock.pass(5_000);
  assert.equal(asked().length, 2);
});

test("a camera and a screen that are published while sound goes alone are not sent, nor opened, until pictures are wished again", async () => {
  const made = await talking();
  const { consultation, connections, mediaDevices } = made;
  const page = new FakeTrack("video");
  page.contentHint = "detail";
  await consultation.audioOnly();
  const before = mediaDevices.asked.length;
  await consultation.publish({ video: true });
  await consultation.publish({ tracks: [page] });
  assert.deepEqual(muted(made), { microphone: false, camera: true, screen: true });
  assert.equal(mediaDevices.asked.length, before, "its light stays off");
  assert.equal(connections[0].transceivers[1].sender.track, null);
  assert.equal(page.enabled, false);
  await consultation.audioOnly(false);
  assert.deepEqual(muted(made), { microphone: false, camera: false, screen: false });
  assert.equal(connections[0].transceivers[1].sender.track.readyState, "live");
  assert.equal(page.enabled, true);
});

test("a camera that is turned on while sound goes alone waits, and one that is turned off again does not", async () => {
  const made = await talking();
  const { consultation, connections } = made;
  await consultation.mute("camera");
  await consultation.audioOnly();
  await consultation.mute("camera", false);
  assert.equal(muted(made).camera, true);
  assert.equal(connections[0].transceivers[1].sender.track, null);
  await consultation.audioOnly(false);
  assert.equal(muted(made).camera, false);
  await consultation.audioOnly();
  await consultation.mute("camera");
  await consultation.audioOnly(false);
  assert.equal(muted(made).camera, true);
});

test("a camera that is opening while sound goes alone is closed when it has opened", async () => {
  const made = bench();
  await made.consultation.join();
  const { mediaDevices } = made;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  const opened = [];
  let open;
  const mayOpen = new Promise((resolve) => (open = resolve));
  mediaDevices.getUserMedia = async (constraints) => {
    await mayOpen;
    opened.push(await getUserMedia(constraints));
    return opened.at(-1);
  };
  const publishing = made.consultation.publish({ video: true });
  await made.consultation.audioOnly();
  open();
  await publishing;
  assert.equal(made.consultation.local.sources[0].muted, true);
  assert.equal(opened[0].getTracks()[0].readyState, "ended");
  assert.equal(made.connections[0].transceivers[1].sender.track ?? null, null);
  await made.consultation.audioOnly(false);
  assert.equal(made.consultation.local.sources[0].muted, false);
});

test("in the element whoever turns on their camera has pictures again", async () => {
  const asked = [];
  const consultation = { isAudioOnly: true, mute: async (...how) => asked.push(["mute", ...how]), audioOnly: async (isOn) => asked.push(["audioOnly", isOn]) };
  const local = { microphone: "on", camera: "off", screen: false };
  const actions = new DeviceActions({ consultation: () => consultation, model: () => ({ local }), change: () => assert.fail("nothing fails") });
  await actions.toggle("camera");
  assert.deepEqual(asked, [["mute", "camera", false], ["audioOnly", false]]);
  await actions.toggle("microphone");
  assert.deepEqual(asked.slice(2), [["mute", "microphone", true]]);
});

test("a relay that refuses for now is asked again, until it does what is wished or nobody wishes it any more", async () => {
  const { relay, consultation, clock, asked } = await talking();
  const { subscribe } = relay.answers;
  relay.answers.subscribe = () => refusal("limit_reached");
  await consultation.audioOnly();
  relay.push({ type: "speaking", participant: "d", speaking: true });
  await clock.pass(4_000);
  assert.deepEqual(asked(), [["face", false]], "not with each of its words");
  await clock.pass(2_000);
  assert.equal(asked().length, 2);
  relay.answers.subscribe = () => refusal("overloaded", { retry_after_s: 8 });
  await clock.pass(5_000);
  assert.equal(asked().length, 3);
  relay.answers.subscribe = subscribe;
  await clock.pass(6_000);
  assert.equal(asked().length, 3);
  await clock.pass(2_000);
  assert.equal(asked().length, 4);
  await clock.pass(60_000);
  assert.equal(asked().length, 4);
  relay.answers.subscribe = () => refusal("limit_reached");
  await consultation.audioOnly(false);
  await consultation.audioOnly(true);
  relay.answers.subscribe = subscribe;
  await clock.pass(60_000);
  assert.deepEqual(asked().slice(4), [["face", true], ["face", false], ["face", false]]);
});
