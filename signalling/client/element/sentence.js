/**
 * The one sentence about the connection: what matters most to the person, now. Pure.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {{ words: string, tone: "quiet" | "good" | "notice" }} Sentence
 */

const ORDER = ["good", "weak", "poor", "silent"];

/**
 * @param {Model} model
 * @returns {Sentence}
 */
export function sentenceOf(model) {
  const { state, words } = model;
  if (!state) return { words: "", tone: "quiet" };
  if (state.state === "reconnecting") {
    // The veil over the picture says the rest.
    return { words: state.reason === "server" ? state.words : `${words.ui.reconnectingTitle}…`, tone: "notice" };
  }
  if (state.state === "waiting") {
    if (model.interruption) return { words: model.interruption, tone: "notice" };
    if (model.network !== "good") return { words: detour(model) || words.quality(null, "towards", model.network), tone: "notice" };
    return { words: state.words, tone: state.reason === "interrupted" ? "notice" : "good" };
  }
  // The card shows what to do; whoever does not see it hears it with the rest.
  if (state.state === "left") return { words: [state.words, state.error?.action].filter(Boolean).join(" "), tone: "quiet" };
  if (state.state !== "connected") return { words: state.words, tone: "quiet" };
  return trouble(model) ?? { words: allWell(model), tone: "good" };
}

/**
 * @param {Model} model
 * @returns {Sentence | null}
 */
function trouble(model) {
  const { words, people } = model;
  if (model.standing?.heldBack.includes("microphone")) return { words: words.ui.heldBack, tone: "notice" };
  if (model.interruption) return { words: model.interruption, tone: "notice" };
  if (model.isPrivate) return { words: words.ui.youConfer, tone: "notice" };
  const away = people.find(({ participant }) => participant.private);
  if (away) return { words: words.participant(away.participant.role, "private"), tone: "notice" };
  if (model.local.microphone === "off") return { words: words.ui.youAreMuted, tone: "notice" };
  const [silence] = model.silences;
  if (silence) {
    const { participant, direction, source, cause, isMine } = silence;
    return { words: words.silence(participant?.role ?? null, direction, source, cause, isMine), tone: "notice" };
  }
  if (model.network !== "good" && detour(model)) return { words: detour(model), tone: "notice" };
  const bad = people
    .filter(({ participant }) => participant.connected)
    .flatMap(({ participant, quality, microphoneOff }) => [
      { role: participant.role, direction: /** @type {const} */ ("towards"), verdict: quality.towards },
      // Silence is what a microphone that is off sounds like.
      { role: participant.role, direction: /** @type {const} */ ("from"), verdict: microphoneOff ? "good" : quality.from },
    ])
    .filter(({ verdict }) => verdict !== "good")
    .sort((one, other) => ORDER.indexOf(other.verdict) - ORDER.indexOf(one.verdict))[0];
  if (bad) {
    const verdict = /** @type {import("../public.js").Verdict} */ (bad.verdict);
    return { words: words.quality(bad.role, bad.direction, verdict), tone: "notice" };
  }
  // Where one of several is away; a single one is the state itself.
  const gone = people.length > 1 && people.find(({ participant }) => !participant.connected);
  if (gone) return { words: words.participant(gone.participant.role, "interrupted"), tone: "notice" };
  const muted = people.find(({ microphoneOff }) => microphoneOff);
  return muted ? { words: words.muted(muted.participant.role, "microphone", true), tone: "notice" } : null;
}

/**
 * Why the own network falters, where it leaves sound and picture no good way.
 *
 * @param {Model} model
 */
const detour = ({ path }) => (path?.blocked ? path.words : "");

/** @param {Model} model */
function allWell({ words, people, state, local }) {
  const [person] = people;
  if (people.length === 1 && person && local.microphone === "on") return words.quality(person.participant.role, "towards", "good");
  return state?.words ?? "";
}
