import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined, refusal } from "./fake_relay.js";
import { FakeTrack } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

test("joining goes from connecting over waiting to connected, with a sentence for each", async () => {
  const { relay, consultation, states, of } = bench({ lang: "fr" });
  await consultation.join();
  relay.push({ type: "participant_joined", participant: DOCTOR });
  assert.deepEqual(states(), ["connecting server", "connecting media", "waiting alone", "connected"]);
  assert.equal(of("state")[2].words, "En attente de votre praticien.");
  assert.deepEqual(consultation.self, { id: "me", role: "patient", rights: [], private: false });
  assert.equal(of("participant")[0].words, "Le praticien est là.");
});

test("publishing before the join has resolved captures at once and announces when connected", async () => {
  const { relay, consultation, connections } = bench();
  const [, { published }] = await Promise.all([consultation.join(), consultation.publish({ audio: true, video: true })]);
  await settled();
  assert.deepEqual(published, ["microphone", "camera"]);
  assert.deepEqual(relay.asked("publish").map(({ tracks }) => tracks), [{ 0: "microphone" }, { 1: "camera" }]);
  assert.equal(relay.asked("offer").length, 1, "no offer but the first");
  assert.equal(connections[0].transceivers[0].sender.track.kind, "audio");
  assert.equal(connections[0].transceivers[1].sender.track.kind, "video");
});

test("the embedder's own tracks are sent and never stopped", async () => {
  const { consultation, connections } = bench();
  const own = new FakeTrack("video");
  await consultation.join();
  await consultation.publish({ tracks: [own] });
  assert.equal(connections[0].transceivers[1].sender.track, own);
  await consultation.mute("camera");
  assert.equal(own.enabled, false);
  await consultation.leave();
  assert.equal(own.readyState, "live");
});

test("muting the microphone disables it and tells the relay; muting the camera closes it and opens it again", async () => {
  const { relay, consultation, connections } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true, video: true })]);
  await settled();
  const microphone = connections[0].transceivers[0].sender.track;
  const camera = connections[0].transceivers[1].sender.track;
  await consultation.mute("microphone");
  await consultation.mute("camera");
  await settled();
  assert.equal(microphone.enabled, false);
  assert.equal(camera.readyState, "ended");
  assert.equal(connections[0].transceivers[1].sender.track, null);
  await consultation.mute("camera", false);
  await settled();
  assert.equal(connections[0].transceivers[1].sender.track.readyState, "live");
  assert.deepEqual(
    relay.asked("mute").map(({ track, muted }) => [track, muted]),
    [["own-microphone", true], ["own-camera", true], ["own-camera", false]],
  );
});

test("a mute made while the socket is cut reaches the relay when it is back", async () => {
  const { relay, consultation, clock } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await settled();
  relay.reachable = false;
  relay.socket.cut(1006);
  await consultation.mute("microphone");
  assert.equal(relay.asked("mute").length, 0);
  relay.reachable = true;
  await clock.pass(5_000);
  assert.deepEqual(relay.asked("mute").map(({ muted }) => muted), [true]);
});

test("tracks reach the page with their person and one stream, and end with them", async () => {
  const { relay, consultation, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  await settled();
  relay.push({ type: "slots", bindings: [{ mid: "2", participant: "d", track: "voice", kind: "audio", source: "microphone" }] });
  const [remote] = of("track");
  assert.equal(remote.participant.role, "practitioner");
  assert.equal(remote.track.id, "voice");
  assert.equal(remote.stream.getTracks()[0], remote.mediaTrack);
  relay.push({ type: "track_muted", participant: "d", track: "voice", muted: true });
  assert.equal(of("muted")[0].words, "The practitioner turned the microphone off.");
  relay.push({ type: "participant_left", participant: "d", reason: "left" });
  relay.push({ type: "slots", bindings: [] });
  assert.equal(of("track-ended")[0].participant.role, "practitioner");
});

test("a cut that mends within three seconds is nobody's business; a longer one is an absence", async () => {
  const { relay, clock, consultation, states } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  relay.push({ type: "participant_changed", participant: "d", connected: false });
  await clock.pass(2_000);
  relay.push({ type: "participant_changed", participant: "d", connected: true });
  await clock.pass(5_000);
  assert.equal(states().at(-1), "connected");
  relay.push({ type: "participant_changed", participant: "d", connected: false });
  await clock.pass(3_500);
  assert.equal(states().at(-1), "waiting interrupted");
});

test("quality comes from the relay and is told per person, in words", async () => {
  const { relay, consultation, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  relay.push({ type: "quality", participant: "d", direction: "towards", verdict: "poor", loss_ratio: 0.2 });
  const said = of("quality").find(({ verdict }) => verdict === "poor");
  assert.equal(said.participant.id, "d");
  assert.equal(said.words, "The practitioner hears you with difficulty: the network is weak.");
});

test("a refused join rejects, says so as a state, and may be tried again with takeover", async () => {
  const { relay, consultation, states } = bench();
  relay.answers.join = ({ takeover }) => (takeover ? joined() : refusal("seat_taken"));
  await assert.rejects(consultation.join(), { code: "seat_taken" });
  assert.equal(states().at(-1), "left seat_taken");
  await consultation.join({ takeover: true });
  assert.equal(states().at(-1), "waiting alone");
});

test("being replaced ends the consultation, closes the camera and does not come back", async () => {
  const { relay, clock, consultation, connections, states } = bench();
  await Promise.all([consultation.join(), consultation.publish({ video: true })]);
  const camera = connections[0].transceivers[1].sender.track;
  relay.push({ type: "closing", code: "taken_over", words: "w", action: "a" });
  relay.socket.cut(4002);
  await clock.pass(60_000);
  assert.equal(states().at(-1), "left taken_over");
  assert.equal(camera.readyState, "ended");
  assert.equal(connections[0].closed, true);
  assert.equal(relay.sockets.length, 1);
  await assert.rejects(consultation.send({ type: "x" }), { code: "left" });
});

test("leaving tells the relay, closes everything and is said once", async () => {
  const { relay, consultation, connections, states } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  const microphone = connections[0].transceivers[0].sender.track;
  await consultation.leave();
  await consultation.leave();
  assert.equal(relay.asked("leave").length, 1);
  assert.equal(microphone.readyState, "ended");
  assert.equal(states().filter((state) => state === "left left").length, 1);
});

/** The relay says why, and cuts the line. */
const closedAs = (code) => ({ relay }) => {
  relay.push({ type: "closing", code, words: "w", action: "a" });
  relay.socket.cut(4002);
};

for (const [how, code, end] of [
  ["leaves", "left", ({ consultation }) => consultation.leave()],
  ["is put out", "ejected", closedAs("ejected")],
  ["is taken over", "taken_over", closedAs("taken_over")],
]) {
  for (const isAnswered of [true, false]) {
    test(`whoever ${how} while they join is told that and nothing afterwards (offer ${isAnswered ? "answered" : "in flight"})`, async () => {
      const made = bench({ connects: false });
      if (!isAnswered) made.relay.answers.offer = () => null;
      const refused = assert.rejects(made.consultation.join(), { code });
      await settled();
      assert.equal(made.states().at(-1), "connecting media");
      await end(made);
      await made.clock.pass(15_000);
      await refused;
      assert.deepEqual(made.states().slice(2), [`left ${code}`]);
      assert.equal(made.consultation.state.error.code, code);
    });
  }
}

test("nothing to publish with is a rejection; one device missing is told beside what works", async () => {
  const missing = Object.assign(new Error(""), { name: "NotFoundError" });
  const one = bench({ refuse: { video: missing } });
  const { published, problems } = await one.consultation.publish({ audio: true, video: true });
  assert.deepEqual(published, ["microphone"]);
  assert.deepEqual(problems.map(({ code, source }) => [code, source]), [["device_missing", "camera"]]);
  const none = bench({ refuse: { audio: missing, video: missing } });
  await assert.rejects(none.consultation.publish({ audio: true, video: true }), { code: "device_missing" });
});

test("an unplugged microphone is replaced by another, or its loss is told", async () => {
  const { consultation, connections, mediaDevices, of } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  const first = connections[0].transceivers[0].sender.track;
  first.onended();
  await settled();
  const second = connections[0].transceivers[0].sender.track;
  assert.notEqual(second, first);
  mediaDevices.getUserMedia = () => Promise.reject(Object.assign(new Error(""), { name: "NotFoundError" }));
  second.onended();
  await settled();
  assert.deepEqual(of("error").map(({ code, source }) => [code, source]), [["device_lost", "microphone"]]);
  assert.deepEqual(consultation.local.sources.map(({ muted }) => muted), [true]);
});

test("another device replaces the one in use on the same m-line, without an offer", async () => {
  const { relay, consultation, connections } = bench();
  await Promise.all([consultation.join(), consultation.publish({ video: true })]);
  const before = connections[0].transceivers[1].sender.track;
  await consultation.switchDevice("camera", "desk");
  const after = connections[0].transceivers[1].sender.track;
  assert.equal(before.readyState, "ended");
  assert.equal(after.getSettings().deviceId, "desk");
  assert.equal((await consultation.devices()).camera, "desk");
  assert.equal(relay.asked("offer").length, 1);
});

test("messages go and come over the data channel", async () => {
  const { consultation, connections, of } = bench();
  await consultation.join();
  connections[0].channel.open();
  await consultation.send({ to: "practitioners", type: "note", body: "…" });
  assert.deepEqual(JSON.parse(connections[0].channel.sent[0]), { to: "practitioners", type: "note", body: "…" });
  connections[0].channel.onmessage({ data: JSON.stringify({ from: "d", role: "practitioner", type: "note", body: 1 }) });
  assert.deepEqual(of("message"), [{ from: "d", role: "practitioner", type: "note", body: 1 }]);
});
