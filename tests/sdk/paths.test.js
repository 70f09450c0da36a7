import assert from "node:assert/strict";
import test from "node:test";

import { newModel } from "../../signalling/client/element/model.js";
import { sentenceOf } from "../../signalling/client/element/sentence.js";
import { openings } from "../../signalling/client/openings.js";
import { Paths, pathOf } from "../../signalling/client/paths.js";
import { bench } from "./consultation_bench.js";
import { en, fr } from "./fetched.js";

const SERVERS = [{ urls: ["turn:turn.example", "turn:turn.example?transport=tcp"] }, { urls: "turns:turn.example:443" }];

/** As Chromium reports it; the pair of before an ICE restart is still there. */
function chromium(local) {
  return [
    { type: "candidate-pair", id: "before", nominated: true, localCandidateId: "other" },
    { type: "candidate-pair", id: "now", nominated: true, localCandidateId: "mine" },
    { type: "local-candidate", id: "other", candidateType: "host", protocol: "udp" },
    { type: "remote-candidate", id: "theirs", candidateType: "host", protocol: "udp" },
    { type: "local-candidate", id: "mine", ...local },
    { type: "transport", id: "T", selectedCandidatePairId: "now" },
  ];
}

/** As Firefox does: no transport, and TLS is TCP to it. */
function firefox(local) {
  return chromium(local)
    .filter(({ type }) => type !== "transport")
    .map((entry) => (entry.id === "now" ? { ...entry, selected: true } : entry));
}

const DIRECT = { candidateType: "prflx", protocol: "udp" };
const TCP = { candidateType: "host", protocol: "tcp", tcpType: "active" };
const turn = (relayProtocol) => ({ candidateType: "relay", protocol: "udp", relayProtocol });

test("the way is that of the pair in use, in the words of either browser", () => {
  for (const [local, path] of [
    [DIRECT, ["direct", "udp"]],
    [TCP, ["tcp", "tcp"]],
    [turn("udp"), ["turn", "udp"]],
    [turn("tcp"), ["turn", "tcp"]],
    [{ ...turn("udp"), candidateType: "prflx" }, ["turn", "udp"]],
  ]) {
    for (const browser of [chromium, firefox]) assert.deepEqual(pathOf(browser(local), () => SERVERS), path, browser.name);
  }
  assert.deepEqual(pathOf(chromium(turn("tls")), () => SERVERS), ["turn", "tls"]);
  const onlyTls = () => [{ urls: ["turn:turn.example", "turns:turn.example:443?transport=tcp"] }];
  assert.deepEqual(pathOf(firefox(turn("tcp")), onlyTls), ["turn", "tls"]);
  const noTls = () => [{ urls: ["turn:turn.example?transport=udp", "TURN:turn.example?transport=TCP"] }, { urls: "stun:turn.example" }];
  assert.deepEqual(pathOf(firefox(turn("tcp")), noTls), ["turn", "tcp"]);
  assert.deepEqual(pathOf(firefox(turn("tcp")), () => [{ urls: "turn:turn.example" }]), ["turn", "tcp"], "nothing says that it is TLS");
  for (const browser of [chromium, firefox]) {
    assert.deepEqual(pathOf(browser({ ...turn("tcp"), url: "turns:turn.example:443?transport=tcp" }), () => SERVERS), ["turn", "tls"], "the server is named");
    assert.deepEqual(pathOf(browser({ ...turn("tcp"), url: "turn:turn.example?transport=tcp" }), onlyTls), ["turn", "tcp"]);
  }
  assert.equal(pathOf([], () => SERVERS), null);
  assert.equal(pathOf(chromium(DIRECT).slice(0, 2), () => SERVERS), null);
});

function followed(policy) {
  const paths = new Paths({ words: en, policy });
  const told = [];
  paths.events.on("path", ({ way, over, blocked }) => told.push(`${way} ${over}${blocked ? " blocked" : ""}`));
  return { paths, told, second: (local) => paths.take(chromium(local), () => SERVERS) };
}

test("a direct way is told at once, another when it lasted a second, and each once", () => {
  const { paths, told, second } = followed();
  for (const local of [turn("tcp"), DIRECT, DIRECT, TCP, DIRECT, TCP, TCP, TCP, turn("tls"), turn("tls")]) second(local);
  assert.deepEqual(told, ["direct udp", "tcp tcp blocked", "turn tls blocked"]);
  paths.take([], () => SERVERS);
  assert.deepEqual([paths.now.way, paths.now.words], ["turn", en.path("turn", "tls", true)]);
});

test("where the page wants the server, nothing is said about the network", () => {
  const { paths, told, second } = followed("relay");
  second(turn("udp"));
  second(turn("udp"));
  assert.deepEqual(told, ["turn udp"]);
  assert.doesNotMatch(paths.now.words, /network/);
});

for (const words of [en, fr]) {
  test(`${words.lang}: every way is a whole sentence of its own`, () => {
    const ways = [["direct", "udp", false], ["tcp", "tcp", true], ["turn", "udp", true], ["turn", "tcp", true], ["turn", "tls", true], ["turn", "tls", false]];
    const sentences = [...ways.map((way) => words.path(...way)), words.openings("UDP 203.0.113.7:7882")];
    for (const sentence of sentences) assert.match(sentence, /^[A-Z].*\.$/u);
    for (const sentence of sentences) assert.doesNotMatch(sentence, /undefined|null/);
    assert.equal(new Set(sentences).size, sentences.length);
    // Firefox calls TLS so where the operator's list has both.
    assert.doesNotMatch(words.path("turn", "tcp", true), /crypt|chiffr|clear|clair|TCP/i);
  });
}

const ANSWER = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=candidate:1 1 udp 2130706431 203.0.113.7 7882 typ host",
  "a=candidate:2 1 udp 2130706175 2001:db8::7 7882 typ host",
  "a=candidate:3 1 tcp 1671430143 203.0.113.7 7882 typ host tcptype passive",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=candidate:1 1 udp 2130706431 203.0.113.7 7882 typ host",
  "",
].join("\r\n");

test("what a network has to let through is named once, the direct ways first", () => {
  assert.deepEqual(openings({ answer: ANSWER, servers: SERVERS }), [
    "UDP 203.0.113.7:7882",
    "UDP [2001:db8::7]:7882",
    "TCP 203.0.113.7:7882",
    "UDP turn.example:3478",
    "TCP turn.example:3478",
    "TCP turn.example:443",
  ]);
  const odd = [{ urls: ["turns:[2001:db8::9]", "turn:192.0.2.9:80?transport=udp", "stun:stun.example"] }];
  assert.deepEqual(openings({ answer: "", servers: odd }), ["TCP [2001:db8::9]:5349", "UDP 192.0.2.9:80"]);
  assert.deepEqual(openings({ answer: "", servers: [] }), []);
});

test("the element names the detour where the own network falters, and only there", () => {
  const path = { way: "turn", over: "tls", blocked: true, words: "A detour." };
  const waiting = { state: "waiting", reason: "alone", words: "Waiting.", error: null };
  const said = (change) => sentenceOf({ ...newModel(en, null), state: waiting, path, ...change }).words;
  assert.equal(said({}), "Waiting.");
  assert.equal(said({ network: "poor" }), "A detour.");
  assert.equal(said({ network: "poor", path: { ...path, blocked: false } }), en.quality(null, "towards", "poor"));
  const connected = { ...waiting, state: "connected", words: "Connected." };
  const local = { microphone: "on", camera: "on", screen: false, stream: null };
  assert.equal(said({ state: connected, local }), "Connected.");
  assert.equal(said({ state: connected, local, network: "weak" }), "A detour.");
});

test("whoever comes in reads within five seconds that other ways are tried, and then where they stand", async () => {
  const { clock, connections, consultation, states, of } = bench({ lang: "fr", connects: false });
  const joining = consultation.join();
  await clock.pass(3_900);
  assert.deepEqual(states(), ["connecting server", "connecting media"]);
  await clock.pass(200);
  assert.equal(states().at(-1), "connecting detour");
  assert.equal(of("state").at(-1).words, "Votre réseau retient le son et l’image. D’autres chemins sont essayés…");
  connections[0].become("connected", "connected");
  await joining;
  assert.equal(states().at(-1), "waiting alone");
});

const REFUSALS = [
  [en, /has to let this through: UDP 203\.0\.113\.7:7882, UDP \[2001:db8::7\]:7882, TCP 203\.0\.113\.7:7882\.$/],
  [fr, /doit laisser passer : UDP 203\.0\.113\.7:7882, UDP \[2001:db8::7\]:7882, TCP 203\.0\.113\.7:7882\.$/],
];

for (const [words, needed] of REFUSALS) {
  test(`${words.lang}: where no way is found the join says after fifteen seconds what has to be let through`, async () => {
    const { clock, connections, consultation, relay } = bench({ lang: words.lang, connects: false });
    relay.answers.offer = () => ({ type: "answer", sdp: ANSWER });
    const refused = consultation.join().catch((error) => error);
    await clock.pass(15_100);
    const { code, action } = await refused;
    assert.equal(code, "media_unreachable");
    assert.ok(action.startsWith(words.errors.media_unreachable[1]));
    assert.match(action, needed);
    assert.equal(connections[0].remoteDescription.sdp, ANSWER);
  });
}

test("a page that cannot be told what to let through is told the rest", async () => {
  const { clock, consultation } = bench({ connects: false });
  const refused = consultation.join().catch((error) => error);
  await clock.pass(15_100);
  assert.equal((await refused).action, en.errors.media_unreachable[1]);
});

test("the way is told once there are words for it", () => {
  const { path: _, ...early } = en;
  const words = { ...early };
  const paths = new Paths({ words });
  const told = [];
  paths.events.on("path", ({ words: said }) => told.push(said));
  paths.take(chromium(DIRECT), () => SERVERS);
  assert.equal(paths.now, null);
  words.path = en.path;
  paths.take(chromium(DIRECT), () => SERVERS);
  assert.deepEqual(told, [en.path("direct", "udp", false)]);
});
