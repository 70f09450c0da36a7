/** The test sound, and the question after it. */

import assert from "node:assert/strict";
import test from "node:test";

import { Speaker } from "../../signalling/client/check/speaker.js";
import { checkWordsFor } from "../../signalling/client/check/words.js";
import { becomePage } from "./fake_page.js";
import { fakeMediaDevices } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

becomePage();

const words = checkWordsFor("en");

/** A loudspeaker's part of the check; the sounds it plays end when a test says so. */
function speakerOf() {
  const playing = [];
  const answers = [];
  const speaker = new Speaker({ play: () => new Promise((resolve) => playing.push(resolve)), answer: (heard) => answers.push(heard) });
  speaker.update(words);
  document.activeElement = null;
  const says = () => [speaker.question.textContent, speaker.answers.hidden];
  const end = async (wasPlayed) => (playing.shift()(wasPlayed), await settled());
  return { speaker, playing, answers, says, end };
}

test("whoever has heard the sound is asked, and their answer is told once", async () => {
  const { speaker, answers, says, end } = speakerOf();
  speaker.play.click();
  assert.deepEqual(says(), [words.ui.playing, true]);
  await end(true);
  assert.deepEqual(says(), [words.ui.heardQuestion, false]);
  assert.equal(document.activeElement, speaker.yes);
  speaker.no.click();
  assert.deepEqual([...says(), answers], ["", true, [false]]);
});

test("a sound that ends after its check was stopped asks nothing and takes no focus", async () => {
  const { speaker, says, end } = speakerOf();
  speaker.play.click();
  speaker.reset();
  assert.deepEqual(says(), ["", true]);
  await end(true);
  assert.deepEqual(says(), ["", true]);
  assert.equal(document.activeElement, null);
});

test("the next check plays its own sound, whatever becomes of the one before", async () => {
  const { speaker, playing, says, end } = speakerOf();
  speaker.play.click();
  speaker.reset();
  speaker.play.click();
  assert.equal(playing.length, 2);
  await end(true);
  assert.deepEqual(says(), [words.ui.playing, true]);
  await end(true);
  assert.deepEqual(says(), [words.ui.heardQuestion, false]);
});

test("a sound that could not be played is not asked about", async () => {
  const { speaker, says, end } = speakerOf();
  speaker.play.click();
  await end(false);
  assert.deepEqual(says(), ["", true]);
});

test("the loudspeaker that the consultation would use is the one that is tried, and the browser's own where there is none", async () => {
  const output = (deviceId) => ({ kind: "audiooutput", deviceId, label: deviceId });
  navigator.mediaDevices = { ...fakeMediaDevices(), present: [output("first"), output("earphones")] };
  HTMLMediaElement.prototype.setSinkId = async () => {};
  const played = [];
  const speaker = new Speaker({ play: async (id) => Boolean(played.push(id)), answer: () => {} });
  speaker.update(words);
  for (const usual of ["earphones", "gone", undefined]) {
    speaker.select.value = "";
    await speaker.offerChoice(usual);
    assert.equal(speaker.choice.hidden, false);
    speaker.play.click();
    await settled();
  }
  speaker.select.value = "first";
  await speaker.offerChoice("earphones");
  speaker.play.click();
  await settled();
  assert.deepEqual(played, ["earphones", undefined, undefined, "first"]);
});
