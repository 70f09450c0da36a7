/**
 * One RTCPeerConnection to the relay: its transceivers, its offers, its data channel.
 *
 * It never decides to be replaced; `media_line.js` does. The client always offers, one offer at a time, so there is no
 * glare to resolve (docs/protocol.md).
 */

import { CAMERA_ENCODINGS } from "./encodings.js";
import { failure } from "./errors.js";
import { Emitter } from "./events.js";

export const CHANNEL_LABEL = "visavis";

/** @typedef {import("./protocol.js").Source} Source */

export class Leg {
  /**
   * `path`: what ICE and DTLS say. `negotiated`: an answer was applied. `channel`: the data channel opened.
   *
   * @type {Emitter<{ path: "new" | "up" | "shaky" | "down", negotiated: undefined, channel: RTCDataChannel,
   *   data: string, failed: unknown }>}
   */
  events = new Emitter();
  /** @type {Partial<Record<Source, RTCRtpTransceiver>>} */
  #sending = {};
  #fresh = true;
  #closed = false;
  /** @type {Promise<void> | null} */
  #offering = null;
  #wanted = false;
  #restartWanted = false;

  /**
   * @param {object} about
   * @param {RTCPeerConnection} about.connection
   * @param {{ audio: number, video: number }} about.slots Pre-offered places for what the relay sends.
   * @param {string} about.lang
   * @param {(fields: { sdp: string, fresh: boolean, tracks: Record<string, Source> }) => Promise<{ sdp: string }>} about.offer
   * @param {() => Source[]} about.published Sources the relay already knows, declared again by a fresh leg.
   */
  constructor({ connection, slots, lang, offer, published }) {
    this.connection = connection;
    this.lang = lang;
    this.offer = offer;
    this.published = published;
    this.#sending.microphone = connection.addTransceiver("audio", { direction: "sendonly" });
    this.#sending.camera = connection.addTransceiver("video", { direction: "sendonly", sendEncodings: CAMERA_ENCODINGS });
    this.channel = connection.createDataChannel(CHANNEL_LABEL, { ordered: true });
    this.channel.onopen = () => this.events.emit("channel", this.channel);
    this.channel.onmessage = ({ data }) => this.events.emit("data", data);
    this.#addReceivers(slots);
    connection.oniceconnectionstatechange = () => this.#tellPath();
    connection.onconnectionstatechange = () => this.#tellPath();
  }

  /** Whether the relay knows this leg. */
  get isAnswered() {
    return !this.#fresh;
  }

  /** Whether media can flow now. */
  get path() {
    const { connectionState, iceConnectionState } = this.connection;
    if (connectionState === "failed" || iceConnectionState === "failed" || connectionState === "closed") return "down";
    if (iceConnectionState === "disconnected" || connectionState === "disconnected") return "shaky";
    return connectionState === "connected" ? "up" : "new";
  }

  /** Whether somebody's sound arrives. */
  async hears() {
    const lines = [...(await this.connection.getStats()).values()];
    return lines.some(({ type, kind, packetsReceived }) => type === "inbound-rtp" && kind === "audio" && packetsReceived > 0);
  }

  /**
   * Makes an offer, or makes the one in flight be followed by another.
   *
   * @param {{ iceRestart?: boolean }} [wish]
   * @returns {Promise<void>} Resolves when the relay's answer is applied; rejects with the relay's error.
   */
  negotiate({ iceRestart = false } = {}) {
    this.#wanted = true;
    this.#restartWanted ||= iceRestart;
    this.#offering ??= this.#offerWhileWanted().finally(() => {
      this.#offering = null;
    });
    return this.#offering;
  }

  /**
   * Gives the relay room for more tracks, by a new offer.
   *
   * @param {{ audio: number, video: number }} more
   */
  addSlots(more) {
    this.#addReceivers(more);
    return this.negotiate();
  }

  /**
   * Sends `mediaTrack` as this source from now on; no offer is needed for microphone and camera.
   *
   * @param {Source} source
   * @param {MediaStreamTrack | null} mediaTrack `null` stops sending and keeps the place.
   */
  async send(source, mediaTrack) {
    let transceiver = this.#sending[source];
    if (!transceiver) {
      if (!mediaTrack) return;
      transceiver = this.connection.addTransceiver(mediaTrack, { direction: "sendonly" });
      this.#sending[source] = transceiver;
      await this.negotiate();
      return;
    }
    await transceiver.sender.replaceTrack(mediaTrack);
  }

  /**
   * The m-line on which a source is sent.
   *
   * @param {Source} source
   * @returns {string | null} `null` before the first offer.
   */
  mid(source) {
    return this.#sending[source]?.mid ?? null;
  }

  /**
   * What sends a source; it is there before its first track, but for the screen's.
   *
   * @param {Source} source
   * @returns {RTCRtpSender | null}
   */
  sender(source) {
    return this.#sending[source]?.sender ?? null;
  }

  /**
   * What arrives in each slot.
   *
   * @returns {Map<string, MediaStreamTrack>} By mid; empty before the first answer.
   */
  received() {
    const received = new Map();
    for (const { mid, receiver, direction } of this.connection.getTransceivers()) {
      if (mid !== null && direction === "recvonly") received.set(mid, receiver.track);
    }
    return received;
  }

  close() {
    this.#closed = true;
    this.connection.oniceconnectionstatechange = null;
    this.connection.onconnectionstatechange = null;
    this.channel.onopen = null;
    this.channel.onmessage = null;
    this.connection.close();
  }

  /** @param {{ audio: number, video: number }} count */
  #addReceivers({ audio, video }) {
    for (let n = 0; n < audio; n++) this.connection.addTransceiver("audio", { direction: "recvonly" });
    for (let n = 0; n < video; n++) this.connection.addTransceiver("video", { direction: "recvonly" });
  }

  async #offerWhileWanted() {
    while (this.#wanted && !this.#closed) {
      const iceRestart = this.#restartWanted;
      this.#wanted = this.#restartWanted = false;
      try {
        await this.#offerOnce(iceRestart);
      } catch (error) {
        // The relay may not have seen this restart: the next offer must ask for it again.
        this.#restartWanted ||= iceRestart;
        if (this.#closed) throw failure(this.lang, "connection_lost", { cause: error });
        throw error;
      }
    }
  }

  /** @param {boolean} iceRestart */
  async #offerOnce(iceRestart) {
    const { connection } = this;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    const sdp = connection.localDescription?.sdp ?? "";
    const answer = await this.offer({ sdp, fresh: this.#fresh, tracks: this.#declared() });
    if (this.#closed) return;
    await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.#fresh = false;
    this.events.emit("negotiated", undefined);
  }

  /** @returns {Record<string, Source>} */
  #declared() {
    /** @type {Record<string, Source>} */
    const tracks = {};
    for (const source of this.published()) {
      const mid = this.mid(source);
      if (mid !== null) tracks[mid] = source;
    }
    return tracks;
  }

  #tellPath() {
    if (!this.#closed) this.events.emit("path", this.path);
  }
}
