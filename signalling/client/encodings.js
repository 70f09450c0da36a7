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
/** What a browser calls that which is given up last; Firefox has no word for it, and takes none amiss. */
const PREFERENCES = /** @type {const} */ ({ motion: "maintain-framerate", detail: "maintain-resolution" });
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
    const turn = (turns.get(sender) ?? Promise.resolve()).then(() => change(sender, wishes.get(sender)));
    // Closed, or between two descriptions: the next answer tries again, and a fresh leg is told anew.
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

/**
 * @param {RTCRtpSender} sender
 * @param {Wish} [wish]
 */
async function change(sender, wish) {
  if (!wish) return;
  const parameters = sender.getParameters();
  const preference = wish.keeps && PREFERENCES[wish.keeps];
  const isOther = parameters.degradationPreference !== preference;
  if (preference) parameters.degradationPreference = preference;
  else delete parameters.degradationPreference;
  const changed = parameters.encodings.filter((encoding) => {
    const choice = wish.choices.get(encoding.rid ?? "");
    return choice && adopt(encoding, choice);
  });
  if (isOther || changed.length > 0) await sender.setParameters(parameters);
}

/**
 * @param {RTCRtpEncodingParameters} encoding Written where it differs; what the choice does not speak of stays.
 * @param {EncodingChoice} choice
 * @returns {boolean} Whether it differed.
 */
function adopt(encoding, { rid, active, max_bitrate_bps, scale = FIRST_SCALES.get(rid) ?? 1 }) {
  const hasScale = (encoding.scaleResolutionDownBy ?? 1) === scale;
  if (hasScale && encoding.active === active && encoding.maxBitrate === max_bitrate_bps) return false;
  encoding.active = active;
  if (max_bitrate_bps === undefined) delete encoding.maxBitrate;
  else encoding.maxBitrate = max_bitrate_bps;
  if (!hasScale) encoding.scaleResolutionDownBy = scale;
  return true;
}
