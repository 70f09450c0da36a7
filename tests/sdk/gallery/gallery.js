/**
 * Shows the element in one state: `gallery/?state=waiting&lang=fr&role=patient`.
 */

import { VisavisConsultation } from "../../../signalling/client/visavis.js";
import { notesPanel } from "../../../signalling/pages/notes.js";
import { fetchMoreWords, wordsFor } from "../../../signalling/client/words/index.js";
import { FakeConsultation } from "./fake_consultation.js";
import { personStream, screenStream } from "./pictures.js";

const wish = new URLSearchParams(location.search);
const lang = wish.get("lang") ?? "en";
const role = wish.get("role") ?? "patient";
const other = role === "patient" ? "practitioner" : "patient";
const isPhone = innerWidth < 600;
const own = () => personStream(role, ...(isPhone ? [720, 960] : [1280, 720]));
const facing = () => personStream(other, ...(other === "patient" ? [720, 1280] : [1280, 720]));

/** @type {Record<string, (fake: FakeConsultation) => unknown>} */
const STATES = {
  connecting: () => {},
  waiting: (fake) => fake.admit(role),
  "waiting-room": (fake) => fake.wait(role, 2, NOTICE[lang]),
  "sent-back": (fake) => fake.wait(role, 1, "", "sent_back"),
  people(fake) {
    meet(fake);
    fake.lead([
      { id: "w1", role: "patient", connected: true, label: "10:15", priority: "normal", waited_s: 400 },
      { id: "w2", role: "carer", connected: true, label: "", priority: "normal", waited_s: 10 },
    ]);
    press("person");
  },
  muted(fake) {
    meet(fake);
    fake.standing.heldBack = ["microphone"];
    fake.emit("held-back", { sources: ["microphone"] });
  },
  conferring(fake) {
    const participant = meet(fake);
    participant.private = true;
    fake.emit("participant", { participant, change: "private", words: "" });
  },
  asking: (fake) => fake.admit(role),
  denied: (fake) => fake.admit(role),
  "no-camera": (fake) => meet(fake),
  connected: (fake) => meet(fake),
  weak(fake) {
    const participant = meet(fake);
    fake.emit("quality", { participant, direction: "towards", verdict: "poor", words: "" });
  },
  "they-muted"(fake) {
    const participant = meet(fake);
    for (const track of participant.tracks) track.muted = true;
    fake.emit("muted", { participant, track: participant.tracks[0], muted: true, words: "" });
  },
  "both-off"(fake) {
    meet(fake);
    setTimeout(() => fake.mute("microphone", true).then(() => fake.mute("camera", true)), 200);
  },
  "kept-back"(fake) {
    const participant = meet(fake);
    fake.tracks = [];
    fake.hide(participant, "no_common_codec", { paused: false });
  },
  paused: (fake) => fake.hide(meet(fake), "low_rate"),
  "paused-one-of-two"(fake) {
    meet(fake);
    fake.hide(fake.arrive("c", "carer", personStream("carer", 720, 960)), "no_room");
  },
  "paused-screen"(fake) {
    fake.self = { id: "me", role };
    fake.hide(fake.arrive("p", other, facing(), { screen: screenStream() }), "low_rate", { source: "screen" });
  },
  reconnecting(fake) {
    meet(fake);
    fake.become("reconnecting", "media");
  },
  three(fake) {
    meet(fake);
    const carer = fake.arrive("c", "carer", personStream("carer", 720, 960));
    fake.emit("speaking", { participant: carer, speaking: true });
  },
  screen(fake) {
    fake.self = { id: "me", role };
    fake.arrive("p", other, facing(), { screen: screenStream() });
  },
  messages(fake) {
    const participant = meet(fake);
    const say = (body) => fake.emit("message", { from: participant.id, role: other, type: "text", body });
    say(lang === "fr" ? "Pouvez-vous m’envoyer la photo de l’ordonnance ?" : "Could you send me a picture of the prescription?");
    say(lang === "fr" ? "Prenez votre temps." : "Take your time.");
    press("messages");
  },
  writing(fake) {
    const { id } = meet(fake);
    const writer = { id, role: other };
    const text = lang === "fr" ? "J’ai mal au dos depuis hi" : "My back has hurt since yester";
    fake.emit("text", { participant: writer, writer, kind: "typed", line: 1, text, done: false, lang: "" });
  },
  interrupted(fake) {
    meet(fake);
    fake.emit("interruption", { sources: ["microphone"], words: wordsFor(lang).interrupted(["microphone"]) });
  },
  settings(fake) {
    meet(fake);
    press("settings");
  },
  playback(fake) {
    HTMLMediaElement.prototype.play = async function refuseSound() {
      if (!this.muted) throw new DOMException("a touch is needed", "NotAllowedError");
    };
    meet(fake);
  },
  left: (fake) => fake.become("left", "left", "left"),
  taken: (fake) => fake.become("left", "seat_taken", "seat_taken"),
  expired: (fake) => fake.become("left", "token_expired", "token_expired"),
  unreachable: (fake) => fake.become("left", "media_unreachable", "media_unreachable"),
};

const NOTICE = { en: "The practitioner is ten minutes late.", fr: "Le praticien a dix minutes de retard." };

function meet(fake) {
  fake.admit(role);
  return fake.arrive("p", other, facing());
}

function press(name) {
  setTimeout(() => document.querySelector("visavis-consultation").shadowRoot.querySelector(`.corner:has(.icon.${name})`).click(), 300);
}

const state = wish.get("state") ?? "connected";
VisavisConsultation.newConsultation = (options) => {
  const fake = new FakeConsultation(options, STATES[state]);
  if (state === "asking") fake.camera = "ask";
  else if (state === "denied") fake.camera = { refuse: ["permission_denied"] };
  else if (state === "no-camera") fake.camera = { refuse: ["device_missing", { source: "camera" }] };
  else fake.camera = { stream: own() };
  return fake;
};
await fetchMoreWords(wordsFor(lang));
// Shown right to left, as a language that is written so would be.
if (wish.has("dir")) wordsFor(lang).dir = wish.get("dir");
const element = document.createElement("visavis-consultation");
element.setAttribute("lang", lang);
if (state !== "no-token") element.setAttribute("token", "fake");
if (wish.has("theme")) element.setAttribute("theme", wish.get("theme"));
if (role === "practitioner" && !wish.has("alone")) element.append(notesPanel(lang));
document.body.append(element);
