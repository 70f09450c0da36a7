import assert from "node:assert/strict";
import test from "node:test";

import { refusal } from "./fake_relay.js";
import { fakeMediaDevices } from "./fake_webrtc.js";
import { bench, refused, throughTheNetwork } from "./precall_bench.js";
import { settled } from "./virtual_clock.js";

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

test("a relay that tries no more ways just now says nothing of the network", async () => {
  const all = bench();
  all.relay.answers.try_path = () => refusal("overloaded", { retry_after_s: 3 });
  const running = all.check.run();
  await settled();
  all.say(0.8);
  await all.clock.pass(100);
  const { result, action } = await running;
  assert.deepEqual([all.code("network"), all.code("bandwidth")], ["overloaded", "overloaded"]);
  assert.deepEqual(result.paths, []);
  assert.equal(result.verdict, "limited");
  assert.equal(action, "Check again in a minute.");
  assert.ok(all.connections.every(({ closed }) => closed));
});

test("a question for camera and microphone that nobody answered in time is no verdict that all is ready", async () => {
  let allow = () => {};
  const devices = fakeMediaDevices();
  const mediaDevices = { ...devices, getUserMedia: async (wanted) => new Promise((resolve) => (allow = () => resolve(devices.getUserMedia(wanted)))) };
  const all = bench({ mediaDevices });
  const running = all.check.run();
  await throughTheNetwork(all);
  await all.clock.pass(14_000);
  const { result, action } = await running;
  assert.equal(result.verdict, "limited");
  assert.match(action, /^Turn it on, or answer the browser’s question/);
  allow();
  await settled();
  all.say(0.8);
  await settled();
  assert.equal(all.verdicts.at(-1).result.verdict, "ready", "the answer comes later");
});
