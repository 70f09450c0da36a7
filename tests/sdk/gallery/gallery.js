/**
 * Shows the element in one state: by hand as `gallery/?state=waiting&lang=fr&role=patient`, to tests by `gallery.show(wish)`.
 *
 * A state is shown in an element of its own, made anew where the one before stood, so that nothing of that is left.
 */

import { VisavisConsultation } from "../../../signalling/client/visavis.js";
import { notesPanel } from "../../../signalling/pages/notes.js";
import { fetchMoreWords, wordsFor } from "../../../signalling/client/words/index.js";
import { FakeConsultation } from "./fake_consultation.js";
import { personStream } from "./pictures.js";
import { STATES } from "./states.js";

const WITHIN_MS = 10_000;

/** Whether the browser waits for a touch before it plays sound. */
let isRefusing = false;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function playUnlessRefused() {
  if (isRefusing && !this.muted) return Promise.reject(new DOMException("a touch is needed", "NotAllowedError"));
  return play.call(this);
};

const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

/**
 * Shows a state, and comes back when it is there with its pictures.
 *
 * @param {object} wish
 * @param {string} wish.state
 * @param {string} [wish.lang]
 * @param {string} [wish.role] Whose page it is.
 * @param {string} [wish.theme] `light` or `dark`; else as the system prefers.
 * @param {string} [wish.dir] Shown right to left, as a language that is written so would be.
 * @param {boolean} [wish.alone] Without a panel of the page beside the picture.
 */
async function show({ state, lang = "en", role, theme, dir, alone = false }) {
  const { play: script, shows, camera, role: whose = "patient" } = STATES[state];
  const before = document.querySelector("visavis-consultation");
  const place = before?.parentElement ?? document.querySelector("main");
  const next = before?.nextSibling ?? null;
  before?.remove();
  document.documentElement.lang = lang;
  isRefusing = false;
  await fetchMoreWords(wordsFor(lang));
  wordsFor(lang).dir = dir ?? "ltr";
  const scene = sceneOf(role ?? whose, lang);
  VisavisConsultation.newConsultation = (options) => {
    const fake = new FakeConsultation(options, (made) => script(made, scene));
    fake.camera = camera ?? { stream: scene.own() };
    return fake;
  };
  const element = document.createElement("visavis-consultation");
  element.setAttribute("lang", lang);
  if (state !== "no-token") element.setAttribute("token", "fake");
  if (theme) element.setAttribute("theme", theme);
  if (scene.role === "practitioner" && !alone) element.append(notesPanel(lang));
  place.insertBefore(element, next);
  await there(element.shadowRoot, shows);
}

/** What a state's script may use of the page. */
function sceneOf(role, lang) {
  const other = role === "patient" ? "practitioner" : "patient";
  const isPhone = innerWidth < 600;
  const find = (selector) => document.querySelector("visavis-consultation").shadowRoot.querySelector(selector);
  return {
    role,
    other,
    lang,
    frame,
    find,
    /** What is to be seen, once it is. */
    async found(selector) {
      while (!find(selector)?.checkVisibility()) await frame();
      return find(selector);
    },
    corner: (name) => find(`.status > .corner:has(.icon.${name})`),
    own: () => personStream(role, ...(isPhone ? [720, 960] : [1280, 720])),
    facing: () => personStream(other, ...(other === "patient" ? [720, 1280] : [1280, 720])),
    refusesToPlay: () => void (isRefusing = true),
  };
}

/**
 * Waits until something is shown and every picture that is to play has a frame.
 *
 * @param {ShadowRoot} root
 * @param {string} selector
 */
async function there(root, selector) {
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    await frame();
    const isShown = [...root.querySelectorAll(selector)].some((one) => one.checkVisibility());
    const playing = [...root.querySelectorAll("video")].filter((video) => video.srcObject && video.checkVisibility());
    if (isShown && playing.every((video) => video.videoWidth > 0)) break;
    if (performance.now() > until) throw new Error(`not shown within ${WITHIN_MS} ms: ${selector}`);
  }
  await drawn();
}

/** Comes back when what has changed is drawn, with what observers of sizes made of it. */
async function drawn() {
  for (let frames = 0; frames < 3; frames++) await frame();
}

window.gallery = { states: Object.keys(STATES), show, drawn };

const { state = "connected", alone, ...wish } = Object.fromEntries(new URLSearchParams(location.search));
if (location.search) await show({ state, alone: alone !== undefined, ...wish });
