import assert from "node:assert/strict";
import test from "node:test";

import { bench, DOCTOR } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const FACE = { id: "face", kind: "video", source: "camera", muted: false };
const PAGE = { id: "page", kind: "video", source: "screen", muted: false };

/** A page that sees a doctor's face and screen; `says` is what the relay says of what it sends. */
async function watching() {
  const page = bench();
  const participants = [{ ...DOCTOR, tracks: [...DOCTOR.tracks, FACE, PAGE] }];
  page.relay.answers.join = () => joined({ room: { participants } });
  await page.consultation.join();
  const says = async (message) => {
    page.relay.push({ type: "subscriptions", ...message });
    await settled();
  };
  return { ...page, says };
}

test("what is sent of each picture is told with the person and the track it is of", async () => {
  const { consultation, says, of } = await watching();
  assert.equal(consultation.subscriptions, null);
  await says({
    state: "partly_paused",
    path_kbps: 850,
    pictures: [
      { track: "face", state: "sent", rid: "m", temporal_layer: 1, width: 640, height: 360, kbps: 310 },
      { track: "page", state: "no_room" },
    ],
  });
  const [told] = of("subscriptions");
  assert.deepEqual([told.state, told.path_kbps], ["partly_paused", 850]);
  const [face, page] = told.pictures;
  assert.equal(face.participant.id, "d");
  assert.deepEqual([face.track.source, face.state, face.rid, face.temporal_layer, face.width, face.height, face.kbps], ["camera", "sent", "m", 1, 640, 360, 310]);
  assert.equal(face.spatial_layer, null);
  assert.deepEqual([page.track.source, page.state, page.rid, page.kbps], ["screen", "no_room", null, null]);
  assert.deepEqual(consultation.subscriptions, told);
});

test("what the relay does not know is null, and each word of it replaces the one before", async () => {
  const { consultation, says, of } = await watching();
  await says({ state: "full", path_kbps: 2_000, pictures: [{ track: "face", state: "sent" }] });
  await says({ state: "audio_only", pictures: [] });
  assert.deepEqual(consultation.subscriptions, { state: "audio_only", path_kbps: null, pictures: [] });
  assert.equal(of("subscriptions").length, 2);
});

test("a picture of somebody who has left, or that is not known yet, is left out", async () => {
  const { relay, consultation, says } = await watching();
  await says({ state: "full", pictures: [{ track: "face", state: "sent" }, { track: "of a newcomer", state: "sent" }] });
  assert.deepEqual(consultation.subscriptions.pictures.map(({ track }) => track.id), ["face"]);
  relay.push({ type: "participant_left", participant: "d", reason: "left" });
  await settled();
  assert.deepEqual(consultation.subscriptions.pictures, []);
});
