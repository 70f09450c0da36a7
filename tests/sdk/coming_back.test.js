import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

/** A page that published, and was then reloaded: the relay and the tab's storage are the same. */
async function reloaded(muted, wish = { audio: true, video: true }) {
  const first = bench();
  await Promise.all([first.consultation.join(), first.consultation.publish({ audio: true, video: true })]);
  await settled();
  for (const source of muted) await first.consultation.mute(source);
  await settled();
  first.relay.requests.length = 0;
  const second = bench({ relay: first.relay, storage: first.storage });
  const published = second.consultation.publish(wish);
  await second.consultation.join();
  const { published: sources } = await published;
  await settled();
  return { ...second, sources };
}

/** A page whose line went down with the camera off; the relay answers again when it is reachable. */
async function cutOffWithTheCameraOff() {
  const on = bench();
  await Promise.all([on.consultation.join(), on.consultation.publish({ audio: true, video: true })]);
  await settled();
  await on.consultation.mute("camera");
  await settled();
  on.relay.reachable = false;
  on.relay.socket.cut(1006);
  return on;
}

const shown = ({ local }) => local.sources.map(({ source, muted }) => `${source} ${muted ? "off" : "on"}`);

test("a microphone that was off before a reload is off from its first moment after it", async () => {
  const { relay, consultation, connections } = await reloaded(["microphone"]);
  assert.deepEqual(shown(consultation), ["microphone off", "camera on"]);
  assert.equal(connections[0].transceivers[0].sender.track.enabled, false);
  assert.deepEqual(relay.asked("mute"), []);
  await consultation.mute("microphone", false);
  await settled();
  assert.equal(connections[0].transceivers[0].sender.track.enabled, true);
  assert.deepEqual(relay.asked("mute").map(({ track, muted }) => [track, muted]), [["own-microphone", false]]);
});

test("a camera that was off before a reload is not opened after it, and opens when it is turned on", async () => {
  const { relay, consultation, connections, mediaDevices, sources } = await reloaded(["camera"]);
  assert.deepEqual(sources, ["microphone", "camera"]);
  assert.deepEqual(shown(consultation), ["microphone on", "camera off"]);
  assert.ok(mediaDevices.asked.every(({ video }) => !video), "its light stays off");
  await consultation.mute("camera", false);
  await settled();
  assert.equal(connections[0].transceivers[1].sender.track.readyState, "live");
  assert.deepEqual(relay.asked("mute").map(({ track, muted }) => [track, muted]), [["own-camera", false]]);
});

test("after a reload the tracks keep their ids and are announced on the new connection", async () => {
  const { relay } = await reloaded([]);
  assert.deepEqual(relay.asked("offer").map(({ fresh, tracks }) => [fresh, tracks]), [[true, {}]]);
  assert.deepEqual(relay.asked("publish").map(({ tracks }) => tracks), [{ 0: "microphone" }, { 1: "camera" }]);
  assert.equal(relay.tracks.size, 2);
});

test("a page that cannot reach its seat asks for the devices all the same", async () => {
  const first = bench();
  await first.consultation.join();
  first.relay.reachable = false;
  const { consultation, clock, mediaDevices } = bench({ relay: first.relay, storage: first.storage });
  consultation.join().catch(() => {});
  const publishing = consultation.publish({ audio: true });
  await clock.pass(1_000);
  assert.equal(mediaDevices.asked.length, 0);
  await clock.pass(1_000);
  assert.deepEqual((await publishing).published, ["microphone"]);
});

test("the relay's mute during a cut shows on the own button; what was pressed meanwhile holds", async () => {
  const { relay, clock, consultation, connections } = await cutOffWithTheCameraOff();
  relay.tracks.get("microphone").muted = true;
  await consultation.mute("camera", false);
  relay.reachable = true;
  await clock.pass(5_000);
  assert.deepEqual(shown(consultation), ["microphone off", "camera on"]);
  assert.equal(connections[0].transceivers[0].sender.track.enabled, false);
  assert.deepEqual(relay.asked("mute").map(({ track, muted }) => [track, muted]), [["own-camera", true], ["own-camera", false]]);
});

test("what was given back during a cut is gone for the others too, and is nobody's later mute", async () => {
  const { relay, clock, consultation } = await cutOffWithTheCameraOff();
  await consultation.unpublish("camera");
  relay.reachable = true;
  await clock.pass(5_000);
  assert.deepEqual([...relay.tracks.keys()], ["microphone"]);
  assert.deepEqual(relay.asked("unpublish").map(({ track }) => track), ["own-camera"]);
  await consultation.publish({ video: true });
  await settled();
  assert.deepEqual(shown(consultation), ["microphone on", "camera on"]);
  assert.deepEqual([...relay.tracks.values()].map(({ source, muted }) => [source, muted]), [["microphone", false], ["camera", false]]);
});

test("an unpublish that one cut after another swallows goes out once the line holds", async () => {
  const { relay, clock, consultation } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true, video: true })]);
  await settled();
  const { unpublish } = relay.answers;
  relay.answers.unpublish = () => void relay.socket.cut(1006);
  await consultation.unpublish("camera");
  await settled();
  assert.ok(relay.tracks.has("camera"));
  relay.answers.unpublish = unpublish;
  await clock.pass(5_000);
  assert.deepEqual([...relay.tracks.keys()], ["microphone"]);
});

test("what was given back and taken up again during a cut keeps its track, as it is wished now", async () => {
  const { relay, clock, consultation } = await cutOffWithTheCameraOff();
  await consultation.unpublish("camera");
  consultation.publish({ video: true });
  await clock.pass(2_000);
  assert.deepEqual(shown(consultation), ["microphone on", "camera on"]);
  relay.reachable = true;
  await clock.pass(5_000);
  assert.deepEqual(relay.asked("unpublish"), []);
  assert.deepEqual(shown(consultation), ["microphone on", "camera on"]);
  assert.equal(relay.tracks.get("camera").muted, false);
});

test("what is given back before the relay has answered its publish is unpublished then", async () => {
  const { relay, consultation } = bench();
  await consultation.join();
  await settled();
  const { publish } = relay.answers;
  relay.answers.publish = () => null;
  await consultation.publish({ audio: true });
  await settled();
  await consultation.unpublish("microphone");
  const [request] = relay.asked("publish");
  relay.push({ ...publish(request), id: request.id });
  await settled();
  assert.deepEqual(consultation.local.sources, []);
  assert.deepEqual([...relay.tracks.keys()], []);
});

test("a relay that restarted hears of every track and mute again", async () => {
  const { relay, clock, consultation } = bench();
  await Promise.all([consultation.join(), consultation.publish({ audio: true, video: true })]);
  await consultation.mute("microphone");
  await settled();
  relay.requests.length = 0;
  relay.tracks.clear();
  relay.answers.resume = () => ({ type: "error", code: "seat_unknown", words: "w", action: "a" });
  relay.socket.cut(1006);
  await clock.pass(5_000);
  assert.deepEqual(relay.asked("publish").map(({ tracks }) => tracks), [{ 0: "microphone" }, { 1: "camera" }]);
  assert.deepEqual(relay.asked("mute").map(({ track, muted }) => [track, muted]), [["own-microphone", true]]);
  assert.deepEqual(shown(consultation), ["microphone off", "camera on"]);
});

test("a leg the relay gave up is replaced; the message about it goes when the next one is up", async () => {
  const { relay, consultation, connections, states } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await settled();
  const microphone = connections[0].transceivers[0].sender.track;
  relay.push({ type: "connection", state: "failed" });
  assert.equal(states().at(-1), "reconnecting media");
  // Said of the leg that is closed already.
  relay.push({ type: "connection", state: "failed" });
  await settled();
  relay.push({ type: "connection", state: "connecting" });
  relay.push({ type: "connection", state: "connected" });
  assert.equal(states().at(-1), "connected");
  assert.equal(connections.length, 2);
  assert.equal(connections[1].transceivers[0].sender.track, microphone);
  assert.deepEqual(relay.asked("offer").at(-1).tracks, { 0: "microphone" });
});

test("a restarted relay has no media yet, whatever the old connection's path still says", async () => {
  const { relay, clock, consultation, states } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  relay.answers.resume = () => ({ type: "error", code: "seat_unknown", words: "w", action: "a" });
  relay.socket.cut(1006);
  await clock.pass(2_000);
  assert.deepEqual(states().slice(-4), ["connected", "reconnecting server", "reconnecting media", "connected"]);
});

test("whose picture this browser cannot show is said in words, and so is its return", async () => {
  const { relay, consultation, of } = bench({ lang: "fr" });
  const camera = { id: "face", kind: "video", source: "camera", muted: false };
  const seen = { id: "e", role: "expert", connected: true, tracks: [{ ...camera, id: "other" }] };
  relay.answers.join = () => joined({ room: { participants: [{ ...DOCTOR, tracks: [...DOCTOR.tracks, camera] }, seen] } });
  await consultation.join();
  const other = { mid: "4", participant: "e", track: "other", kind: "video", source: "camera" };
  relay.push({ type: "slots", bindings: [{ mid: "3", track: null, reason: "no_common_codec" }, other] });
  relay.push({ type: "slots", bindings: [{ mid: "3", track: null, reason: "no_common_codec" }, other] });
  assert.deepEqual(of("picture").map(({ participant, reason }) => [participant.id, reason]), [["d", "no_common_codec"]]);
  assert.match(of("picture")[0].words, /^Ce navigateur ne peut pas afficher l’image du praticien\./);
  const face = { mid: "3", participant: "d", track: "face", kind: "video", source: "camera" };
  relay.push({ type: "slots", bindings: [face, other] });
  assert.deepEqual(of("picture").slice(1).map(({ reason, words }) => [reason, words]), [["", "L’image du praticien peut de nouveau s’afficher."]]);
  assert.equal(of("error").length, 0);
});
