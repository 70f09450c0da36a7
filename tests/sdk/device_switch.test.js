/** Another device that does not open leaves the one in use as it was. */

import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { MemoryStorage } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const busy = Object.assign(new Error(""), { name: "NotReadableError" });

/** In a consultation with both devices open; those named in `refused` do not open. */
async function talking() {
  const memory = new MemoryStorage();
  const made = bench({ memory });
  await Promise.all([made.consultation.join(), made.consultation.publish({ audio: true, video: true })]);
  await settled();
  const { mediaDevices } = made;
  const opens = mediaDevices.getUserMedia.bind(mediaDevices);
  const refused = new Set(["busy"]);
  mediaDevices.getUserMedia = async (constraints) => {
    const asked = constraints.audio || constraints.video;
    if (refused.has(asked.deviceId?.exact ?? "any")) {
      mediaDevices.asked.push(constraints);
      throw busy;
    }
    return opens(constraints);
  };
  const of = (source) => made.consultation.local.sources.find((sent) => sent.source === source);
  return { ...made, memory, refused, of };
}

test("a microphone that does not open leaves the one in use on, and is not remembered", async () => {
  const { consultation, connections, mediaDevices, memory, of } = await talking();
  const before = of("microphone").mediaTrack;
  await assert.rejects(consultation.switchDevice("microphone", "busy"), { name: "ConsultationError", code: "device_busy", source: "microphone" });
  assert.equal(of("microphone").mediaTrack, before);
  assert.deepEqual([before.readyState, of("microphone").muted], ["live", false]);
  assert.equal(connections[0].transceivers[0].sender.track, before);
  assert.equal(memory.values.has("visavis.devices"), false);
  assert.equal((await consultation.devices()).microphone, "audio-1");
  assert.equal(mediaDevices.asked.at(-1).audio.deviceId.exact, "busy");
});

test("a camera that does not open gives way to the one of before, which had to be closed for it", async () => {
  const { consultation, connections, relay, of } = await talking();
  await assert.rejects(consultation.switchDevice("camera", "busy"), { code: "device_busy", source: "camera" });
  const { mediaTrack, muted } = of("camera");
  assert.deepEqual([mediaTrack.readyState, mediaTrack.getSettings().deviceId, muted], ["live", "video-1", false]);
  assert.equal(connections[0].transceivers[1].sender.track, mediaTrack);
  assert.equal(relay.asked("mute").length, 0);
});

test("where the camera of before does not open either it is off, and the button asks for any camera, not for the one that failed", async () => {
  const { consultation, mediaDevices, refused, of } = await talking();
  refused.add("video-1");
  await assert.rejects(consultation.switchDevice("camera", "busy"), { code: "device_busy" });
  assert.deepEqual([of("camera").mediaTrack, of("camera").muted], [null, true]);
  await consultation.mute("camera", false);
  assert.equal(mediaDevices.asked.at(-1).video.deviceId, undefined);
  assert.deepEqual([of("camera").mediaTrack.readyState, of("camera").muted], ["live", false]);
});

test("a choice for a microphone that was lost is none where it does not open, and the next one is taken", async () => {
  const { consultation, refused, of } = await talking();
  refused.add("any");
  of("microphone").mediaTrack.onended();
  await settled();
  await assert.rejects(consultation.switchDevice("microphone", "busy"), { code: "device_busy" });
  assert.equal(of("microphone").muted, true);
  await consultation.switchDevice("microphone", "headset");
  assert.deepEqual([of("microphone").mediaTrack.getSettings().deviceId, of("microphone").muted], ["headset", false]);
});

test("a camera that is off is chosen for when it is on again", async () => {
  const { consultation, mediaDevices, of } = await talking();
  await consultation.mute("camera");
  const before = mediaDevices.asked.length;
  await consultation.switchDevice("camera", "desk");
  assert.equal(mediaDevices.asked.length, before, "its light stays off");
  await consultation.mute("camera", false);
  assert.equal(of("camera").mediaTrack.getSettings().deviceId, "desk");
});

/** What plays, and can be led to a loudspeaker unless that is gone. */
function player(gone = "") {
  const one = { srcObject: null, paused: false, sinkId: "" };
  return Object.assign(one, { setSinkId: async (id) => (id === gone ? Promise.reject(busy) : void (one.sinkId = id)) });
}

test("where one of several players cannot be led to a loudspeaker all stay where they were", async () => {
  const { consultation, memory } = await talking();
  const players = [player(), player("gone")];
  for (const one of players) consultation.watch(one);
  await consultation.switchDevice("speaker", "earphones");
  await assert.rejects(consultation.switchDevice("speaker", "gone"), { code: "device_unsuitable", source: "speaker" });
  assert.deepEqual(players.map(({ sinkId }) => sinkId), ["earphones", "earphones"]);
  assert.deepEqual(JSON.parse(memory.values.get("visavis.devices")), { speaker: "earphones" });
});

test("where no loudspeaker can be chosen that is said, and nothing is remembered", async () => {
  const { consultation, memory } = await talking();
  await assert.rejects(consultation.switchDevice("speaker", "earphones"), { code: "device_unsuitable", source: "speaker" });
  consultation.watch(player());
  consultation.watch({ srcObject: null, paused: false });
  await assert.rejects(consultation.switchDevice("speaker", "earphones"), { code: "device_unsuitable", source: "speaker" });
  assert.equal(memory.values.has("visavis.devices"), false);
});

test("a permission that is taken back is told as that, and not as a microphone that was unplugged", async () => {
  const { mediaDevices, of, consultation } = await talking();
  const errors = [];
  consultation.on("error", ({ code, source, words }) => errors.push([code, source, words]));
  mediaDevices.getUserMedia = () => Promise.reject(Object.assign(new Error("Permission denied"), { name: "NotAllowedError" }));
  of("microphone").mediaTrack.onended();
  await settled();
  assert.deepEqual(errors, [["permission_denied", "microphone", "The browser does not let this page use the microphone."]]);
  assert.equal(of("microphone").muted, true);
});
