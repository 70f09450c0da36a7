/** The band of what is being written: how long a line stands there. */

import assert from "node:assert/strict";
import test from "node:test";

import { LiveText } from "../../signalling/client/element/live_text.js";
import { newModel } from "../../signalling/client/element/model.js";
import { Panels } from "../../signalling/client/element/panels.js";
import { becomePage } from "./fake_page.js";
import { en } from "./fetched.js";

const clock = becomePage();

const PATIENT = { id: "p", role: "patient" };
const INTERPRETER = { id: "i", role: "interpreter" };
const HERE = ["me", "p", "i"];

const typed = (text, change = {}) => ({ participant: PATIENT, writer: PATIENT, kind: "typed", line: 1, text, done: false, lang: "", ...change });
const captioned = (text, change = {}) => typed(text, { writer: INTERPRETER, kind: "caption", ...change });
const shown = (live) => live.element.all("span").map((text) => text.textContent);
const said = (live) => live.aloud.children.map((line) => line.textContent);

test("a line whose writer leaves is said and goes after six seconds, as one that is over", async () => {
  const live = new LiveText();
  live.take(typed("My back hur"), en, false);
  live.keep(["me", "i"]);
  assert.deepEqual([shown(live), said(live)], [["My back hur"], ["Patient: My back hur"]]);
  await clock.pass(5_999);
  assert.deepEqual(shown(live), ["My back hur"]);
  await clock.pass(1);
  assert.deepEqual([shown(live), live.element.hidden], [[], true]);
});

test("a line stands for as long as its writer is there and has not ended it", async () => {
  const live = new LiveText();
  live.take(typed("My back"), en, false);
  for (let minute = 0; minute < 5; minute++) {
    await clock.pass(60_000);
    live.keep(HERE);
  }
  assert.deepEqual([shown(live), live.element.hidden], [["My back"], false]);
});

test("captions go with whoever writes them, and with whoever spoke", async () => {
  for (const missing of ["p", "i"]) {
    const live = new LiveText();
    live.take(captioned("I have had a hea"), en, false);
    live.keep(HERE.filter((id) => id !== missing));
    await clock.pass(6_000);
    assert.deepEqual([shown(live), said(live)], [[], []], `${missing} has left`);
  }
});

test("whoever is back in time goes on with their line, whole", async () => {
  const live = new LiveText();
  live.take(typed("My back"), en, false);
  live.keep(["me"]);
  await clock.pass(3_000);
  live.take(typed("My back hurts"), en, false);
  live.keep(HERE);
  await clock.pass(60_000);
  assert.deepEqual(shown(live), ["My back hurts"]);
  live.keep(["me"]);
  await clock.pass(6_000);
  live.take(typed("My back hurts badly"), en, false);
  assert.deepEqual(shown(live), ["My back hurts badly"]);
});

test("a line that is over stays six seconds, whether its writer stays or not", async () => {
  const live = new LiveText();
  live.take(typed("Goodbye.", { done: true }), en, false);
  await clock.pass(3_000);
  for (let more = 0; more < 3; more++) live.keep(["me"]);
  await clock.pass(2_999);
  assert.deepEqual(shown(live), ["Goodbye."]);
  await clock.pass(1);
  assert.deepEqual(shown(live), []);
});

test("what was erased leaves no name behind, and what is written instead is read", () => {
  const live = new LiveText();
  live.take(typed("No"), en, false);
  live.take(typed(""), en, false);
  assert.deepEqual([live.element.childElementCount, live.element.hidden], [0, true]);
  live.take(typed("Yes"), en, false);
  assert.deepEqual([shown(live), live.element.hidden], [["Yes"], false]);
});

test("whoever has lost their connection is not there, and this page itself is", async () => {
  const panels = new Panels({});
  const me = { id: "me", role: "practitioner" };
  const person = (participant, connected) => ({ participant: { ...participant, connected, tracks: [] }, microphoneOff: false });
  const update = (isConnected) => panels.update({ ...newModel(en, null), self: "me", people: [person(PATIENT, isConnected), person(INTERPRETER, true)] });
  panels.live.take(typed("My back"), en, false);
  panels.live.take(captioned("own words", { participant: me, writer: me }), en, false);
  update(true);
  await clock.pass(60_000);
  assert.deepEqual(shown(panels.live), ["My back", "own words"]);
  update(false);
  await clock.pass(6_000);
  assert.deepEqual(shown(panels.live), ["own words"]);
});
