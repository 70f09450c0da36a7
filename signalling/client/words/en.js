/**
 * English.
 *
 * @typedef {import("../protocol.js").Role} Role
 * @typedef {import("../protocol.js").Source} Source
 * @typedef {import("../protocol.js").Verdict} Verdict
 * @typedef {import("../protocol.js").Direction} Direction
 * @typedef {import("../state.js").StateName} StateName
 * @typedef {{ name: string, the: string, your: string }} RoleWords
 */

import { capital } from "./capital.js";
import { errors } from "./en_errors.js";

/** @type {Record<Role, RoleWords>} */
const roles = {
  practitioner: { name: "Practitioner", the: "the practitioner", your: "your practitioner" },
  patient: { name: "Patient", the: "the patient", your: "your patient" },
  carer: { name: "Carer", the: "the carer", your: "the carer" },
  interpreter: { name: "Interpreter", the: "the interpreter", your: "the interpreter" },
  expert: { name: "Expert", the: "the expert", your: "the expert" },
  assistant: { name: "Assistant", the: "the assistant", your: "the assistant" },
  device: { name: "Medical device", the: "the medical device", your: "the medical device" },
  observer: { name: "Observer", the: "the observer", your: "the observer" },
};

/** @param {Role} role */
const The = (role) => capital(roles[role].the);

/**
 * Who this person is here to meet.
 *
 * @param {Role | null} self
 */
const expected = (self) => roles[self === "practitioner" ? "patient" : "practitioner"].your;

export const en = {
  lang: "en",
  dir: "ltr",
  roles,
  errors,

  /**
   * @param {StateName} state
   * @param {string} reason
   * @param {Role | null} self
   */
  state(state, reason, self) {
    if (state === "connecting") {
      if (reason === "detour") return "Your network holds sound and picture back. Other ways are being tried…";
      return reason === "media" ? "Connecting sound and picture…" : "Opening the consultation room…";
    }
    if (state === "waiting") {
      if (reason === "handed_over") return "You have handed the consultation over.";
      if (reason === "sent_back") return "You are in the waiting room again. Your place is kept.";
      if (reason === "waiting_room") return "You are in the waiting room. Nobody sees or hears you yet.";
      return reason === "interrupted"
        ? `${capital(expected(self))} lost the connection for a moment. Please stay: both places are kept.`
        : `Waiting for ${expected(self)}.`;
    }
    if (state === "connected") return "You are in the consultation.";
    if (state === "reconnecting") {
      if (reason === "offline") return "Your device has no network. The call comes back by itself when it returns.";
      if (reason === "server") return "The link to the server is coming back. Go on if you hear each other.";
      return "The connection dropped. It is coming back by itself: your place is kept.";
    }
    return "The consultation is over.";
  },

  /**
   * @param {Role | null} role `null`: the own network.
   * @param {Direction} direction
   * @param {Verdict} verdict
   */
  quality(role, direction, verdict) {
    if (role === null) {
      return {
        good: "Your connection is good.",
        weak: "Your network is a little weak.",
        poor: "Your network is weak: sound and picture may break up.",
        silent: "Nothing gets through from your network at the moment.",
      }[verdict];
    }
    if (direction === "towards") {
      return {
        good: `${The(role)} hears you well.`,
        weak: "The network is a little weak: the picture may be less sharp.",
        poor: `${The(role)} hears you with difficulty: the network is weak.`,
        silent: `${The(role)} does not hear you at the moment.`,
      }[verdict];
    }
    return {
      good: `You hear ${roles[role].the} well.`,
      weak: "The network is a little weak: the picture may be less sharp.",
      poor: `You may hear ${roles[role].the} with difficulty: the network is weak.`,
      silent: `Nothing is coming from ${roles[role].the} at the moment.`,
    }[verdict];
  },

  /**
   * @param {Role} role
   * @param {import("../roster.js").Change} change
   */
  participant(role, change) {
    return {
      joined: `${The(role)} has arrived.`,
      left: `${The(role)} has left.`,
      interrupted: `${The(role)} lost the connection; it should be back soon.`,
      back: `${The(role)} is back.`,
      private: `${The(role)} is conferring in private, and hears and sees you meanwhile.`,
      public: `${The(role)} is with you again.`,
    }[change];
  },

  /** @param {number} place In the waiting room; 1 is next. */
  place(place) {
    if (place === 0) return "Your place is kept";
    if (place === 1) return "You are next";
    return place === 2 ? "One person is before you" : `${place - 1} people are before you`;
  },

  /**
   * @param {Role} role
   * @param {Source} source
   * @param {boolean} muted
   */
  muted(role, source, muted) {
    const off = {
      microphone: `${The(role)} turned the microphone off.`,
      camera: `${The(role)} turned the camera off.`,
      screen: `${The(role)} paused the shared screen.`,
    };
    const on = {
      microphone: `${The(role)} turned the microphone on.`,
      camera: `${The(role)} turned the camera on.`,
      screen: `${The(role)} is showing the screen again.`,
    };
    return (muted ? off : on)[source];
  },

  ui: {
    consultation: "Consultation",
    microphone: "Microphone",
    camera: "Camera",
    leave: "Leave",
    microphoneOff: "Microphone off",
    cameraOff: "Camera off",
    turnMicrophoneOff: "Turn the microphone off",
    turnMicrophoneOn: "Turn the microphone on",
    turnCameraOff: "Turn the camera off",
    turnCameraOn: "Turn the camera on",
    leaveConsultation: "Leave the consultation",
    ownPicture: "Your own picture",
    moveOwnPicture: "Your own picture. Press it to move it to another corner, or use the arrow keys.",
    cameraIsOff: "Your camera is off",
    settings: "Settings",
    messages: "Messages",
    /** @param {number} count */
    unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
    pictureOf: (/** @type {Role} */ role) => `Picture of ${roles[role].the}`,
    screenOf: (/** @type {Role} */ role) => `Screen of ${roles[role].the}`,
    noPicture: "Camera off",
    pictureSoon: "The picture is on its way…",
    waitingTitle: (/** @type {Role | null} */ self) => `${capital(expected(self))} will join you here`,
    waitingBack: (/** @type {Role | null} */ self) => `${capital(expected(self))} will be back in a moment`,
    waitingText: "You have nothing to do. Your place is kept, and the call starts by itself.",
    connectionWorks: "The connection works",
    cameraWorks: "The camera works",
    microphoneWorks: "The microphone works",
    saySomething: "Say a word: the bar moves",
    checkAll: "Check camera, sound and network",
    cameraTurnedOff: "The camera is off",
    microphoneTurnedOff: "The microphone is off",
    cameraMissing: "No camera in use",
    microphoneMissing: "No microphone in use",
    soundLevel: "Sound level",
    askingTitle: "Your browser is about to ask a question",
    askingText: "It asks whether this page may use your camera and microphone. Choose “Allow” so that you can see and hear each other.",
    connectingTitle: "Opening your consultation",
    reconnectingTitle: "The connection is coming back",
    permissionTitle: "Camera and microphone are blocked",
    leftTitle: "The consultation is over",
    leftText: "Camera and microphone are off. You can close this page.",
    comeBack: "Come back",
    tryAgain: "Try again",
    continueHere: "Continue here",
    withoutDevices: "Continue without",
    playTitle: "One more touch",
    playText: "Your browser waits for a touch before it plays the sound.",
    play: "Turn the sound on",
    theyAreMuted: (/** @type {Role} */ role) => `${The(role)}’s microphone is off`,
    letInText: "You have nothing to do: you will be let in.",
    people: "People",
    /** @param {number} count */
    waitingCount: (count) => (count === 1 ? "1 person is waiting" : `${count} people are waiting`),
    heldBack: "Somebody who leads the consultation has muted you: nobody hears you.",
    youConfer: "You are conferring in private. The others do not hear or see you.",
    youAreMuted: "Your microphone is off: nobody hears you.",
    noToken: "The link to this consultation is incomplete.",
    noTokenAction: "Open the link you received once more, in full.",
  },
};
