/**
 * From the relay's slots to a person's MediaStreams.
 *
 * A slot is an m-line whose sender the relay chooses (docs/protocol.md); what a page wants is one stream per person
 * with their voice and face, and one per shared screen. Pure but for the streams it fills.
 *
 * @typedef {import("./protocol.js").BoundSlot} BoundSlot
 * @typedef {object} Placed
 * @property {BoundSlot} binding
 * @property {MediaStreamTrack} mediaTrack
 * @property {MediaStream} stream
 */

export class Slots {
  /** @type {BoundSlot[]} */
  #bindings = [];
  /** Why the relay leaves a slot empty that would have something to carry; empty where it leaves none. */
  #idleReason = "";
  /** @type {Map<string, MediaStreamTrack>} */
  #received = new Map();
  /** @type {Map<string, Placed>} */
  #placed = new Map();
  /** @type {Map<string, MediaStream>} */
  #streams = new Map();

  /** @param {() => MediaStream} newStream */
  constructor(newStream) {
    this.newStream = newStream;
  }

  /** @returns {Placed[]} What can be played now. */
  get placed() {
    return [...this.#placed.values()];
  }

  /**
   * Whether a slot is bound to a track, arriving already or not.
   *
   * @param {string} track
   */
  carries(track) {
    return this.#bindings.some((binding) => binding.track === track);
  }

  /**
   * Why an announced picture is not sent here just now.
   *
   * A paused slot names its reason. An empty one names a reason and not the track: it is whichever no slot carries.
   *
   * @param {string} track
   * @returns {string} Empty where it is.
   */
  hides(track) {
    const binding = this.#bindings.find((one) => one.track === track);
    return binding ? (binding.paused ?? "") : this.#idleReason;
  }

  /**
   * The relay's full statement of what each slot carries.
   *
   * @param {import("./protocol.js").SlotBinding[]} bindings
   */
  bind(bindings) {
    const held = bindings.find((binding) => binding.track === null && binding.reason !== undefined);
    this.#idleReason = held?.track === null ? (held.reason ?? "") : "";
    this.#bindings = /** @type {BoundSlot[]} */ (bindings.filter((binding) => binding.track !== null));
    return this.#reconcile();
  }

  /**
   * The tracks that arrive, by mid; a fresh leg brings new ones for the same bindings.
   *
   * @param {Map<string, MediaStreamTrack>} received
   */
  receive(received) {
    this.#received = received;
    return this.#reconcile();
  }

  /** @returns {{ added: Placed[], removed: Placed[] }} */
  #reconcile() {
    /** @type {Map<string, { binding: BoundSlot, mediaTrack: MediaStreamTrack }>} */
    const wanted = new Map();
    for (const binding of this.#bindings) {
      const mediaTrack = this.#received.get(binding.mid);
      if (mediaTrack) wanted.set(binding.track, { binding, mediaTrack });
    }
    const removed = this.placed.filter(({ binding }) => !wanted.has(binding.track));
    for (const { binding, mediaTrack, stream } of removed) {
      stream.removeTrack(mediaTrack);
      this.#placed.delete(binding.track);
      if (stream.getTracks().length === 0) this.#streams.delete(streamKey(binding));
    }
    const added = [];
    for (const { binding, mediaTrack } of wanted.values()) {
      const before = this.#placed.get(binding.track);
      if (before?.mediaTrack === mediaTrack) {
        before.binding = binding;
        continue;
      }
      const stream = this.#stream(binding);
      if (before) stream.removeTrack(before.mediaTrack);
      stream.addTrack(mediaTrack);
      const placed = { binding, mediaTrack, stream };
      this.#placed.set(binding.track, placed);
      added.push(placed);
    }
    return { added, removed };
  }

  /** @param {BoundSlot} binding */
  #stream(binding) {
    const key = streamKey(binding);
    const stream = this.#streams.get(key) ?? this.newStream();
    this.#streams.set(key, stream);
    return stream;
  }
}

/** @param {BoundSlot} binding */
function streamKey({ participant, source }) {
  return `${participant} ${source === "screen" ? "screen" : "person"}`;
}
