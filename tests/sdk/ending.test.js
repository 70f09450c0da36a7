/** Those who lead are told before their room ends, and can have it end later. */

import assert from "node:assert/strict";
import test from "node:test";

import { newModel } from "../../signalling/client/element/model.js";
import { Panels } from "../../signalling/client/element/panels.js";
import { becomePage } from "./fake_page.js";
import { en, fr } from "./fetched.js";

const clock = becomePage();

const STANDING = { waiting: null, waitingRoom: { people: [], total: 0, notice: "" }, heldBack: [] };

const model = (room, { rights = ["moderate"], words = en } = {}) => ({ ...newModel(words, null), self: "me", rights, standing: { ...STANDING, room } });
const shown = ({ live }) => live.element.all("span").map((text) => text.textContent);
const said = ({ live }) => live.aloud.children.map((line) => line.textContent);

test("an end that is near is said once, and shown for twenty seconds", async () => {
  const panels = new Panels({});
  panels.update(model({ locked: false }));
  panels.update(model({ locked: false, ends_in_s: 301 }));
  assert.deepEqual([shown(panels), said(panels)], [[], []]);
  const near = model({ locked: false, ends_in_s: 300 });
  for (let again = 0; again < 3; again++) panels.update(near);
  const [sentence] = said(panels);
  assert.match(sentence, /^This consultation ends at \d+:\d\d.*\.$/);
  assert.deepEqual([shown(panels), said(panels)], [[sentence], [sentence]]);
  await clock.pass(19_999);
  assert.deepEqual(shown(panels), [sentence]);
  await clock.pass(1);
  panels.update(near);
  assert.deepEqual([shown(panels), panels.live.element.hidden, said(panels)], [[], true, [sentence]]);
  panels.update(model({ locked: false, ends_in_s: 60 }, { words: fr }));
  assert.match(said(panels)[1], /^Cette consultation se termine à \d+:\d\d\.$/);
  assert.equal(shown(panels).length, 1);
});

test("whoever moderates can have it end later while the end is near", () => {
  const commands = [];
  const panels = new Panels({ moderate: (command) => commands.push(command) });
  const { extend } = panels.people;
  for (const [room, rights, isThere] of [
    [{ locked: false }, ["moderate"], false],
    [{ locked: false, ends_in_s: 301 }, ["moderate"], false],
    [{ locked: false, ends_in_s: 300 }, ["admit"], false],
    [{ locked: false, ends_in_s: 300 }, ["moderate"], true],
  ]) {
    panels.update(model(room, { rights }));
    assert.equal(extend.hidden, !isThere);
  }
  assert.equal(extend.textContent, "15 minutes longer");
  extend.click();
  assert.deepEqual(commands, [{ do: "extend", seconds: 900 }]);
});
