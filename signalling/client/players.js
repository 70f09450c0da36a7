/**
 * What plays the sound and pictures that arrive, as far as the page has said, and why it does not play.
 *
 * @typedef {HTMLMediaElement | AudioContext} Player
 * @typedef {"playing" | "refused" | "paused" | "suspended" | "no_speaker"} PlayerState
 */

// A person, or a call that comes in, may have paused it for a moment; then it is tried twice.
const RESUME_AFTER_MS = [5_000, 20_000];

export class Players {
  /** @type {Map<Player, { stream: MediaStream | null, stopped_ms: number, tried: number }>} */
  #all = new Map();
  /** The loudspeakers there are; empty while that is unknown. @type {Set<string>} */
  #speakers = new Set();

  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  /**
   * @param {Player} player
   * @param {MediaStream | null} stream What it plays; `null`: what the element shows at each moment.
   * @returns {() => void} Forgets it.
   */
  watch(player, stream) {
    this.#all.set(player, { stream, stopped_ms: -1, tried: 0 });
    return () => void this.#all.delete(player);
  }

  /** @param {import("./devices.js").DeviceChoice[]} speakers */
  useSpeakers(speakers) {
    this.#speakers = new Set(speakers.map(({ id }) => id));
  }

  /**
   * How a track that arrives is played: one player that does is enough, and what no player was named for is not judged.
   *
   * @param {MediaStream} stream
   * @param {"audio" | "video"} kind
   * @returns {PlayerState}
   */
  stateOf(stream, kind) {
    const states = [...this.#all].flatMap(([player, { stream: named }]) => {
      const played = named ?? ("srcObject" in player ? player.srcObject : null);
      return played === stream && (kind === "audio" || "videoWidth" in player) ? [this.#playerState(player, kind)] : [];
    });
    return states.length === 0 || states.includes("playing") ? "playing" : /** @type {PlayerState} */ (states[0]);
  }

  /** Lets those go on that were stopped and not by the browser's rules, seldom. */
  resume() {
    const now_ms = this.clock.now_ms();
    for (const [player, about] of this.#all) {
      const isStopped = ["paused", "suspended"].includes(this.#playerState(player, "audio"));
      if (!isStopped) Object.assign(about, { stopped_ms: -1, tried: 0 });
      else if (about.stopped_ms < 0) about.stopped_ms = now_ms;
      else if (now_ms - about.stopped_ms >= (RESUME_AFTER_MS[about.tried] ?? Infinity)) {
        about.tried += 1;
        // What the browser refuses is told already.
        ("play" in player ? player.play() : player.resume()).catch(() => {});
      }
    }
  }

  /**
   * @param {Player} player
   * @param {"audio" | "video"} kind
   * @returns {PlayerState}
   */
  #playerState(player, kind) {
    if (!("paused" in player)) return player.state === "running" ? "playing" : "suspended";
    // An element that shows nothing plays nothing; one that has just begun waits for its first data (HAVE_FUTURE_DATA).
    if (player.paused && player.srcObject && player.readyState >= 3) return globalThis.navigator?.userActivation?.hasBeenActive === false ? "refused" : "paused";
    const isNamed = player.sinkId && !["default", "communications"].includes(player.sinkId);
    const isGone = isNamed && this.#speakers.size > 0 && !this.#speakers.has(player.sinkId);
    return kind === "audio" && isGone ? "no_speaker" : "playing";
  }
}
