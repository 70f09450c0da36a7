import assert from "node:assert/strict";
import test from "node:test";

import { patientReconnect } from "../../signalling/client/reconnect.js";
import { SeatLine } from "../../signalling/client/seat_line.js";
import { SeatMemory } from "../../signalling/client/seat_memory.js";
import { FakeRelay, MemoryStorage, joined, refusal } from "./fake_relay.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const SHOWN = () => false;
const HIDDEN = () => true;

/** A generator of the same numbers each time (Lehmer, modulus 2^31 - 1), uniform in (0, 1). */
function numbersFrom(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function lineTo(relay, policy) {
  const clock = new VirtualClock();
  const line = new SeatLine({
    lang: "en",
    url: "wss://relay.test/v1/ws",
    token: async () => "the-token",
    memory: new SeatMemory(new MemoryStorage(), { room: "r", sub: "s" }),
    policy,
    clock,
    openSocket: relay.openSocket,
  });
  const ended = [];
  line.events.on("ended", ({ code }) => ended.push(code));
  return { line, clock, ended };
}

test("ceilings double from 0.4 s to 3 s, to 12 s where nobody looks, and ten minutes are the end", () => {
  const longest = (isHidden) => [0, 1, 2, 3, 4, 5, 2_000].map((attempt) => patientReconnect(() => 1, isHidden)(attempt, 0));
  assert.deepEqual(longest(SHOWN), [400, 800, 1_600, 3_000, 3_000, 3_000, 3_000]);
  assert.deepEqual(longest(HIDDEN), [400, 800, 1_600, 3_200, 6_400, 12_000, 12_000]);
  assert.equal(patientReconnect(() => 0, SHOWN)(9, 0), 0, "the whole of the ceiling is drawn from");
  assert.equal(patientReconnect(() => 0.5, SHOWN)(0, 600_001), null);
});

test("whenever a killed relay is back, a page that is looked at is back within 3.5 s", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const relay = new FakeRelay();
    const { line, clock } = lineTo(relay, patientReconnect(numbersFrom(seed), SHOWN));
    await line.open(false);
    relay.reachable = false;
    relay.socket.cut(1006);
    await clock.pass(seed * 250);
    assert.equal(line.attached, false);
    relay.reachable = true;
    await clock.pass(3_500);
    assert.equal(line.attached, true, `away ${seed * 250} ms`);
  }
});

test("a thousand pages a restarted relay lost at one moment come back spread out", () => {
  const random = numbersFrom(7);
  const policies = Array.from({ length: 1_000 }, () => patientReconnect(random, SHOWN));
  for (const attempt of [0, 1, 5]) {
    const slices = Array.from({ length: 10 }, () => 0);
    const ceiling_ms = Math.min(400 * 2 ** attempt, 3_000);
    for (const policy of policies) slices[Math.floor((policy(attempt, 0) / ceiling_ms) * 10)] += 1;
    assert.ok(Math.max(...slices) < 150, `${slices}`);
  }
});

test("the first join waits for nothing", async () => {
  const relay = new FakeRelay();
  const { line } = lineTo(relay, () => 5_000);
  await line.open(false);
  assert.equal(line.attached, true);
});

test("news of a working network tries at once and begins the ladder anew", async () => {
  const relay = new FakeRelay();
  const asked = [];
  const policy = (attempt) => (asked.push(attempt), 10_000);
  const { line, clock } = lineTo(relay, policy);
  await line.open(false);
  relay.reachable = false;
  relay.socket.cut(1006);
  await clock.pass(25_000);
  assert.deepEqual(asked, [0, 1, 2]);
  const sockets = relay.sockets.length;
  line.hurry();
  await settled();
  assert.equal(relay.sockets.length, sockets + 1, "one attempt, at once");
  assert.deepEqual(asked, [0, 1, 2, 0]);
});

test("hurry does not cut short the time an overloaded relay asks for", async () => {
  const relay = new FakeRelay();
  relay.answers.join = () => refusal("overloaded", { retry_after_s: 3 });
  const { line, clock } = lineTo(relay, () => 0);
  line.open(false).catch(() => {});
  await clock.pass(1_000);
  for (let n = 0; n < 20; n++) line.hurry();
  await settled();
  assert.equal(relay.asked("join").length, 1);
  relay.answers.join = () => joined();
  await clock.pass(2_000);
  assert.equal(line.attached, true);
});

test("an attempt that set out over a dead network is given up when another network comes", async () => {
  const relay = new FakeRelay();
  const { line, clock } = lineTo(relay, () => 100);
  await line.open(false);
  const { openSocket } = relay;
  const silent = { close() {}, readyState: 0 };
  line.about.openSocket = () => silent;
  relay.socket.cut(1006);
  await clock.pass(1_000);
  line.about.openSocket = openSocket;
  line.hurry();
  await clock.pass(500);
  assert.equal(line.attached, false, "after one second it may yet be answered");
  await clock.pass(2_000);
  line.hurry();
  await clock.pass(200);
  assert.equal(line.attached, true);
});

test("a join that the relay takes five seconds over survives news of the network", async () => {
  const relay = new FakeRelay();
  // Requests are read in order: until the join is answered, no ping is.
  relay.answers.join = relay.answers.ping = () => null;
  const { line, clock } = lineTo(relay, () => 100);
  const opening = line.open(false);
  await clock.pass(500);
  line.hurry();
  await clock.pass(2_500);
  line.hurry();
  await clock.pass(2_000);
  relay.push({ ...joined(), id: relay.asked("join")[0].id });
  await opening;
  assert.equal(line.attached, true);
  assert.equal(relay.sockets.length, 1);
});

test("a seat's socket that does not answer after news of the network is replaced in two seconds", async () => {
  const relay = new FakeRelay();
  const { line, clock } = lineTo(relay, () => 0);
  await line.open(false);
  relay.socket.deaf = true;
  await clock.pass(100);
  line.hurry();
  await clock.pass(2_000);
  assert.equal(relay.sockets.length, 2);
  assert.equal(line.attached, true);
});

test("whoever comes back to a restarted relay before the room's opener waits for them", async () => {
  const relay = new FakeRelay();
  const { line, clock, ended } = lineTo(relay, patientReconnect(numbersFrom(3), SHOWN));
  await line.open(false);
  relay.answers.resume = () => refusal("seat_unknown");
  relay.answers.join = () => refusal("unknown_room");
  relay.socket.cut(1006);
  await clock.pass(8_000);
  assert.deepEqual(ended, []);
  relay.answers.join = () => joined();
  await clock.pass(8_000);
  assert.equal(line.attached, true);
});

test("for a room that is not back attempts come quickly, then every eight seconds, with one token", async () => {
  const relay = new FakeRelay();
  const { line, clock } = lineTo(relay, patientReconnect(() => 1, SHOWN));
  await line.open(false);
  let asked = 0;
  line.about.token = async () => `token ${++asked}`;
  relay.reachable = false;
  relay.socket.cut(1006);
  await clock.pass(10_000);
  relay.reachable = true;
  const joins = [];
  relay.answers.resume = () => refusal("seat_unknown");
  relay.answers.join = ({ token }) => (joins.push([clock.now_ms(), token]), refusal("unknown_room"));
  await clock.pass(40_000);
  const gaps_ms = joins.slice(1).map(([at_ms], index) => at_ms - joins[index][0]);
  assert.deepEqual(gaps_ms.slice(0, 7), [400, 800, 1_600, 3_200, 6_400, 8_000, 8_000]);
  assert.deepEqual([...new Set(joins.map(([, token]) => token))], ["token 1"]);
});

test("a token that expires while the room is awaited is replaced at once; a new one that is too old ends it", async () => {
  const relay = new FakeRelay();
  const { line, clock, ended } = lineTo(relay, () => 1_000);
  await line.open(false);
  let asked = 0;
  line.about.token = async () => `token ${++asked}`;
  const tokens = [];
  relay.answers.resume = () => refusal("seat_unknown");
  relay.answers.join = ({ token }) => {
    tokens.push(token);
    return refusal(tokens.length === 3 ? "token_expired" : "unknown_room");
  };
  relay.socket.cut(1006);
  await clock.pass(4_500);
  assert.deepEqual(tokens, ["token 1", "token 1", "token 1", "token 2", "token 2"]);
  assert.deepEqual(ended, []);
  relay.answers.join = () => refusal("token_expired");
  await clock.pass(2_000);
  assert.equal(asked, 3);
  assert.deepEqual(ended, ["token_expired"]);
});

test("a page reloaded while its relay restarts waits for the room; its next click does not", async () => {
  const relay = new FakeRelay();
  const { line, clock } = lineTo(relay, patientReconnect(numbersFrom(3), SHOWN));
  line.about.memory.keep({ seat: "seat-0", secret: "secret-0" });
  relay.answers.resume = () => refusal("seat_unknown");
  relay.answers.join = () => refusal("unknown_room");
  const opening = line.open(false);
  await clock.pass(40_000);
  relay.answers.join = () => joined();
  await clock.pass(8_000);
  assert.equal((await opening).participant, "me");
  await line.leave();
  relay.answers.join = () => refusal("unknown_room");
  await assert.rejects(line.open(false), { code: "unknown_room" });
});

test("a room that nobody opens again for a minute is over", async () => {
  const relay = new FakeRelay();
  const { line, clock, ended } = lineTo(relay, patientReconnect(numbersFrom(5), SHOWN));
  await line.open(false);
  relay.answers.resume = () => refusal("seat_unknown");
  relay.answers.join = () => refusal("unknown_room");
  relay.socket.cut(1006);
  await clock.pass(70_000);
  assert.deepEqual(ended, ["unknown_room"]);
});

test("a first join to a room that is not open is refused at once", async () => {
  const relay = new FakeRelay();
  relay.answers.join = () => refusal("unknown_room");
  await assert.rejects(lineTo(relay, () => 0).line.open(false), { code: "unknown_room" });
});
