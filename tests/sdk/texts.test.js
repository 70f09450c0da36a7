import assert from "node:assert/strict";
import test from "node:test";

import { Emitter } from "../../signalling/client/events.js";
import { Texts } from "../../signalling/client/texts.js";
import { DOCTOR, bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const PEOPLE = { p: { id: "p", role: "patient" }, d: { id: "d", role: "practitioner" }, i: { id: "i", role: "interpreter" } };

/** Somebody's page, whose messages go to `send`. */
function page(id, send, clock = new VirtualClock()) {
  const told = [];
  const gone = new Set();
  const media = { events: new Emitter() };
  const line = { events: new Emitter() };
  const leaves = (participant) => {
    gone.add(participant);
    line.events.emit("message", { type: "participant_left", participant });
  };
  const texts = new Texts({
    clock,
    line,
    media,
    roster: { find: (other) => (other === id || gone.has(other) ? undefined : PEOPLE[other]) },
    self: () => PEOPLE[id],
    send: async (to, body) => send({ from: id, role: PEOPLE[id].role, type: "visavis.text", body: JSON.parse(JSON.stringify(body)) }, to),
    tell: (line) => told.push(line),
    failure: (code) => Object.assign(new Error(code), { code }),
  });
  return { texts, told, media, clock, leaves };
}

/** A writer and a reader, and what goes between them. */
function pair() {
  const sent = [];
  const reader = page("d", () => {});
  let carries = true;
  const writer = page("p", (message) => {
    sent.push(message.body);
    if (carries) reader.texts.takeUntrusted(message);
  });
  return { writer, reader, sent, lose: (isLost) => (carries = !isLost) };
}

test("characters are there within a third of a second, in few messages, and only what is new goes out", async () => {
  const { writer, reader, sent } = pair();
  let text = "";
  for (const character of "J’ai mal au dos 🩺") {
    text += character;
    await writer.texts.type(text, {});
    await writer.clock.pass(50);
    const read = reader.told.at(-1).text;
    assert.ok([...text].length - [...read].length <= 6, `${read} of ${text}`);
  }
  await writer.clock.pass(300);
  assert.equal(reader.told.at(-1).text, text);
  assert.ok(sent.length <= 1 + Math.ceil((18 * 50 + 300) / 300));
  assert.deepEqual(sent.map(({ text: part }) => part).join(""), text);
  await writer.texts.type(text, { done: true });
  assert.deepEqual([reader.told.at(-1).done, sent.at(-1).text], [true, ""]);
  assert.deepEqual([reader.told.at(-1).participant, reader.told.at(-1).writer, reader.told.at(-1).kind], [PEOPLE.p, PEOPLE.p, "typed"]);
});

test("what is corrected is read as it stands, and the next line is another one", async () => {
  const { writer, reader } = pair();
  for (const text of ["bonjuor", "bonju", "bonjour", "hm, bonjour"]) {
    await writer.texts.type(text, {});
    await writer.clock.pass(300);
    assert.equal(reader.told.at(-1).text, text);
  }
  await writer.texts.type("hm, bonjour", { done: true });
  const { line } = reader.told.at(-1);
  await writer.texts.type("O", {});
  assert.deepEqual([reader.told.at(-1).text, reader.told.at(-1).line === line], ["O", false]);
});

test("whoever missed something reads on with the next whole line, and never something that was not written", async () => {
  const { writer, reader, lose } = pair();
  await writer.texts.type("one", {});
  await writer.clock.pass(300);
  lose(true);
  await writer.texts.type("one two", {});
  await writer.clock.pass(300);
  lose(false);
  await writer.texts.type("one two three", {});
  await writer.clock.pass(300);
  assert.equal(reader.told.at(-1).text, "one");
  writer.media.events.emit("channel", {});
  await writer.texts.type("one two three four", {});
  assert.equal(reader.told.at(-1).text, "one two three four");
  await writer.clock.pass(300);
  lose(true);
  await writer.texts.type("one two three four five", {});
  await writer.clock.pass(300);
  lose(false);
  await writer.clock.pass(10_000);
  await writer.texts.type("one two three four five six", {});
  assert.equal(reader.told.at(-1).text, "one two three four five six");
});

test("while a message cannot leave, one waits and the others become one", async () => {
  const clock = new VirtualClock();
  const sent = [];
  let release;
  const blocked = new Promise((resolve) => (release = resolve));
  const { texts } = page("p", ({ body }) => (sent.push(body), blocked), clock);
  const first = texts.type("a", {});
  for (let n = 0; n < 500; n++) {
    await texts.type("a".repeat(n + 2), {});
    await clock.pass(100);
  }
  assert.equal(sent.length, 1);
  release();
  await first;
  await clock.pass(400);
  assert.equal(sent.length, 2);
  assert.equal(sent[0].text + sent[1].text.slice(sent[1].keep === 0 ? 1 : 0), "a".repeat(501));
});

test("a line whose end cannot be sent is ended by the next try, and goes on where its writer does", async () => {
  const reader = page("d", () => {});
  let refuses = false;
  const writer = page("p", (message) => {
    if (refuses) throw Object.assign(new Error("full"), { code: "message_overload" });
    reader.texts.takeUntrusted(message);
  });
  await writer.texts.type("one", {});
  await writer.clock.pass(300);
  refuses = true;
  await assert.rejects(writer.texts.type("one two", { done: true }), { code: "message_overload" });
  refuses = false;
  await writer.texts.type("one two three", {});
  await writer.clock.pass(300);
  await writer.texts.type("one two three", { done: true });
  assert.deepEqual(reader.told.map(({ text, done }) => [text, done]), [["one", false], ["one two three", false], ["one two three", true]]);
  assert.equal(new Set(reader.told.map(({ line }) => line)).size, 1);
  await writer.texts.type("four", {});
  refuses = true;
  const ending = writer.texts.type("four", { done: true }).catch(({ code }) => code);
  refuses = false;
  assert.equal(await ending, "message_overload");
  await writer.texts.type("four", { done: true });
  const [, , , begun, ended] = reader.told;
  assert.deepEqual([ended.text, ended.done, ended.line], ["four", true, begun.line]);
});

test("what somebody wrote is forgotten when they leave, and so is what was written of their words", () => {
  const { texts, told, leaves } = page("p", () => {});
  const take = (from, body) => texts.takeUntrusted({ from, role: PEOPLE[from].role, type: "visavis.text", body: { line: 7, done: false, ...body } });
  take("d", { keep: 0, text: "Good" });
  take("i", { keep: 0, text: "Bon", of: "d" });
  take("i", { keep: 0, text: "Me" });
  leaves("d");
  take("d", { keep: 4, text: " day" });
  take("i", { keep: 2, text: " too" });
  assert.deepEqual(told.map(({ text }) => text), ["Good", "Bon", "Me", "Me too"]);
});

test("captions say whose words they are and who wrote them; nobody's are refused on both sides", async () => {
  const reader = page("p", () => {});
  const interpreter = page("i", (message) => reader.texts.takeUntrusted(message));
  await interpreter.texts.type("It hurts here.", { of: "d", lang: "en", done: true });
  assert.deepEqual(reader.told, [{ participant: PEOPLE.d, writer: PEOPLE.i, kind: "caption", line: reader.told[0].line, text: "It hurts here.", done: true, lang: "en" }]);
  assert.deepEqual(interpreter.told.map(({ kind }) => kind), ["caption"]);
  await assert.rejects(interpreter.texts.type("x", { of: "nobody" }), { code: "invalid_argument" });
  await assert.rejects(interpreter.texts.type("x".repeat(1_001), {}), { code: "message_too_large" });
  reader.texts.takeUntrusted({ from: "i", role: "interpreter", type: "visavis.text", body: { line: 1, keep: 0, text: "x", done: false, of: "nobody" } });
  assert.equal(reader.told.length, 1);
});

test("what a stranger sends is bounded, and what is none is passed over", () => {
  const { texts, told } = page("p", () => {});
  const take = (body) => texts.takeUntrusted({ from: "d", role: "practitioner", type: "visavis.text", body });
  for (const body of [null, 3, "x", [], {}, { line: 1, keep: 0 }, { line: 1, keep: -1, text: "" }, { line: 1, keep: 1, text: "" }, { line: 0.5, keep: 0, text: "" }, { line: 1, keep: 0, text: "x", of: 3 }]) take(body);
  assert.deepEqual(told, []);
  take({ line: 1, keep: 0, text: "x".repeat(5_000), lang: 3, done: "yes" });
  assert.deepEqual([told[0].text.length, told[0].lang, told[0].done], [1_000, "", false]);
});

test("a page writes and reads over the data channel, and its other messages are not concerned", async () => {
  const { relay, consultation, connections, of } = bench();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  const lines = [];
  consultation.on("text", (line) => lines.push(line));
  await consultation.join();
  const { channel } = connections[0];
  channel.open();
  await consultation.type("Hel", {});
  assert.deepEqual(JSON.parse(channel.sent[0]), { to: "all", type: "visavis.text", body: { line: lines[0].line, keep: 0, text: "Hel", done: false } });
  const receive = (type, body) => channel.onmessage({ data: JSON.stringify({ from: "d", role: "practitioner", type, body }) });
  receive("visavis.text", { line: 7, keep: 0, text: "Good", done: false });
  receive("visavis.text", { line: 7, keep: 4, text: " day", done: true });
  receive("note", "n");
  await settled();
  assert.deepEqual(lines.slice(1).map(({ text, done, writer }) => [text, done, writer.id]), [["Good", false, "d"], ["Good day", true, "d"]]);
  assert.deepEqual(of("message").map(({ type }) => type), ["note"]);
});
