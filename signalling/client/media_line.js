/**
 * Keeps media flowing: one leg after another on the same seat, and the repairs between.
 *
 * A shaky leg gets ICE restarts; one that two restarts did not mend, or that the relay gave up, is replaced by a fresh
 * RTCPeerConnection. Everything sent is remembered and sent again by the next leg.
 */

import { Emitter } from "./events.js";
import { FIRST_CONNECT_MS, firstConnection } from "./first_connection.js";
import { renewServers } from "./ice_servers.js";
import { Leg } from "./leg.js";
import { SecondLeg } from "./second_leg.js";

// Chromium says `disconnected` at the first missed checks and mends many by itself within this time.
const SHAKY_MS = 2_000;
// An ICE restart over a bad mobile link: a WebSocket round trip, a few checks with their retransmissions.
const REPAIR_MS = 8_000;
const RESTARTS_BEFORE_FRESH = 2;
// After a connection that never came up: some fail at once, where a browser finds no address.
const AGAIN_MS = 1_000;

/** @typedef {import("./protocol.js").Source} Source */
/** @typedef {import("./protocol.js").Joined} Joined */

export class MediaLine {
  /**
   * `status`: whether media flows. `received`: the arriving tracks by mid may have changed.
   *
   * @type {Emitter<{ status: "starting" | "up" | "interrupted", received: Map<string, MediaStreamTrack>,
   *   negotiated: undefined, refused: unknown, slow: undefined, channel: RTCDataChannel, data: string }>}
   */
  events = new Emitter();
  /** @type {Leg | null} */
  leg = null;
  second = new SecondLeg();
  /** @type {"starting" | "up" | "interrupted"} */
  status = "starting";
  /** @type {Map<Source, MediaStreamTrack>} */
  #sent = new Map();
  /** @type {Pick<Joined, "ice_servers" | "slots"> | null} */
  #terms = null;
  #restarts = 0;
  #wasUp = false;
  #relayDoubts = false;
  /** In the waiting room there is no leg. */
  #isHeld = false;
  #cancelRepair = () => {};

  /**
   * @param {object} about
   * @param {string} about.lang
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} about.openConnection
   * @param {() => Source[]} about.published
   * @param {RTCIceTransportPolicy} [about.iceTransportPolicy]
   */
  constructor(about) {
    this.about = about;
    about.line.events.on("attached", (joined) => this.#takeUp(joined));
    about.line.events.on("detached", () => this.#cancelRepair());
  }

  /** Connects for the first time. @returns {Promise<void>} Rejects with the relay's refusal of the offer, or `media_unreachable`. */
  connected() {
    return firstConnection(this, this.about.clock, this.about.lang);
  }

  /**
   * Sends `mediaTrack` as this source, on this leg and on those to come.
   *
   * @param {Source} source
   * @param {MediaStreamTrack | null} mediaTrack
   */
  async send(source, mediaTrack) {
    if (mediaTrack) this.#sent.set(source, mediaTrack);
    else this.#sent.delete(source);
    await Promise.all([this.leg?.send(source, mediaTrack), this.second.leg?.send(source, mediaTrack)]);
  }

  /**
   * Follows what the relay says about the leg.
   *
   * @param {import("./protocol.js").LegState} message
   */
  handleLegState({ state }) {
    // Before it has answered a leg's first offer, the relay can only speak of the leg before.
    if (!this.leg?.isAnswered) return;
    if (state === "failed") return this.#replace();
    this.#relayDoubts = state === "interrupted";
    this.#handlePath(this.leg.path);
  }

  /**
   * Follows the relay in and out of the waiting room: there is no leg in it, and every stay begins with a fresh one.
   *
   * @param {import("./protocol.js").RelayMessage} message
   */
  handleStanding(message) {
    if (message.type === "ice_servers" && this.#terms) this.#terms = { ...this.#terms, ice_servers: message.ice_servers };
    if (message.type === "relocate" && !message.url) this.#relocate(message.ticket);
    const isMoved = message.type === "moved" && !message.keeps_leg;
    if (message.type === "moved" && !isMoved) this.#keepLeg(message.ticket);
    if (message.type === "waiting" || isMoved) this.#hold();
    if (message.type === "admitted" || (isMoved && message.standing !== "waiting")) {
      this.#isHeld = false;
      this.#replace();
    }
  }

  /** Offers again: codecs changed, or the relay needs more places. */
  async renegotiate(moreSlots = { audio: 0, video: 0 }) {
    if (this.#terms) {
      const { audio, video } = this.#terms.slots;
      this.#terms = { ...this.#terms, slots: { audio: audio + moreSlots.audio, video: video + moreSlots.video } };
    }
    await this.leg?.addSlots(moreSlots).catch(() => this.#repairAfter(REPAIR_MS));
  }

  /** The device changed networks: old paths are dead whatever ICE still believes, and restarts that it outlived are no failures. */
  networkChanged() {
    if (this.leg?.path === "up" && !this.#relayDoubts) this.#restarts = 0;
    if (this.#wasUp && this.about.line.attached) this.#repair();
  }

  /** Nothing flows until a seat is attached again; what is sent is remembered. */
  close() {
    this.#terms = null;
    this.#drop();
  }

  /**
   * Opens a leg beside the present one, until `goOver`.
   *
   * @param {Pick<Joined, "ice_servers" | "slots">} terms
   * @param {(fields: object) => Promise<{ sdp: string }>} offer Until then.
   * @param {string} [ticket]
   */
  openBeside(terms, offer, ticket) {
    return this.second.open(this.#newLeg(terms, offer), ticket);
  }

  /** The second leg takes over, and the first one closes. */
  goOver() {
    const [before, leg] = [this.leg, this.second.take()];
    if (!leg) return;
    this.#take(leg);
    before?.close();
    if (leg.channel.readyState === "open") this.events.emit("channel", leg.channel);
    this.#tellNegotiated(leg);
    this.#handlePath(leg.path);
    this.#repairAfter(FIRST_CONNECT_MS);
  }

  /** @param {Joined & { leg?: Leg }} joined With a leg where a second one has come up already: see `crossing.js`. */
  #takeUp(joined) {
    this.#relayDoubts = false;
    if (joined.leg || joined.standing === "waiting") {
      this.#terms = joined;
      if (!joined.leg) this.#hold();
      return;
    }
    this.#isHeld = false;
    // A leg that goes on has all its slots; credentials for its next ICE restart come with every socket.
    const kept = this.leg && joined.resumed ? this.#terms?.slots : undefined;
    this.#terms = { ice_servers: joined.ice_servers, slots: kept ?? joined.slots };
    if (!kept) this.#replace();
    else if (this.leg?.path !== "up") {
      this.#restarts = 0;
      this.#repair();
    } else if (this.leg.connection.signalingState !== "stable") this.#negotiate(this.leg, {});
  }

  #hold() {
    this.#isHeld = true;
    this.#drop();
    this.events.emit("received", new Map());
    this.#tell("starting");
  }

  #drop() {
    this.#cancelRepair();
    this.second.close();
    this.leg?.close();
    this.leg = null;
  }

  #replace() {
    if (this.#isHeld || !this.#terms || !this.about.line.attached) return;
    this.leg?.close();
    // Nothing plays until the next one is up, whatever the old one's browser still believed.
    if (this.status === "up") this.#tell("interrupted");
    const leg = this.#newLeg(this.#terms);
    this.#wasUp = false;
    this.#take(leg);
    this.#negotiate(leg, {});
    this.#repairAfter(FIRST_CONNECT_MS);
  }

  /**
   * @param {Pick<Joined, "ice_servers" | "slots">} terms
   * @param {((fields: object) => Promise<{ sdp: string }>) | null} offerAside While it is not the present one.
   */
  #newLeg({ ice_servers, slots }, offerAside = null) {
    const { lang, line, openConnection, published, iceTransportPolicy } = this.about;
    const connection = openConnection({ iceServers: ice_servers, ...(iceTransportPolicy && { iceTransportPolicy }), bundlePolicy: "max-bundle" });
    /** @type {(fields: any) => Promise<{ sdp: string }>} */
    const offer = (fields) => (offerAside && leg !== this.leg ? offerAside(fields) : line.request("offer", fields));
    const leg = new Leg({ connection, slots, lang, published, offer });
    for (const [source, mediaTrack] of this.#sent) leg.send(source, mediaTrack).catch(() => this.#repairAfter(REPAIR_MS));
    return leg;
  }

  /** @param {Leg} leg */
  #take(leg) {
    this.leg = leg;
    this.#restarts = 0;
    this.#relayDoubts = false;
    leg.events.on("path", (path) => this.#handlePath(path));
    leg.events.on("channel", (channel) => this.events.emit("channel", channel));
    leg.events.on("data", (data) => this.events.emit("data", data));
    leg.events.on("negotiated", () => this.#tellNegotiated(leg));
  }

  /** @param {Leg} leg */
  #tellNegotiated(leg) {
    this.events.emit("received", leg.received());
    this.events.emit("negotiated", undefined);
  }

  /** @param {string} ticket */
  #relocate(ticket) {
    // It is said again after a cut.
    if (this.#isHeld || !this.#terms || ticket === this.second.ticket) return;
    this.openBeside(this.#terms, (fields) => this.about.line.request("offer", { ...fields, ticket }), ticket);
  }

  /**
   * The room is another one, and so is the leg, where one was opened for that.
   *
   * @param {string} [ticket] Its; without it the present one goes on.
   */
  #keepLeg(ticket) {
    if (ticket && ticket === this.second.ticket) this.goOver();
    else if (ticket) this.#replace();
    this.second.close();
  }

  /** @param {Leg} leg @param {{ iceRestart?: boolean }} wish */
  #negotiate(leg, wish) {
    leg.negotiate(wish).catch((error) => {
      // The relay has no such leg any more.
      if (leg === this.leg && leg.isAnswered && error?.code === "conflict") this.#replace();
      if (leg === this.leg && this.status === "starting") this.events.emit("refused", error);
    });
  }

  /** @param {"new" | "up" | "shaky" | "down"} path */
  #handlePath(path) {
    if (path === "up" && !this.#relayDoubts) {
      this.#cancelRepair();
      this.#restarts = 0;
      this.#wasUp = true;
      this.#tell("up");
    } else if (path !== "new") {
      if (this.status === "up") this.#tell("interrupted");
      this.#repairAfter(path !== "down" ? SHAKY_MS : this.#wasUp ? 0 : AGAIN_MS);
    }
  }

  #repair() {
    if (!this.leg || !this.about.line.attached) return;
    if (!this.#wasUp || this.#restarts >= RESTARTS_BEFORE_FRESH) {
      this.#replace();
      return;
    }
    this.#restarts += 1;
    renewServers(this.leg.connection, this.#terms?.ice_servers);
    this.#negotiate(this.leg, { iceRestart: true });
    this.#repairAfter(REPAIR_MS);
  }

  /** @param {number} delay_ms */
  #repairAfter(delay_ms) {
    this.#cancelRepair();
    this.#cancelRepair = this.about.clock.after(delay_ms, () => {
      if (this.leg?.path !== "up" || this.#relayDoubts) this.#repair();
      else this.#restarts = 0;
    });
  }

  /** @param {"starting" | "up" | "interrupted"} status */
  #tell(status) {
    if (this.status === status) return;
    this.status = status;
    this.events.emit("status", status);
  }
}
