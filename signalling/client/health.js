/**
 * Tells the relay how this browser's own devices and players do, twice a second where that is news.
 *
 * The relay sees packets; that a microphone is gone or that a page may not play sound, only the browser knows.
 *
 * @typedef {"sending" | "opening" | "idle" | "ended" | "muted" | "wrong_device" | "no_picture"} SendingState
 * @typedef {import("./players.js").PlayerState | "missing"} PlayingState
 * @typedef {Map<string, { value: number, grown_ms: number }>} Counters Of each that is watched: its value, and when it last grew.
 */

import { every } from "./clock.js";
import { listDevices, watchDevices } from "./devices.js";
import { Experience, networkOf } from "./experience.js";
import { serversOf } from "./paths.js";

const LOOK_MS = 500;
// Discontinuous Opus comes every 400 ms, a still screen each second.
const MISSING_AFTER_MS = 1_200;
// Sooner than the relay misses them: what does not leave here is not lost on the way.
const IDLE_AFTER_MS = 1_000;
const SCREEN_MISSING_AFTER_MS = 2_500;
// The darkest rooms leave a camera some frames a second.
const STILL_AFTER_MS = 1_600;
// The timers of a page that is hidden run once a second; of one that the system has stopped none does.
const STOOD_AFTER_MS = 2_500;
const LONGEST_AGO_MS = 86_400_000;

export class HealthWatch {
  /** @type {Counters} */
  #counters = new Map();
  #experience = new Experience();
  #told = "";
  #looked_ms;
  /** When this page stood still, until that is told. @type {{ began_ms: number, ended_ms: number } | null} */
  #stood = null;

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {import("./publisher.js").Publisher} about.publisher
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./slots.js").Slots} about.slots
   * @param {import("./players.js").Players} about.players
   */
  constructor(about) {
    this.about = about;
    this.#looked_ms = about.clock.now_ms();
    // A leg replaced meanwhile, or a line that was lost, has nothing to tell; the next look asks anew.
    const stops = [
      every(about.clock, LOOK_MS, () => void this.#look().catch(() => (this.#told = ""))),
      watchDevices(() => void this.#listSpeakers()),
      about.line.events.on("attached", () => (this.#told = "")),
    ];
    this.stop = () => stops.forEach((stop) => stop());
    void this.#listSpeakers();
  }

  async #listSpeakers() {
    this.about.players.useSpeakers((await listDevices()).speakers);
  }

  async #look() {
    const { clock, line, media, players } = this.about;
    const now_ms = clock.now_ms();
    if (now_ms - this.#looked_ms >= STOOD_AFTER_MS) this.#stood = { began_ms: this.#looked_ms, ended_ms: now_ms };
    this.#looked_ms = now_ms;
    if (!line.attached || !media.leg || media.status !== "up") return;
    const report = /** @type {any} */ (await media.leg.connection.getStats());
    const entries = /** @type {Record<string, any>[]} */ ([...report.values()]);
    const before = this.#counters;
    this.#counters = new Map();
    const said = { sending: this.#sending(entries, before), playing: this.#playing(entries, before), network: networkOf(entries, serversOf(media.leg)) };
    players.resume();
    const text = JSON.stringify(said);
    const received = this.#flaws(entries);
    const stood = this.#stood;
    if (text === this.#told && !received && !stood) return;
    this.#told = text;
    await line.request("health", { ...said, ...(received && { received }), ...(stood && { stood: this.#ago(stood) }) });
    if (this.#stood === stood) this.#stood = null;
  }

  /** @param {{ began_ms: number, ended_ms: number }} stood */
  #ago({ began_ms, ended_ms }) {
    const now_ms = this.about.clock.now_ms();
    const ago = (/** @type {number} */ then_ms) => Math.min(LONGEST_AGO_MS, Math.round(now_ms - then_ms));
    return { began_ms_ago: ago(began_ms), ended_ms_ago: ago(ended_ms) };
  }

  /** @param {Record<string, any>[]} entries */
  #flaws(entries) {
    const { clock, roster, slots } = this.about;
    // What is held back on purpose stands still, and is no flaw.
    const played = slots.placed.filter(({ binding }) => !binding.paused && !roster.track(binding.track)?.muted);
    const watched = played.map(({ binding, mediaTrack }) => ({ track: binding.track, identifier: mediaTrack.id }));
    return this.#experience.flaws(entries, watched, clock.now_ms());
  }

  /**
   * @param {Record<string, any>[]} entries
   * @param {Counters} before
   */
  #sending(entries, before) {
    const { media, publisher } = this.about;
    /** @type {Record<string, SendingState>} */
    const said = {};
    for (const { source, muted, mediaTrack } of publisher.sources) {
      const track = publisher.announcer.trackOf(source);
      if (track === undefined || muted) continue;
      const mid = media.leg?.mid(source);
      const sent = entries.filter((entry) => entry.type === "outbound-rtp" && entry.mid === mid);
      const packets = sent.reduce((sum, { packetsSent = 0 }) => sum + packetsSent, 0);
      const leaves = packets > 0 && this.#quiet_ms(`${track} packets`, packets, before) < IDLE_AFTER_MS;
      const captured = entries.find(({ type, trackIdentifier }) => type === "media-source" && trackIdentifier === mediaTrack?.id);
      const frames = source === "microphone" ? undefined : captured?.frames;
      const stands = frames !== undefined && this.#quiet_ms(`${track} frames`, frames, before) >= STILL_AFTER_MS;
      if (mediaTrack?.readyState !== "live") said[track] = publisher.isOpening ? "opening" : "ended";
      else if (mediaTrack.muted) said[track] = "muted";
      else if (source !== "screen" && isOther(mediaTrack, publisher.chosen[source])) said[track] = "wrong_device";
      else if (stands) said[track] = "no_picture";
      else said[track] = leaves ? "sending" : "idle";
    }
    return said;
  }

  /**
   * @param {Record<string, any>[]} entries
   * @param {Counters} before
   */
  #playing(entries, before) {
    const { players, roster, slots } = this.about;
    /** @type {Record<string, PlayingState>} */
    const said = {};
    for (const { binding, mediaTrack, stream } of slots.placed) {
      const { track, kind, participant, paused, source } = binding;
      if (paused || roster.track(track)?.muted || !roster.find(participant)?.connected) continue;
      const received = entries.find(({ type, trackIdentifier }) => type === "inbound-rtp" && trackIdentifier === mediaTrack.id);
      const quiet_ms = this.#quiet_ms(`${track} received`, received?.packetsReceived ?? 0, before);
      const isMissing = quiet_ms >= (source === "screen" ? SCREEN_MISSING_AFTER_MS : MISSING_AFTER_MS);
      said[track] = isMissing ? "missing" : players.stateOf(stream, kind);
    }
    return said;
  }

  /**
   * For how long a counter has not grown, as far as it was watched.
   *
   * @param {string} key
   * @param {number} value
   * @param {Counters} before
   */
  #quiet_ms(key, value, before) {
    const now_ms = this.about.clock.now_ms();
    const known = before.get(key);
    const grown_ms = known?.value === value ? known.grown_ms : now_ms;
    this.#counters.set(key, { value, grown_ms });
    return now_ms - grown_ms;
  }
}

/**
 * Whether a person chose another device than the one in use.
 *
 * @param {MediaStreamTrack} mediaTrack
 * @param {string | undefined} wanted
 */
function isOther(mediaTrack, wanted) {
  const used = mediaTrack.getSettings().deviceId;
  return Boolean(wanted && used && wanted !== used);
}
