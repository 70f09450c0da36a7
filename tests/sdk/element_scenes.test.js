/** What stands in the middle of the room. */

import assert from "node:assert/strict";
import test from "node:test";

import { newModel } from "../../signalling/client/element/model.js";
import { Scenes } from "../../signalling/client/element/scenes.js";
import { becomePage } from "./fake_page.js";
import { en, fr } from "./fetched.js";

becomePage();

/** What a card says while the first connection is made. */
function connecting(scenes, reason, words = en) {
  const state = { state: "connecting", reason, words: words.state("connecting", reason, null), error: null };
  scenes.update({ ...newModel(words, null), state });
  const [title] = scenes.base.all("h2");
  return [title.textContent, ...scenes.base.all("p").map((line) => line.textContent)];
}

test("whoever waits longer for the first connection reads why", () => {
  const scenes = new Scenes(() => {});
  const { connectingTitle, waitingText } = en.ui;
  for (const reason of ["server", "media"]) assert.deepEqual(connecting(scenes, reason), [connectingTitle, waitingText]);
  const said = en.state("connecting", "detour", null);
  assert.match(said, /Other ways are being tried/);
  assert.deepEqual(connecting(scenes, "detour"), [connectingTitle, said]);
  assert.deepEqual(connecting(scenes, "media"), [connectingTitle, waitingText]);
});

test("a card stays as it is for as long as it says the same, and follows the language", () => {
  const scenes = new Scenes(() => {});
  connecting(scenes, "server");
  const [card] = scenes.base.children;
  connecting(scenes, "media");
  assert.equal(scenes.base.children[0], card);
  assert.deepEqual(connecting(scenes, "media", fr), [fr.ui.connectingTitle, fr.ui.waitingText]);
});

test("the waiting room takes the place of a card, and nothing is in the way of a conversation", () => {
  const scenes = new Scenes(() => {});
  connecting(scenes, "media");
  assert.deepEqual([scenes.showsCard, scenes.showsOwnPicture], [true, false]);
  const model = { ...newModel(en, null), state: { state: "waiting", reason: "alone", words: "", error: null } };
  scenes.update(model);
  assert.deepEqual([scenes.showsCard, scenes.showsOwnPicture, scenes.base.children], [false, true, [scenes.waiting.element]]);
  scenes.update({ ...model, state: { ...model.state, state: "connected" } });
  assert.deepEqual([scenes.showsCard, scenes.showsOwnPicture, scenes.base.children, scenes.base.hidden], [false, false, [], true]);
});
