import assert from "node:assert/strict";
import test from "node:test";

import { levelOf } from "../../signalling/client/element/level_meter.js";
import { followConsultation, newModel, readConsultation } from "../../signalling/client/element/model.js";
import { fitOf } from "../../signalling/client/element/picture_fit.js";
import { sentenceOf } from "../../signalling/client/element/sentence.js";
import { stage } from "../../signalling/client/element/styles/stage.js";
import { COLOURS } from "../../signalling/client/element/styles/tokens.js";
import { en } from "./fetched.js";

test("a landscape face fills an upright phone; an upright one is shown whole on a wide screen", () => {
  assert.equal(fitOf(16 / 9, 340 / 555, "auto"), "fill");
  assert.equal(fitOf(9 / 16, 1_000 / 700, "auto"), "whole");
  assert.equal(fitOf(3 / 4, 340 / 555, "auto"), "fill");
  assert.equal(fitOf(3, 0.5, "auto"), "whole");
  assert.equal(fitOf(9 / 16, 1.5, "fill"), "fill");
  assert.equal(fitOf(Number.NaN, 1, "auto"), "fill");
  assert.equal(fitOf(1, 0, "auto"), "fill");
});

function model(change = {}) {
  const state = { state: "connected", reason: "", words: "Connected.", error: null };
  return { ...newModel(en, null), state, local: { microphone: "on", camera: "on", screen: false, stream: null }, ...change };
}

function person(change = {}) {
  return {
    participant: { id: "p", role: "practitioner", connected: true, tracks: [] },
    quality: { from: "good", towards: "good" },
    microphoneOff: false,
    ...change,
  };
}

test("the sentence says what matters most", () => {
  const said = (change) => sentenceOf(model(change)).words;
  assert.equal(said({ people: [person()] }), "The practitioner hears you well.");
  assert.equal(said({ people: [person({ microphoneOff: true })] }), "The practitioner turned the microphone off.");
  assert.equal(said({ people: [person({ quality: { from: "weak", towards: "silent" } })] }), "The practitioner does not hear you at the moment.");
  assert.equal(said({ people: [person({ microphoneOff: true, quality: { from: "silent", towards: "good" } })] }), "The practitioner turned the microphone off.");
  const muted = { microphone: "off", camera: "on", screen: false, stream: null };
  assert.equal(said({ people: [person({ quality: { from: "good", towards: "poor" } })], local: muted }), en.ui.youAreMuted);
  const silence = { participant: person().participant, direction: "towards", source: "microphone", cause: "no_sound", isMine: true };
  const silent = { people: [person({ quality: { from: "poor", towards: "silent" } })], silences: [silence] };
  assert.match(said(silent), /^The practitioner cannot hear you: your microphone gives no sound\./);
  assert.equal(said({ ...silent, local: muted }), en.ui.youAreMuted);
  assert.equal(said({ people: [person(), person()] }), "Connected.");
  const away = person({ participant: { ...person().participant, connected: false } });
  assert.equal(said({ people: [person(), away] }), en.participant("practitioner", "interrupted"));
});

test("whose picture is hidden is read from the consultation, face and screen apart", () => {
  const participant = { id: "p", role: "practitioner", connected: true, tracks: [] };
  const hidden = (source, reason) => ({ participant, source, paused: true, reason, words: "" });
  const consultation = { self: null, participants: [participant], tracks: [], silences: [], local: { sources: [], stream: null } };
  const one = newModel(en, null);
  readConsultation(one, { ...consultation, pictures: [hidden("camera", "low_rate"), hidden("screen", "no_room")] });
  assert.deepEqual([one.people[0].hidden.reason, one.people[0].hiddenScreen.reason], ["low_rate", "no_room"]);
  readConsultation(one, { ...consultation, pictures: [] });
  assert.deepEqual([one.people[0].hidden, one.people[0].hiddenScreen], [null, null]);
});

test("who comes and who goes is kept to be read out; whoever is away for a moment is in the status line", () => {
  const one = newModel(en, null);
  const write = {};
  followConsultation(one, (type, listener) => (write[type] = listener));
  const { participant } = person();
  write.participant({ participant, change: "joined", words: "They are here." });
  write.participant({ participant, change: "interrupted", words: "They are away." });
  assert.equal(one.told, "They are here.");
  write.participant({ participant, change: "left", words: "They have left." });
  assert.equal(one.told, "They have left.");
});

test("while waiting the own network is spoken of only when it is not good", () => {
  const state = { state: "waiting", reason: "alone", words: "Waiting.", error: null };
  assert.deepEqual(sentenceOf(model({ state })), { words: "Waiting.", tone: "good" });
  assert.deepEqual(sentenceOf(model({ state, network: "poor" })), { words: en.quality(null, "towards", "poor"), tone: "notice" });
  assert.deepEqual(sentenceOf(model({ state, network: "poor", interruption: "A call." })), { words: "A call.", tone: "notice" });
});

test("whoever hears how it ended hears what to do, too", () => {
  const ended = (error) => sentenceOf(model({ state: { state: "left", reason: "", words: "This link has expired.", error } })).words;
  assert.equal(ended({ action: "Ask for a new link." }), "This link has expired. Ask for a new link.");
  assert.equal(ended(null), "This link has expired.");
});

test("the level is empty in silence, full in loud speech, and in between for speech at arm's length", () => {
  assert.equal(levelOf(new Float32Array(1_024)), 0);
  assert.equal(levelOf(new Float32Array(1_024).fill(0.5)), 1);
  const level = levelOf(new Float32Array(1_024).fill(10 ** (-30 / 20)));
  assert.ok(level > 0.55 && level < 0.7, String(level));
});

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function contrast(one, other) {
  const [light, dark] = [one, other].map(luminance).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5]
    .map((index) => Number.parseInt(colour.slice(index, index + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const PAIRS = [
  ["ink", "room"], ["ink", "surface"], ["ink", "raised"], ["ink", "accent-soft"],
  ["quiet", "room"], ["quiet", "surface"], ["quiet", "raised"],
  ["notice", "room"], ["notice", "surface"], ["notice", "notice-soft"],
  ["accent", "accent-soft"], ["accent-ink", "accent"], ["stop-ink", "stop"], ["off-ink", "off"], ["veil-ink", "veil"],
];

test("every pair of text and ground has a contrast of at least 4.5 in light and in dark (WCAG 2.2 AA)", () => {
  for (const [text, ground] of PAIRS) {
    for (const scheme of [0, 1]) {
      const ratio = contrast(COLOURS[text][scheme], COLOURS[ground][scheme]);
      assert.ok(ratio >= 4.5, `${text} on ${ground}, ${["light", "dark"][scheme]}: ${ratio.toFixed(2)}`);
    }
  }
});

test("controls and focus rings stand out from the room by at least 3 (WCAG 2.2 AA, 1.4.11)", () => {
  for (const [one, other] of [["accent", "room"], ["accent", "surface"], ["accent", "raised"], ["accent", "accent-soft"], ["stop", "room"], ["off", "room"], ["quiet", "surface"]]) {
    for (const scheme of [0, 1]) assert.ok(contrast(COLOURS[one][scheme], COLOURS[other][scheme]) >= 3, `${one} on ${other}`);
  }
});

/** What a colour of this share over another one gives, as `color-mix` with `transparent` paints it. */
function over(colour, share, ground) {
  const part = (text, index) => Number.parseInt(text.slice(index, index + 2), 16);
  const mixed = [1, 3, 5].map((index) => Math.round(part(colour, index) * share + part(ground, index) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

test("words over a picture can be read on the brightest and on the darkest one", () => {
  const shares = [...stage.matchAll(/color-mix\(in srgb, var\(--veil\) (\d+)%, transparent\)/g)].map(([, percent]) => Number(percent) / 100);
  assert.equal(shares.length, 2, "a caption, and a veil");
  for (const share of shares) {
    for (const picture of ["#ffffff", "#000000"]) {
      for (const scheme of [0, 1]) assert.ok(contrast(COLOURS["veil-ink"][scheme], over(COLOURS.veil[scheme], share, picture)) >= 4.5, String(share));
    }
  }
});
