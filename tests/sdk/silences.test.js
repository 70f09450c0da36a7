import assert from "node:assert/strict";
import test from "node:test";

import { PlayerList } from "../../signalling/client/player_list.js";
import { Players } from "../../signalling/client/players.js";
import { en, fr } from "./fetched.js";
import { DOCTOR, bench } from "./consultation_bench.js";
import { FakeStream } from "./fake_webrtc.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const SLOT = { mid: "2", participant: "d", track: "voice", kind: "audio", source: "microphone" };

/** A consultation of two whose counters grow, unless a test stops them. */
async function talking() {
  const page = bench();
  await Promise.all([page.consultation.join(), page.consultation.publish({ audio: true, video: true })]);
  page.relay.push({ type: "participant_joined", participant: DOCTOR });
  page.relay.push({ type: "slots", bindings: [SLOT] });
  await settled();
  const [connection] = page.connections;
  const [microphone, camera, received] = [0, 1, 2].map((n) => connection.transceivers[n]);
  const entries = {
    voice: { type: "outbound-rtp", mid: microphone.mid, packetsSent: 1 },
    picture: { type: "outbound-rtp", mid: camera.mid, packetsSent: 1 },
    frames: { type: "media-source", trackIdentifier: camera.sender.track.id, frames: 1 },
    heard: { type: "inbound-rtp", trackIdentifier: received.receiver.track.id, packetsReceived: 1 },
  };
  connection.stats = Object.values(entries);
  const still = new Set();
  const pass = async (seconds) => {
    for (let half = 0; half < seconds * 2; half++) {
      for (const [name, entry] of Object.entries(entries)) {
        if (still.has(name)) continue;
        for (const counter of ["packetsSent", "frames", "packetsReceived"]) if (counter in entry) entry[counter] += 10;
      }
      await page.clock.pass(500);
    }
  };
  const said = () => {
    const { sending, playing } = page.relay.asked("health").at(-1);
    return { ...sending, ...playing };
  };
  await pass(2);
  return { ...page, microphone, camera, still, pass, said, stream: page.of("track")[0].stream };
}

test("a consultation that goes well says so once", async () => {
  const { relay, pass, said } = await talking();
  assert.deepEqual(said(), { "own-microphone": "sending", "own-camera": "sending", voice: "playing" });
  const before = relay.asked("health").length;
  await pass(30);
  assert.equal(relay.asked("health").length, before);
});

test("a device that is gone, withheld, or another than was chosen is told apart from one that sends", async () => {
  const { consultation, microphone, camera, pass, said } = await talking();
  microphone.sender.track.muted = true;
  camera.sender.track.readyState = "ended";
  await pass(1);
  assert.deepEqual([said()["own-microphone"], said()["own-camera"]], ["muted", "ended"]);
  microphone.sender.track.muted = false;
  await pass(1);
  assert.equal(said()["own-microphone"], "sending");
  await consultation.switchDevice("microphone", "another");
  consultation.local.sources[0].mediaTrack.settings.deviceId = "the old one";
  await pass(1);
  assert.equal(said()["own-microphone"], "wrong_device");
});

test("a camera without new frames, and a sender without packets, are told apart", async () => {
  const { still, pass, said } = await talking();
  still.add("frames").add("voice");
  await pass(1.5);
  assert.equal(said()["own-microphone"], "idle");
  assert.equal(said()["own-camera"], "sending", "a camera may skip some frames");
  await pass(2);
  assert.equal(said()["own-camera"], "no_picture");
});

test("nothing is said of what is muted here or there, or paused", async () => {
  const { relay, consultation, still, pass, said } = await talking();
  still.add("heard");
  relay.push({ type: "track_muted", participant: "d", track: "voice", muted: true });
  await consultation.mute("microphone");
  await pass(4);
  assert.deepEqual(said(), { "own-camera": "sending" });
  relay.push({ type: "track_muted", participant: "d", track: "voice", muted: false });
  await pass(1);
  assert.equal(said().voice, "playing", "it has only just become due");
  await pass(2);
  assert.equal(said().voice, "missing");
});

test("what a player does not play is said of the tracks of its stream", async () => {
  const { consultation, pass, said, stream } = await talking();
  const element = { srcObject: stream, paused: true, readyState: 4, sinkId: "", play: async () => {} };
  const forget = consultation.watch(element);
  await pass(1);
  assert.equal(said().voice, "paused");
  const context = { state: "running", resume: async () => {} };
  consultation.watch(context, stream);
  await pass(1);
  assert.equal(said().voice, "playing", "one that plays is enough");
  forget();
  context.state = "suspended";
  await pass(1);
  assert.equal(said().voice, "suspended");
});

test("everything is said again to the relay after a cut", async () => {
  const { relay, pass } = await talking();
  const before = relay.asked("health").length;
  relay.socket.cut(1006);
  await pass(5);
  assert.equal(relay.asked("resume").length, 1);
  assert.equal(relay.asked("health").length, before + 1);
});

test("a page that stood still says when, once, as soon as it can", async () => {
  const { relay, clock, pass } = await talking();
  await pass(3);
  const before = relay.asked("health").length;
  clock.stand(9_000);
  await pass(3);
  const stood = relay.asked("health").slice(before).filter((word) => "stood" in word).map((word) => word.stood);
  assert.equal(stood.length, 1);
  const [{ began_ms_ago, ended_ms_ago }] = stood;
  const stood_ms = began_ms_ago - ended_ms_ago;
  assert.ok(stood_ms >= 9_000 && stood_ms < 10_000, `${stood_ms}`);
  assert.ok(ended_ms_ago >= 0 && ended_ms_ago < 3_000, `${ended_ms_ago}`);
});

test("a page that nobody has touched is refused, a speaker that is gone is gone, and both seldom start by themselves", async () => {
  const clock = new VirtualClock();
  const list = new PlayerList();
  const players = new Players(clock, list);
  const stream = new FakeStream();
  let started = 0;
  const element = { srcObject: stream, paused: true, readyState: 4, sinkId: "", play: async () => void started++ };
  list.watch(element, null);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { userActivation: { hasBeenActive: false } } });
  assert.equal(players.stateOf(stream, "audio"), "refused");
  globalThis.navigator.userActivation.hasBeenActive = true;
  assert.equal(players.stateOf(stream, "audio"), "paused");
  for (let second = 0; second < 120; second++) {
    players.resume();
    await clock.pass(1_000);
  }
  assert.equal(started, 2);
  element.paused = false;
  element.sinkId = "headset";
  assert.equal(players.stateOf(stream, "audio"), "playing", "which loudspeakers there are is unknown");
  players.useSpeakers([{ id: "headset", label: "Headset" }]);
  assert.equal(players.stateOf(stream, "audio"), "playing");
  players.useSpeakers([{ id: "built-in", label: "Built-in" }]);
  assert.equal(players.stateOf(stream, "audio"), "no_speaker");
  element.sinkId = "default";
  assert.equal(players.stateOf(stream, "audio"), "playing");
  assert.equal(players.stateOf(new FakeStream(), "audio"), "playing", "nobody was named for it");
});

test("the relay's list becomes news with words for this side, and what can be mended here is first", async () => {
  const { relay, consultation, of } = await talking();
  const lost = { track: "voice", publisher: "d", source: "microphone", stage: "not_arriving", cause: "stopped" };
  const refused = { track: "own-camera", publisher: "me", receiver: "d", source: "camera", stage: "not_played", cause: "play_refused" };
  const dead = { track: "own-microphone", publisher: "me", source: "microphone", stage: "not_captured", cause: "no_sound" };
  relay.push({ type: "silences", silences: [lost, refused, dead] });
  assert.deepEqual(
    of("silence").map(({ participant, direction, isMine, words }) => [participant?.id, direction, isMine, words]),
    [
      ["d", "from", false, "You cannot hear the practitioner: nothing arrives from there; this is being repaired by itself."],
      ["d", "towards", false, "The practitioner cannot see you: the browser there waits for a touch before it plays."],
      ["d", "towards", true, "The practitioner cannot hear you: your microphone gives no sound. Check its switch, or choose another one in the settings."],
    ],
  );
  assert.deepEqual(consultation.silences.map(({ cause }) => cause), ["no_sound", "stopped", "play_refused"]);
  relay.push({ type: "silences", silences: [{ ...lost, cause: "device_ended", stage: "not_captured" }] });
  const [refined, ...over] = of("silence").slice(3);
  assert.deepEqual([refined.cause, refined.over], ["device_ended", false]);
  assert.deepEqual(over.map(({ words }) => words), ["The practitioner can see you again.", "The practitioner can hear you again."]);
  assert.equal(consultation.silences.length, 1);
});

test("the relay asks for another path by an offer with an ICE restart", async () => {
  const { relay, connections } = await talking();
  const before = relay.asked("offer").length;
  relay.push({ type: "renegotiate", reason: "path" });
  await settled();
  assert.equal(relay.asked("offer").length, before + 1);
  assert.equal(connections.length, 1);
  assert.equal(connections[0].offers.at(-1).iceRestart, true);
});

test("sentences are as people say them, in both languages", () => {
  assert.equal(en.silence("patient", "from", "screen", "lost", true).slice(0, 42), "You cannot see the screen of the patient: ");
  assert.equal(fr.silence("patient", "from", "microphone", "stopped", false), "Vous n’entendez pas le patient : rien n’arrive de là-bas ; la réparation se fait toute seule.");
  assert.equal(fr.silence("practitioner", "towards", "camera", "", true), "Le praticien vous voit de nouveau.");
  assert.equal(fr.silence(null, "towards", "microphone", "", true), "Les autres participants vous entendent de nouveau.");
  assert.equal(fr.silence("patient", "from", "screen", "", true), "Vous voyez de nouveau l’écran du patient.");
  assert.match(fr.silence("expert", "towards", "screen", "lost", false), /^L’expert ne voit pas votre écran : /);
});
