import assert from "node:assert/strict";
import test from "node:test";

import { Roster } from "../../signalling/client/roster.js";
import { VirtualClock } from "./virtual_clock.js";

const doctor = { id: "d", role: "practitioner", connected: true, tracks: [{ id: "t", kind: "audio", source: "microphone", muted: false }] };
const changes = (events) => events.map((event) => (event.type === "muted" ? ["muted", event.track.muted] : [event.change, event.participant.id]));

function started(...participants) {
  const roster = new Roster(new VirtualClock());
  const events = roster.start({ participant: "me", room: { participants } });
  return { roster, events };
}

test("those who are there on joining are told as joined, oneself is not", () => {
  const { roster, events } = started(doctor, { ...doctor, id: "me" });
  assert.deepEqual(changes(events), [["joined", "d"]]);
  assert.deepEqual(roster.others.map(({ id }) => id), ["d"]);
});

test("comings, goings and cuts are told once each", () => {
  const { roster } = started();
  assert.deepEqual(changes(roster.apply({ type: "participant_joined", participant: doctor })), [["joined", "d"]]);
  assert.deepEqual(changes(roster.apply({ type: "participant_changed", participant: "d", connected: false })), [["interrupted", "d"]]);
  assert.deepEqual(changes(roster.apply({ type: "participant_changed", participant: "d", connected: false })), []);
  assert.deepEqual(changes(roster.apply({ type: "participant_changed", participant: "d", connected: true })), [["back", "d"]]);
  assert.deepEqual(changes(roster.apply({ type: "participant_left", participant: "d", reason: "left" })), [["left", "d"]]);
  assert.deepEqual(changes(roster.apply({ type: "participant_left", participant: "d", reason: "left" })), []);
  assert.equal(roster.known("d").role, "practitioner", "tracks that end after their owner still have one");
});

test("tracks are published, muted and withdrawn", () => {
  const { roster } = started(doctor);
  assert.deepEqual(changes(roster.apply({ type: "track_muted", participant: "d", track: "t", muted: true })), [["muted", true]]);
  assert.deepEqual(changes(roster.apply({ type: "track_muted", participant: "d", track: "t", muted: true })), []);
  roster.apply({ type: "track_published", participant: "d", track: { id: "v", kind: "video", source: "camera", muted: false } });
  assert.equal(roster.track("v").source, "camera");
  roster.apply({ type: "track_unpublished", participant: "d", track: "v" });
  assert.equal(roster.track("v"), undefined);
  assert.equal(doctor.tracks[0].muted, false, "the relay's message is not written to");
});

test("coming back tells what changed meanwhile", () => {
  const { roster } = started(doctor, { ...doctor, id: "c", role: "carer" });
  const muted = { ...doctor, tracks: [{ ...doctor.tracks[0], muted: true }] };
  const events = roster.start({ participant: "me", room: { participants: [muted, { ...doctor, id: "i", role: "interpreter" }] } });
  assert.deepEqual(changes(events), [["left", "c"], ["muted", true], ["joined", "i"]]);
});

test("messages about strangers are ignored", () => {
  const { roster } = started();
  for (const type of ["participant_left", "participant_changed", "track_published", "track_muted", "track_unpublished"]) {
    assert.deepEqual(roster.apply({ type, participant: "x", track: { id: "t" }, muted: true, connected: false }), []);
  }
});
