/**
 * Hooks for React: `const { useConsultation, useEvent, useVideo } = hooksOf(React)`.
 *
 * React is the page's own and is given, from 18 on: nothing of it is bundled, and this package depends on nothing.
 */

import { Consultation } from "./consultation.js";
import { ConsultationError } from "./errors.js";
import { seatOf } from "./token.js";

export { Consultation, ConsultationError };

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */

/**
 * What is used of React.
 *
 * @typedef {object} ReactLike
 * @property {<State>(initial: State) => [State, (next: State) => void]} useState
 * @property {(effect: () => void | (() => void), dependencies?: readonly unknown[]) => void} useEffect
 * @property {<Value>(initial: Value) => { current: Value }} useRef
 *
 * @typedef {object} View What a consultation is just now; every property is as `Consultation`'s of that name.
 * @property {Consultation | null} consultation `null` without a token.
 * @property {Consultation["state"]} state
 * @property {Consultation["self"]} self
 * @property {Consultation["participants"]} participants
 * @property {Consultation["tracks"]} tracks
 * @property {Consultation["pictures"]} pictures
 * @property {Consultation["silences"]} silences
 * @property {Consultation["standing"] | null} standing
 * @property {Consultation["local"] | null} local
 * @property {ConsultationError | null} error Why joining or publishing failed, or the last that nobody waited for.
 *
 * @typedef {Omit<import("./public.js").ConsultationOptions, "token"> & {
 *   token: string | null, publish?: import("./public.js").PublishWish | null, takeover?: boolean }} HookOptions `token`:
 *   `null` while there is none; one of another seat (room, pseudonym, role, relay), another `url` or `lang` is another consultation,
 *   and a newer one of the same seat is kept for the next join. `publish`: both devices if left out, `null` for none.
 */

/** @type {View} */
const NOBODY = { consultation: null, state: null, self: null, participants: [], tracks: [], pictures: [], silences: [], standing: null, local: null, error: null };
/** After these something of the view is another. */
const TELLING = /** @type {const} */ (["state", "track", "track-ended", "muted", "picture", "participant", "silence", "waiting", "waiting-room", "held-back", "room", "local"]);

/** @param {ReactLike} React */
export function hooksOf(React) {
  /**
   * Holds a consultation for as long as the component is shown: joins, publishes, and leaves.
   *
   * @param {HookOptions} options
   * @returns {View}
   */
  function useConsultation(options) {
    const { token, url, lang } = options;
    const seat = token === null ? null : seatOf(token);
    const [view, setView] = React.useState(NOBODY);
    const [turn, setTurn] = React.useState(0);
    const latest = React.useRef(options);
    const held = React.useRef(/** @type {string | null} */ (null));
    React.useEffect(() => {
      latest.current = options;
    });
    // Before the seat's own effect: what is held is that of the last render.
    React.useEffect(() => {
      if (token === null || held.current !== seat || !view.consultation || view.consultation.renew(token)) return;
      // It is over: a new link to the same seat begins anew.
      setTurn(turn + 1);
    }, [token]);
    React.useEffect(() => {
      held.current = seat;
      if (token === null) return;
      let isOver = false;
      /** @type {Consultation | null} */
      let consultation = null;
      // React's strict mode shows, hides and shows a component in one go: that takes no seat.
      queueMicrotask(() => {
        if (!isOver) consultation = hold({ ...latest.current, token }, (next) => isOver || setView(next));
      });
      return () => {
        isOver = true;
        consultation?.leave();
        setView(NOBODY);
      };
    }, [seat, url, lang, turn]);
    return view;
  }

  /**
   * Calls the listener of the last render on each event of this type.
   *
   * @template {keyof ConsultationEvents} Type
   * @param {Consultation | null} consultation
   * @param {Type} type
   * @param {(detail: ConsultationEvents[Type]) => void} listener
   */
  function useEvent(consultation, type, listener) {
    const latest = React.useRef(listener);
    React.useEffect(() => {
      latest.current = listener;
    });
    React.useEffect(() => consultation?.on(type, (detail) => latest.current(detail)), [consultation, type]);
  }

  /**
   * Plays a stream in the `<video>` or `<audio>` that gets this as its `ref`, whenever that is shown, and has both sides told where
   * it does not play.
   *
   * @param {Consultation | null} consultation
   * @param {MediaStream | null} stream
   * @returns {(player: any) => void}
   */
  function useVideo(consultation, stream) {
    const [player, setPlayer] = React.useState(/** @type {HTMLMediaElement | null} */ (null));
    React.useEffect(() => {
      if (!player) return;
      if (player.srcObject !== stream) player.srcObject = stream;
      return consultation?.watch(player);
    }, [player, consultation, stream]);
    // React calls it with the element that is shown, and with `null` when it goes.
    return setPlayer;
  }

  return { useConsultation, useEvent, useVideo };
}

/**
 * @param {HookOptions & { token: string }} options
 * @param {(view: View) => void} show
 * @returns {Consultation | null} `null` where the token is none.
 */
function hold({ publish = { audio: true, video: true }, takeover = false, ...options }, show) {
  /** @type {ConsultationError | null} */
  let error = null;
  /** @param {unknown} thrown */
  const fail = (thrown) => {
    if (!(thrown instanceof ConsultationError)) throw thrown;
    error = thrown;
    tell();
  };
  /** @type {Consultation} */
  let consultation;
  const tell = () => show(consultation ? { ...viewOf(consultation), error } : { ...NOBODY, error });
  try {
    consultation = new Consultation(options);
  } catch (thrown) {
    fail(thrown);
    return null;
  }
  for (const type of TELLING) consultation.on(type, tell);
  consultation.on("error", fail);
  consultation.join({ takeover }).then(tell, fail);
  // Where it is over the reason is in its state.
  if (publish) consultation.publish(publish).then(({ problems: [problem] }) => problem && fail(problem), (thrown) => consultation.state?.error || fail(thrown));
  tell();
  return consultation;
}

/**
 * @param {Consultation} consultation
 * @returns {Omit<View, "error">}
 */
function viewOf(consultation) {
  const { state, self, participants, tracks, pictures, silences, standing, local } = consultation;
  return { consultation, state, self, participants, tracks, pictures, silences, standing, local };
}
