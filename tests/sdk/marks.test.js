import assert from "node:assert/strict";
import test from "node:test";

import { bench } from "./consultation_bench.js";
import { refusal } from "./fake_relay.js";
import { FakeTrack } from "./fake_webrtc.js";
import { settled } from "./virtual_clock.js";

/** A page in a consultation that publishes what is wished. */
async function publishing(wish, about) {
  const page = bench(about);
  await Promise.all([page.consultation.join(), page.consultation.publish(wish)]);
  await settled();
  const marks = () => page.relay.asked("mark").map(({ track, keeps }) => [track, keeps]);
  const hint = () => page.consultation.local.sources.find(({ source }) => source === "camera").mediaTrack?.contentHint;
  return { ...page, marks, hint };
}

test("what is published with a mark is marked, at the relay and in the browser", async () => {
  const { marks, hint, consultation } = await publishing({ audio: true, video: { keeps: "motion" } });
  assert.deepEqual(marks(), [["own-camera", "motion"]]);
  assert.equal(hint(), "motion");
  assert.deepEqual(consultation.local.sources.map(({ source, keeps }) => [source, keeps]), [["microphone", null], ["camera", "motion"]]);
});

test("what is published without one is left to the relay, and nothing is said", async () => {
  const { marks, hint } = await publishing({ audio: true, video: true });
  assert.deepEqual(marks(), []);
  assert.equal(hint(), "");
});

test("a mark is changed and taken back while it is published; the same again says nothing", async () => {
  const { marks, hint, consultation } = await publishing({ video: true });
  const hints = [];
  for (const keeps of ["detail", "detail", "both", "motion", null]) {
    await consultation.mark("camera", keeps);
    await settled();
    hints.push(hint());
  }
  assert.deepEqual(marks().map(([, keeps]) => keeps), ["detail", "both", "motion", null]);
  assert.deepEqual(hints, ["detail", "detail", "", "motion", ""]);
});

test("a camera that is closed and opened again, or replaced by another, keeps its mark", async () => {
  const { marks, hint, consultation } = await publishing({ video: { keeps: "detail" } });
  await consultation.mute("camera");
  await consultation.mute("camera", false);
  assert.equal(hint(), "detail");
  await consultation.switchDevice("camera", "video-2");
  assert.equal(hint(), "detail");
  await consultation.publish({ video: true });
  await settled();
  assert.deepEqual(marks(), [["own-camera", "detail"]]);
});

test("an embedder's own track is marked at the relay; its hint stays the embedder's", async () => {
  const track = new FakeTrack("video");
  const { marks, consultation } = await publishing({ tracks: [track] });
  await consultation.mark("camera", "detail");
  await settled();
  assert.deepEqual(marks(), [["own-camera", "detail"]]);
  assert.equal(track.contentHint, "");
});

test("a mark made during a cut goes out when the line is back, and one made before it is told again", async () => {
  const { relay, clock, marks, consultation } = await publishing({ video: { keeps: "motion" } });
  const cut = async () => {
    relay.socket.cut(1006);
    await settled();
    return async () => {
      await clock.pass(10_000);
      await settled();
    };
  };
  await (await cut())();
  assert.deepEqual(marks().map(([, keeps]) => keeps), ["motion", "motion"]);
  const back = await cut();
  await consultation.mark("camera", "detail");
  assert.equal(marks().length, 2);
  await back();
  assert.deepEqual(marks().map(([, keeps]) => keeps), ["motion", "motion", "detail"]);
});

test("a page that was loaded anew tells its own mark, whatever the relay had before", async () => {
  const { relay, storage } = await publishing({ video: { keeps: "motion" } });
  const { marks } = await publishing({ video: true }, { relay, storage });
  assert.deepEqual(marks().map(([, keeps]) => keeps), ["motion", null]);
});

test("a mark is told again to a relay that has forgotten the seat", async () => {
  const { relay, clock, marks } = await publishing({ video: { keeps: "motion" } });
  relay.tracks.clear();
  relay.answers.resume = () => refusal("seat_unknown");
  relay.socket.cut(1006);
  await clock.pass(10_000);
  await settled();
  assert.deepEqual(marks().map(([, keeps]) => keeps), ["motion", "motion"]);
});

test("what is no mark, or no picture of this page, is wrong use", async () => {
  const { consultation, marks } = await publishing({ audio: true, video: true });
  const wrong = { code: "invalid_argument" };
  await assert.rejects(consultation.mark("camera", "colour"), wrong);
  await assert.rejects(consultation.mark("microphone", "motion"), wrong);
  await assert.rejects(consultation.mark("screen", "motion"), wrong);
  await assert.rejects(consultation.publish({ video: { keeps: "colour" } }), wrong);
  assert.deepEqual(marks(), []);
});

test("a mark that the relay refuses is said, and asked again with the next change alone", async () => {
  const { relay, consultation, marks, of } = await publishing({ video: true });
  relay.answers.mark = () => refusal("not_found");
  await consultation.mark("camera", "motion");
  await settled();
  assert.deepEqual(of("error").map(({ code }) => code), ["not_found"]);
  assert.equal(marks().length, 1);
});
