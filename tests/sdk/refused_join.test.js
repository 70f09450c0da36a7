/** What a join that fails leaves behind. */

import assert from "node:assert/strict";
import test from "node:test";

import { DeviceActions } from "../../signalling/client/element/device_actions.js";
import { bench } from "./consultation_bench.js";
import { joined, refusal } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

test("a connection that does not come up is closed, and the next join opens another that sends what is open", async () => {
  const { clock, consultation, connections, states } = bench({ connects: false });
  await consultation.publish({ audio: true });
  const refused = assert.rejects(consultation.join(), { code: "media_unreachable" });
  await clock.pass(15_000);
  await refused;
  assert.ok(connections.length > 0);
  assert.ok(connections.every(({ closed }) => closed));
  const before = connections.length;
  await clock.pass(60_000);
  assert.equal(connections.length, before, "nothing repairs what is over");
  const again = consultation.join();
  await settled();
  assert.equal(connections.length, before + 1);
  connections.at(-1).become("connected", "connected");
  await again;
  assert.equal(states().at(-1), "waiting alone");
  assert.equal(connections.at(-1).transceivers[0].sender.track.readyState, "live");
});

test("an offer that is refused leaves no connection", async () => {
  const { relay, consultation, connections } = bench({ connects: false });
  relay.answers.offer = () => null;
  const refused = assert.rejects(consultation.join(), { code: "invalid_offer" });
  await settled();
  const [{ id }] = relay.asked("offer");
  relay.push({ ...refusal("invalid_offer"), id });
  await refused;
  assert.deepEqual(connections.map(({ closed }) => closed), [true]);
});

test("after a refused join the devices are the page's to keep for the next one, and leaving closes them", async () => {
  const { relay, consultation } = bench();
  relay.answers.join = () => refusal("room_full");
  await consultation.publish({ audio: true, video: true });
  const tracks = consultation.local.stream.getTracks();
  await assert.rejects(consultation.join(), { code: "room_full" });
  assert.deepEqual(tracks.map(({ readyState }) => readyState), ["live", "live"]);
  await consultation.leave();
  assert.deepEqual(tracks.map(({ readyState }) => readyState), ["ended", "ended"]);
  assert.equal(consultation.state.reason, "room_full", "why it is over stays");
});

test("the element closes camera and microphone once it shows why one cannot come in, and those that open afterwards", async () => {
  const { relay, consultation } = bench();
  relay.answers.join = () => refusal("token_expired");
  await consultation.publish({ audio: true, video: true });
  const first = consultation.local.stream.getTracks();
  const devices = new DeviceActions({ consultation: () => consultation, model: () => ({ state: consultation.state }), change: () => assert.fail("nothing fails") });
  consultation.on("state", () => devices.release());
  consultation.on("local", () => devices.release());
  await assert.rejects(consultation.join(), { code: "token_expired" });
  await settled();
  await consultation.publish({ audio: true });
  await settled();
  assert.deepEqual(consultation.local.sources, []);
  assert.deepEqual(first.map(({ readyState }) => readyState), ["ended", "ended"]);
  assert.deepEqual(consultation.local.stream.getTracks(), []);
});

/** Somebody opens the link elsewhere. */
function takeOver(relay) {
  relay.push({ type: "closing", code: "taken_over", words: "w", action: "a" });
  relay.socket.cut(4002);
}

for (const standing of ["waiting", "admitted"]) {
  test(`whoever is taken over while they join (${standing}) is told at once, and so is whoever joins again with what is over`, async () => {
    const { relay, consultation } = bench({ connects: false });
    relay.answers.join = () => joined({ standing });
    const refused = assert.rejects(consultation.join(), { code: "taken_over" });
    await settled();
    takeOver(relay);
    await refused;
    await assert.rejects(consultation.join({ takeover: true }), { code: "left" });
    assert.equal(consultation.state.reason, "taken_over", "why it is over stays");
    assert.equal(relay.sockets.length, 1);
  });
}

test("whoever leaves while they join is done at once, and comes back with another consultation", async () => {
  const { relay, storage, consultation } = bench({ connects: false });
  const refused = assert.rejects(consultation.join(), { code: "left" });
  await settled();
  await consultation.leave();
  await refused;
  assert.equal(relay.asked("leave").length, 1);
  await assert.rejects(consultation.join(), { code: "left" });
  const next = bench({ relay, storage });
  await next.consultation.join();
  assert.equal(next.states().at(-1), "waiting alone");
});
