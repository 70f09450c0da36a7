/**
 * The states of the check before a consultation, shown in the page of the check: to tests by `checks.show(wish)`.
 *
 * The page is served as it is and opened with a link; the element is made anew for each state, so that nothing of the state
 * before is left, and keeps what the page has put into it.
 */

import { FakeCheck } from "./fake_check.js";
import { personStream } from "./pictures.js";

const WITHIN_MS = 10_000;
const SPEAKERS = ["Loudspeaker", "Headset (USB)"];
const WELL = { browser: "fine", server: "fine", clock: "fine", camera: "fine", microphone: "fine", speaker: "not_asked", network: "fine", bandwidth: "fine" };
const VERDICT = (verdict) => `.verdict[data-verdict="${verdict}"]`;
const QUESTION = ".speaker .actions[role=group]:not([hidden])";

/**
 * By name: `codes` is what is found, `shows` a selector of what is there then. `begins: false` is before the button was
 * pressed, `camera` whether there is a picture, `press` a button that is pressed at the end.
 */
const STATES = {
  "check-ready": { begins: false, shows: ".action.first:not([hidden])" },
  "check-running": {
    codes: { browser: "fine", server: "fine", clock: "fine", camera: "fine" },
    camera: true,
    level: 0.3,
    isOver: false,
    shows: ".action.first[aria-disabled]",
  },
  "check-good": { codes: { ...WELL, speaker: "fine" }, kbps: [4_200, 8_600], camera: true, level: 0.7, shows: VERDICT("ready") },
  "check-asked": { codes: WELL, kbps: [4_200, 8_600], camera: true, level: 0.7, press: ".speaker .actions .action", shows: QUESTION },
  "check-problems": {
    codes: { ...WELL, clock: "clock_wrong", camera: "camera_dark", microphone: "not_heard", speaker: "speaker_silent", network: "detour", bandwidth: "narrow" },
    kbps: [420, 610],
    camera: true,
    shows: VERDICT("limited"),
  },
  "check-blocked": { codes: { ...WELL, network: "media_unreachable", bandwidth: "not_measured" }, camera: true, level: 0.7, shows: VERDICT("not_ready") },
  "check-refused": {
    codes: { ...WELL, camera: "permission_denied", microphone: "permission_denied" },
    kbps: [4_200, 8_600],
    shows: VERDICT("not_ready"),
  },
  "check-expired": {
    codes: { ...WELL, server: "token_expired", network: "not_measured", bandwidth: "not_measured" },
    camera: true,
    level: 0.7,
    shows: VERDICT("not_ready"),
  },
};

// Browsers name loudspeakers after a permission only, and nobody gives one here.
navigator.mediaDevices.enumerateDevices = async () => SPEAKERS.map((label) => ({ kind: "audiooutput", deviceId: label, label }));

const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

/**
 * Shows a state, and comes back when it is there with its picture.
 *
 * @param {{ state: string, lang: string }} wish
 */
async function show({ state, lang }) {
  const { begins = true, camera = false, press, shows, ...script } = STATES[state];
  const isPhone = innerWidth < 600;
  const stream = camera ? personStream("patient", ...(isPhone ? [720, 960] : [1280, 720])) : null;
  customElements.get("visavis-check").newCheck = (options) => new FakeCheck(options, { ...script, stream });
  const before = document.querySelector("visavis-check");
  const check = document.createElement("visavis-check");
  check.setAttribute("lang", lang);
  check.setAttribute("token", "fake");
  check.append(...before.childNodes);
  before.replaceWith(check);
  const root = check.shadowRoot;
  if (begins) root.querySelector(".action.first").click();
  if (press) {
    await there(root, VERDICT("ready"));
    root.querySelector(press).click();
  }
  await there(root, shows);
  // What is looked at is how it comes into view, and nothing is where a press has left the focus.
  root.activeElement?.blur();
  scrollTo(0, 0);
  await frame();
}

async function there(root, selector) {
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    await frame();
    const video = root.querySelector("video");
    const isPlaying = !video.srcObject || video.videoWidth > 0;
    if (isPlaying && root.querySelector(selector)?.checkVisibility()) return;
    if (performance.now() > until) throw new Error(`not shown within ${WITHIN_MS} ms: ${selector}`);
  }
}

window.checks = { states: Object.keys(STATES), show };
