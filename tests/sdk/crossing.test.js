import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined, refusal, token } from "./fake_relay.js";
import "../../signalling/client/elsewhere.js";
import "../../signalling/client/renewal.js";
import { settled } from "./virtual_clock.js";

const ELSEWHERE = "wss://elsewhere.test/v1/ws";
const ASKED = { type: "relocate", url: ELSEWHERE, ticket: "token-there" };
const THERE = joined({ seat: "seat-there", secret: "secret-there", participant: "me-there" });

/** A page in a consultation, whose next join is answered by the other relay. */
async function connected(options = {}) {
  const made = bench(options);
  made.relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([made.consultation.join(), made.consultation.publish({ audio: true })]);
  await settled();
  made.relay.answers.join = () => THERE;
  return { ...made, home: made.relay.socket, before: made.states().length };
}

/** Lets a page's waits pass, a look at a time. */
async function pass(clock, ms) {
  for (let passed = 0; passed < ms; passed += 20) {
    await clock.pass(20);
    await settled();
  }
}

test("whoever is sent on joins and publishes there first, and leaves here then, without a word in the state", async () => {
  const { relay, consultation, clock, connections, states, home, before } = await connected();
  relay.push(ASKED);
  await settled();
  relay.push({ type: "participant_joined", participant: { ...DOCTOR, id: "e" } });
  assert.deepEqual(connections.map(({ connectionState }) => connectionState), ["connected", "connected"]);
  assert.equal(relay.asked("leave").length, 0);
  await pass(clock, 2_100);
  assert.equal(relay.socket.url, ELSEWHERE);
  assert.equal(relay.asked("join").at(-1).token, "token-there");
  assert.deepEqual(relay.asked("publish").at(-1).tracks, { 0: "microphone" });
  assert.deepEqual(connections.map(({ connectionState }) => connectionState), ["closed", "connected"]);
  assert.deepEqual([relay.asked("leave").length, home.readyState, relay.socket.readyState], [1, 3, 1]);
  assert.equal(consultation.self.id, "me-there");
  assert.deepEqual(consultation.participants.map(({ id }) => id), ["e"]);
  assert.equal(states().length, before);
});

for (const [where, options] of [["", {}], [", also without storage", { storage: null }]]) {
  test(`a cut after that is mended at the other relay, and a seat that is gone there ends it${where}`, async () => {
    const { relay, clock, states } = await connected(options);
    relay.push(ASKED);
    await pass(clock, 2_100);
    relay.answers.resume = () => ({ ...THERE, resumed: true });
    relay.socket.cut(1006);
    await pass(clock, 5_000);
    assert.deepEqual([relay.socket.url, relay.asked("resume").at(-1).seat], [ELSEWHERE, "seat-there"]);
    relay.answers.resume = () => refusal("seat_unknown");
    relay.answers.join = () => refusal("token_expired");
    relay.socket.cut(1006);
    await pass(clock, 10_000);
    assert.equal(relay.socket.url, ELSEWHERE, "at the first relay it would be alone");
    assert.equal(relay.asked("join").length, 3);
    assert.match(states().at(-1), /seat_unknown$/);
  });
}

/** A page that has gone over to another relay, which has forgotten it since. */
async function forgottenThere(options = {}) {
  const made = await connected(options);
  made.relay.push(ASKED);
  await pass(made.clock, 2_100);
  made.relay.answers.resume = () => refusal("seat_unknown");
  made.since = made.relay.asked("join").length;
  return made;
}

/** With which tokens it has joined since, and where it is. */
function back({ relay, since }) {
  return [relay.asked("join").slice(since).map((request) => request.token), relay.socket.url];
}

test("whose seat is gone there comes back there, as often as that happens, by the token it was sent on with", async () => {
  const made = await forgottenThere();
  for (const times of [1, 2]) {
    made.relay.socket.cut(1006);
    await pass(made.clock, 10_000);
    assert.deepEqual(back(made), [Array(times).fill("token-there"), ELSEWHERE]);
    made.relay.answers.resume = () => ({ ...THERE, resumed: true });
    made.relay.socket.cut(1006);
    await pass(made.clock, 5_000);
    made.relay.answers.resume = () => refusal("seat_unknown");
  }
  assert.doesNotMatch(made.states().at(-1), /left/);
});

test("where that token is too old, the page's server is asked for another one for there", async () => {
  const newer = token({ url: ELSEWHERE, jti: "newer" });
  let asked = 0;
  const made = await forgottenThere({ given: token(), options: { renewToken: async () => (asked++, newer) } });
  made.relay.answers.join = (request) => (request.token === newer ? THERE : refusal("token_expired"));
  made.relay.socket.cut(1006);
  await pass(made.clock, 10_000);
  assert.deepEqual(back(made), [["token-there", newer], ELSEWHERE]);
  assert.equal(asked, 1);
});

for (const [what, renewToken, joins] of [
  ["is for the relay that it set out from", async () => token(), ["token-there"]],
  ["is not there", "/token", ["token-there"]],
  ["is too old, too", async () => token({ url: ELSEWHERE, jti: "also old" }), ["token-there", token({ url: ELSEWHERE, jti: "also old" })]],
]) {
  test(`where the other one ${what}, it ends`, async () => {
    globalThis.fetch = async () => ({ status: 404, ok: false });
    const made = await forgottenThere({ given: token(), options: { renewToken } });
    made.relay.answers.join = () => refusal("token_expired");
    made.relay.socket.cut(1006);
    await pass(made.clock, 20_000);
    assert.deepEqual(back(made), [joins, ELSEWHERE]);
    assert.match(made.states().at(-1), /left/);
  });
}

test("whoever confers and is sent on says so there", async () => {
  const { relay, consultation, clock } = await connected();
  relay.push({ type: "participant_changed", participant: consultation.self.id, connected: true, private: true, group: "the-key" });
  relay.push(ASKED);
  await pass(clock, 2_100);
  assert.deepEqual(relay.asked("join").map(({ confers }) => confers), [undefined, "the-key"]);
});

test("a path that did not last is not gone over to", async () => {
  const { relay, consultation, clock, connections, home } = await connected();
  relay.push(ASKED);
  await pass(clock, 200);
  assert.equal(connections[1].connectionState, "connected");
  connections[1].become("disconnected", "disconnected");
  await pass(clock, 16_000);
  assert.deepEqual([home.readyState, consultation.self.id], [1, "me"]);
  assert.deepEqual(connections.map(({ connectionState }) => connectionState), ["connected", "closed"]);
});

test("a socket that is lost there before one has gone over is not gone over to", async () => {
  const { relay, consultation, clock, home } = await connected();
  relay.push(ASKED);
  await pass(clock, 200);
  assert.deepEqual([relay.socket.url, home.readyState], [ELSEWHERE, 1]);
  relay.socket.cut(1006);
  await pass(clock, 16_000);
  assert.deepEqual([home.readyState, consultation.self.id, relay.asked("leave").length], [1, "me", 0]);
});

test("what fails there changes nothing here", async () => {
  for (const fails of [
    ({ relay }) => (relay.answers.join = () => refusal("token_invalid")),
    ({ relay }) => (relay.answers.offer = () => refusal("invalid_offer")),
    ({ relay }) => (relay.reachable = false),
  ]) {
    const made = await connected();
    const { relay, consultation, clock, connections, states, home, before } = made;
    fails(made);
    relay.push(ASKED);
    await pass(clock, 16_000);
    assert.equal(connections[0].connectionState, "connected");
    assert.ok(connections.slice(1).every(({ closed }) => closed));
    assert.equal(home.readyState, 1);
    assert.ok(relay.sockets.slice(1).every(({ readyState }) => readyState === 3));
    assert.equal(consultation.self.id, "me");
    assert.equal(states().length, before);
  }
});

test("whoever is left behind while they go over is not told that they are alone, unless they stay", async () => {
  const { relay, clock, states, home, before } = await connected();
  relay.push(ASKED);
  await pass(clock, 200);
  home.onmessage({ data: JSON.stringify({ type: "participant_left", participant: DOCTOR.id, reason: "left" }) });
  await settled();
  assert.equal(states().length, before);
  relay.socket.cut(1006);
  await settled();
  assert.match(states().at(-1), /alone$/);
});
