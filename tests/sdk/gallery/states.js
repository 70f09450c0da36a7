/**
 * The states the element can be in, as a script of a `FakeConsultation` each, with what is to be seen then.
 *
 * A state is `{ play, shows }`: `play(fake, scene)` moves the consultation, `shows` is a selector of what is shown when it is
 * there. `camera` is what opening devices gives (`ask`: the browser's question stands), `role` whose page it is.
 */

import { FakeCheck } from "./fake_check.js";
import { personStream, screenStream } from "./pictures.js";

const NOTICE = { en: "The practitioner is ten minutes late.", fr: "Le praticien a dix minutes de retard." };
const LETTERS = {
  en: ["Could you send me a picture of the prescription?", "Take your time."],
  fr: ["Pouvez-vous m’envoyer la photo de l’ordonnance ?", "Prenez votre temps."],
};
const CARD = ".scene:not(.over) > .card";
const QUESTION = ".over:not([hidden]) > .card";
const TILE = ".tile";
const WRITTEN = { en: "My back has hurt since yester", fr: "J’ai mal au dos depuis hi" };
/** What the check in the waiting room comes to. */
const FOUND = { browser: "fine", server: "fine", clock: "fine", camera: "fine", microphone: "fine", speaker: "not_asked", network: "fine", bandwidth: "narrow" };
const PERSON = { id: "w1", role: "patient", connected: true, label: "10:15", priority: "normal", waited_s: 400 };

/** The two are in the consultation. */
function meet(fake, scene) {
  fake.admit(scene.role);
  return fake.arrive("p", scene.other, scene.facing());
}

/** The element shows one frame, and then its panel is opened. */
async function open(scene, panel) {
  await scene.frame();
  scene.corner(panel).click();
}

/** It is over, or cannot begin, with this code. */
const over = (code) => ({ play: (fake) => fake.become("left", code, code), shows: CARD });

/** Opening devices fails with this code. */
const without = (code, source) => ({ play: (fake, { role }) => fake.admit(role), shows: QUESTION, camera: { refuse: [code, { source }] } });

/** Both are there, and the picture of one stands still. */
const hidden = (reason, more = {}) => ({ play: (fake, scene) => fake.hide(meet(fake, scene), reason, more), shows: ".tile .veil" });

/** Both are there, and somebody is not heard or seen. */
const silent = (silence) => ({
  play: (fake, scene) => fake.silence({ participant: meet(fake, scene), source: "microphone", ...silence }),
  shows: '.sentence[data-tone="notice"]',
});

export const STATES = {
  "no-token": { play: () => {}, shows: CARD },
  connecting: { play: () => {}, shows: CARD },
  asking: { play: (fake, { role }) => fake.admit(role), shows: QUESTION, camera: "ask" },
  denied: without("permission_denied", "microphone"),
  dismissed: without("permission_dismissed", "microphone"),
  "blocked-by-system": without("permission_blocked_by_system", "camera"),
  busy: without("device_busy", "camera"),
  missing: without("device_missing", "camera"),
  insecure: without("insecure_context"),
  "in-app": without("in_app_browser"),
  lost: {
    play: (fake, scene) => (meet(fake, scene), fake.fail("device_lost", { source: "camera" })),
    shows: QUESTION,
  },
  playback: {
    play: (fake, scene) => (scene.refusesToPlay(), meet(fake, scene)),
    shows: QUESTION,
  },
  waiting: { play: (fake, { role }) => fake.admit(role), shows: ".waiting" },
  "waiting-room": { play: (fake, { role }) => fake.wait(role, 2, ""), shows: ".waiting" },
  "waiting-room-notice": { play: (fake, { role, lang }) => fake.wait(role, 1, NOTICE[lang]), shows: ".waiting .notice" },
  "waiting-check": {
    async play(fake, scene) {
      const { VisavisCheck } = await import("../../../signalling/client/check.js");
      VisavisCheck.newCheck = (options) => new FakeCheck(options, { codes: FOUND, kbps: [640, 2_100], stream: scene.own(), level: 0.6 });
      fake.wait(scene.role, 1, "");
      (await scene.found(".waiting .action")).click();
    },
    shows: ".waiting visavis-check",
  },
  "sent-back": { play: (fake, { role }) => fake.wait(role, 1, "", "sent_back"), shows: ".waiting" },
  "handed-over": { play: (fake, { role }) => fake.wait(role, 0, "", "handed_over"), shows: ".waiting", role: "practitioner" },
  connected: { play: meet, shows: TILE },
  practitioner: { play: meet, shows: TILE, role: "practitioner" },
  "both-off": {
    play: async (fake, scene) => {
      meet(fake, scene);
      await scene.frame();
      await fake.mute("microphone", true);
      await fake.mute("camera", true);
    },
    shows: ".own .mute",
  },
  "they-muted": {
    play(fake, scene) {
      const participant = meet(fake, scene);
      for (const track of participant.tracks) track.muted = true;
      fake.emit("muted", { participant, track: participant.tracks[0], muted: true, words: "" });
    },
    shows: ".tile .absent",
  },
  muted: {
    play(fake, scene) {
      meet(fake, scene);
      fake.standing.heldBack = ["microphone"];
      fake.emit("held-back", { sources: ["microphone"] });
    },
    shows: '.sentence[data-tone="notice"]',
  },
  conferring: {
    play(fake, scene) {
      const participant = meet(fake, scene);
      participant.private = true;
      fake.emit("participant", { participant, change: "private", words: "" });
    },
    shows: '.sentence[data-tone="notice"]',
  },
  weak: {
    play(fake, scene) {
      const participant = meet(fake, scene);
      fake.emit("quality", { participant, direction: "towards", verdict: "poor", words: "" });
    },
    shows: '.sentence[data-tone="notice"]',
  },
  "silent-mine": silent({ direction: "towards", cause: "no_sound", isMine: true }),
  "silent-theirs": silent({ direction: "from", cause: "device_ended", isMine: false }),
  interrupted: {
    play(fake, scene) {
      meet(fake, scene);
      fake.emit("interruption", { sources: ["microphone"], words: fake.words.interrupted(["microphone"]) });
    },
    shows: '.sentence[data-tone="notice"]',
  },
  detour: {
    play(fake, scene) {
      meet(fake, scene);
      fake.emit("path", { way: "turn", over: "tls", blocked: true, words: fake.words.path("turn", "tls", true) });
      fake.emit("quality", { participant: null, direction: "towards", verdict: "poor", words: "" });
    },
    shows: '.sentence[data-tone="notice"]',
  },
  paused: hidden("low_rate"),
  "kept-back": {
    play(fake, scene) {
      const participant = meet(fake, scene);
      fake.tracks = [];
      fake.hide(participant, "no_common_codec", { paused: false });
    },
    shows: ".tile .absent",
  },
  "paused-one-of-two": {
    play(fake, scene) {
      meet(fake, scene);
      fake.hide(fake.arrive("c", "carer", personStream("carer", 720, 960)), "no_room");
    },
    shows: ".tile .veil",
  },
  "paused-screen": {
    play(fake, scene) {
      fake.admit(scene.role);
      fake.hide(fake.arrive("p", scene.other, scene.facing(), { screen: screenStream() }), "low_rate", { source: "screen" });
    },
    shows: ".tile .veil",
  },
  reconnecting: {
    play(fake, scene) {
      meet(fake, scene);
      fake.become("reconnecting", "media");
    },
    shows: ".stage > .veil",
  },
  away: {
    play(fake, scene) {
      meet(fake, scene).connected = false;
      fake.become("waiting", "interrupted");
    },
    shows: ".stage > .veil",
  },
  three: {
    play(fake, scene) {
      meet(fake, scene);
      const carer = fake.arrive("c", "carer", personStream("carer", 720, 960));
      fake.emit("speaking", { participant: carer, speaking: true });
    },
    shows: ".tile[data-speaking]",
  },
  screen: {
    play(fake, scene) {
      fake.admit(scene.role);
      fake.arrive("p", scene.other, scene.facing(), { screen: screenStream() });
    },
    shows: ".tile.screen",
  },
  messages: {
    async play(fake, scene) {
      const participant = meet(fake, scene);
      for (const body of LETTERS[scene.lang]) fake.emit("message", { from: participant.id, role: scene.other, type: "text", body });
      await open(scene, "messages");
    },
    shows: ".panel.messages li",
  },
  "messages-none": { play: (fake, scene) => (meet(fake, scene), open(scene, "messages")), shows: ".panel.messages .empty" },
  unread: {
    play(fake, scene) {
      const participant = meet(fake, scene);
      fake.emit("message", { from: participant.id, role: scene.other, type: "text", body: LETTERS[scene.lang][0] });
    },
    shows: ".corner .badge",
  },
  people: {
    async play(fake, scene) {
      meet(fake, scene);
      fake.lead([PERSON, { id: "w2", role: "carer", connected: true, label: "", priority: "normal", waited_s: 10 }]);
      await open(scene, "person");
    },
    shows: ".panel.people li",
    role: "practitioner",
  },
  "people-refused": {
    async play(fake, scene) {
      meet(fake, scene);
      fake.lead([PERSON]);
      await open(scene, "person");
      (await scene.found(".panel.people .action.first")).click();
    },
    shows: ".panel.people .refused",
    role: "practitioner",
  },
  "people-locked": {
    async play(fake, scene) {
      meet(fake, scene);
      fake.standing.room = { locked: true };
      fake.lead([]);
      await open(scene, "person");
    },
    shows: '.panel.people [role="switch"][aria-checked="true"]',
    role: "practitioner",
  },
  writing: {
    play(fake, scene) {
      const { id } = meet(fake, scene);
      const writer = { id, role: scene.other };
      fake.emit("text", { participant: writer, writer, kind: "typed", line: 1, text: WRITTEN[scene.lang], done: false, lang: "" });
    },
    shows: ".live > p",
  },
  settings: { play: (fake, scene) => (meet(fake, scene), open(scene, "settings")), shows: ".panel.settings select" },
  left: over("left"),
  taken: over("seat_taken"),
  replaced: over("replaced"),
  "taken-over": over("taken_over"),
  expired: over("token_expired"),
  invalid: over("token_invalid"),
  used: over("link_used"),
  clock: over("clock_wrong"),
  unknown: over("unknown_room"),
  locked: over("room_locked"),
  full: over("room_full"),
  "given-up": over("seat_unknown"),
  "connection-lost": over("connection_lost"),
  ejected: over("ejected"),
  closed: over("room_closed"),
  overloaded: over("overloaded"),
  unreachable: over("unreachable"),
  "media-unreachable": over("media_unreachable"),
  unsupported: over("unsupported_browser"),
};
