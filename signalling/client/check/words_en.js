/**
 * A check before the consultation, in English: by code, or by code and what it is of where that reads better.
 */

import { devices } from "../words/en_devices.js";
import { errors } from "../words/en_errors.js";
import { first } from "../words/first.js";

/** @type {Record<string, readonly [words: string, action: string]>} */
const findings = {
  "fine.browser": ["This browser can hold a video consultation.", ""],
  "fine.server": ["The consultation’s server answers, and knows your link.", ""],
  "fine.clock": ["The clock of this device is right.", ""],
  "fine.camera": ["The camera works.", ""],
  "fine.microphone": ["The microphone hears you.", ""],
  "fine.speaker": ["You heard the test sound.", ""],
  "fine.network": ["Sound and picture get through this network.", ""],
  "fine.bandwidth": ["The connection is fast enough for sound and picture.", ""],
  in_app_browser: ["This page is open inside another application, which may not let it use camera and microphone.", "Open the menu of this page, choose “Open in browser”, then start the check again."],
  old_browser: ["This browser is older than those the consultation is tested with.", "Update it, or use a recent Chrome, Edge, Firefox or Safari."],
  clock_wrong: ["The date or the time of this device is wrong: it may take safe connections for unsafe ones.", "Open the device’s settings, set date and time to automatic, then start the check again."],
  camera_dark: ["The camera’s picture is black.", "Take away what covers the camera, or turn on a light."],
  camera_still: ["The camera is open and gives no picture.", "Unplug it and plug it in again, or choose another one."],
  not_heard: ["The microphone is open, and nobody was heard.", "Say a few words close to it; check that no switch has muted it."],
  not_asked: ["Nobody has said yet whether the test sound was heard.", "Play the test sound."],
  playback_refused: ["The browser did not play the test sound.", "Touch the button once more; check that this page is not muted."],
  speaker_silent: ["You did not hear the test sound.", "Turn the volume up, check the headphones or choose another loudspeaker, then play it again."],
  media_unreachable: ["This network lets no sound or picture through.", "Try another network, for example your phone’s, or ask whoever looks after this one to let the consultation through."],
  detour: ["This network lets sound and picture through by a detour only: they may come late.", "Where you can, use another network, for example at home or your phone’s."],
  narrow: ["This connection is slow: pictures will be small, or pause.", "Go closer to the Wi-Fi, use a cable, and stop other downloads and videos."],
  too_narrow: ["This connection is too slow, even for sound.", "Use another network, or go where the signal is better."],
  "overloaded.bandwidth": ["The server is too busy to measure your connection just now.", ""],
  "overloaded.network": ["The server is too busy to try your connection just now.", "Check again in a minute."],
  "not_measured.bandwidth": ["The speed of the connection could not be measured.", ""],
  "not_measured.network": ["Whether sound and picture get through could not be checked in time.", "Check again."],
  "not_measured.server": ["The server did not answer in time.", "Check again."],
  "not_measured.camera": ["The camera was not checked: it is off, or the browser’s question is still open.", "Turn it on, or answer the browser’s question with “Allow”."],
  "not_measured.microphone": ["The microphone was not checked: it is off, or the browser’s question is still open.", "Turn it on, or answer the browser’s question with “Allow”."],
  not_measured: ["This could not be checked.", ""],
};

export const en = {
  lang: "en",
  errors: { ...first.en, ...errors, ...devices },
  findings,
  verdicts: {
    ready: "All is ready for your consultation.",
    limited: "You can consult, but something could be better.",
    not_ready: "Something has to be done before your consultation.",
  },
  ui: {
    title: "Check before the consultation",
    intro: "In fifteen seconds you know whether camera, sound and network work. Nobody sees or hears you meanwhile.",
    begin: "Start the check",
    again: "Check again",
    checking: "Checking… Say a few words.",
    picture: "Your own picture",
    level: "Sound level of your microphone",
    playSound: "Play the test sound",
    playing: "A short sound is played…",
    heardQuestion: "Did you hear the sound?",
    yes: "Yes",
    no: "No",
    speaker: "Loudspeaker",
    waiting: "Not checked yet",
    noToken: "The link to this check is incomplete. Open the link you received once more, in full.",
    rates: (/** @type {string} */ from, /** @type {string} */ towards) => `Measured: ${from} from here, ${towards} to here.`,
    rate: (/** @type {number | null} */ kbps) => (kbps === null ? "nothing" : `${(kbps / 1_000).toFixed(1)} Mbit/s`),
    states: { good: "Works", weak: "Could be better", bad: "Does not work", unknown: "Not known" },
    names: {
      browser: "Browser",
      server: "Link",
      clock: "Clock",
      camera: "Camera",
      microphone: "Microphone",
      speaker: "Loudspeaker",
      network: "Network",
      bandwidth: "Speed",
    },
  },
};
