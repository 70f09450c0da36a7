// Runs before a page's own scripts: one participant of a measured call, through the relay by its SDK, or directly.
//
// Driven by `benchmarks.adaptation.endtoend`. Everything stands under `window.participant`.
(() => {
  const PICTURE = { width: 640, height: 360, frameRate: 25 };
  let consultation = null;
  const connections = [];

  /** Plays what is received, so that frames are shown, frozen and counted. */
  function show(stream) {
    const element = document.createElement("video");
    [element.autoplay, element.playsInline] = [true, true];
    element.srcObject = stream;
    document.documentElement.append(element);
  }

  /** Takes a seat, and publishes camera and microphone if it is to. */
  async function join({ relay, token, publishes }) {
    const { Consultation } = await import(`${relay}/sdk/visavis.js`);
    consultation = new Consultation({ token });
    const shown = new Set();
    consultation.on("track", ({ stream }) => {
      if (!stream || shown.has(stream.id)) return;
      shown.add(stream.id);
      show(stream);
    });
    await consultation.join();
    if (publishes) await consultation.publish({ audio: true, video: true });
  }

  const mute = (muted) => consultation.mute("camera", muted);

  /** Offers camera and microphone to one other directly; gives the offer with its candidates. */
  async function offer({ maxBitrate }) {
    const connection = new RTCPeerConnection();
    const index = connections.push(connection) - 1;
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: PICTURE });
    for (const track of media.getTracks()) {
      const sendEncodings = track.kind === "video" ? [{ maxBitrate }] : [{}];
      connection.addTransceiver(track, { direction: "sendonly", sendEncodings });
    }
    await connection.setLocalDescription();
    return { index, sdp: await complete(connection) };
  }

  async function answer(sdp) {
    const connection = new RTCPeerConnection();
    connections.push(connection);
    const stream = new MediaStream();
    connection.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (track.kind === "video") show(stream);
    };
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    return complete(connection);
  }

  async function accept(index, sdp) {
    await connections[index].setRemoteDescription({ type: "answer", sdp });
  }

  /** Stops or goes on sending the picture of one direct connection. */
  function pause(index, paused) {
    for (const { track } of connections[index].getSenders()) if (track?.kind === "video") track.enabled = !paused;
  }

  /** The description once every candidate is in it. */
  async function complete(connection) {
    while (connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => connection.addEventListener("icegatheringstatechange", resolve, { once: true }));
    }
    return connection.localDescription.sdp;
  }

  window.participant = { join, mute, offer, answer, accept, pause };
})();
