// Runs before a page's own scripts: remembers its connections, and writes down what they count at a steady pace.
//
// It changes nothing of what the page sees. Everything stands under `window.recorder`.
(() => {
  const connections = [];
  let samples = [];
  let timer = null;

  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...about) {
      super(...about);
      connections.push(this);
    }
  };

  const TYPES = new Set(["inbound-rtp", "outbound-rtp", "candidate-pair"]);
  // W3C webrtc-stats §8; what a browser lacks is left out.
  const FIELDS = [
    ["type", "kind", "mid", "rid", "ssrc", "active", "selected", "nominated"],
    ["bytesSent", "headerBytesSent", "packetsSent", "retransmittedBytesSent", "framesEncoded", "keyFramesEncoded"],
    ["targetBitrate", "qualityLimitationReason", "qpSum", "totalEncodeTime", "availableOutgoingBitrate", "currentRoundTripTime"],
    ["bytesReceived", "headerBytesReceived", "packetsReceived", "packetsLost", "packetsDiscarded", "retransmittedBytesReceived"],
    ["framesDecoded", "keyFramesDecoded", "framesDropped", "frameWidth", "frameHeight", "framesPerSecond"],
    ["freezeCount", "totalFreezesDuration", "jitterBufferDelay", "jitterBufferEmittedCount", "nackCount", "pliCount"],
    ["concealedSamples", "silentConcealedSamples", "concealmentEvents", "totalSamplesReceived"],
  ].flat();

  /** This moment as Unix milliseconds, by the page's monotonic clock. */
  const now = () => performance.timeOrigin + performance.now();

  const open = () => connections.filter(({ connectionState }) => connectionState !== "closed");

  /** What every open connection has counted. */
  async function look() {
    const at_ms = now();
    const reports = await Promise.all(open().map((connection) => connection.getStats()));
    const entries = reports.flatMap((report) => [...report.values()].filter(({ type }) => TYPES.has(type)).map(plain));
    return { at_ms, entries };
  }

  function plain(entry) {
    const known = FIELDS.filter((field) => entry[field] !== undefined && entry[field] !== null);
    return Object.fromEntries(known.map((field) => [field, entry[field]]));
  }

  /** Looks every so many milliseconds from now on; what was seen before is forgotten. */
  function start(everyMs) {
    clearInterval(timer);
    samples = [];
    timer = setInterval(async () => samples.push(await look()), everyMs);
  }

  /** Gives what was seen since the last time. */
  function take() {
    const taken = samples;
    samples = [];
    return taken;
  }

  window.recorder = { connections: open, now, look, start, take };
})();
