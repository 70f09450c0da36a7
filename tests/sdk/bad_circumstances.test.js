import assert from "node:assert/strict";
import test from "node:test";

import { isWithinApplication } from "../../signalling/client/browser_support.js";
import { capture } from "../../signalling/client/capture.js";
import { isClockInDoubt } from "../../signalling/client/clock_doubt.js";
import { Consultation } from "../../signalling/client/consultation.js";
import { deviceProblem, ending } from "../../signalling/client/element/card.js";
import { newModel } from "../../signalling/client/element/model.js";
import { failure } from "../../signalling/client/errors.js";
import { bench } from "./consultation_bench.js";
import { FakeRelay, MemoryStorage, refusal, token } from "./fake_relay.js";
import { FakeStream, fakeMediaDevices } from "./fake_webrtc.js";
import { en, fr } from "./fetched.js";
import { VirtualClock } from "./virtual_clock.js";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel 9 Build/BP2A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/156.0 Mobile Safari/537.36";
const WITHIN = [
  ANDROID,
  `${ANDROID} [FB_IAB/FB4A;FBAV/540.0;]`,
  `${IPHONE} Mobile/23A341`,
  `${IPHONE} Mobile/23A341 [FBAN/FBIOS;FBAV/540.0]`,
  `${IPHONE} Mobile/23A341 Instagram 400.0 (iPhone17,1)`,
  `${IPHONE} Mobile/23A341 Safari Line/15.1.0`,
  `${IPHONE} Mobile/23A341 MicroMessenger/8.0`,
];
const BROWSERS = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
  `${IPHONE} Version/26.0 Mobile/15E148 Safari/604.1`,
  `${IPHONE} CriOS/156.0 Mobile/15E148 Safari/604.1`,
  `${IPHONE} FxiOS/153.0 Mobile/15E148 Safari/605.1.15`,
];

function browser({ mediaDevices, userAgent = BROWSERS[0], secure = true }) {
  const permissions = { query: async () => ({ state: "prompt" }) };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices, permissions, userAgent } });
  globalThis.isSecureContext = secure;
}

const thrown = (name, message = "") => Object.assign(new Error(message), { name });

test("pages within other applications are known by what these call themselves, and browsers are none", () => {
  for (const agent of WITHIN) assert.equal(isWithinApplication(agent), true, agent);
  for (const agent of [...BROWSERS, ""]) assert.equal(isWithinApplication(agent), false, agent);
});

/** What browsers throw or lack, by engine where they differ, and the code it is. */
const DEVICES = [
  ["a camera in use", "device_busy", { video: thrown("NotReadableError", "Could not start video source") }],
  ["a camera in use (Firefox)", "device_busy", { video: thrown("NotReadableError", "Failed to allocate videosource") }],
  ["a camera that does not start (Firefox)", "device_busy", { video: thrown("AbortError", "Starting videoinput failed") }],
  ["no camera", "device_missing", { video: thrown("NotFoundError", "Requested device not found") }],
  ["no camera (Firefox)", "device_missing", { video: thrown("NotFoundError", "The object can not be found here.") }],
  ["refused permission", "permission_denied", { audio: thrown("NotAllowedError", "Permission denied") }],
  ["refused permission (Safari)", "permission_denied", { audio: thrown("NotAllowedError", "The request is not allowed by the user agent or the platform in the current context.") }],
  ["a question closed", "permission_dismissed", { audio: thrown("NotAllowedError", "Permission dismissed") }],
  ["refused by the system", "permission_blocked_by_system", { audio: thrown("NotAllowedError", "Permission denied by system") }],
];

for (const [name, code, refuse] of DEVICES) {
  test(`${name}: ${code}, in both languages, with what to do`, async () => {
    const told = [];
    for (const { lang } of [en, fr]) {
      browser({ mediaDevices: fakeMediaDevices(refuse) });
      const { problems } = await capture(lang, ["microphone", "camera"], {});
      told.push(problems.at(-1));
    }
    advises(told, code);
  });
}

test("within another application a refusal, or nothing to ask, names the way out", async () => {
  for (const mediaDevices of [undefined, fakeMediaDevices({ audio: thrown("NotAllowedError", "Permission denied") })]) {
    const told = [];
    for (const { lang } of [en, fr]) {
      browser({ mediaDevices, userAgent: WITHIN[0] });
      told.push((await capture(lang, ["microphone"], {})).problems[0]);
    }
    advises(told, "in_app_browser");
  }
  browser({ mediaDevices: undefined, userAgent: WITHIN[0], secure: false });
  assert.equal((await capture("en", ["camera"], {})).problems[0].code, "insecure_context", "what can be mended first");
});

/** Two errors of one code: two languages, each with what happened and what to do. */
function advises([english, french], code) {
  assert.deepEqual([english.code, french.code], [code, code]);
  for (const error of [english, french]) for (const sentence of [error.words, error.action]) assert.match(sentence, /^\p{Lu}.{12,}\.$/u);
  assert.notEqual(english.words, french.words);
  assert.notEqual(english.action, french.action);
}

for (const code of ["insecure_context", "unsupported_browser", "in_app_browser", "clock_wrong", "token_expired", "unreachable", "media_unreachable"]) {
  test(`${code} has a sentence and what to do in both languages`, () => advises([failure("en", code), failure("fr", code)], code));
}

for (const source of ["microphone", "camera"]) {
  test(`a ${source} that is pulled out in mid-call has a sentence of its own`, () => {
    advises([failure("en", "device_lost", { source }), failure("fr", "device_lost", { source })], "device_lost");
    assert.notEqual(failure("en", "device_lost", { source }).words, failure("en", "device_lost").words);
  });
}

test("every problem with a device says on its card what to do, and can be left open or tried again", () => {
  browser({ mediaDevices: undefined });
  for (const code of ["device_busy", "device_missing", "device_lost", "permission_denied", "permission_dismissed", "permission_blocked_by_system", "in_app_browser", "insecure_context"]) {
    const { title, lines, steps, actions } = deviceProblem(newModel(en, null), failure("en", code, { source: "camera" }));
    assert.ok(title && lines.length + steps.length > 0, code);
    assert.deepEqual(actions.map(([, action]) => action), ["retry", "dismiss"]);
  }
});

test("what trying again cannot mend offers nothing of the kind", () => {
  const offered = (code) => (ending({ ...newModel(fr, null), state: { state: "left", reason: code, words: "", error: failure("fr", code) } }).actions ?? []).map(([, action]) => action);
  for (const code of ["in_app_browser", "unsupported_browser", "token_expired"]) assert.deepEqual(offered(code), [], code);
  for (const code of ["unreachable", "media_unreachable", "clock_wrong"]) assert.deepEqual(offered(code), ["retry"], code);
});

test("a browser without WebRTC is told so at once, and nothing is opened", async () => {
  const relay = new FakeRelay();
  browser({ mediaDevices: fakeMediaDevices() });
  const environment = { clock: new VirtualClock(), storage: new MemoryStorage(), openSocket: relay.openSocket, newStream: () => new FakeStream() };
  const consultation = new Consultation({ token: token(), lang: "fr", environment });
  await assert.rejects(consultation.join(), { code: "unsupported_browser", words: fr.errors.unsupported_browser[0] });
  assert.deepEqual([consultation.state.state, consultation.state.reason], ["left", "unsupported_browser"]);
  assert.equal(relay.sockets.length, 0);
});

const NOW_S = 1_800_000_000;

test("a clock is in doubt where a token was issued in its future, and by more than an hour", () => {
  const doubt = (now_s, facts = { iat: NOW_S, nbf: NOW_S, exp: NOW_S + 600 }) => isClockInDoubt(facts, now_s);
  assert.equal(doubt(NOW_S - 3_601), true);
  assert.equal(doubt(NOW_S - 3_599), false, "certificates are dated back by as much");
  assert.equal(doubt(NOW_S + 86_400), false, "the link may be old");
  assert.equal(doubt(NOW_S - 86_400, { nbf: NOW_S }), true);
  for (const facts of [{}, { iat: "soon" }, { iat: Number.NaN }, { exp: NOW_S }]) assert.equal(doubt(0, facts), false);
});

test("a link that the relay finds too old or invalid is just that, whatever this device's clock says", async () => {
  const iat = Date.now() / 1_000 + 7_200;
  for (const code of ["token_expired", "token_invalid"]) {
    const { relay, consultation } = bench({ given: token({ iat, exp: iat + 600 }) });
    relay.answers.join = () => refusal(code);
    await assert.rejects(consultation.join(), { code });
  }
});

test("a relay that is not reached by a device whose clock is far behind may be a matter of clocks", async () => {
  for (const [behind_s, code] of [[7_200, "clock_wrong"], [600, "unreachable"]]) {
    const iat = Date.now() / 1_000 + behind_s;
    const { relay, clock, consultation } = bench({ lang: "fr", given: token({ iat, exp: iat + 600 }) });
    relay.reachable = false;
    const refused = consultation.join().catch((error) => error);
    await clock.pass(60_000);
    const error = await refused;
    assert.deepEqual([error.code, error.words], [code, fr.errors[code][0]]);
    if (code === "clock_wrong") assert.equal(error.cause.code, "unreachable");
    assert.equal(consultation.state.error.code, code);
  }
});
