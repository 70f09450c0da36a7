import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import test, { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const client = resolve(dirname(fileURLToPath(import.meta.url)), "../../signalling/client");
const folder = mkdtempSync(join(tmpdir(), "visavis-fetching-"));
let copies = 0;

after(() => rmSync(folder, { recursive: true }));

/** The SDK as a page has it that cannot fetch some of its files. */
async function without(...missing) {
  const copy = join(folder, String(copies++));
  cpSync(client, copy, { recursive: true, filter: (path) => !/[/\\](?:node_modules|types|dist)$/.test(path) });
  for (const path of missing) rmSync(join(copy, path));
  return (await import(pathToFileURL(join(copy, "consultation.js")))).Consultation;
}

test("where a language does not come, joining and publishing say so in that language", async () => {
  const Made = await without("words/fr.js");
  const { relay, consultation, of } = bench({ Made, lang: "fr" });
  const unreachable = { code: "unreachable", words: "Le serveur de la consultation est injoignable." };
  await assert.rejects(consultation.join(), unreachable);
  await assert.rejects(consultation.publish({ audio: true }), unreachable);
  assert.equal(relay.sockets.length, 0);
  assert.deepEqual(of("state").map(({ state, reason, words }) => [state, reason, words]), [["left", "unreachable", unreachable.words]]);
});

test("whoever leaves before the words have come does not join afterwards", async () => {
  const Made = await without();
  const { relay, consultation } = bench({ Made, lang: "fr" });
  const joining = assert.rejects(consultation.join(), { code: "left" });
  await consultation.leave();
  await joining;
  assert.equal(relay.sockets.length, 0);
});

test("a consultation goes on without what is fetched once it stands, and says less", async () => {
  const Made = await without("watches.js", "words/en_more.js", "crossing.js", "texts.js", "audio_only.js");
  const { relay, consultation, clock, of, states } = bench({ Made });
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  await Promise.all([consultation.join(), consultation.publish({ audio: true })]);
  await clock.pass(5_000);
  const silence = { track: "voice", publisher: "d", source: "microphone", stage: "not_arriving", cause: "stopped" };
  relay.push({ type: "silences", silences: [silence] });
  while (of("silence").length === 0) await settled();
  assert.equal(of("silence")[0].words, "Nothing is coming from the practitioner at the moment.");
  relay.push({ type: "silences", silences: [] });
  assert.equal(of("silence")[1].words, "You hear the practitioner well.");
  relay.push({ type: "relocate", url: "wss://elsewhere.test/v1/ws", ticket: "there" });
  relay.push({ type: "quality", participant: "d", direction: "from", verdict: "poor", loss_ratio: 0.2 });
  await settled();
  await assert.rejects(consultation.audioOnly(), { code: "unreachable" });
  await assert.rejects(consultation.type("Hello"), { code: "unreachable" });
  assert.equal(states().at(-1), "connected");
  assert.equal(relay.asked("health").length, 0);
});
