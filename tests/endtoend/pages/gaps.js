// Runs before a page's own scripts: for how long at a stretch nothing was heard of all that the page plays.
//
// It changes nothing of what the page sees. Everything stands under `window.gaps`.
(() => {
  // Every 128 samples: whether the mix is silent, for how long it has been, and for how long not.
  const MEASURE = `registerProcessor("gaps", class extends AudioWorkletProcessor {
    silent = 0;
    heard = 0;
    longest = 0;
    constructor() {
      super();
      this.port.onmessage = ({ data }) => {
        if (data === "begin") this.longest = 0;
        else {
          const longest_ms = Math.max(this.silent, this.longest) * 1000 / sampleRate;
          this.port.postMessage({ longest_ms, steady_ms: this.heard * 1000 / sampleRate });
        }
      };
    }
    process([[sound]]) {
      const isSilent = !sound || sound.every((sample) => Math.abs(sample) < 0.003);
      this.silent = isSilent ? this.silent + 128 : 0;
      this.heard = isSilent ? 0 : this.heard + 128;
      this.longest = Math.max(this.longest, this.silent);
      return true;
    }
  });`;
  const LOOK_MS = 5;
  let node = null;
  let context = null;
  /** What is played, by its track. @type {Map<MediaStreamTrack, MediaStreamAudioSourceNode>} */
  const played = new Map();

  /** Begins to listen to what the page's elements play, and only to that. */
  async function listen() {
    context = new AudioContext();
    await context.resume();
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([MEASURE], { type: "text/javascript" })));
    node = new AudioWorkletNode(context, "gaps", { channelCount: 1, channelCountMode: "explicit" });
    node.connect(context.destination);
    follow();
    setInterval(follow, LOOK_MS);
  }

  function follow() {
    const elements = window.bare.elements().filter((element) => !element.paused);
    const now = new Set(elements.flatMap((element) => element.srcObject?.getAudioTracks() ?? []));
    for (const [track, source] of played) {
      if (now.has(track) && track.readyState === "live") continue;
      source.disconnect();
      played.delete(track);
    }
    for (const track of now) {
      if (played.has(track) || track.readyState !== "live") continue;
      const source = context.createMediaStreamSource(new MediaStream([track]));
      source.connect(node);
      played.set(track, source);
    }
  }

  /** Publishes a tone without a pause. */
  async function publishTone(hz) {
    const sound = new AudioContext();
    const [tone, out] = [sound.createOscillator(), sound.createMediaStreamDestination()];
    tone.frequency.value = hz;
    tone.connect(out);
    tone.start();
    await sound.resume();
    await window.bare.publishTracks(out.stream);
  }

  const begin = () => node.port.postMessage("begin");

  const told = () =>
    new Promise((resolve) => {
      node.port.onmessage = ({ data }) => resolve(data);
      node.port.postMessage("tell");
    });

  /** The longest silence since `begin`, in milliseconds. */
  const longest_ms = async () => (await told()).longest_ms;

  /** For how long nothing was silent until now, in milliseconds. */
  const steady_ms = async () => (await told()).steady_ms;

  window.gaps = { publishTone, listen, begin, longest_ms, steady_ms };
})();
