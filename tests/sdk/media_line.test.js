import assert from "node:assert/strict";
import test from "node:test";

import { Emitter } from "../../signalling/client/events.js";
import { MediaLine } from "../../signalling/client/media_line.js";
import { FakeConnection, FakeTrack } from "./fake_webrtc.js";
import { joined } from "./fake_relay.js";
import { VirtualClock, settled } from "./virtual_clock.js";

function bench({ answer = async () => ({ sdp: "answer" }), published = () => [] } = {}) {
  const clock = new VirtualClock();
  const connections = [];
  const offers = [];
  const line = {
    attached: true,
    events: new Emitter(),
    request: async (type, fields) => {
      offers.push(fields);
      return answer(fields);
    },
  };
  const media = new MediaLine({
    lang: "en",
    clock,
    line,
    published,
    openConnection: (configuration) => {
      connections.push(new FakeConnection(configuration));
      return connections.at(-1);
    },
  });
  const statuses = [];
  media.events.on("status", (status) => statuses.push(status));
  const attach = async (fields) => {
    line.attached = true;
    line.events.emit("attached", joined(fields));
    await settled();
  };
  const connect = async () => {
    await attach();
    connections.at(-1).become("connected", "connected");
  };
  return { clock, media, line, connections, offers, statuses, attach, connect };
}

test("the first offer holds microphone, camera with three rids of which one is active, and the pre-offered slots", async () => {
  const { connections, offers, connect, statuses } = bench();
  await connect();
  const shape = connections[0].transceivers.map(({ kind, direction }) => `${kind} ${direction}`);
  assert.deepEqual(shape, ["audio sendonly", "video sendonly", ...Array(2).fill("audio recvonly"), ...Array(3).fill("video recvonly")]);
  assert.deepEqual(
    connections[0].transceivers[1].init.sendEncodings.map(({ rid, active, scaleResolutionDownBy }) => [rid, active, scaleResolutionDownBy]),
    [["h", true, 1], ["m", false, 2], ["l", false, 4]],
  );
  assert.equal(connections[0].channel.label, "visavis");
  assert.deepEqual(offers, [{ sdp: "offer 1", fresh: true, tracks: {} }]);
  assert.deepEqual(statuses, ["up"]);
});

test("a path that is shaky for two seconds gets an ICE restart on the same connection", async () => {
  const { clock, connections, offers, connect, statuses } = bench();
  await connect();
  connections[0].become("disconnected", "connected");
  assert.deepEqual(statuses, ["up", "interrupted"]);
  await clock.pass(1_900);
  assert.equal(offers.length, 1);
  await clock.pass(200);
  assert.deepEqual(offers[1], { sdp: "offer 2 restart", fresh: false, tracks: {} });
  connections[0].become("connected", "connected");
  await clock.pass(60_000);
  assert.equal(offers.length, 2);
  assert.deepEqual(statuses, ["up", "interrupted", "up"]);
});

test("a path that mends by itself within two seconds is left alone", async () => {
  const { clock, connections, offers, connect } = bench();
  await connect();
  connections[0].become("disconnected", "connected");
  await clock.pass(1_000);
  connections[0].become("connected", "connected");
  await clock.pass(60_000);
  assert.equal(offers.length, 1);
});

test("after two restarts that did not help a fresh connection takes the same seat and sends the same tracks", async () => {
  const { clock, media, connections, offers, connect } = bench({ published: () => ["microphone", "camera"] });
  const microphone = new FakeTrack("audio");
  await media.send("microphone", microphone);
  await connect();
  connections[0].become("failed", "failed");
  await clock.pass(100);
  await clock.pass(8_000);
  assert.equal(connections.length, 1);
  await clock.pass(8_000);
  assert.equal(connections.length, 2);
  assert.equal(connections[0].closed, true);
  assert.deepEqual(offers.at(-1), { sdp: "offer 1", fresh: true, tracks: { 0: "microphone", 1: "camera" } });
  assert.equal(connections[1].transceivers[0].sender.track, microphone);
});

test("a connection that fails before it ever came up is followed by another a second later, not at once", async () => {
  const { clock, connections, attach } = bench();
  await attach();
  for (const count of [1, 2, 3]) {
    connections.at(-1).become("failed", "failed");
    await clock.pass(900);
    assert.equal(connections.length, count);
    await clock.pass(100);
    assert.equal(connections.length, count + 1);
  }
});

test("a leg the relay gave up is replaced at once", async () => {
  const { media, connections, offers, connect } = bench();
  await connect();
  media.handleLegState({ type: "connection", state: "failed" });
  await settled();
  assert.equal(connections.length, 2);
  assert.equal(offers.at(-1).fresh, true);
});

test("a relay that no longer hears the leg is believed over the browser", async () => {
  const { clock, media, offers, connect, statuses } = bench();
  await connect();
  media.handleLegState({ type: "connection", state: "interrupted" });
  assert.deepEqual(statuses, ["up", "interrupted"]);
  await clock.pass(2_100);
  assert.equal(offers.at(-1).sdp, "offer 2 restart");
  media.handleLegState({ type: "connection", state: "connected" });
  assert.deepEqual(statuses, ["up", "interrupted", "up"]);
});

test("another network means an ICE restart without waiting, but only once connected", async () => {
  const { media, offers, attach, connections } = bench();
  await attach();
  media.networkChanged();
  await settled();
  assert.equal(offers.length, 1);
  connections[0].become("connected", "connected");
  media.networkChanged();
  await settled();
  assert.equal(offers[1].sdp, "offer 2 restart");
});

test("however often the network changes in a long call, a connection that stays up is kept", async () => {
  const { clock, media, offers, connect, connections } = bench();
  await connect();
  for (const pause_ms of [60_000, 60_000, 60_000, 100, 100, 100]) {
    media.networkChanged();
    await clock.pass(pause_ms);
  }
  assert.equal(connections.length, 1);
  assert.deepEqual(offers.slice(1).map(({ sdp }) => sdp), [2, 3, 4, 5, 6, 7].map((n) => `offer ${n} restart`));
});

test("a path that breaks after it outlived a change of networks gets both its restarts before a fresh connection", async () => {
  const { clock, media, connect, connections } = bench();
  await connect();
  media.networkChanged();
  await clock.pass(60_000);
  connections[0].become("failed", "failed");
  await clock.pass(8_100);
  assert.equal(connections.length, 1);
  await clock.pass(8_000);
  assert.equal(connections.length, 2);
});

test("repairs wait for the socket, and begin when the seat is resumed", async () => {
  const { clock, line, connections, offers, connect, attach } = bench();
  await connect();
  line.attached = false;
  line.events.emit("detached");
  connections[0].become("failed", "failed");
  await clock.pass(30_000);
  assert.equal(offers.length, 1);
  await attach({ resumed: true });
  assert.equal(offers[1].sdp, "offer 2 restart");
});

test("a resumed seat whose media never stopped is not disturbed; a new seat gets a fresh leg", async () => {
  const { connections, offers, connect, attach } = bench();
  await connect();
  await attach({ resumed: true });
  assert.equal(offers.length, 1);
  await attach({ resumed: false });
  assert.equal(connections.length, 2);
  assert.equal(offers[1].fresh, true);
});

test("one offer is in flight at a time, and wishes made meanwhile share the next", async () => {
  const waiting = [];
  const { media, offers, attach } = bench({ answer: () => new Promise((resolve) => waiting.push(resolve)) });
  await attach();
  media.leg.negotiate({ iceRestart: true });
  media.leg.negotiate();
  media.renegotiate({ audio: 1, video: 1 });
  await settled();
  assert.equal(offers.length, 1);
  waiting.shift()({ sdp: "answer" });
  await settled();
  assert.equal(offers.length, 2);
  assert.equal(offers[1].sdp, "offer 2 restart");
  waiting.shift()({ sdp: "answer" });
  await settled();
  assert.equal(offers.length, 2);
  assert.equal(media.leg.received().size, 7);
});

test("a network that carries no media is named after fifteen seconds", async () => {
  const { clock, media, attach } = bench();
  await attach();
  const outcome = media.connected().then(
    () => "connected",
    (error) => error.code,
  );
  await clock.pass(15_000);
  assert.equal(await outcome, "media_unreachable");
});

test("a refused first offer is told to whoever joins", async () => {
  const { media, attach } = bench({
    answer: async () => {
      throw new Error("invalid_offer");
    },
  });
  const outcome = media.connected().catch((error) => error.message);
  await attach();
  assert.equal(await outcome, "invalid_offer");
});

test("a screen is an m-line of its own, offered when it starts and kept by the next leg", async () => {
  const { media, connections, offers, connect } = bench({ published: () => ["screen"] });
  await connect();
  const screen = new FakeTrack("video");
  await media.send("screen", screen);
  assert.deepEqual(offers[1].tracks, { 7: "screen" });
  media.handleLegState({ type: "connection", state: "failed" });
  await settled();
  assert.equal(connections[1].transceivers.at(-1).sender.track, screen);
  assert.deepEqual(offers[2].tracks, { 7: "screen" });
});
