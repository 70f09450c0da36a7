// Breaks sound and picture inside a page, as devices and browsers do, and mends them. Everything stands under `window.faults`;
// each fault gives what mends it.
(() => {
  let keyFrames = true;

  // Where a test has asked for it before the page's scripts, all that is encoded passes here.
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(configuration, ...more) {
      super(window.seesEncoded ? { ...configuration, encodedInsertableStreams: true } : configuration, ...more);
    }

    addTransceiver(...about) {
      const transceiver = super.addTransceiver(...about);
      if (window.seesEncoded) {
        const { readable, writable } = transceiver.sender.createEncodedStreams();
        const transform = (frame, to) => {
          if (keyFrames || frame.type !== "key") to.enqueue(frame);
        };
        void readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
        const received = transceiver.receiver.createEncodedStreams();
        void received.readable.pipeTo(received.writable);
      }
      return transceiver;
    }
  };

  const local = (source) => window.bare.consultation().local.sources.find((one) => one.source === source).mediaTrack;
  const sender = (source) => window.probe.connections.at(-1).getSenders().find(({ track }) => track && track.id === local(source)?.id);

  /** A microphone whose loudness a test sets, and a camera that draws, in the place of the browser's. */
  function useTestDevices() {
    const sound = new AudioContext();
    const [tone, gain, out] = [sound.createOscillator(), sound.createGain(), sound.createMediaStreamDestination()];
    tone.connect(gain).connect(out);
    tone.start();
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
      const stream = new MediaStream();
      if (audio) {
        const [track] = out.stream.clone().getAudioTracks();
        track.getSettings = () => ({ deviceId: "the only one" });
        stream.addTrack(track);
      }
      if (video) stream.addTrack(drawn());
      return stream;
    };
    window.faults.gain = gain.gain;
    return sound.resume();
  }

  function drawn() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext("2d");
    const timer = setInterval(() => {
      context.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
      context.fillRect(0, 0, 320, 180);
    }, 50);
    window.faults.stopDrawing = () => clearInterval(timer);
    return canvas.captureStream(20).getVideoTracks()[0];
  }

  const faults = {
    useTestDevices,
    silent: () => void (faults.gain.value = 0),
    audible: () => void (faults.gain.value = 1),
    stop: (source) => void local(source).stop(),
    mutedBySystem: (source) => void Object.defineProperty(local(source), "muted", { value: true, configurable: true }),
    unmutedBySystem: (source) => void delete local(source).muted,
    emptySender: (source) => sender(source).replaceTrack(null),
    pause: () => window.bare.elements().forEach((element) => element.pause()),
    play: () => Promise.all(window.bare.elements().map((element) => element.play())),

    /** Says and does what a browser says and does before the first touch: what drives the page counts as one. */
    refuse() {
      Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: false, isActive: false }, configurable: true });
      faults.pause();
    },
    touched() {
      delete navigator.userActivation;
      return faults.play();
    },

    /** Plays a person's sound through Web Audio as well as it can be suspended. */
    async suspend() {
      const [element] = window.bare.elements();
      const context = new AudioContext();
      context.createMediaStreamSource(element.srcObject).connect(context.destination);
      // The page plays with this alone from now on.
      window.bare.forget(element);
      element.muted = true;
      window.bare.consultation().watch(context, element.srcObject);
      await context.suspend();
      faults.resume = () => context.resume();
    },

    /** Sends the sound to a loudspeaker, and pulls it out. */
    async loseSpeaker() {
      const all = await navigator.mediaDevices.enumerateDevices();
      const chosen = all.find(({ kind, deviceId }) => kind === "audiooutput" && !["default", "communications"].includes(deviceId));
      for (const element of window.bare.elements()) await element.setSinkId(chosen.deviceId);
      const others = all.filter(({ deviceId }) => deviceId !== chosen.deviceId);
      navigator.mediaDevices.enumerateDevices = async () => others;
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    },
    backToSpeaker: () => Promise.all(window.bare.elements().map((element) => element.setSinkId(""))),

    withoutKeyFrames: () => void (keyFrames = false),
    withKeyFrames: () => void (keyFrames = true),
  };
  window.faults = faults;
})();
