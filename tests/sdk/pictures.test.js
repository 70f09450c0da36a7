import assert from "node:assert/strict";
import test from "node:test";

import { DOCTOR, bench } from "./consultation_bench.js";
import { joined } from "./fake_relay.js";
import { settled } from "./virtual_clock.js";

const CAMERA = { id: "face", kind: "video", source: "camera", muted: false };
const SCREEN = { id: "page", kind: "video", source: "screen", muted: false };
const VOICE = { mid: "2", participant: "d", track: "voice", kind: "audio", source: "microphone" };
const FACE = { mid: "4", participant: "d", track: "face", kind: "video", source: "camera" };
const PAGE = { mid: "6", participant: "d", track: "page", kind: "video", source: "screen" };

/** A patient's page that sees the doctor. */
async function meeting({ lang = "en", tracks = [...DOCTOR.tracks, CAMERA], bindings = [VOICE, FACE] } = {}) {
  const page = bench({ lang });
  page.relay.answers.join = () => joined({ room: { participants: [{ ...DOCTOR, tracks }] } });
  await page.consultation.join();
  const bind = (...now) => page.relay.push({ type: "slots", bindings: now });
  bind(...bindings);
  await settled();
  return { ...page, bind };
}

const brief = ({ participant, source, paused, reason }) => [participant.id, source, paused, reason];

test("a paused picture is told once, in words, and stays a track; so does the sound", async () => {
  const { bind, consultation, of } = await meeting();
  assert.deepEqual(consultation.pictures, []);
  bind(VOICE, { ...FACE, paused: "low_rate" });
  bind(VOICE, { ...FACE, paused: "low_rate" });
  assert.deepEqual(of("picture").map(brief), [["d", "camera", true, "low_rate"]]);
  assert.equal(
    of("picture")[0].words,
    "Your connection is weak just now. The picture is paused so that you can hear each other; it comes back by itself.",
  );
  assert.deepEqual(consultation.pictures, of("picture"));
  assert.deepEqual(consultation.tracks.map(({ track }) => track.id), ["voice", "face"]);
  assert.equal(of("track-ended").length, 0);
  assert.equal(of("error").length, 0);
});

test("another reason is told, and so is the return", async () => {
  const { bind, consultation, of } = await meeting({ lang: "fr" });
  for (const paused of ["low_rate", "no_room", "of a later relay", undefined]) bind(VOICE, { ...FACE, paused });
  assert.deepEqual(of("picture").map(({ words }) => words), [
    "Votre connexion est faible en ce moment. L’image est en pause pour que vous puissiez vous entendre\u00a0; elle revient toute seule.",
    "Votre connexion ne suffit pas à toutes les images en ce moment. L’image du praticien est en pause\u00a0; elle revient toute seule.",
    "L’image du praticien n’arrive pas en ce moment\u00a0; elle revient toute seule. Le son continue.",
    "L’image du praticien peut de nouveau s’afficher.",
  ]);
  assert.deepEqual(brief(of("picture").at(-1)), ["d", "camera", false, ""]);
  assert.deepEqual(consultation.pictures, []);
  assert.equal(of("track").length, 2);
});

test("a face and a screen of one person are two pictures", async () => {
  const tracks = [...DOCTOR.tracks, CAMERA, SCREEN];
  const { bind, consultation, of } = await meeting({ tracks, bindings: [VOICE, FACE, PAGE] });
  bind(VOICE, { ...FACE, paused: "no_room" }, PAGE);
  bind(VOICE, { ...FACE, paused: "no_room" }, { ...PAGE, paused: "low_rate" });
  assert.deepEqual(consultation.pictures.map(brief), [["d", "camera", true, "no_room"], ["d", "screen", true, "low_rate"]]);
  assert.match(of("picture")[1].words, /The shared screen is paused/);
  bind(VOICE, FACE, { ...PAGE, paused: "low_rate" });
  assert.deepEqual(brief(of("picture").at(-1)), ["d", "camera", false, ""]);
});

test("a paused picture that is withdrawn, or whose owner leaves, does not come back", async () => {
  const { relay, bind, consultation, of } = await meeting();
  bind(VOICE, { ...FACE, paused: "low_rate" });
  relay.push({ type: "track_unpublished", participant: "d", track: "face" });
  bind(VOICE);
  assert.deepEqual(consultation.pictures, []);
  relay.push({ type: "track_published", participant: "d", track: CAMERA });
  bind(VOICE, { ...FACE, paused: "low_rate" });
  relay.push({ type: "participant_left", participant: "d", reason: "left" });
  bind();
  assert.deepEqual(consultation.pictures, []);
  assert.deepEqual(of("picture").map(({ reason }) => reason), ["low_rate", "low_rate"]);
});

test("a reason this version does not know is a picture that does not arrive", async () => {
  const { bind, of } = await meeting();
  bind(VOICE, { ...FACE, paused: "eclipse" });
  assert.equal(of("picture")[0].words, "The picture of the practitioner is not arriving just now; it comes back by itself. The sound goes on.");
});

test("a picture that is paused is not missed: who is heard well is heard well", async () => {
  const { clock, connections, bind, of } = await meeting();
  const [voice, face] = of("track").map(({ mediaTrack }) => mediaTrack.id);
  let second = 0;
  connections[0].getStats = async () => {
    second += 1;
    const entry = (trackIdentifier, packetsReceived) => ({ type: "inbound-rtp", trackIdentifier, packetsReceived, packetsLost: 0 });
    return new Map([["voice", entry(voice, second * 50)], ["face", entry(face, 100)]]);
  };
  const verdicts = () => of("quality").filter(({ direction }) => direction === "from").map(({ verdict }) => verdict);
  bind(VOICE, { ...FACE, paused: "low_rate" });
  await clock.pass(15_000);
  assert.ok(!verdicts().includes("weak"), verdicts().join());
  bind(VOICE, FACE);
  await clock.pass(15_000);
  assert.equal(verdicts().at(-1), "weak");
});
