import assert from "node:assert/strict";
import test from "node:test";

import { capture, captureScreen } from "../../signalling/client/capture.js";
import { listDevices } from "../../signalling/client/devices.js";
import { browserName } from "../../signalling/client/element/browser.js";
import { fakeMediaDevices } from "./fake_webrtc.js";
import "./fetched.js";

const BOTH = ["microphone", "camera"];

function browser({ mediaDevices, permissions = {}, secure = true }) {
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { mediaDevices, permissions: { query: async ({ name }) => ({ state: permissions[name] ?? "prompt" }) } },
  });
  globalThis.isSecureContext = secure;
}

const refusal = (name, message = "") => Object.assign(new Error(message), { name });

test("both devices are asked for in one question, with echo cancellation and at most 720p wished", async () => {
  const mediaDevices = fakeMediaDevices();
  browser({ mediaDevices });
  const { tracks, problems } = await capture("en", BOTH, { camera: "desk" });
  assert.deepEqual(Object.keys(tracks), BOTH);
  assert.deepEqual(problems, []);
  assert.equal(mediaDevices.asked.length, 1);
  assert.equal(mediaDevices.asked[0].audio.echoCancellation, true);
  assert.deepEqual(mediaDevices.asked[0].video.height, { ideal: 720 });
  assert.deepEqual(mediaDevices.asked[0].video.deviceId, { exact: "desk" });
});

test("a chosen camera that is gone gives way to another one, and the chosen microphone stays", async () => {
  const mediaDevices = fakeMediaDevices();
  mediaDevices.gone.push("desk");
  browser({ mediaDevices });
  const { tracks, problems } = await capture("en", BOTH, { camera: "desk", microphone: "headset" });
  assert.deepEqual(problems, []);
  assert.deepEqual([tracks.microphone, tracks.camera].map((track) => track.getSettings().deviceId), ["headset", "video-1"]);
});

for (const [name, message, code] of [
  ["NotFoundError", "", "device_missing"],
  ["NotReadableError", "", "device_busy"],
  ["AbortError", "", "device_busy"],
  ["OverconstrainedError", "", "device_unsuitable"],
  ["TypeError", "", "capture_failed"],
]) {
  test(`a camera that fails with ${name} does not cost the microphone`, async () => {
    browser({ mediaDevices: fakeMediaDevices({ video: refusal(name, message) }) });
    const { tracks, problems } = await capture("en", BOTH, {});
    assert.deepEqual(Object.keys(tracks), ["microphone"]);
    assert.deepEqual(problems.map((problem) => [problem.code, problem.source]), [[code, "camera"]]);
    assert.ok(problems[0].words.length > 10 && problems[0].action.length > 10);
  });
}

for (const [message, code] of [
  ["Permission denied", "permission_denied"],
  ["Permission dismissed", "permission_dismissed"],
  ["Permission denied by system", "permission_blocked_by_system"],
  ["The request is not allowed by the user agent or the platform in the current context.", "permission_denied"],
]) {
  test(`"${message}" is ${code}, and the person is not asked again`, async () => {
    const mediaDevices = fakeMediaDevices({ audio: refusal("NotAllowedError", message) });
    browser({ mediaDevices });
    const { problems } = await capture("en", BOTH, {});
    assert.deepEqual(problems.map((problem) => problem.code), [code, code]);
    assert.equal(mediaDevices.asked.length, 1);
  });
}

test("a camera that alone is blocked for this page leaves the microphone", async () => {
  const mediaDevices = fakeMediaDevices({ video: refusal("NotAllowedError", "Permission denied") });
  browser({ mediaDevices, permissions: { camera: "denied" } });
  const { tracks, problems } = await capture("en", BOTH, {});
  assert.deepEqual(Object.keys(tracks), ["microphone"]);
  assert.deepEqual(problems.map((problem) => problem.source), ["camera"]);
});

test("an insecure page and a browser without capture are told apart", async () => {
  browser({ mediaDevices: undefined, secure: false });
  assert.equal((await capture("en", BOTH, {})).problems[0].code, "insecure_context");
  browser({ mediaDevices: undefined });
  assert.equal((await capture("en", BOTH, {})).problems[0].code, "unsupported_browser");
  await assert.rejects(captureScreen("en"), { code: "unsupported_browser" });
});

test("closing the list of screens is a refusal with words", async () => {
  browser({ mediaDevices: { getDisplayMedia: () => Promise.reject(refusal("NotAllowedError")) } });
  await assert.rejects(captureScreen("fr"), { code: "screen_denied", words: "L’écran n’est pas partagé." });
});

test("devices are listed by kind, without Chromium's aliases and without those that have no name yet", async () => {
  browser({ mediaDevices: fakeMediaDevices() });
  assert.deepEqual(await listDevices(), {
    microphones: [{ id: "audio-1", label: "One" }],
    cameras: [{ id: "video-1", label: "Front" }],
    speakers: [],
  });
});

test("the settings that are explained are those of the browser in use", () => {
  const on = "Mozilla/5.0 (X11; Linux x86_64)";
  assert.equal(browserName(`${on} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36`), "chromium");
  assert.equal(browserName(`${on}; rv:153.0) Gecko/20100101 Firefox/153.0`), "firefox");
  assert.equal(browserName("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) CriOS/156.0 Mobile Safari/604.1"), "safari");
  assert.equal(browserName("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15"), "safari");
  assert.equal(browserName("something else"), "other");
});
