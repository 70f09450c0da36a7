/** RTCPeerConnection, MediaStream and tracks, as far as the SDK uses them, moved by hand. */
let nextId = 0;

export class FakeTrack {
  readyState = "live";
  enabled = true;
  contentHint = "";
  onended = null;

  constructor(kind, settings = {}) {
    this.kind = kind;
    this.id = `track-${nextId++}`;
    this.settings = settings;
  }

  getSettings() {
    return this.settings;
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

export class FakeConnection {
  connectionState = "new";
  iceConnectionState = "new";
  signalingState = "stable";
  transceivers = [];
  offers = [];
  remoteDescription = null;
  localDescription = null;
  stats = [];

  constructor(configuration) {
    this.configuration = configuration;
  }

  addTransceiver(kindOrTrack, init) {
    const track = typeof kindOrTrack === "string" ? null : kindOrTrack;
    const kind = track?.kind ?? kindOrTrack;
    const transceiver = {
      kind,
      mid: null,
      direction: init.direction,
      init,
      sender: {
        track,
        async replaceTrack(other) {
          this.track = other;
        },
      },
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
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(description) {
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
  return {
    asked,
    async getUserMedia(constraints) {
      asked.push(constraints);
      const stream = new FakeStream();
      for (const kind of ["audio", "video"]) {
        if (!constraints[kind]) continue;
        if (refuse[kind]) throw refuse[kind];
        stream.addTrack(new FakeTrack(kind, { deviceId: constraints[kind].deviceId?.ideal ?? `${kind}-1` }));
      }
      return stream;
    },
    async enumerateDevices() {
      return [
        { kind: "audioinput", deviceId: "default", label: "Default - One" },
        { kind: "audioinput", deviceId: "audio-1", label: "One" },
        { kind: "videoinput", deviceId: "video-1", label: "Front" },
        { kind: "audiooutput", deviceId: "out-1", label: "" },
      ];
    },
    addEventListener() {},
    removeEventListener() {},
  };
}
