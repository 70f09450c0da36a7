/** What the example clinic says of people. */

import assert from "node:assert/strict";
import test from "node:test";

import { fill, newlyWaiting, othersIn, stateOf, stateOfRow } from "../../examples/clinic/static/sentences.js";

const WORDS = {
  absent: "not here",
  arrived: "just came",
  waiting: "waits {minutes} min",
  inside: "in for {minutes} min",
  cut: "cut",
  unheard: "unheard",
  apart: "apart",
  over: "over",
  elsewhere: "at {where}",
  here: "with {names}",
};

const SOMEBODY = {
  who: "p-1",
  name: "Jeanne Petit",
  role: "patient",
  standing: "waiting",
  place: 1,
  is_connected: true,
  is_heard: true,
  is_private: false,
  is_me: false,
  here_s: 0,
};

test("values take their places, and a place without a value stays", () => {
  assert.equal(fill("{name} at {hour}, {other}", { name: "$& {hour}", hour: "10:15" }), "$& {hour} at 10:15, {other}");
});

test("minutes go on between two words of the server", () => {
  assert.equal(stateOf(undefined, 0, WORDS), "not here");
  assert.equal(stateOf(SOMEBODY, 59, WORDS), "just came");
  assert.equal(stateOf({ ...SOMEBODY, here_s: 30 }, 30, WORDS), "waits 1 min");
  assert.equal(stateOf({ ...SOMEBODY, standing: "admitted", here_s: 125 }, 0, WORDS), "in for 2 min");
});

test("whoever does not come through is said to, and why where it is known", () => {
  const inside = { ...SOMEBODY, standing: "admitted" };
  assert.equal(stateOf({ ...inside, is_heard: false }, 0, WORDS), "in for 0 min · unheard");
  assert.equal(stateOf({ ...inside, is_heard: false, is_connected: false }, 0, WORDS), "in for 0 min · cut");
  assert.equal(stateOf({ ...inside, is_private: true }, 0, WORDS), "in for 0 min · apart");
});

test("an appointment says where its patient is, and who else is there", () => {
  const row = { id: 1, is_over: false, elsewhere: "", people: [SOMEBODY] };
  assert.equal(stateOfRow(row, "p-1", 0, WORDS), "just came");
  assert.equal(stateOfRow({ ...row, people: [] }, "p-1", 0, WORDS), "not here");
  assert.equal(stateOfRow({ ...row, people: [], elsewhere: "10:45" }, "p-1", 0, WORDS), "at 10:45");
  assert.equal(stateOfRow({ ...row, is_over: true }, "p-1", 0, WORDS), "over");
  assert.equal(othersIn(row, "p-1", WORDS), "");
  const others = ["Robin", "Claire"].map((name) => ({ ...SOMEBODY, who: name, name }));
  assert.equal(othersIn({ ...row, people: [SOMEBODY, ...others] }, "p-1", WORDS), "with Robin, Claire");
});

test("whoever begins to wait is news once, and again when they come back", () => {
  const waited = new Set();
  assert.deepEqual(newlyWaiting(waited, [SOMEBODY]), [SOMEBODY]);
  assert.deepEqual(newlyWaiting(waited, [SOMEBODY]), []);
  assert.deepEqual(newlyWaiting(waited, [{ ...SOMEBODY, standing: "admitted" }]), []);
  assert.deepEqual(newlyWaiting(waited, [SOMEBODY]), [SOMEBODY]);
});
