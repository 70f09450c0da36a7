import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const server = (name) => ({ urls: ["turns:turn.example:443?transport=tcp"], username: name, credential: `proof of ${name}` });
const names = ({ configuration }) => configuration.iceServers.map(({ username }) => username);

test("a connection is made with the servers of the join and the policy of the page, which new servers leave as it is", async () => {
  const { relay, consultation, connections, clock } = bench({ options: { iceTransportPolicy: "relay" } });
  relay.answers.join = () => joined({ ice_servers: [server("first")] });
  await consultation.join();
  const first = { iceServers: [server("first")], iceTransportPolicy: "relay", bundlePolicy: "max-bundle" };
  assert.deepEqual(connections[0].configuration, first);
  relay.push({ type: "ice_servers", ice_servers: [server("second")] });
  connections[0].become("failed", "failed");
  await clock.pass(100);
  assert.deepEqual(connections[0].configuration, { ...first, iceServers: [server("second")] });
});

test("without a wish of the page browsers go the way they find", async () => {
  const { consultation, connections } = bench();
  await consultation.join();
  assert.deepEqual(connections[0].configuration, { iceServers: [], bundlePolicy: "max-bundle" });
});

test("credentials told later serve the next ICE restart, not sooner, and then the next connection", async () => {
  const { relay, consultation, connections, clock } = bench();
  relay.answers.join = () => joined({ ice_servers: [server("first")] });
  await consultation.join();
  relay.push({ type: "ice_servers", ice_servers: [server("second")] });
  await settled();
  assert.deepEqual(names(connections[0]), ["first"]);
  connections[0].become("disconnected", "connected");
  await clock.pass(2_100);
  assert.equal(relay.asked("offer").at(-1).sdp, "offer 2 restart");
  assert.deepEqual(names(connections[0]), ["second"]);
  relay.push({ type: "ice_servers", ice_servers: [server("third")] });
  await clock.pass(17_000);
  assert.equal(connections.length, 2);
  assert.deepEqual(names(connections[1]), ["third"]);
});

test("whoever comes back has the credentials of the new socket, on a connection that went on", async () => {
  const { relay, consultation, connections, clock } = bench();
  relay.answers.join = () => joined({ ice_servers: [server("first")] });
  relay.answers.resume = () => joined({ resumed: true, ice_servers: [server("second")], slots: { audio: 9, video: 9 } });
  await consultation.join();
  relay.socket.cut(1006);
  await clock.pass(5_000);
  assert.equal(relay.asked("resume").length, 1);
  assert.equal(relay.asked("offer").length, 1);
  connections[0].become("failed", "failed");
  await clock.pass(100);
  assert.equal(relay.asked("offer").at(-1).sdp, "offer 2 restart");
  assert.equal(connections.length, 1);
  assert.deepEqual(names(connections[0]), ["second"]);
});

test("a relay without servers has no connection set up anew", async () => {
  const { consultation, connections, clock, relay } = bench();
  await consultation.join();
  connections[0].become("disconnected", "connected");
  await clock.pass(2_100);
  assert.equal(relay.asked("offer").at(-1).sdp, "offer 2 restart");
  assert.equal(connections[0].reconfigured, undefined);
});

test("credentials told in the waiting room are those of whoever is let in later", async () => {
  const { relay, consultation, connections } = bench();
  relay.answers.join = () => joined({ standing: "waiting", ice_servers: [server("first")] });
  const joining = consultation.join();
  await settled();
  relay.push({ type: "waiting", place: 1 });
  relay.push({ type: "ice_servers", ice_servers: [server("second")] });
  await settled();
  assert.equal(connections.length, 0);
  relay.push({ type: "admitted", room: { participants: [] } });
  await joining;
  assert.deepEqual(names(connections[0]), ["second"]);
});

test("the way is an event, with words, and can be read afterwards", async () => {
  const { consultation, connections, clock, of } = bench({ lang: "fr" });
  await consultation.join();
  assert.equal(consultation.path, null);
  connections[0].stats = [
    { type: "transport", id: "T", selectedCandidatePairId: "P" },
    { type: "candidate-pair", id: "P", localCandidateId: "L" },
    { type: "local-candidate", id: "L", candidateType: "host", protocol: "tcp" },
  ];
  await clock.pass(4_000);
  const [path, ...others] = of("path");
  assert.deepEqual(others, []);
  assert.deepEqual([path.way, path.over, path.blocked], ["tcp", "tcp", true]);
  assert.match(path.words, /^Votre réseau semble bloquer .* TCP/);
  assert.deepEqual(consultation.path, path);
});
