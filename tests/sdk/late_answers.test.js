/** Devices that a person allows, or a screen they choose, after it is over. */

import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { FakeStream, FakeTrack, unanswered } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

const ENDS = [
  ["leaves", ({ consultation }) => consultation.leave()],
  [
    "is taken over",
    ({ relay }) => {
      relay.push({ type: "closing", code: "taken_over", words: "w", action: "a" });
      relay.socket.cut(4002);
    },
  ],
];

for (const [how, end] of ENDS) {
  for (const when of ["while they join", "in the room"]) {
    test(`whoever ${how} ${when} and then allows the devices has none of them open`, async () => {
      const made = bench({ connects: when === "in the room" });
      const { opened, answer } = unanswered(made.mediaDevices);
      const joining = made.consultation.join().catch(() => {});
      const refused = assert.rejects(made.consultation.publish({ audio: true, video: true }), { name: "ConsultationError", code: "left" });
      await settled();
      await end(made);
      answer();
      await refused;
      assert.deepEqual(opened.map(({ kind, readyState }) => [kind, readyState]), [["audio", "ended"], ["video", "ended"]]);
      assert.deepEqual(made.consultation.local.sources, []);
      assert.deepEqual(made.consultation.local.stream.getTracks(), []);
      await made.clock.pass(15_000);
      await joining;
    });
  }

  test(`whoever ${how} and then chooses a screen shows none`, async () => {
    const made = bench();
    await made.consultation.join();
    const stream = new FakeStream();
    stream.addTrack(new FakeTrack("video"));
    let choose;
    made.mediaDevices.getDisplayMedia = () => new Promise((resolve) => (choose = () => resolve(stream)));
    const refused = assert.rejects(made.consultation.publish({ screen: true }), { code: "left" });
    await settled();
    await end(made);
    choose();
    await refused;
    assert.equal(stream.tracks[0].readyState, "ended");
  });
}

test("nobody who has left is asked for a device", async () => {
  const { consultation, mediaDevices } = bench();
  await consultation.join();
  await consultation.leave();
  await assert.rejects(consultation.publish({ audio: true }), { code: "left" });
  assert.equal(mediaDevices.asked.length, 0);
});

test("a camera that is turned on again while somebody leaves is closed when it has opened", async () => {
  const { consultation, mediaDevices } = bench();
  await Promise.all([consultation.join(), consultation.publish({ video: true })]);
  await consultation.mute("camera");
  const { opened, answer } = unanswered(mediaDevices);
  const turning = consultation.mute("camera", false);
  await settled();
  await consultation.leave();
  answer();
  await turning;
  assert.deepEqual(opened.map(({ readyState }) => readyState), ["ended"]);
});
