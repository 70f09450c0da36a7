import assert from "node:assert/strict";
import test from "node:test";

import { MemoryStorage, refusal } from "./fake_relay.js";
import { FakeStream, FakeTrack, fakeMediaDevices } from "./fake_webrtc.js";
import { SDP, bench, throughTheNetwork } from "./precall_bench.js";
import { settled } from "./virtual_clock.js";

test("all is well: everything is found good, told to the relay, and ready in words", async () => {
  const all = bench();
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await throughTheNetwork(all);
  const { result, words, action, findings } = await running;
  assert.equal(result.verdict, "ready");
  assert.equal(words, "All is ready for your consultation.");
  assert.equal(action, "");
  assert.deepEqual(findings.map(({ of, code }) => [of, code]), [
    ["browser", "fine"],
    ["server", "fine"],
    ["clock", "fine"],
    ["camera", "fine"],
    ["microphone", "fine"],
    ["speaker", "not_asked"],
    ["network", "fine"],
    ["bandwidth", "fine"],
  ]);
  assert.deepEqual(result.paths, [{ path: "udp", works: true, after_ms: 0 }]);
  assert.equal(result.from_kbps, 1_800);
  assert.ok(result.towards_kbps > 1_600 && result.towards_kbps < 1_900, String(result.towards_kbps));
  assert.equal(result.browser, "chromium");
  assert.deepEqual(all.relay.asked("conclude").map((asked) => asked.result), [result]);
  assert.equal(all.relay.sockets[0].url, "wss://relay.test/v1/check");
  assert.equal(all.relay.sockets[0].protocol, "visavis-check.v1");
  assert.ok(all.connections.every(({ closed }) => closed), "no way is kept open");
  assert.deepEqual(all.connections.map(({ configuration }) => configuration.iceTransportPolicy), ["all", "all"]);
});

test("nothing but a way's own candidates is tried, and ways through TURN go through TURN alone", async () => {
  const all = bench();
  const servers = [{ urls: ["turn:t", "turn:t?transport=tcp", "turns:t"], username: "u", credential: "c" }];
  all.relay.answers.begin = () => ({ type: "begun", ice_servers: servers, max_kbps: 3_000, duration_s: 2 });
  all.relay.answers.try_path = () => ({ type: "answer", sdp: `${SDP}a=candidate:2 1 tcp 1 192.0.2.1 7882 typ host tcptype passive\r\n` });
  const running = all.check.run();
  await settled();
  assert.deepEqual(all.relay.asked("try_path").map(({ path }) => path), ["udp", "tcp", "turn_udp", "turn_tcp", "turn_tls"]);
  const protocols = all.connections.map(({ remoteDescription }) => [...remoteDescription.sdp.matchAll(/a=candidate:\d 1 (\w+)/g)].map(([, name]) => name).join());
  assert.deepEqual(protocols, ["udp", "tcp", "udp", "udp", "udp"]);
  assert.deepEqual(all.connections.map(({ configuration }) => configuration.iceTransportPolicy), ["all", "all", "relay", "relay", "relay"]);
  assert.deepEqual(all.connections[4].configuration.iceServers, [{ urls: ["turns:t"], username: "u", credential: "c" }]);
  await all.up(4);
  await all.clock.pass(5_000);
  await all.measured({ kbps: 1_800 });
  assert.equal(all.relay.asked("measure")[0].path, "turn_tls", "over what came up");
  await all.clock.pass(10_000);
  const { result } = await running;
  assert.equal(all.code("network"), "detour");
  assert.deepEqual(result.paths.filter(({ works }) => works).map(({ path }) => path), ["turn_tls"]);
});

test("a blocked everything is not ready, and says what to do, in both languages", async () => {
  for (const [lang, words] of [
    ["en", "Something has to be done before your consultation."],
    ["fr", "Il y a quelque chose à faire avant votre consultation."],
  ]) {
    const all = bench({ lang });
    const running = all.check.run();
    await settled();
    all.say(0.8);
    await all.clock.pass(5_000);
    const verdict = await running;
    assert.equal(verdict.result.verdict, "not_ready");
    assert.equal(verdict.words, words);
    assert.match(verdict.action, lang === "fr" ? /^Essayez un autre réseau/ : /^Try another network/);
    assert.equal(all.code("network"), "media_unreachable");
    assert.equal(all.code("bandwidth"), "not_measured");
    assert.equal(all.relay.asked("measure").length, 0);
  }
});

test("a verdict is there within fifteen seconds though nothing and nobody answers", async () => {
  const mediaDevices = { ...fakeMediaDevices(), getUserMedia: () => new Promise(() => {}) };
  const all = bench({ mediaDevices, environment: { openSocket: () => ({ readyState: 0, close() {} }) } });
  let verdict = null;
  all.check.run().then((one) => (verdict = one));
  await all.clock.pass(13_900);
  assert.equal(verdict, null);
  await all.clock.pass(1_000);
  assert.equal(verdict.result.verdict, "not_ready");
  assert.equal(verdict.result.took_ms, 14_000);
  assert.equal(all.code("server"), "unreachable");
  assert.equal(all.code("camera"), "not_measured");
  assert.equal(verdict.findings.length, 8);
  assert.match(verdict.action, /internet connection/);
});

test("a relay that measures too many is asked again, and then it was not measured", async () => {
  const all = bench();
  all.relay.answers.measure = () => refusal("overloaded", { retry_after_s: 3 });
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await all.up();
  await all.clock.pass(10_000);
  const { result } = await running;
  assert.equal(all.code("bandwidth"), "overloaded");
  assert.equal(all.relay.asked("measure").length, 6, "each direction three times");
  assert.equal(result.verdict, "ready", "what is not known counts for nothing");
});

test("messages leave once the relay says that it counts, and no more of them than it acknowledges", async () => {
  const all = bench();
  all.check.run();
  await settled();
  await all.up();
  const { channel } = all.connections[0];
  await all.clock.pass(200);
  assert.equal(channel.sent.length, 0);
  channel.onmessage({ data: "0" });
  await all.clock.pass(200);
  assert.equal(channel.sent.length, 5);
  channel.onmessage({ data: "2000" });
  await all.clock.pass(20);
  assert.equal(channel.sent.length, 7);
  assert.ok(channel.sent.every((text) => text.length === 1_000));
});

test("whoever waits in this tab checks with their seat, and with the token where that is gone", async () => {
  const storage = new MemoryStorage();
  storage.setItem("visavis.seat r s", JSON.stringify({ seat: "s-1", secret: "secret" }));
  const all = bench({ environment: { storage } });
  all.check.run();
  await settled();
  assert.deepEqual(all.relay.asked("begin").map(({ seat, secret, token: given }) => [seat, secret, given]), [["s-1", "secret", undefined]]);
  const gone = bench({ environment: { storage } });
  const { begin } = gone.relay.answers;
  gone.relay.answers.begin = (request) => (request.seat ? refusal("seat_unknown") : begin(request));
  gone.check.run();
  await settled();
  assert.deepEqual(gone.relay.asked("begin").map(({ seat }) => seat), ["s-1", undefined]);
  assert.equal(gone.code("server"), "fine");
});

test("what was open before stays open, what was opened here is closed", async () => {
  const stream = new FakeStream();
  stream.addTrack(new FakeTrack("audio"));
  const borrowed = bench({ stream });
  borrowed.check.run();
  await settled();
  assert.equal(borrowed.code("camera"), "not_measured", "the person has turned it off");
  borrowed.check.stop();
  assert.equal(stream.tracks[0].readyState, "live");
  const own = bench();
  own.check.run();
  await settled();
  const tracks = own.previews[0].getTracks();
  assert.equal(tracks.length, 2);
  own.check.stop();
  assert.ok(tracks.every(({ readyState }) => readyState === "ended"));
  assert.equal(own.previews.at(-1), null);
  assert.ok(own.connections.length > 0);
  await own.clock.pass(5_000);
  assert.ok(own.connections.every(({ closed }) => closed));
});

test("the devices that are checked, and the loudspeaker that sounds, are those of the consultation", async () => {
  const memory = new MemoryStorage();
  memory.setItem("visavis.devices", JSON.stringify({ microphone: "headset", camera: "desk", speaker: "earphones" }));
  const mediaDevices = fakeMediaDevices();
  const played = [];
  const all = bench({ mediaDevices, environment: { memory, playTones: async (speaker) => void played.push(speaker) } });
  all.check.run();
  await settled();
  const [{ audio, video }] = mediaDevices.asked;
  assert.deepEqual([audio.deviceId.exact, video.deviceId.exact, all.check.speaker], ["headset", "desk", "earphones"]);
  await all.check.playTestSound();
  mediaDevices.present = [...mediaDevices.present, { kind: "audiooutput", deviceId: "earphones", label: "Earphones" }];
  await all.check.playTestSound();
  await all.check.playTestSound("another");
  assert.deepEqual(played, [undefined, "earphones", "another"], "one that is gone leaves the browser's own");
  all.check.stop();
});

test("a microphone that its person has muted is not said to hear nobody", async () => {
  const stream = new FakeStream();
  const [muted, camera] = [new FakeTrack("audio"), new FakeTrack("video")];
  muted.enabled = false;
  stream.addTrack(muted);
  stream.addTrack(camera);
  const all = bench({ stream });
  all.check.run();
  await all.clock.pass(6_000);
  assert.deepEqual([all.code("microphone"), all.code("camera")], ["not_measured", "fine"]);
  assert.equal(muted.enabled, false);
  all.check.stop();
});
