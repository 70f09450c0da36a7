/** The relay's side of the WebSocket, scripted: what it is asked is recorded, what it answers is the test's. */
export class FakeRelay {
  sockets = [];
  requests = [];
  reachable = true;
  /** What the client publishes, by source; kept over its reloads. */
  tracks = new Map();
  answers = {
    join: () => joined({ resumed: false }),
    resume: () => joined({ resumed: true, tracks: [...this.tracks.values()] }),
    offer: () => ({ type: "answer", sdp: "v=0 answer" }),
    publish: ({ tracks }) => ({ type: "published", tracks: Object.values(tracks).map((source) => this.publish(source)) }),
    mute: ({ track, muted }) => {
      for (const own of this.tracks.values()) if (own.id === track) own.muted = muted;
      return { type: "ok" };
    },
    mark: () => ({ type: "ok" }),
    unpublish: ({ track }) => {
      for (const [source, own] of this.tracks) if (own.id === track) this.tracks.delete(source);
      return { type: "ok" };
    },
    health: () => ({ type: "ok" }),
    subscribe: () => ({ type: "ok" }),
    leave: () => ({ type: "ok" }),
    ping: () => ({ type: "pong" }),
  };

  openSocket = (url, protocol) => {
    const socket = new FakeSocket(this, url, protocol);
    this.sockets.push(socket);
    return socket;
  };

  publish(source) {
    if (!this.tracks.has(source)) {
      this.tracks.set(source, { id: `own-${source}`, kind: source === "microphone" ? "audio" : "video", source, muted: false });
    }
    return { ...this.tracks.get(source) };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  asked(type) {
    return this.requests.filter((request) => request.type === type);
  }

  push(message) {
    this.socket.onmessage?.({ data: JSON.stringify(message) });
  }
}

class FakeSocket {
  readyState = 0;

  constructor(relay, url, protocol) {
    Object.assign(this, { relay, url, protocol });
    queueMicrotask(() => {
      if (!relay.reachable) {
        this.cut(1006);
        return;
      }
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(text) {
    const request = JSON.parse(text);
    this.relay.requests.push(request);
    queueMicrotask(() => {
      if (this.readyState !== 1 || this.deaf) return;
      const reply = this.relay.answers[request.type]?.(request);
      if (reply) this.onmessage?.({ data: JSON.stringify({ ...reply, id: request.id }) });
    });
  }

  cut(code) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }

  close(code = 1000) {
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code }));
  }
}

export function joined(fields = {}) {
  return {
    type: "joined",
    protocol: 1,
    resumed: false,
    seat: "seat-1",
    secret: "secret-1",
    participant: "me",
    role: "patient",
    tracks: [],
    room: { participants: [] },
    ice_servers: [],
    keep_s: 120,
    slots: { audio: 2, video: 3 },
    ...fields,
  };
}

export function refusal(code, more = {}) {
  return { type: "error", code, words: `relay says ${code}`, action: "relay's advice", ...more };
}

/** A token whose payload says what a real one says; the signature is nobody's. */
export function token(payload = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ url: "wss://relay.test/v1/ws", room: "r", sub: "s", ...payload })}.x`;
}

export class MemoryStorage {
  values = new Map();
  getItem = (key) => this.values.get(key) ?? null;
  setItem = (key, value) => void this.values.set(key, value);
  removeItem = (key) => void this.values.delete(key);
}
