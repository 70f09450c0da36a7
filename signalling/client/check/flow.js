/**
 * How fast test messages may leave, and how fast they came: one path, one direction, two seconds. Given the time.
 *
 * The sender keeps the path full and its queue short, so that next to nothing is lost. relay/checks/flow.py does the same at
 * the relay and says why each figure is what it is; tests hold both against the same emulated paths.
 */

export const MESSAGE_BYTES = 1_000;
/** The same as links carry it, with the headers of SCTP, DTLS, UDP and IPv4. */
export const WIRE_BYTES = 1_093;
const DURATION_MS = 2_000;
const WINDOW_MS = 250;
const UNSETTLED_WINDOWS = 2;
const LEAST_WINDOWS = 2;
const EXTREMES = 4;
const START_BYTES = 5 * MESSAGE_BYTES;
const QUEUE_MS = 60;
const SPARE_BYTES = 2 * MESSAGE_BYTES;
const RATED_MS = 100;
const LEAST_RATED = 3;
const LEAST_SPAN_MS = 15;
const KEPT_MS = 1_000;
const LATE_MS = 30;
const ACKNOWLEDGED_MESSAGES = 4;
const ACKNOWLEDGED_MS = 20;

/** What a sender has sent and may send. */
export class Departures {
  sent_bytes = 0;
  acknowledged_bytes = 0;
  /** The shortest round trip seen; `null` before any. @type {number | null} */
  leastRtt_ms = null;
  #credit_bytes = START_BYTES;
  #credited_ms;
  #most_bytes_ms;
  /** What had been sent when, of what is on its way. @type {[bytes: number, at_ms: number][]} */
  #marks = [];
  /** What had been acknowledged when, lately. @type {[bytes: number, at_ms: number][]} */
  #acknowledged = [];
  /** The fastest that messages arrived lately; 0 while that is not known. */
  #rate_bytes_ms = 0;
  #ratedAt_ms = 0;

  /**
   * @param {number} most_kbps As links carry it.
   * @param {number} now_ms
   */
  constructor(most_kbps, now_ms) {
    this.#most_bytes_ms = (most_kbps * MESSAGE_BYTES) / (8 * WIRE_BYTES);
    this.#credited_ms = now_ms;
  }

  /**
   * How many messages may leave now.
   *
   * @param {number} now_ms
   */
  allowed(now_ms) {
    // Twice what arrives: after a rest all of it would stand in a queue.
    const pace = Math.min(this.#most_bytes_ms, 2 * this.#rate_bytes_ms || Infinity);
    const gained_bytes = pace * (now_ms - this.#credited_ms);
    this.#credited_ms = now_ms;
    this.#credit_bytes = Math.min(Math.max(START_BYTES, pace * LATE_MS), this.#credit_bytes + gained_bytes);
    const carried_bytes = this.#rate_bytes_ms * (1.5 * (this.leastRtt_ms ?? 0) + QUEUE_MS) + SPARE_BYTES;
    const room_bytes = this.acknowledged_bytes + Math.max(START_BYTES, carried_bytes) - this.sent_bytes;
    return Math.max(0, Math.floor(Math.min(this.#credit_bytes, room_bytes) / MESSAGE_BYTES));
  }

  /** @param {number} now_ms */
  noteSent(now_ms) {
    this.sent_bytes += MESSAGE_BYTES;
    this.#credit_bytes -= MESSAGE_BYTES;
    this.#marks.push([this.sent_bytes, now_ms]);
  }

  /**
   * The other end's word for what has come; what is old or made up is no news.
   *
   * @param {number} total_bytes
   * @param {number} now_ms
   */
  noteAcknowledged(total_bytes, now_ms) {
    if (!(total_bytes > this.acknowledged_bytes && total_bytes <= this.sent_bytes)) return;
    this.acknowledged_bytes = total_bytes;
    for (let mark = this.#marks[0]; mark && mark[0] <= total_bytes; mark = this.#marks[0]) {
      this.leastRtt_ms = Math.min(now_ms - mark[1], this.leastRtt_ms ?? Infinity);
      this.#marks.shift();
    }
    this.#acknowledged.push([total_bytes, now_ms]);
    for (let first = this.#acknowledged[0]; first && this.#acknowledged.length > LEAST_RATED; first = this.#acknowledged[0]) {
      if (now_ms - first[1] <= Math.max(RATED_MS, 1.2 * (this.leastRtt_ms ?? 0))) break;
      this.#acknowledged.shift();
    }
    this.#noteRate(now_ms);
  }

  /** @param {number} now_ms */
  #noteRate(now_ms) {
    const first = this.#acknowledged[0];
    const last = this.#acknowledged.at(-1);
    if (!first || !last || last[1] - first[1] < LEAST_SPAN_MS) return;
    const rate_bytes_ms = (last[0] - first[0]) / (last[1] - first[1]);
    if (rate_bytes_ms < this.#rate_bytes_ms && now_ms - this.#ratedAt_ms <= KEPT_MS) return;
    this.#rate_bytes_ms = Math.min(rate_bytes_ms, this.#most_bytes_ms);
    this.#ratedAt_ms = now_ms;
  }
}

/** What has come, by windows since the first of it. */
export class Arrivals {
  received_bytes = 0;
  /** @type {number | null} */
  begun_ms = null;
  /** @type {number[]} */
  #windows = [];
  #acknowledged_bytes = 0;
  #acknowledged_ms = -Infinity;

  /**
   * @param {number} size_bytes
   * @param {number} now_ms
   * @returns {boolean} Whether to acknowledge all that has come.
   */
  note(size_bytes, now_ms) {
    this.begun_ms ??= now_ms;
    const index = Math.floor((now_ms - this.begun_ms) / WINDOW_MS);
    while (this.#windows.length <= index) this.#windows.push(0);
    this.#windows[index] = (this.#windows[index] ?? 0) + size_bytes;
    this.received_bytes += size_bytes;
    const waiting_bytes = this.received_bytes - this.#acknowledged_bytes;
    if (waiting_bytes < ACKNOWLEDGED_MESSAGES * MESSAGE_BYTES && now_ms - this.#acknowledged_ms < ACKNOWLEDGED_MS) return false;
    this.#acknowledged_bytes = this.received_bytes;
    this.#acknowledged_ms = now_ms;
    return true;
  }

  /**
   * What the path carried, as links carry it.
   *
   * @param {number} now_ms
   * @returns {number | null} `null` where too little came to tell.
   */
  kbps(now_ms) {
    if (this.begun_ms === null) return null;
    const whole = Math.min(Math.floor((now_ms - this.begun_ms) / WINDOW_MS), DURATION_MS / WINDOW_MS);
    const settled = [];
    for (let index = UNSETTLED_WINDOWS; index < whole; index++) settled.push(this.#windows[index] ?? 0);
    if (settled.length < LEAST_WINDOWS || !settled.some((bytes) => bytes > 0)) return null;
    settled.sort((one, other) => one - other);
    // A stall, and what it held up.
    const counted = settled.length >= EXTREMES ? settled.slice(1, -1) : settled;
    const bytes = counted.reduce((sum, one) => sum + one, 0);
    return Math.floor((8 * bytes * WIRE_BYTES) / MESSAGE_BYTES / (counted.length * WINDOW_MS));
  }
}
