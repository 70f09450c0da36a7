/** RTCPeerConnection, MediaStream and tracks, as far as the SDK uses them, moved by hand. */
let nextId = 0;

export class FakeTrack {
  readyState = "live";
  enabled = true;
  contentHint = "";
  onended = null;
  muted = false;
  listeners = new Map();

  constructor(kind, settings = {}) {
    this.kind = kind;
    this.id = `track-${nextId++}`;
    this.settings = settings;
  }

  getSettings() {
    return this.settings;
  }

  addEventListener(type, listener) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  /** Something has happened to it. */
  happens(type) {
    this.muted = type === "mute";
    for (const listener of this.listeners.get(type) ?? []) listener();
  }

  stop() {
    this.readyState = "ended";
  }
}

export class FakeStream {
  tracks = [];
  getTracks = () => [...this.tracks];
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
  addTrack(track) {
    if (!this.tracks.includes(track)) this.tracks.push(track);
  }
  removeTrack(track) {
    this.tracks = this.tracks.filter((other) => other !== track);
  }
}

export class FakeChannel {
  readyState = "connecting";
  bufferedAmount = 0;
  sent = [];
  send(text) {
    this.sent.push(text);
  }
  open() {
    this.readyState = "open";
    this.onopen?.();
  }
}

/**
 * Takes parameters as a browser does: only those it has just given, with the same rids, and one change at a time.
 */
export class FakeSender {
  /** What to refuse the next change with. */
  refusal = null;
  changes = 0;
  #given = null;
  #isChanging = false;

  constructor(track, encodings) {
    this.track = track;
    this.encodings = structuredClone(encodings);
  }

  async replaceTrack(other) {
    this.track = other;
  }

  getParameters() {
    this.#given = `transaction-${nextId++}`;
    return { transactionId: this.#given, encodings: structuredClone(this.encodings), ...(this.kept && { degradationPreference: this.kept }) };
  }

  async setParameters({ transactionId, encodings, degradationPreference }) {
    if (this.refusal) throw this.refusal;
    if (this.#isChanging || transactionId !== this.#given) throw new DOMException("not what was given", "InvalidStateError");
    const rids = (list) => list.map(({ rid }) => rid).join();
    if (rids(encodings) !== rids(this.encodings)) throw new DOMException("other encodings", "InvalidModificationError");
    [this.#given, this.#isChanging] = [null, true];
    const taken = structuredClone(encodings);
    await new Promise((resolve) => setImmediate(resolve));
    [this.encodings, this.kept, this.#isChanging] = [taken, degradationPreference, false];
    this.changes++;
  }
}

export class FakeConnection {
  connectionState = "new";
  iceConnectionState = "new";
  signalingState = "stable";
  transceivers = [];
  offers = [];
  remoteDescription = null;
  localDescription = null;
  stats = [];
  #offered = [];

  constructor(configuration) {
    this.configuration = configuration;
  }

  getConfiguration() {
    return structuredClone(this.configuration);
  }

  /** As in browsers, what is not of servers and policy cannot be changed. */
  setConfiguration(configuration) {
    if (configuration.bundlePolicy !== this.configuration.bundlePolicy) throw new DOMException("another bundle", "InvalidModificationError");
    this.configuration = configuration;
    this.reconfigured = (this.reconfigured ?? 0) + 1;
  }

  addTransceiver(kindOrTrack, init) {
    const track = typeof kindOrTrack === "string" ? null : kindOrTrack;
    const kind = track?.kind ?? kindOrTrack;
    const transceiver = {
      kind,
      mid: null,
      direction: init.direction,
      init,
      sender: new FakeSender(track, init.sendEncodings ?? [{ active: true }]),
      receiver: { track: new FakeTrack(kind) },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label) {
    this.channel = new FakeChannel();
    this.channel.label = label;
    return this.channel;
  }

  async createOffer(options = {}) {
    this.offers.push(options);
    return { type: "offer", sdp: `offer ${this.offers.length}${options.iceRestart ? " restart" : ""}` };
  }

  async setLocalDescription(description) {
    for (const [index, transceiver] of this.transceivers.entries()) transceiver.mid ??= String(index);
    this.localDescription = description;
    this.#offered = this.transceivers.map(({ sender }) => sender.encodings.map(({ active }) => active));
    this.signalingState = "have-local-offer";
  }

  /** The answer repeats which encodings the offer had switched on, and Chromium obeys it. */
  async setRemoteDescription(description) {
    for (const [index, actives] of this.#offered.entries()) {
      for (const [rank, active] of actives.entries()) this.transceivers[index].sender.encodings[rank].active = active;
    }
    this.remoteDescription = description;
    this.signalingState = "stable";
  }

  getTransceivers() {
    return this.transceivers;
  }

  async getStats() {
    return new Map(this.stats.map((entry, index) => [String(index), entry]));
  }

  become(iceConnectionState, connectionState) {
    this.iceConnectionState = iceConnectionState;
    this.connectionState = connectionState;
    this.oniceconnectionstatechange?.();
  }

  close() {
    this.connectionState = "closed";
    this.closed = true;
  }
}

/** Answers getUserMedia with fresh tracks, or with what `refuse` throws for a kind. */
export function fakeMediaDevices(refuse = {}) {
  const asked = [];
  const listeners = new Set();
  return {
    asked,
    /** Ids of devices that were there once. */
    gone: [],
    present: [
      { kind: "audioinput", deviceId: "default", label: "Default - One" },
      { kind: "audioinput", deviceId: "audio-1", label: "One" },
      { kind: "videoinput", deviceId: "video-1", label: "Front" },
      { kind: "audiooutput", deviceId: "out-1", label: "" },
    ],
    /** Something was plugged in or out. */
    change(present) {
      this.present = present;
      for (const listener of listeners) listener();
    },
    async getUserMedia(constraints) {
      asked.push(constraints);
      const stream = new FakeStream();
      for (const kind of ["audio", "video"]) {
        if (!constraints[kind]) continue;
        if (refuse[kind]) throw refuse[kind];
        if (this.gone.includes(constraints[kind].deviceId?.exact)) throw Object.assign(new Error(), { name: "OverconstrainedError" });
        stream.addTrack(new FakeTrack(kind, { deviceId: constraints[kind].deviceId?.exact ?? `${kind}-1` }));
      }
      return stream;
    },
    async enumerateDevices() {
      return this.present;
    },
    addEventListener: (_type, listener) => listeners.add(listener),
    removeEventListener: (_type, listener) => listeners.delete(listener),
  };
}

/** Lets the browser's question for devices stand open until it is answered with `answer`; what opens then is in `opened`. */
export function unanswered(mediaDevices) {
  const opens = mediaDevices.getUserMedia.bind(mediaDevices);
  const opened = [];
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  mediaDevices.getUserMedia = async (constraints) => {
    await answered;
    const stream = await opens(constraints);
    opened.push(...stream.getTracks());
    return stream;
  };
  return { opened, answer };
}
