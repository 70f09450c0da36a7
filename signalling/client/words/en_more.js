/**
 * English: what is read in the course of a consultation, and in its panels. It comes once the consultation stands.
 */

import { devices } from "./en_devices.js";
import { path } from "./en_path.js";
import { pictureWords } from "./en_picture.js";
import { silenceWords } from "./en_silence.js";

/** @param {Record<import("../protocol.js").Role, import("./en.js").RoleWords>} roles */
export const more = (roles) => ({
  /** Who cannot hear or see whom, why, and what to do. */
  silence: silenceWords(roles),

  /** Whose picture is not shown, and why. */
  picture: pictureWords(roles),

  /** Which way sound and picture take. */
  path,

  /** @param {string} needed What a network has to let through, as `UDP 203.0.113.7:7882, TCP turn.example:443`. */
  openings: (needed) => `In a clinic or an office, whoever looks after the network has to let this through: ${needed}.`,

  /**
   * What keeps this side from being heard or seen, by the doing of its own device.
   *
   * @param {import("../protocol.js").Source[]} sources Empty: nothing any more.
   */
  interrupted(sources) {
    if (sources.length === 0) return "You can be heard and seen again.";
    const devices = sources.map((source) => (source === "microphone" ? "the microphone" : "the camera"));
    return `Your device withholds ${devices.join(" and ")}, for a call perhaps, or because it was unplugged. It goes on by itself when it is back.`;
  },

  /** What goes wrong on the way in is in `en_errors.js`. @type {Record<string, readonly [words: string, action: string]>} */
  errors: {
    ...devices,
    clock_wrong: [
      "The consultation’s server cannot be reached, and the date or the time of this device does not fit this link.",
      "Set both to automatic in the device’s settings. If they are right, check your internet connection. Then try again.",
    ],
    screen_denied: ["The screen is not shared.", "Try again and choose what to show."],
    not_admitted: ["You are in the waiting room.", "Wait until you are let in."],
    not_allowed: ["Your role does not allow this.", "Ask whoever invited you."],
    conflict: ["This cannot be done at the moment.", "Try again in a moment."],
    not_joined: ["You are not in the consultation yet.", "Join it first."],
    already_joined: ["You are already in the consultation.", "Go on here."],
    draining: ["The server is being maintained.", "You come back by yourself in a moment."],
    message_too_large: ["This message is too long.", "Shorten it, or send it in parts."],
    message_overload: ["Too many messages are waiting to be sent.", "Wait until the connection is better."],
    invalid_argument: ["This cannot be done as asked.", "Check what was given to the function."],
    invalid_message: ["The server did not understand this request.", "Reload the page."],
    too_large: ["This is too large to be sent.", "Shorten it."],
    too_deep: ["The server did not understand this request.", "Reload the page."],
    unknown_type: ["The server does not know this request.", "Reload the page."],
    wrong_secret: ["Your place could not be recognised.", "Come back with your link."],
    not_found: ["This no longer exists.", "Go on without it."],
    slow_consumer: ["Your network is too slow at the moment.", "You come back by yourself in a moment."],
    protocol_error: ["The server did not understand this page.", "Reload the page."],
  },

  /** Where each browser keeps its answer for a page, as steps. */
  permissionSteps: {
    chromium: ["Touch the icon to the left of the page’s address.", "Turn on “Camera” and “Microphone”.", "Come back here and choose “Try again”."],
    firefox: ["Touch the crossed-out camera or microphone to the left of the page’s address.", "Remove “Blocked” beside camera and microphone.", "Come back here and choose “Try again”."],
    safari: ["Touch “aA”, or the page’s name, beside the address, then “Website settings”.", "Set “Camera” and “Microphone” to “Allow”.", "Come back here and choose “Try again”."],
    other: ["Open the browser’s settings for this page.", "Allow the camera and the microphone.", "Come back here and choose “Try again”."],
  },

  ui: {
    you: "You",
    close: "Close",
    message: "Message",
    writeMessage: "Write a message",
    send: "Send",
    writeLive: "Show what I write letter by letter",
    says: (/** @type {string} */ name) => `${name}:`,
    captionsBy: (/** @type {string} */ name, /** @type {string} */ writer) => `${name} (captions: ${writer}):`,
    noMessages: "No message yet. Everyone in the consultation sees what you write here.",
    messageNotSent: "This message could not be sent. Shorten it, or try again.",
    chooseMicrophone: "Microphone",
    chooseCamera: "Camera",
    chooseSpeaker: "Loudspeaker",
    noDevices: "Devices appear here once the browser may use them.",
    picture: "Picture",
    autoPicture: "As suits the picture",
    fillPicture: "Fill the screen",
    fitPicture: "Show the whole picture",
    audioOnly: "Sound only",
    shareScreen: "Share my screen",
    stopSharing: "Stop sharing my screen",
    inWaitingRoom: "In the waiting room",
    inRoom: "In the consultation",
    nobodyWaits: "Nobody is waiting.",
    nobodyElse: "Nobody else is here.",
    /** @param {number} minutes */
    waitsSince: (minutes) => (minutes < 1 ? "just arrived" : `waiting for ${minutes} min`),
    prechecked: { ready: "all works", limited: "something could be better", not_ready: "something does not work" },
    admit: "Let in",
    sendBack: "To the waiting room",
    eject: "Remove",
    ejectSure: "Remove for good?",
    mute: "Mute",
    unmute: "Let speak",
    lock: "Let nobody else come",
    extend: "15 minutes longer",
    endsAt: (/** @type {string} */ at) => `This consultation ends at ${at}.`,
  },
});
