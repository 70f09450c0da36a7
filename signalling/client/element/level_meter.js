/**
 * How loud the microphone is, from 0 to 1, several times a second.
 */

const PERIOD_MS = 80;
// Speech at arm's length is about -30 dBFS; the bar is empty at -60 and full at -12.
const EMPTY_DBFS = -60;
const FULL_DBFS = -12;

export class LevelMeter {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  #timer = 0;

  /** @param {(level: number) => void} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /**
   * Listens to this track, or to nothing.
   *
   * @param {MediaStreamTrack | null} track
   */
  listen(track) {
    if (track === this.#track) return;
    this.stop();
    this.#track = track;
    if (!track || typeof AudioContext === "undefined") return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1_024;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#context = context;
    this.#timer = window.setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.tell(levelOf(samples));
    }, PERIOD_MS);
  }

  stop() {
    clearInterval(this.#timer);
    // Closing a context twice rejects; there is nothing to do about either.
    this.#context?.close().catch(() => {});
    this.#context = null;
    this.#track = null;
  }
}

/**
 * @param {Float32Array} samples
 * @returns {number} 0 to 1.
 */
export function levelOf(samples) {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const dbfs = 10 * Math.log10(power / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (dbfs - EMPTY_DBFS) / (FULL_DBFS - EMPTY_DBFS)));
}
