// A connection that sends a grainy picture and a tone, or one that takes both; driven by `capture_feedback.py`.
(() => {
  const [WIDTH, HEIGHT, FRAMES_PER_SECOND, MARGIN] = [320, 180, 25, 64];
  const MOST_KBPS = 6_000;
  let connection = null;
  let picture = null;

  /** Grain that no encoder makes small: whatever rate it is allowed is used. */
  function camera() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [WIDTH, HEIGHT];
    const context = canvas.getContext("2d");
    const grains = Array.from({ length: 4 }, () => window.madeMedia.grain(WIDTH + MARGIN, HEIGHT + MARGIN));
    let frame = 0;
    const draw = () => {
      frame++;
      context.globalAlpha = 0.5;
      context.drawImage(grains[frame % grains.length], -Math.random() * MARGIN, -Math.random() * MARGIN);
    };
    draw();
    setInterval(draw, 1000 / FRAMES_PER_SECOND);
    return canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks()[0];
  }

  async function offer() {
    await connection.setLocalDescription();
    return connection.localDescription.sdp;
  }

  /** Makes a connection that sends, its picture at so many bits a second, and gives its offer. */
  async function send(bps) {
    connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    connection.addTransceiver(window.madeMedia.microphone(), { direction: "sendonly" });
    const about = { direction: "sendonly", sendEncodings: [{ maxBitrate: bps }] };
    picture = connection.addTransceiver(camera(), about).sender;
    return offer();
  }

  /** Makes a connection that takes a sound and a picture, and gives its offer. */
  async function receive() {
    connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const screen = document.createElement("video");
    [screen.autoplay, screen.muted, screen.srcObject] = [true, true, new MediaStream()];
    document.body.append(screen);
    connection.addEventListener("track", ({ track }) => screen.srcObject.addTrack(track));
    for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
    return offer();
  }

  async function accept(sdp) {
    await connection.setRemoteDescription({ type: "answer", sdp: picture ? unhindered(sdp) : sdp });
  }

  /** Chromium's own estimate of its way to the relay starts high and stays there: only `limit` limits the picture. */
  function unhindered(sdp) {
    const rates = ["min", "start", "max"].map((word) => `x-google-${word}-bitrate=${MOST_KBPS}`).join(";");
    return sdp.replace(/^(a=rtpmap:(\d+) VP8\/90000)\r$/m, `$1\r\na=fmtp:$2 ${rates}\r`);
  }

  /** Lets the picture have so many bits a second from now on. */
  async function limit(bps) {
    const parameters = picture.getParameters();
    for (const encoding of parameters.encodings) encoding.maxBitrate = bps;
    await picture.setParameters(parameters);
  }

  /** For how many seconds the encoder did with less for want of processor. */
  async function shortOfProcessor() {
    const sent = [...(await picture.getStats()).values()].filter(({ type }) => type === "outbound-rtp");
    return Math.max(...sent.map(({ qualityLimitationDurations }) => qualityLimitationDurations.cpu));
  }

  window.capture = { send, receive, accept, limit, shortOfProcessor };
})();
