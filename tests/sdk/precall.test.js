import assert from "node:assert/strict";
import test from "node:test";

import { PrecallCheck } from "../../signalling/client/check.js";
import { FakeRelay, MemoryStorage, refusal, token } from "./fake_relay.js";
import { FakeConnection, FakeStream, FakeTrack, fakeMediaDevices } from "./fake_webrtc.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36";
const SDP = "v=0\r\na=candidate:1 1 udp 1 192.0.2.1 7882 typ host\r\na=end-of-candidates\r\n";
const NOW_MS = 1_790_000_000_000;
const refused = (name, message = "") => Object.assign(new Error(message), { name });

/** A browser, a relay and a person, all of whom do well unless a test says otherwise. */
function bench({ mediaDevices = fakeMediaDevices(), browser = {}, seen = { hasFrames: true, brightest: 180 }, clockOffset_s = 0, ...options } = {}) {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
  const clock = new VirtualClock();
  const relay = new FakeRelay();
  relay.answers.begin = () => {
    relay.push({ type: "hello", unix_ms: NOW_MS - 1_000 * clockOffset_s });
    return { type: "begun", ice_servers: [], max_kbps: 3_000, duration_s: 2 };
  };
  relay.answers.try_path = () => ({ type: "answer", sdp: SDP });
  relay.answers.drop_path = () => ({ type: "ok" });
  relay.answers.conclude = () => ({ type: "ok" });
  const all = { relay, clock, connections: [], told: [], verdicts: [], previews: [], say: () => {} };
  const check = new PrecallCheck({
    token: token(),
    lang: "en",
    ...options,
    environment: {
      clock,
      storage: null,
      unixNow_ms: () => NOW_MS,
      openSocket: relay.openSocket,
      openConnection: (configuration) => {
        all.connections.push(new FakeConnection(configuration));
        return all.connections.at(-1);
      },
      newStream: () => new FakeStream(),
      browser: { isSecure: true, canConnect: true, canCapture: true, agent: CHROME, ...browser },
      senses: {
        lookAt: async () => seen,
        listenTo: (_, tell) => {
          all.say = tell;
          return () => {};
        },
      },
      playTones: async () => {},
      ...options.environment,
    },
  });
  check.on("finding", (one) => all.told.push(one));
  check.on("verdict", (one) => all.verdicts.push(one));
  check.on("preview", (one) => all.previews.push(one));
  return Object.assign(all, {
    check,
    /** The connection of a way; the first is UDP's, the second TCP's. */
    up: async (index = 0) => {
      all.connections[index].channel.open();
      await settled();
    },
    /** Lets the relay end the measurement that it was asked for last. */
    measured: async (fields = {}) => {
      await settled();
      const { id } = relay.asked("measure").at(-1);
      relay.push({ type: "measured", id, received_bytes: 500_000, duration_ms: 2_000, ...fields });
      await settled();
    },
    code: (of) => check.findings.find((one) => one.of === of)?.code,
  });
}

/** Two seconds of messages from the relay, evenly spaced. */
async function receives({ clock, connections: [udp] }, messages) {
  for (let index = 0; index < messages; index++) {
    udp.channel.onmessage({ data: "0".repeat(1_000) });
    await clock.pass(2_000 / messages);
  }
}

async function throughTheNetwork(all) {
  await settled();
  await all.up();
  await all.measured({ kbps: 1_800 });
  await receives(all, 400);
  await all.measured();
}

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

for (const [error, code] of [
  [refused("NotAllowedError", "Permission denied"), "permission_denied"],
  [refused("NotAllowedError", "Permission dismissed"), "permission_dismissed"],
  [refused("NotAllowedError", "Permission denied by system"), "permission_blocked_by_system"],
  [refused("NotFoundError"), "device_missing"],
  [refused("NotReadableError"), "device_busy"],
]) {
  test(`devices that do not open (${code}) are findings with words`, async () => {
    const all = bench({ mediaDevices: fakeMediaDevices({ audio: error, video: error }) });
    const running = all.check.run();
    await throughTheNetwork(all);
    const verdict = await running;
    assert.deepEqual([all.code("camera"), all.code("microphone")], [code, code]);
    assert.equal(verdict.result.verdict, "not_ready", "nobody would hear them");
    assert.ok(verdict.action.length > 10);
  });
}

test("a camera that is in use costs a picture and no consultation", async () => {
  const all = bench({ mediaDevices: fakeMediaDevices({ video: refused("NotReadableError") }) });
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await throughTheNetwork(all);
  const verdict = await running;
  assert.equal(verdict.result.verdict, "limited");
  assert.equal(verdict.action, "Close other video applications, then try again.");
});

test("a picture that is black, one that does not come, and a microphone that hears nobody", async () => {
  for (const [seen, code] of [
    [{ hasFrames: true, brightest: 8 }, "camera_dark"],
    [{ hasFrames: false, brightest: 0 }, "camera_still"],
  ]) {
    const all = bench({ seen });
    const running = all.check.run();
    await settled();
    all.say(0.1);
    await throughTheNetwork(all);
    await all.clock.pass(5_000);
    await running;
    assert.equal(all.code("camera"), code);
    assert.equal(all.code("microphone"), "not_heard");
    all.say(0.9);
    assert.equal(all.code("microphone"), "fine", "whoever tries again is heard");
    assert.equal(all.relay.asked("conclude").length, 2, "and the relay learns of it");
  }
});

test("a device that is pulled out afterwards changes the verdict", async () => {
  const all = bench();
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await throughTheNetwork(all);
  await running;
  const [microphone] = all.previews[0].getAudioTracks();
  microphone.onended();
  await settled();
  assert.equal(all.verdicts.at(-1).result.verdict, "not_ready");
  assert.equal(all.verdicts.at(-1).action, "Plug it in again or choose another one in the settings.");
  assert.equal(all.relay.asked("conclude").at(-1).result.verdict, "not_ready");
});

test("the person's word for the test sound, and a browser that does not play it", async () => {
  const all = bench();
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await throughTheNetwork(all);
  await running;
  assert.equal(await all.check.playTestSound("out-1"), true);
  all.check.answerSpeaker(false);
  assert.equal(all.verdicts.at(-1).result.verdict, "limited");
  all.check.answerSpeaker(true);
  assert.equal(all.verdicts.at(-1).result.verdict, "ready");
  const mute = bench({ environment: { playTones: () => Promise.reject(refused("NotAllowedError")) } });
  assert.equal(await mute.check.playTestSound(), false);
  assert.equal(mute.code("speaker"), "playback_refused");
});

for (const [code, of] of [
  ["token_expired", "server"],
  ["token_invalid", "server"],
  ["ejected", "server"],
]) {
  test(`a link that is refused (${code}) says what to do, and devices are checked all the same`, async () => {
    const all = bench();
    all.relay.answers.begin = () => refusal(code);
    const running = all.check.run();
    await settled();
    all.say(0.8);
    await all.clock.pass(100);
    const verdict = await running;
    assert.equal(all.code(of), code);
    assert.equal(all.code("camera"), "fine");
    assert.equal(verdict.result.verdict, "not_ready");
    assert.ok(verdict.action.length > 10);
    assert.equal(all.relay.asked("conclude").length, 0, "there is nobody to keep it for");
  });
}

test("a wrong clock is told by the relay's", async () => {
  const all = bench({ clockOffset_s: 7_200 });
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await throughTheNetwork(all);
  const { result, action } = await running;
  assert.equal(result.clock_offset_s, 7_200);
  assert.equal(result.verdict, "limited");
  assert.match(action, /set date and time to automatic/);
});

test("a browser that cannot consult is not asked for devices or connections, and the relay learns why", async () => {
  const all = bench({ browser: { isSecure: false, canCapture: false } });
  const { result, action } = await all.check.run();
  assert.equal(result.verdict, "not_ready");
  assert.equal(all.code("browser"), "insecure_context");
  assert.match(action, /https:/);
  assert.equal(all.connections.length, 0);
  assert.equal(all.relay.asked("conclude").length, 1);
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
