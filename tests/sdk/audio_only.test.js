import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
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
