import assert from "node:assert/strict";
import test from "node:test";

import { Emitter } from "../../signalling/client/events.js";
import { Interpreting } from "../../signalling/client/interpreting.js";
import { PlayerList } from "../../signalling/client/player_list.js";
import { VirtualClock } from "./virtual_clock.js";

const ROLES = { d: "practitioner", p: "patient", i: "interpreter", j: "interpreter" };

/** A page that plays a doctor, a patient and an interpreter, each by an element of its own. */
function page() {
  const clock = new VirtualClock();
  const line = { events: new Emitter() };
  const here = new Set(Object.keys(ROLES));
  const roster = { find: (id) => (here.has(id) ? { id, role: ROLES[id] } : undefined) };
  const players = new PlayerList();
  const placed = [];
  const elements = {};
  for (const participant of ["d", "p", "i"]) {
    const stream = { of: participant };
    placed.push({ binding: { participant }, stream });
    elements[participant] = { volume: 1, srcObject: stream };
    players.watch(elements[participant], participant === "p" ? stream : null);
  }
  const interpreting = new Interpreting({ clock, line, roster, slots: { placed }, players });
  const say = (participant, speaking = true) => line.events.emit("message", { type: "speaking", participant, speaking });
  const leave = (participant) => {
    here.delete(participant);
    line.events.emit("message", { type: "participant_left", participant, reason: "left" });
  };
  const volumes = () => Object.values(elements).map(({ volume }) => volume);
  return { clock, elements, interpreting, players, say, leave, volumes };
}

test("while an interpreter speaks the others are quieter, and for a breath longer", async () => {
  const { clock, say, volumes } = page();
  say("d");
  assert.deepEqual(volumes(), [1, 1, 1]);
  say("i");
  assert.deepEqual(volumes(), [0.25, 0.25, 1]);
  say("i", false);
  await clock.pass(900);
  say("i");
  say("i", false);
  await clock.pass(900);
  assert.deepEqual(volumes(), [0.25, 0.25, 1]);
  await clock.pass(200);
  assert.deepEqual(volumes(), [1, 1, 1]);
});

test("one of two interpreters who stops lets nobody be louder, and one who leaves does", async () => {
  const { clock, say, leave, volumes } = page();
  say("i");
  say("j");
  say("i", false);
  await clock.pass(5_000);
  assert.deepEqual(volumes(), [0.25, 0.25, 1]);
  leave("j");
  await clock.pass(1_100);
  assert.deepEqual(volumes(), [1, 1, 1]);
});

test("what was set before is what it comes back to, and what is set meanwhile stays", async () => {
  const { clock, elements, say, volumes } = page();
  elements.d.volume = 0.5;
  say("i");
  assert.deepEqual(volumes(), [0.125, 0.25, 1]);
  elements.p.volume = 0.8;
  say("i", false);
  await clock.pass(1_100);
  assert.deepEqual(volumes(), [0.5, 0.8, 1]);
});

test("players that come later are quieter, too; what plays nobody's voice, or has no volume, is left alone", async () => {
  const { clock, elements, players, say } = page();
  say("i");
  const [late, music, context] = [{ volume: 1, srcObject: elements.d.srcObject }, { volume: 1, srcObject: { of: "the page" } }, { state: "running" }];
  for (const player of [late, music, context]) players.watch(player, null);
  say("d");
  assert.deepEqual([late.volume, music.volume, context.volume], [0.25, 1, undefined]);
  say("i", false);
  await clock.pass(1_100);
  assert.equal(late.volume, 1);
});

test("when the consultation ends everybody is as loud as before", () => {
  const { interpreting, say, volumes } = page();
  say("i");
  interpreting.stop();
  assert.deepEqual(volumes(), [1, 1, 1]);
  say("i");
  assert.deepEqual(volumes(), [1, 1, 1]);
});
