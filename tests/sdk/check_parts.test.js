import assert from "node:assert/strict";
import test from "node:test";

import { judgeBrowser } from "../../signalling/client/check/browser.js";
import { CHECKED, CODES } from "../../signalling/client/check/codes.js";
import { brightestOf, isDark } from "../../signalling/client/check/picture.js";
import { bandwidthFinding, clockFinding, finding, isTrouble, networkFinding, verdictOf, worstOf } from "../../signalling/client/check/verdict.js";
import { serversFor, wayOf, withCandidates } from "../../signalling/client/check/ways.js";
import { checkWordsFor, sentencesOf } from "../../signalling/client/check/words.js";
import { en } from "../../signalling/client/check/words_en.js";
import { fr } from "../../signalling/client/check/words_fr.js";

const ABLE = { isSecure: true, canConnect: true, canCapture: true };
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

for (const [agent, outcome, code] of [
  [CHROME, "good", "fine"],
  [CHROME.replace("156", "124"), "weak", "old_browser"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "good", "fine"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", "weak", "old_browser"],
  [`${IPHONE} Version/18.2 Mobile/15E148 Safari/604.1`, "good", "fine"],
  [`${IPHONE.replace("18_2", "17_4")} Version/17.4 Mobile/15E148 Safari/604.1`, "weak", "old_browser"],
  [`${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0]`, "weak", "in_app_browser"],
  [`${IPHONE} Mobile/15E148`, "weak", "in_app_browser"],
  ["Mozilla/5.0 (Linux; Android 15; Pixel; wv) AppleWebKit/537.36 Version/4.0 Chrome/156.0 Mobile Safari/537.36", "weak", "in_app_browser"],
  [`${CHROME} Instagram 300.0`, "weak", "in_app_browser"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/16.6 Safari/605.1.15", "weak", "old_browser"],
  ["", "good", "fine"],
]) {
  test(`"${agent.slice(-50)}" is ${code}`, () => assert.deepEqual(judgeBrowser({ ...ABLE, agent }), { of: "browser", outcome, code }));
}

test("what a browser lacks counts more than its name", () => {
  const code = (facts) => judgeBrowser({ ...ABLE, agent: CHROME, ...facts }).code;
  assert.equal(code({ isSecure: false, canCapture: false }), "insecure_context");
  assert.equal(code({ canConnect: false }), "unsupported_browser");
  assert.equal(code({ canCapture: false }), "unsupported_browser");
  const inApp = judgeBrowser({ ...ABLE, canCapture: false, agent: `${CHROME} Instagram 300.0` });
  assert.deepEqual([inApp.outcome, inApp.code], ["bad", "in_app_browser"]);
});

test("ways through TURN are told apart by the servers' addresses", () => {
  assert.deepEqual(
    ["turn:a", "turn:a:3478?transport=udp", "turn:a?transport=tcp", "turns:a:443", "turns:a?transport=tcp", "stun:a"].map(wayOf),
    ["turn_udp", "turn_udp", "turn_tcp", "turn_tls", "turn_tls", null],
  );
  const named = [{ urls: ["turn:a", "turns:a"], username: "u", credential: "c" }, { urls: "turn:b?transport=tcp" }];
  assert.deepEqual(serversFor("turn_tls", named), [{ urls: ["turns:a"], username: "u", credential: "c" }]);
  assert.deepEqual(serversFor("turn_tcp", named), [{ urls: ["turn:b?transport=tcp"] }]);
  assert.equal(serversFor("turn_udp", []), null);
  assert.deepEqual(serversFor("udp", named), []);
});

test("an answer is left with the candidates of one protocol", () => {
  const sdp = ["v=0", "a=candidate:1 1 udp 1 192.0.2.1 7882 typ host", "a=candidate:2 1 TCP 1 192.0.2.1 7882 typ host tcptype passive", "a=end-of-candidates", ""].join("\r\n");
  assert.doesNotMatch(withCandidates(sdp, "udp"), /TCP/);
  assert.match(withCandidates(sdp, "tcp"), /TCP/);
  assert.doesNotMatch(withCandidates(sdp, "tcp"), / udp /);
  assert.match(withCandidates(sdp, "tcp"), /end-of-candidates\r\n$/);
  assert.equal(withCandidates("v=0\r\na=candidate:1 1 udp 1 192.0.2.1 7882 typ host\r\n", "tcp"), null);
});

test("figures become findings", () => {
  assert.equal(clockFinding(-59).code, "fine");
  assert.deepEqual(clockFinding(3_600), { of: "clock", outcome: "weak", code: "clock_wrong" });
  assert.equal(networkFinding([]).code, "media_unreachable");
  assert.equal(networkFinding([{ path: "udp", works: false }, { path: "tcp", works: true }]).code, "detour");
  assert.equal(networkFinding([{ path: "udp", works: true }]).code, "fine");
  assert.equal(bandwidthFinding(null, null).outcome, "unknown");
  assert.equal(bandwidthFinding(2_000, null).code, "fine");
  assert.equal(bandwidthFinding(2_000, 999).code, "narrow");
  assert.deepEqual(bandwidthFinding(149, 3_000), { of: "bandwidth", outcome: "bad", code: "too_narrow" });
});

test("a verdict is as bad as what is needed, and says what to do first", () => {
  const fine = CHECKED.map((of) => finding(of, "fine"));
  const but = (...others) => [...fine.filter(({ of }) => !others.some((one) => one.of === of)), ...others];
  assert.equal(verdictOf(fine), "ready");
  assert.equal(worstOf(fine), null);
  assert.equal(verdictOf(but(finding("speaker", "not_asked"), finding("bandwidth", "overloaded"))), "ready");
  const busy = finding("camera", "device_busy");
  const dark = finding("camera", "camera_dark");
  const blocked = finding("network", "media_unreachable");
  assert.equal(verdictOf(but(busy)), "limited");
  assert.equal(verdictOf(but(dark)), "limited");
  assert.equal(verdictOf(but(blocked, busy)), "not_ready");
  assert.deepEqual(worstOf(but(busy, blocked)), blocked);
  assert.deepEqual(worstOf(but(finding("microphone", "not_heard"), finding("speaker", "speaker_silent"))).of, "speaker");
  for (const of of ["browser", "server", "microphone"]) assert.equal(verdictOf(but(finding(of, "capture_failed"))), "not_ready");
  for (const of of ["server", "microphone", "network"]) assert.equal(verdictOf(but(finding(of, "not_measured"))), "limited", `nobody knows of the ${of}`);
  for (const of of ["clock", "camera", "bandwidth"]) assert.equal(verdictOf(but(finding(of, "not_measured"))), "ready");
});

test("a covered camera is told from a dark room", () => {
  const pixels = (level) => new Uint8ClampedArray(16 * 9 * 4).fill(level);
  assert.equal(isDark({ hasFrames: true, brightest: brightestOf(pixels(10)) }), true);
  assert.equal(isDark({ hasFrames: true, brightest: brightestOf(pixels(120)) }), false);
  const face = pixels(5);
  face.set([200, 180, 160, 255], 400);
  assert.equal(isDark({ hasFrames: true, brightest: brightestOf(face) }), false);
});

/** Which codes each thing may be found with; the rest of the codes concern the browser, the link and so on by themselves. */
const DEVICE_CODES = CODES.filter((code) => /^(permission|device|capture)_/.test(code));
const POSSIBLE = {
  browser: ["fine", "insecure_context", "unsupported_browser", "in_app_browser", "old_browser"],
  server: ["fine", "unreachable", "token_invalid", "token_expired", "ejected", "unknown_room", "overloaded", "not_measured"],
  clock: ["fine", "clock_wrong", "not_measured"],
  camera: ["fine", ...DEVICE_CODES, "camera_dark", "camera_still", "not_measured"],
  microphone: ["fine", ...DEVICE_CODES, "not_heard", "not_measured"],
  speaker: ["fine", "not_asked", "playback_refused", "speaker_silent"],
  network: ["fine", "media_unreachable", "detour", "overloaded", "not_measured"],
  bandwidth: ["fine", "narrow", "too_narrow", "overloaded", "not_measured"],
};

for (const words of [en, fr]) {
  test(`${words.lang}: whatever is found has a sentence, and what is wrong has one that says what to do`, () => {
    for (const [of, codes] of Object.entries(POSSIBLE)) {
      for (const code of codes) {
        const one = finding(of, code);
        const [said, action] = sentencesOf(words, one);
        assert.match(said, /^[A-ZÀÉÊÎ].*\.$/u, `${of} ${code}`);
        if (isTrouble(one)) assert.match(action, /^[A-ZÀÉÊÎ].*\.$/u, `${of} ${code}`);
      }
    }
    assert.deepEqual(new Set(Object.values(POSSIBLE).flat()), new Set(CODES));
  });
}

test("French says everything English says, and nothing in English", () => {
  assert.deepEqual(Object.keys(fr.findings), Object.keys(en.findings));
  for (const [code, sentences] of Object.entries(fr.findings)) assert.notDeepEqual(sentences, en.findings[code], code);
  assert.deepEqual(Object.keys(fr.ui), Object.keys(en.ui));
  assert.deepEqual(Object.keys(fr.ui.names), [...CHECKED]);
  for (const verdict of ["ready", "limited", "not_ready"]) assert.notEqual(fr.verdicts[verdict], en.verdicts[verdict]);
  assert.equal(checkWordsFor("fr-CA"), fr);
  assert.equal(checkWordsFor("pt"), en);
  assert.equal(checkWordsFor(undefined), en);
  assert.equal(fr.ui.rates(fr.ui.rate(1_250), fr.ui.rate(null)), "Mesuré : 1,3 Mbit/s depuis ici, rien vers ici.");
});
