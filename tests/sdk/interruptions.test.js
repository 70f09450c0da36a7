import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { Emitter } from "../../signalling/client/events.js";
import { Interruptions } from "../../signalling/client/interruptions.js";
import { DOCTOR, bench } from "./consultation_bench.js";
import { MemoryStorage, joined } from "./fake_relay.js";
import { FakeStream, fakeMediaDevices } from "./fake_webrtc.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const missing = Object.assign(new Error(""), { name: "NotFoundError" });

/** A page that can be hidden and shown again. */
class Page extends EventTarget {
  visibilityState = "visible";
  documentElement = { lang: "en" };
  show(isShown) {
    this.visibilityState = isShown ? "visible" : "hidden";
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** In a consultation, with what `of("interruption")` has told of. */
async function talking(options) {
  const made = opened(options);
  await Promise.all([made.consultation.join(), made.consultation.publish({ audio: true, video: true })]);
  await settled();
  await made.clock.pass(1_000);
  return made;
}

/** In the waiting room, with both devices open. */
async function waiting() {
  const made = opened();
  made.relay.answers.join = () => joined({ standing: "waiting" });
  const joining = made.consultation.join();
  await made.consultation.publish({ audio: true, video: true });
  await settled();
  await made.clock.pass(1_000);
  assert.equal(made.connections.length, 0);
  const admit = async () => {
    made.relay.push({ type: "admitted", room: { participants: [DOCTOR] } });
    await joining;
    await settled();
  };
  return { ...made, admit };
}

/** A page with its consultation, not joined yet. */
function opened(options) {
  const page = new Page();
  globalThis.document = page;
  const made = bench(options);
  const track = (source) => made.consultation.local.sources.find((sent) => sent.source === source).mediaTrack;
  const told = () => made.of("interruption").map(({ sources }) => sources.join());
  return { ...made, page, track, told };
}

afterEach(() => delete globalThis.document);

test("a device that withholds the microphone is told of in words, and so is its return; a moment is not", async () => {
  const { of, clock, track, told } = await talking();
  track("microphone").happens("mute");
  await clock.pass(500);
  track("microphone").happens("unmute");
  await clock.pass(2_000);
  assert.deepEqual(told(), []);
  track("microphone").happens("mute");
  track("camera").happens("mute");
  await clock.pass(2_000);
  track("microphone").happens("unmute");
  track("camera").happens("unmute");
  await clock.pass(2_000);
  assert.deepEqual(told(), ["microphone,camera", ""]);
  assert.match(of("interruption")[0].words, /^Your device withholds the microphone and the camera, for a call perhaps/);
  assert.equal(of("interruption")[1].words, "You can be heard and seen again.");
});

test("what is still withheld a while after the page is shown again is opened anew, and sent", async () => {
  const { clock, page, track, told, connections } = await talking();
  const before = track("camera");
  page.show(false);
  before.happens("mute");
  await clock.pass(60_000);
  assert.equal(track("camera"), before);
  page.show(true);
  await clock.pass(5_000);
  assert.notEqual(track("camera"), before);
  assert.equal(before.readyState, "ended");
  assert.equal(connections[0].transceivers[1].sender.track, track("camera"));
  assert.deepEqual(told(), ["camera", ""]);
});

test("a microphone that was pulled out goes on when one is plugged in; one that was off stays off", async () => {
  const { consultation, clock, mediaDevices, track, told, of } = await talking();
  const opens = mediaDevices.getUserMedia;
  const present = [...mediaDevices.present];
  mediaDevices.getUserMedia = () => Promise.reject(missing);
  track("microphone").onended();
  await clock.pass(2_000);
  assert.deepEqual([told(), of("error").map(({ code }) => code)], [["microphone"], ["device_lost"]]);
  mediaDevices.getUserMedia = opens;
  mediaDevices.change([...present, { kind: "audioinput", deviceId: "new", label: "New" }]);
  await clock.pass(5_000);
  assert.equal(track("microphone").readyState, "live");
  assert.equal(consultation.local.sources.find(({ source }) => source === "microphone").muted, false);
  assert.deepEqual(told(), ["microphone", ""]);
  await consultation.mute("microphone");
  mediaDevices.getUserMedia = () => Promise.reject(missing);
  track("microphone").onended();
  await clock.pass(2_000);
  mediaDevices.getUserMedia = opens;
  mediaDevices.change([...present]);
  await clock.pass(5_000);
  assert.equal(consultation.local.sources.find(({ source }) => source === "microphone").muted, true);
  await consultation.mute("microphone", false);
  assert.equal(track("microphone").readyState, "live", "turned on by its person, it opens");
});

test("whoever chooses another device for one that was lost is heard again", async () => {
  const { consultation, clock, mediaDevices, track } = await talking();
  const opens = mediaDevices.getUserMedia;
  mediaDevices.getUserMedia = () => Promise.reject(missing);
  track("microphone").onended();
  await clock.pass(2_000);
  mediaDevices.getUserMedia = opens;
  await consultation.switchDevice("microphone", "headset");
  assert.equal(track("microphone").getSettings().deviceId, "headset");
});

test("a headset that was chosen is taken again when it is plugged in again", async () => {
  const { consultation, clock, mediaDevices, track } = await talking();
  const headset = { kind: "audioinput", deviceId: "headset", label: "Headset" };
  const present = [...mediaDevices.present];
  mediaDevices.change([...present, headset]);
  await consultation.switchDevice("microphone", "headset");
  mediaDevices.change(present);
  track("microphone").settings.deviceId = "audio-1";
  await clock.pass(1_000);
  mediaDevices.change([...present, headset]);
  await clock.pass(1_000);
  assert.equal(track("microphone").getSettings().deviceId, "headset");
});

test("what plays is started again when the page is shown again", async () => {
  const { consultation, clock, page } = await talking();
  let started = 0;
  consultation.watch({ state: "interrupted", resume: async () => void started++ }, new FakeStream());
  const element = { paused: true, srcObject: new FakeStream(), readyState: 4, play: async () => void started++ };
  consultation.watch(element);
  page.show(false);
  await clock.pass(100);
  assert.equal(started, 0);
  page.show(true);
  await settled();
  assert.equal(started, 2);
});

test("a choice of devices is there at the next visit, and what is stored is believed as far as it is one", async () => {
  const memory = new MemoryStorage();
  const first = await talking({ memory });
  await first.consultation.switchDevice("microphone", "headset");
  const player = { srcObject: null, paused: false, setSinkId: async (id) => void (player.sinkId = id) };
  first.consultation.watch(player);
  await first.consultation.switchDevice("speaker", "earphones");
  assert.equal(player.sinkId, "earphones");
  assert.deepEqual(JSON.parse(memory.values.get("visavis.devices")), { microphone: "headset", speaker: "earphones" });
  const second = await talking({ memory });
  assert.equal(second.mediaDevices.asked[0].audio.deviceId.exact, "headset");
  const later = { srcObject: null, paused: false, setSinkId: async (id) => void (later.sinkId = id) };
  second.consultation.watch(later);
  assert.equal(later.sinkId, "earphones");
  assert.equal((await second.consultation.devices()).speaker, "earphones");
  for (const kept of ["{", "3", "null", '{"microphone":3,"camera":[]}']) {
    memory.setItem("visavis.devices", kept);
    const third = await talking({ memory });
    assert.equal(third.mediaDevices.asked[0].audio.deviceId, undefined);
  }
});

test("a loudspeaker that the browser refuses is a refusal in words, and is not remembered", async () => {
  const memory = new MemoryStorage();
  const { consultation } = await talking({ memory });
  consultation.watch({ srcObject: null, paused: false, setSinkId: () => Promise.reject(missing) });
  await assert.rejects(consultation.switchDevice("speaker", "gone"), { code: "device_unsuitable", source: "speaker" });
  assert.equal(memory.values.has("visavis.devices"), false);
});

test("a call that comes in while somebody waits is told of, and what it withheld is opened anew afterwards and sent in the room", async () => {
  const { clock, page, track, told, of, admit, connections } = await waiting();
  const before = track("microphone");
  page.show(false);
  before.happens("mute");
  await clock.pass(2_000);
  assert.deepEqual(told(), ["microphone"]);
  assert.match(of("interruption")[0].words, /^Your device withholds the microphone/);
  page.show(true);
  await clock.pass(5_000);
  assert.notEqual(track("microphone"), before);
  assert.deepEqual(told(), ["microphone", ""]);
  await admit();
  assert.equal(connections[0].transceivers[0].sender.track, track("microphone"));
});

test("a headset that is pulled out while somebody waits goes on when it is plugged in, there or in the room", async () => {
  for (const isAdmitted of [false, true]) {
    const { consultation, clock, mediaDevices, track, admit } = await waiting();
    const opens = mediaDevices.getUserMedia;
    const present = [...mediaDevices.present];
    mediaDevices.getUserMedia = () => Promise.reject(missing);
    track("microphone").onended();
    await clock.pass(2_000);
    assert.equal(consultation.local.sources[0].muted, true);
    if (isAdmitted) await admit();
    mediaDevices.getUserMedia = opens;
    mediaDevices.change([...present, { kind: "audioinput", deviceId: "new", label: "New" }]);
    await clock.pass(5_000);
    assert.equal(consultation.local.sources[0].muted, false);
    assert.equal(track("microphone").readyState, "live");
  }
});

test("what was lost before anybody watched is opened as soon as somebody does", async () => {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: fakeMediaDevices() } });
  const clock = new VirtualClock();
  const renewed = [];
  const publisher = { events: new Emitter(), sources: [], lost: ["microphone"], chosen: {}, renew: async (source) => void renewed.push(source) };
  const interruptions = new Interruptions({ clock, publisher, players: { resumeNow() {} }, interrupted: () => {} });
  await clock.pass(2_000);
  assert.deepEqual(renewed, ["microphone"]);
  interruptions.stop();
});
