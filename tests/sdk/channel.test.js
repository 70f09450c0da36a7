import assert from "node:assert/strict";
import test from "node:test";

import { Channel, messageUntrusted } from "../../signalling/client/channel.js";
import { FakeChannel } from "./fake_webrtc.js";

test("messages written before the channel is open are sent in order when it opens", async () => {
  const channel = new Channel("en");
  const sending = [channel.send({ type: "a" }), channel.send({ to: "practitioners", type: "b", body: { n: 1 } })];
  const fake = new FakeChannel();
  channel.use(fake);
  assert.equal(fake.sent.length, 0);
  fake.readyState = "open";
  channel.use(fake);
  await Promise.all(sending);
  assert.deepEqual(fake.sent.map((text) => JSON.parse(text)), [
    { to: "all", type: "a", body: null },
    { to: "practitioners", type: "b", body: { n: 1 } },
  ]);
});

test("a full channel holds messages back until it has drained", async () => {
  const channel = new Channel("en");
  const fake = Object.assign(new FakeChannel(), { readyState: "open", bufferedAmount: 300_000 });
  channel.use(fake);
  const sending = channel.send({ type: "reading" });
  assert.equal(fake.sent.length, 0);
  fake.bufferedAmount = 0;
  fake.onbufferedamountlow();
  await sending;
  assert.equal(fake.sent.length, 1);
});

test("what cannot be sent is refused at once", async () => {
  const channel = new Channel("en");
  await assert.rejects(channel.send({ type: "a", body: "é".repeat(33_000) }), { code: "message_too_large" });
  for (const type of ["", "relay.anything", "x".repeat(65), 7]) {
    await assert.rejects(channel.send({ type }), { code: "invalid_argument" });
  }
});

test("at most 256 messages wait, and those that wait at the end are rejected", async () => {
  const channel = new Channel("en");
  const waiting = Array.from({ length: 256 }, () => channel.send({ type: "a" }));
  await assert.rejects(channel.send({ type: "a" }), { code: "message_overload" });
  channel.close();
  const outcomes = await Promise.allSettled(waiting);
  assert.ok(outcomes.every(({ status, reason }) => status === "rejected" && reason.code === "left"));
});

test("only what the relay stamps is taken from a message, and what is none is dropped", () => {
  const text = JSON.stringify({ from: "p", role: "patient", type: "text", body: "<b>", extra: 1 });
  assert.deepEqual(messageUntrusted(text), { from: "p", role: "patient", type: "text", body: "<b>" });
  for (const other of ["", "null", "[]", "3", '{"from":1,"type":"a"}', '{"from":"p"}', "{"]) assert.equal(messageUntrusted(other), null);
});
