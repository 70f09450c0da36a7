import assert from "node:assert/strict";
import test from "node:test";

import { ConsultationError, failure, relayFailure } from "../../signalling/client/errors.js";
import { CLIENT_CODES, RELAY_CODES } from "./codes.js";
import { en, fr } from "./fetched.js";
import { wordsFor } from "../../signalling/client/words/index.js";

const ROLES = ["practitioner", "patient", "carer", "interpreter", "expert", "assistant", "device", "observer"];
const STATES = ["connecting", "waiting", "connected", "reconnecting", "left"];
const REASONS = ["", "server", "media", "detour", "offline", "alone", "interrupted"];

/** Every leaf of a table of words: path and value; functions by their arity. */
function leaves(value, path = "") {
  if (typeof value === "function") return [[`${path}()${value.length}`, value]];
  if (typeof value !== "object") return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

test("French says everything English says, and the other way round", () => {
  assert.deepEqual(leaves(fr).map(([path]) => path), leaves(en).map(([path]) => path));
});

test("no sentence is empty, and only those that cannot differ are the same in both", () => {
  const english = new Map(leaves(en));
  for (const [path, value] of leaves(fr)) {
    if (typeof value !== "string") continue;
    assert.ok(value.trim().length > 0, path);
    const mayBeSame = /^\.(dir|roles\.\w+\.name|ui\.(consultation|message|messages))$/.test(path);
    if (!mayBeSame) assert.notEqual(value, english.get(path), path);
  }
});

for (const words of [en, fr]) {
  test(`${words.lang}: every state, verdict, change and mute has a whole sentence for every role`, () => {
    const sentences = [];
    for (const state of STATES) for (const reason of REASONS) for (const role of [null, ...ROLES]) sentences.push(words.state(state, reason, role));
    for (const role of ROLES) {
      for (const change of ["joined", "left", "interrupted", "back"]) sentences.push(words.participant(role, change));
      for (const reason of ["", "no_common_codec", "low_rate", "no_room", "of a later relay"]) {
        for (const source of ["camera", "screen"]) sentences.push(words.picture(role, reason, source));
      }
      for (const source of ["microphone", "camera", "screen"]) for (const muted of [true, false]) sentences.push(words.muted(role, source, muted));
    }
    for (const sources of [[], ["microphone"], ["camera"], ["microphone", "camera"]]) sentences.push(words.interrupted(sources));
    const causes = ["", "device_ended", "device_muted", "wrong_device", "no_sound", "no_picture", "stopped", "never_came", "held", "lost"];
    for (const cause of [...causes, "play_refused", "play_paused", "audio_suspended", "no_speaker", "of a later relay"]) {
      for (const role of [null, ...ROLES]) for (const direction of ["from", "towards"]) for (const source of ["microphone", "camera", "screen"]) {
        for (const isMine of [true, false]) sentences.push(words.silence(role, direction, source, cause, isMine));
      }
    }
    for (const role of [null, ...ROLES]) {
      for (const direction of ["from", "towards"]) {
        for (const verdict of ["good", "weak", "poor", "silent"]) sentences.push(words.quality(role, direction, verdict));
      }
    }
    for (const sentence of sentences) assert.match(sentence, /^[A-ZÀÉÎ].*[.…]$/u);
    for (const sentence of sentences) assert.doesNotMatch(sentence, /undefined|null|de le |à le |de les |ne e|ne vous vous/);
  });

  test(`${words.lang}: every code of the SDK and of the relay has words and an action`, () => {
    for (const code of [...CLIENT_CODES, ...RELAY_CODES]) {
      assert.equal(words.errors[code]?.length, 2, code);
      for (const sentence of words.errors[code]) assert.match(sentence, /\.$/, code);
    }
  });
}

test("a language tag with a region finds its language, an unknown one finds English", () => {
  assert.equal(wordsFor("fr-CA"), fr);
  assert.equal(wordsFor("FR"), fr);
  assert.equal(wordsFor("pt"), en);
  assert.equal(wordsFor(undefined), en);
  assert.equal(wordsFor("constructor"), en);
});

test("an error carries its code, words of the language, what to do, and the device it concerns", () => {
  const error = failure("fr", "device_missing", { source: "camera" });
  assert.ok(error instanceof ConsultationError && error instanceof Error);
  assert.equal(error.code, "device_missing");
  assert.equal(error.words, "Aucune caméra n’a été trouvée.");
  assert.equal(error.source, "camera");
});

test("a code this version does not know keeps the relay's own words", () => {
  const error = relayFailure("fr", { code: "new_code", words: "As the relay says.", action: "Do that.", retry_after_s: 2 });
  assert.deepEqual([error.code, error.words, error.action, error.retry_after_s], ["new_code", "As the relay says.", "Do that.", 2]);
});
