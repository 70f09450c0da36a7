/**
 * English: who cannot hear or see whom, why, and what to do.
 *
 * @typedef {import("../protocol.js").Source} Source
 * @typedef {import("../protocol.js").Direction} Direction
 */

import { capital } from "./capital.js";

/** @type {Record<Source, { device: string, does: string, what: string }>} */
const sources = {
  microphone: { device: "microphone", does: "hear", what: "" },
  camera: { device: "camera", does: "see", what: "" },
  screen: { device: "screen", does: "see", what: "screen" },
};

const MENDING = "this is being repaired by itself. If it lasts, try another network.";

/**
 * What is behind it, to whoever can do something about it, and to the other side.
 *
 * @type {Record<string, (device: string) => [string, string]>}
 */
const causes = {
  device_ended: (device) => [`your ${device} is no longer connected. Plug it in again, or choose another one in the settings.`, `the ${device} there is no longer connected.`],
  device_muted: (device) => [
    `your device holds the ${device} back, by a switch or for a phone call. Turn it on, or end the call.`,
    `the device there holds the ${device} back.`,
  ],
  wrong_device: (device) => [`another ${device} is in use than the one you chose. Choose it again in the settings.`, `another ${device} is in use there than was chosen.`],
  no_sound: (device) => [`your ${device} gives no sound. Check its switch, or choose another one in the settings.`, `the ${device} there gives no sound.`],
  no_picture: (device) => [`your ${device} gives no picture. Check its cover, or choose another one in the settings.`, `the ${device} there gives no picture.`],
  stopped: () => [`nothing arrives from your connection; ${MENDING}`, "nothing arrives from there; this is being repaired by itself."],
  held: () => ["it is on its way; one moment.", "it is on its way; one moment."],
  lost: () => [`it does not get through to you; ${MENDING}`, "it does not get through; this is being repaired by itself."],
  play_refused: () => ["your browser waits for a touch before it plays. Touch the page.", "the browser there waits for a touch before it plays."],
  play_paused: () => ["playing is paused. Press play.", "playing is paused there."],
  audio_suspended: () => ["the sound of this page is suspended. Touch the page.", "the sound of the page there is suspended."],
  no_speaker: () => ["the loudspeaker you chose is gone. Choose another one in the settings.", "the loudspeaker chosen there is gone."],
};
const other = () => ["this is being repaired by itself.", "this is being repaired by itself."];

/**
 * @param {Record<import("../protocol.js").Role, import("./en.js").RoleWords>} roles
 */
export const silenceWords = (roles) =>
  /**
   * @param {import("../protocol.js").Role | null} role Of the other side; `null`: of everybody.
   * @param {Direction} direction Whether they do not hear this side, or this side them.
   * @param {Source} source
   * @param {string} cause Empty: it is over.
   * @param {boolean} isMine Whether this side can do something about it.
   */
  (role, direction, source, cause, isMine) => {
    const { device, does, what } = sources[source];
    const the = role ? roles[role].the : "the others";
    const whom = direction === "towards" ? (what ? `your ${what}` : "you") : `${what ? `the ${what} of ` : ""}${the}`;
    const who = direction === "towards" ? capital(the) : "You";
    if (cause === "") return `${who} can ${does} ${whom} again.`;
    const [mine, theirs] = (causes[cause === "never_came" ? "stopped" : cause] ?? other)(device);
    return `${who} cannot ${does} ${whom}: ${isMine ? mine : theirs}`;
  };
