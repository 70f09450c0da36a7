// A connection that sends pictures and a sound as a consultation's page does; driven by `two_party_spike.py`.
(() => {
  const MARGIN = 64;
  const senders = [];
  let connection = null;

  /** A person in front of a backdrop, under grain as strong as asked: 0.02 is a good camera, 0.3 cannot be compressed. */
  function camera({ width, height, framesPerSecond, grain }) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    const backdrop = window.madeMedia.grain(width / 8, height / 8);
    const grains = Array.from({ length: 4 }, () => window.madeMedia.grain(width + MARGIN, height + MARGIN));
    let frame = 0;
    const draw = () => {
      frame++;
      const at = frame / framesPerSecond;
      context.globalAlpha = 1;
      context.drawImage(backdrop, 0, 0, width, height);
      context.fillStyle = "rgb(200 150 120)";
      context.beginPath();
      const [x, y] = [width * (0.5 + 0.1 * Math.sin(at)), height * (0.55 + 0.05 * Math.sin(1.7 * at))];
      context.ellipse(x, y, width * 0.14, height * 0.34, 0, 0, 2 * Math.PI);
      context.fill();
      context.globalAlpha = grain;
      context.drawImage(grains[frame % grains.length], -Math.random() * MARGIN, -Math.random() * MARGIN);
    };
    draw();
    setInterval(draw, 1000 / framesPerSecond);
    return canvas.captureStream(framesPerSecond).getVideoTracks()[0];
  }

  /** Makes the connection and gives its offer. */
  async function open({ pictures, encodings }) {
    connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    connection.addTransceiver(window.madeMedia.microphone(), { direction: "sendonly" });
    for (const picture of pictures) {
      const about = { direction: "sendonly", sendEncodings: encodings };
      senders.push(connection.addTransceiver(camera(picture), about).sender);
    }
    await connection.setLocalDescription();
    return connection.localDescription.sdp;
  }

  async function accept(sdp) {
    await connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** Changes encodings of one picture, by rid ("" without one); null takes a value back. Says when, in Unix ms. */
  async function set(picture, changes) {
    const parameters = senders[picture].getParameters();
    for (const encoding of parameters.encodings) {
      for (const [key, value] of Object.entries(changes[encoding.rid ?? ""] ?? {})) {
        if (value === null) delete encoding[key];
        else encoding[key] = value;
      }
    }
    const called_ms = window.recorder.now();
    await senders[picture].setParameters(parameters);
    return { called_ms, done_ms: window.recorder.now() };
  }

  window.spike = { open, accept, set };
})();
