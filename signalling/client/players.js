/**
 * Whether what the page has named plays, and why it does not.
 *
 * @typedef {import("./player_list.js").Player} Player
 * @typedef {"playing" | "refused" | "paused" | "suspended" | "no_speaker"} PlayerState
 */

// A person, or a call that comes in, may have paused it for a moment; then it is tried twice.
const RESUME_AFTER_MS = [5_000, 20_000];

export class Players {
  /** The loudspeakers there are; empty while that is unknown. @type {Set<string>} */
  #speakers = new Set();

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./player_list.js").PlayerList} list
   */
  constructor(clock, list) {
    this.clock = clock;
    this.list = list;
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
    const states = [...this.list.all].flatMap(([player, { stream: named }]) => {
      const played = named ?? ("srcObject" in player ? player.srcObject : null);
      return played === stream && (kind === "audio" || "videoWidth" in player) ? [this.#playerState(player, kind)] : [];
    });
    return states.length === 0 || states.includes("playing") ? "playing" : /** @type {PlayerState} */ (states[0]);
  }

  /** Lets those go on at once that a call, or the hidden page, has stopped. */
  resumeNow() {
    for (const player of this.list.all.keys()) if (this.#playerState(player, "audio") !== "playing") start(player);
  }

  /** Lets those go on that were stopped and not by the browser's rules, seldom. */
  resume() {
    const now_ms = this.clock.now_ms();
    for (const [player, about] of this.list.all) {
      const isStopped = ["paused", "suspended"].includes(this.#playerState(player, "audio"));
      if (!isStopped) Object.assign(about, { stopped_ms: -1, tried: 0 });
      else if (about.stopped_ms < 0) about.stopped_ms = now_ms;
      else if (now_ms - about.stopped_ms >= (RESUME_AFTER_MS[about.tried] ?? Infinity)) {
        about.tried += 1;
        start(player);
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

/** @param {Player} player */
function start(player) {
  // What the browser refuses is told already.
  ("play" in player ? player.play() : player.resume()).catch(() => {});
}
