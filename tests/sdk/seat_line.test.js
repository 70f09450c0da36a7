import assert from "node:assert/strict";
import test from "node:test";

import { failure } from "../../signalling/client/errors.js";
import { SeatLine } from "../../signalling/client/seat_line.js";
import { SeatMemory } from "../../signalling/client/seat_memory.js";
import { FakeRelay, MemoryStorage, joined, refusal } from "./fake_relay.js";
import "./fetched.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const LADDER_MS = [0, 300, 1_200, 2_700];

function lineTo(relay, { storage = new MemoryStorage(), policy = (attempt) => LADDER_MS[attempt] ?? null } = {}) {
  const clock = new VirtualClock();
  const line = new SeatLine({
    lang: "en",
    url: "wss://relay.test/v1/ws",
    token: async () => "the-token",
    memory: new SeatMemory(storage, { room: "r", sub: "s" }),
    policy,
    clock,
    openSocket: relay.openSocket,
  });
  const told = [];
  for (const type of ["attached", "detached", "ended"]) line.events.on(type, (detail) => told.push([type, detail?.code ?? detail?.resumed]));
  return { line, clock, told, storage };
}

test("the first join sends the token over the versioned subprotocol and keeps the seat's secret", async () => {
  const relay = new FakeRelay();
  const { line, storage } = lineTo(relay);
  const answer = await line.open(false);
  assert.equal(answer.participant, "me");
  assert.equal(relay.socket.protocol, "visavis.v1");
  assert.equal(relay.asked("join")[0].token, "the-token");
  assert.deepEqual(JSON.parse(storage.getItem("visavis.seat r s")), { seat: "seat-1", secret: "secret-1" });
});

test("a cut socket is resumed at once with seat and secret, without a new join", async () => {
  const relay = new FakeRelay();
  const { line, told } = lineTo(relay);
  await line.open(false);
  relay.socket.cut(1006);
  await settled();
  assert.deepEqual(relay.asked("resume").map(({ seat, secret }) => ({ seat, secret })), [{ seat: "seat-1", secret: "secret-1" }]);
  assert.equal(relay.asked("join").length, 1);
  assert.deepEqual(told, [["attached", false], ["detached", undefined], ["attached", true]]);
});

test("while the relay is unreachable attempts follow the ladder, and then the line ends", async () => {
  const relay = new FakeRelay();
  const { line, clock, told } = lineTo(relay);
  await line.open(false);
  const times_ms = [];
  const open = relay.openSocket;
  line.about.openSocket = (...args) => {
    times_ms.push(clock.now_ms());
    return open(...args);
  };
  relay.reachable = false;
  relay.socket.cut(1006);
  await clock.pass(60_000);
  assert.deepEqual(times_ms, [0, 300, 1_500, 4_200]);
  assert.deepEqual(told.at(-1), ["ended", "connection_lost"]);
});

test("news of a working network ends the wait at once", async () => {
  const relay = new FakeRelay();
  const { line, clock, told } = lineTo(relay, { policy: () => 7_000 });
  await line.open(false);
  relay.socket.cut(1006);
  await clock.pass(1_000);
  assert.equal(line.attached, false);
  line.hurry();
  await settled();
  assert.deepEqual(told.at(-1), ["attached", true]);
});

test("ten silent seconds are a lost socket", async () => {
  const relay = new FakeRelay();
  const { line, clock, told } = lineTo(relay);
  await line.open(false);
  await clock.pass(30_000);
  assert.equal(told.length, 1, "answered pings keep it alive");
  relay.socket.deaf = true;
  await clock.pass(9_000);
  assert.equal(told.length, 1);
  await clock.pass(7_000);
  assert.deepEqual(told.slice(1), [["detached", undefined], ["attached", true]]);
});

test("a page whose timers stood still asks before it takes its socket for lost", async () => {
  const relay = new FakeRelay();
  const { line, clock, told } = lineTo(relay);
  await line.open(false);
  const { after } = clock;
  clock.after = (delay_ms, action) => after(Math.max(delay_ms, 60_000), action);
  await clock.pass(300_000);
  assert.equal(told.length, 1, "a hidden page gets a turn a minute, and its socket lives");
  clock.after = after;
  relay.socket.deaf = true;
  await clock.pass(10_000);
  assert.deepEqual(told.slice(1), [["detached", undefined], ["attached", true]]);
});

test("a seat the relay no longer knows is joined anew with the token", async () => {
  const relay = new FakeRelay();
  relay.answers.resume = () => refusal("seat_unknown");
  const { line } = lineTo(relay);
  await line.open(false);
  relay.socket.cut(1006);
  await settled();
  assert.equal(relay.asked("join").length, 2);
  assert.equal(line.attached, true);
});

for (const code of ["replaced", "taken_over", "room_closed"]) {
  test(`after ${code} the line ends, forgets the seat and does not come back`, async () => {
    const relay = new FakeRelay();
    const { line, clock, told, storage } = lineTo(relay);
    await line.open(false);
    relay.push({ type: "closing", code, words: "w", action: "a" });
    relay.socket.cut(4002);
    await clock.pass(60_000);
    assert.deepEqual(told.at(-1), ["ended", code]);
    assert.equal(relay.sockets.length, 1);
    assert.equal(storage.values.size, 0);
  });
}

test("a draining relay is left and found again", async () => {
  const relay = new FakeRelay();
  const { line, told } = lineTo(relay);
  await line.open(false);
  relay.push({ type: "closing", code: "draining", words: "w", action: "a" });
  relay.socket.cut(1001);
  await settled();
  assert.deepEqual(told.at(-1), ["attached", true]);
});

test("a refused join rejects with the relay's code in the person's words and may be tried again", async () => {
  const relay = new FakeRelay();
  relay.answers.join = ({ takeover }) => (takeover ? joined() : refusal("seat_taken"));
  const { line } = lineTo(relay);
  await assert.rejects(line.open(false), { code: "seat_taken", words: "This consultation is already open in another window." });
  await line.open(true);
  assert.equal(line.attached, true);
});

test("an overloaded relay is given the time it asks for", async () => {
  const relay = new FakeRelay();
  const clockOf = { now_ms: () => 0 };
  const joins_ms = [];
  relay.answers.join = () => {
    joins_ms.push(clockOf.now_ms());
    return joins_ms.length === 1 ? refusal("overloaded", { retry_after_s: 3 }) : joined();
  };
  const { line, clock } = lineTo(relay);
  clockOf.now_ms = clock.now_ms;
  const opening = line.open(false);
  await clock.pass(5_000);
  await opening;
  assert.deepEqual(joins_ms, [0, 3_000]);
});

test("a reload of the page resumes the same seat", async () => {
  const relay = new FakeRelay();
  const storage = new MemoryStorage();
  await lineTo(relay, { storage }).line.open(false);
  const { line } = lineTo(relay, { storage });
  const answer = await line.open(false);
  assert.equal(answer.resumed, true);
  assert.equal(relay.asked("join").length, 1);
});

test("leaving says so and forgets the seat", async () => {
  const relay = new FakeRelay();
  const { line, storage, told } = lineTo(relay);
  await line.open(false);
  await line.leave();
  assert.equal(relay.asked("leave").length, 1);
  assert.equal(storage.values.size, 0);
  assert.equal(told.length, 1);
  await assert.rejects(line.request("offer"), { code: "connection_lost" });
});

test("requests in flight when the socket dies are rejected, and text that is not a message is ignored", async () => {
  const relay = new FakeRelay();
  const { line } = lineTo(relay);
  await line.open(false);
  for (const data of ["", "null", "[]", "{", '{"type":3}', '{"type":"answer","id":"x"}']) relay.socket.onmessage({ data });
  relay.socket.deaf = true;
  const pending = line.request("offer", { sdp: "" });
  relay.socket.cut(1006);
  await assert.rejects(pending, { code: "connection_lost" });
});

test("whoever confers says so when they join anew, and no longer once it is over", async () => {
  const relay = new FakeRelay();
  relay.answers.resume = () => refusal("seat_unknown");
  const { line } = lineTo(relay);
  await line.open(false);
  relay.push({ type: "participant_changed", participant: "me", connected: true, private: true, group: "the-key" });
  relay.push({ type: "participant_changed", participant: "you", connected: true, private: true });
  relay.answers.join = () => joined({ private: true, group: "the-key" });
  relay.socket.cut(1006);
  await settled();
  assert.equal(relay.asked("join").at(-1).confers, "the-key");
  relay.push({ type: "participant_changed", participant: "me", connected: true, private: false, group: "" });
  relay.socket.cut(1006);
  await settled();
  assert.equal(relay.asked("join").length, 3);
  assert.equal("confers" in relay.asked("join").at(-1), false);
});

test("a page that was reloaded while it conferred says so to a relay that forgot it", async () => {
  const relay = new FakeRelay();
  const storage = new MemoryStorage();
  await lineTo(relay, { storage }).line.open(false);
  relay.push({ type: "participant_changed", participant: "me", connected: true, private: true, group: "the-key" });
  relay.answers.resume = () => refusal("seat_unknown");
  await lineTo(relay, { storage }).line.open(false);
  assert.equal(relay.asked("join").at(-1).confers, "the-key");
});

test("what waited for a token when the line was closed does not go on beside the line that was opened anew", async () => {
  const relay = new FakeRelay();
  relay.answers.resume = () => refusal("seat_unknown");
  const { line, clock, told } = lineTo(relay);
  await line.open(false);
  const coming = [];
  line.about.token = () => new Promise((resolve, reject) => coming.push({ resolve, reject }));
  for (const answer of ["resolve", "reject"]) {
    relay.socket.cut(1006);
    await settled();
    assert.equal(line.attached, false);
    const { token } = line.about;
    line.close();
    line.about.token = async () => `after ${answer}`;
    await line.open(false);
    const sockets = relay.sockets.length;
    coming.pop()[answer](answer === "resolve" ? "too late" : failure("en", "token_expired"));
    await clock.pass(60_000);
    assert.deepEqual([line.attached, relay.sockets.length], [true, sockets]);
    line.about.token = token;
  }
  assert.deepEqual(relay.asked("join").map(({ token }) => token), ["the-token", "after resolve", "after reject"]);
  assert.deepEqual(told.filter(([type]) => type === "ended"), []);
});

test("a line that is closed while it waits asks for nothing more, also where the relay asked for that time", async () => {
  const relay = new FakeRelay();
  relay.answers.join = () => refusal("overloaded", { retry_after_s: 3 });
  const { line, clock } = lineTo(relay);
  const refused = assert.rejects(line.open(false), { code: "left" });
  await clock.pass(1_000);
  line.close();
  await refused;
  relay.answers.join = () => joined();
  await line.open(false);
  await clock.pass(60_000);
  assert.deepEqual([relay.asked("join").length, relay.sockets.length, line.attached], [2, 2, true]);
});
