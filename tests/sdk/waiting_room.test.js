import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined, refusal } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const WAITING = joined({ standing: "waiting" });
const ADMITTED = { type: "admitted", room: { participants: [DOCTOR] } };

function waitingBench(options) {
  const made = bench(options);
  made.relay.answers.join = () => WAITING;
  const joining = made.consultation.join();
  return { ...made, joining };
}

test("whoever waits opens no connection, and is told their place and the notice", async () => {
  const { relay, consultation, connections, states, joining } = waitingBench({ lang: "fr" });
  const told = [];
  consultation.on("waiting", (detail) => told.push(detail));
  await settled();
  relay.push({ type: "waiting", place: 2, notice: "<b>Dix minutes</b> de retard." });
  relay.push({ type: "waiting", place: 1 });
  await settled();
  assert.deepEqual(states(), ["connecting server", "waiting waiting_room"]);
  assert.equal(consultation.state.words, "Vous êtes en salle d’attente. Personne ne vous voit ni ne vous entend encore.");
  assert.deepEqual(told.map(({ place, notice, words }) => [place, notice, words]), [
    [2, "<b>Dix minutes</b> de retard.", "Une personne est avant vous"],
    [1, "", "C’est bientôt à vous"],
  ]);
  assert.equal(connections.length, 0);
  assert.equal(relay.asked("offer").length, 0);
  relay.push(ADMITTED);
  await joining;
  assert.equal(consultation.state.state, "connected");
  assert.deepEqual(consultation.participants.map(({ id }) => id), ["d"]);
  assert.equal(consultation.standing.waiting, null);
});

test("waiting takes as long as it takes, and a microphone opened meanwhile is announced on admission", async () => {
  const { relay, consultation, clock, joining } = waitingBench();
  const publishing = consultation.publish({ audio: true });
  await settled();
  await clock.pass(60_000);
  await settled();
  assert.equal(consultation.state.state, "waiting");
  assert.equal(relay.asked("publish").length, 0);
  relay.push(ADMITTED);
  await joining;
  await publishing;
  await settled();
  assert.deepEqual(relay.asked("publish").map(({ tracks }) => tracks), [{ 0: "microphone" }]);
});

test("signs of life are rare while waiting, as often as ever in the room, and rare again when sent back", async () => {
  const { relay, clock, joining } = waitingBench();
  await settled();
  await clock.pass(61_000);
  assert.equal(relay.asked("ping").length, 3);
  relay.push(ADMITTED);
  await joining;
  await clock.pass(21_000);
  assert.equal(relay.asked("ping").length, 3 + 4);
  relay.push({ type: "waiting", place: 1, reason: "sent_back" });
  await clock.pass(41_000);
  assert.equal(relay.asked("ping").length, 3 + 4 + 2);
});

test("whoever is sent back loses their connection, waits, and connects and publishes anew when let in", async () => {
  const { relay, consultation, connections, states, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await settled();
  relay.tracks.clear();
  relay.push({ type: "waiting", place: 1, reason: "sent_back" });
  await settled();
  assert.deepEqual(states().slice(-2), ["connected", "waiting sent_back"]);
  assert.equal(connections[0].connectionState, "closed");
  assert.deepEqual(consultation.participants, []);
  assert.equal(of("participant").at(-1).change, "left");
  relay.push({ type: "waiting", place: 1, notice: "Soon." });
  assert.equal(consultation.standing.waiting.reason, "sent_back");
  relay.push(ADMITTED);
  await settled();
  assert.deepEqual(states().slice(-2), ["connecting media", "connected"]);
  assert.equal(connections.length, 2);
  assert.equal(relay.asked("offer").at(-1).fresh, true);
  assert.equal(relay.asked("publish").length, 2);
});

test("whoever is sent back, or goes on in another room, is told that the silences of before are over", async () => {
  const { relay, consultation, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  const silences = [{ track: "voice", publisher: "d", source: "microphone", stage: "not_arriving", cause: "stopped" }];
  for (const news of [{ type: "waiting", place: 1, reason: "sent_back" }, { type: "moved", participant: "other", room: { participants: [DOCTOR] } }]) {
    relay.push({ type: "subscriptions", state: "full", pictures: [] });
    relay.push({ type: "silences", silences });
    assert.equal(consultation.silences.length, 1);
    assert.equal(consultation.subscriptions.state, "full");
    relay.push(news);
    assert.deepEqual(consultation.silences, []);
    assert.equal(consultation.subscriptions, null);
    assert.equal(of("silence").at(-1).over, true);
    await settled();
  }
});

test("a lost socket in the waiting room comes back to it, or into the room if one was let in meanwhile", async () => {
  const { relay, consultation, clock, connections, joining } = waitingBench();
  await settled();
  relay.push({ type: "waiting", place: 3 });
  relay.answers.resume = () => joined({ resumed: true, standing: "waiting" });
  relay.socket.cut(1006);
  await settled();
  assert.equal(consultation.state.state, "connecting");
  await clock.pass(5_000);
  await settled();
  assert.equal(consultation.state.state, "waiting");
  relay.answers.resume = () => joined({ resumed: true, room: { participants: [DOCTOR] } });
  relay.socket.cut(1006);
  await clock.pass(5_000);
  await settled();
  await joining;
  assert.equal(consultation.state.state, "connected");
  assert.equal(connections.length, 1);
});

test("leaving, and being put out, end the wait with their reason", async () => {
  const first = waitingBench();
  await settled();
  const left = assert.rejects(first.joining, { code: "left" });
  await first.consultation.leave();
  await left;
  const second = waitingBench();
  await settled();
  second.relay.push({ type: "closing", code: "ejected", words: "w", action: "a" });
  second.relay.socket.cut(4005);
  await assert.rejects(second.joining, { code: "ejected" });
  assert.equal(second.consultation.state.words, "This consultation is no longer open to you.");
  assert.equal(second.relay.sockets.length, 1, "it does not come back");
});

test("moderators see who waits, and command; a refusal is an error in words", async () => {
  const { relay, consultation } = bench();
  relay.answers.join = () => joined({ role: "practitioner", rights: ["admit", "moderate"] });
  relay.answers.moderate = ({ command }) => (command.do === "admit" ? { type: "ok" } : refusal("not_allowed"));
  const lists = [];
  consultation.on("waiting-room", (detail) => lists.push(detail));
  await consultation.join();
  const person = { id: "p", role: "patient", connected: true, label: "10:15", priority: "normal", waited_s: 4 };
  relay.push({ type: "waiting_room", people: [person], total: 1 });
  assert.deepEqual(consultation.standing.waitingRoom, { people: [person], total: 1, notice: "" });
  assert.deepEqual(lists, [consultation.standing.waitingRoom]);
  assert.deepEqual(consultation.self.rights, ["admit", "moderate"]);
  await consultation.moderate({ do: "admit", participant: "p" });
  await assert.rejects(consultation.moderate({ do: "eject", participant: "p" }), { code: "not_allowed" });
  assert.deepEqual(relay.asked("moderate").map(({ command }) => command.do), ["admit", "eject"]);
});

test("what a moderator muted and who confers is told in words", async () => {
  const { relay, consultation, of } = bench({ lang: "fr" });
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  relay.push({ type: "held_back", sources: ["microphone"] });
  assert.deepEqual(consultation.standing.heldBack, ["microphone"]);
  relay.push({ type: "participant_changed", participant: "d", connected: true, private: true });
  relay.push({ type: "participant_changed", participant: "me", connected: true, private: true });
  relay.push({ type: "participant_changed", participant: "d", connected: true });
  assert.deepEqual(of("participant").slice(-2).map(({ change, words }) => [change, words]), [
    ["private", "Le praticien s’entretient à part ; il vous voit et vous entend pendant ce temps."],
    ["public", "Le praticien est de nouveau avec vous."],
  ]);
  assert.equal(consultation.self.private, true);
  relay.push({ type: "room_changed", locked: true, ends_in_s: 60 });
  assert.deepEqual(consultation.standing.room, { locked: true, ends_in_s: 60 });
});

test("whoever is moved with their connection goes on sending, by other ids", async () => {
  const { relay, consultation, connections, states } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await settled();
  relay.push({ type: "held_back", sources: ["microphone"] });
  const before = states().length;
  const tracks = [{ id: "voice-there", kind: "audio", source: "microphone", muted: false }];
  relay.push({ type: "moved", participant: "me-there", room: { participants: [{ ...DOCTOR, id: "e" }] }, tracks, keeps_leg: true });
  await settled();
  assert.equal(connections.length, 1);
  assert.equal(states().length, before, "nothing of it is seen in the state");
  assert.equal(relay.asked("publish").length, 1);
  assert.deepEqual(consultation.standing.heldBack, []);
  await consultation.mute("microphone");
  await settled();
  assert.deepEqual(relay.asked("mute").map(({ track }) => track), ["voice-there"]);
});

test("a second connection is opened for a relocation, takes over when it is said, and the first one closes then", async () => {
  const { relay, consultation, connections, states } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await settled();
  const before = states().length;
  relay.push({ type: "relocate", ticket: "t-1" });
  await settled();
  assert.equal(connections.length, 2);
  assert.equal(connections[0].connectionState, "connected");
  const offer = relay.asked("offer").at(-1);
  assert.deepEqual([offer.ticket, offer.fresh, offer.tracks], ["t-1", true, { 0: "microphone" }]);
  assert.equal(connections[1].transceivers[0].sender.track, connections[0].transceivers[0].sender.track);
  relay.push({ type: "moved", participant: "me-there", room: { participants: [{ ...DOCTOR, id: "e" }] }, tracks: [], keeps_leg: true, ticket: "t-1" });
  await settled();
  assert.deepEqual(connections.map(({ connectionState }) => connectionState), ["closed", "connected"]);
  assert.equal(states().length, before, "nothing of it is seen in the state");
});

test("a relocation that does not come about leaves no second connection", async () => {
  const { relay, consultation, connections } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  relay.answers.offer = ({ ticket }) => (ticket ? refusal("conflict") : { type: "answer", sdp: "v=0 answer" });
  relay.push({ type: "relocate", ticket: "t-1" });
  await settled();
  assert.equal(connections[0].connectionState, "connected");
  relay.push({ type: "moved", participant: "me-there", room: { participants: [] } });
  await settled();
  assert.deepEqual(connections.map(({ connectionState }) => connectionState), ["closed", "closed", "connected"]);
  assert.equal(relay.asked("offer").at(-1).ticket, undefined);
});

test("whoever is moved goes on in the other room under another id", async () => {
  const { relay, consultation, connections, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await consultation.join();
  const colleague = { ...DOCTOR, id: "e" };
  relay.push({ type: "moved", participant: "me-there", room: { participants: [colleague] } });
  await settled();
  assert.equal(consultation.self.id, "me-there");
  assert.deepEqual(consultation.participants.map(({ id }) => id), ["e"]);
  assert.deepEqual(of("participant").slice(-2).map(({ change }) => change), ["left", "joined"]);
  assert.equal(connections.length, 2);
  assert.equal(consultation.state.state, "connected");
});
