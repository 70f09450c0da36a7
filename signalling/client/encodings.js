/**
 * What is sent of each source, as the relay asks: which encodings, how large, and up to which rate.
 *
 * No offer is needed (W3C WebRTC, `RTCRtpSender.setParameters`). A browser takes only what it has just given, changed, and
 * one change of a sender at a time; and an answer undoes what was changed while it was on its way. So the changes of a
 * sender follow one another, each begins with what the browser has, and after each answer they are made again.
 */

/** An encoding cannot be added to a sender later, so all three are there and the upper one alone is active. */
export const CAMERA_ENCODINGS = [
  { rid: "h", active: true, scaleResolutionDownBy: 1 },
  { rid: "m", active: false, scaleResolutionDownBy: 2 },
  { rid: "l", active: false, scaleResolutionDownBy: 4 },
];

const FIRST_SCALES = new Map(CAMERA_ENCODINGS.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]));
const SOURCES = /** @type {const} */ (["microphone", "camera", "screen"]);

/** @typedef {import("./protocol.js").EncodingChoice} EncodingChoice */
/** @typedef {{ choices: Map<string, EncodingChoice>, keeps: import("./protocol.js").Encodings["keeps"] }} Wish By rid. */

/**
 * @param {object} about
 * @param {import("./seat_line.js").SeatLine} about.line
 * @param {import("./media_line.js").MediaLine} about.media
 * @param {(track: string) => import("./protocol.js").Source | undefined} about.sourceOf
 */
export function followEncodings({ line, media, sourceOf }) {
  /** A fresh leg has fresh senders and is told anew. @type {WeakMap<RTCRtpSender, Wish>} */
  const wishes = new WeakMap();
  /** @type {WeakMap<RTCRtpSender, Promise<void>>} */
  const turns = new WeakMap();

  /** @param {RTCRtpSender} sender */
  const apply = (sender) => {
    const changes = (turns.get(sender) ?? Promise.resolve()).then(() => import("./encoding_changes.js"));
    const turn = changes.then(({ change }) => change(sender, wishes.get(sender), FIRST_SCALES));
    // Closed, between two descriptions, or without what changes it: the next answer tries again, and a fresh leg is told anew.
    turns.set(sender, turn.catch(() => {}));
  };

  line.events.on("message", (message) => {
    if (message.type !== "encodings") return;
    const source = sourceOf(message.track);
    const sender = source && media.leg?.sender(source);
    if (!sender) return;
    const choices = wishes.get(sender)?.choices ?? new Map();
    for (const choice of message.encodings) choices.set(choice.rid, choice);
    wishes.set(sender, { choices, keeps: message.keeps });
    apply(sender);
  });
  media.events.on("negotiated", () => {
    for (const source of SOURCES) {
      const sender = media.leg?.sender(source);
      if (sender && wishes.has(sender)) apply(sender);
    }
  });
}
