// Runs before a page's own scripts: remembers its connections and media elements, and measures what they play.
//
// It changes nothing of what the page sees. Everything stands under `window.probe`.
(() => {
  const connections = [];
  const elements = new Set();

  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...about) {
      super(...about);
      connections.push(this);
    }
  };
  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      elements.add(this);
      source.set.call(this, stream);
    },
  });

  const open = () => connections.filter((connection) => connection.connectionState !== "closed");
  const receivedTracks = () => new Set(open().flatMap((connection) => connection.getReceivers().map(({ track }) => track)));

  /** The elements that show received video. */
  function remoteElements() {
    const received = receivedTracks();
    return [...elements].filter((element) =>
      element.isConnected && element.srcObject?.getVideoTracks().some((track) => received.has(track)),
    );
  }

  /** The colour around the bar, and the bar's middle as a share of the width (null: no bar in sight). */
  function look(image, width, height) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 36];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, width, height, 0, 0, 64, 36);
    const { data } = context.getImageData(0, 0, 64, 36);
    const sums = [0, 0, 0];
    let [coloured, white, columns] = [0, 0, 0];
    for (let y = 4; y < 32; y++) {
      for (let x = 0; x < 64; x++) {
        const [r, g, b] = data.subarray((y * 64 + x) * 4);
        if (Math.min(r, g, b) > 180) {
          white++;
          columns += x;
        } else {
          coloured++;
          [r, g, b].forEach((value, index) => (sums[index] += value));
        }
      }
    }
    return {
      colour: sums.map((sum) => Math.round(sum / Math.max(1, coloured))),
      bar: white > 28 ? (columns / white + 0.5) / 64 : null,
    };
  }

  /** What each element with received video shows at this moment. */
  function pictures() {
    return remoteElements()
      .filter((element) => element.readyState >= 2 && element.videoWidth > 0)
      .map((element) => ({
        ...look(element, element.videoWidth, element.videoHeight),
        width: element.videoWidth,
        height: element.videoHeight,
        frames: element.getVideoPlaybackQuality().totalVideoFrames,
      }));
  }

  let audio = null;
  /** @type {Map<MediaStreamTrack, AnalyserNode>} */
  const analysers = new Map();

  /** The loudest frequency of each received audio track at this moment. */
  async function sounds() {
    audio ??= new AudioContext();
    if (audio.state !== "running") await audio.resume();
    for (const track of receivedTracks()) if (track.kind === "audio") listen(track);
    return [...analysers]
      .filter(([track]) => track.readyState === "live")
      .map(([track, analyser]) => {
        const spectrum = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(spectrum);
        const hzPerBin = audio.sampleRate / analyser.fftSize;
        const first = Math.ceil(200 / hzPerBin);
        let loudest = first;
        for (let bin = first; bin < 4000 / hzPerBin; bin++) if (spectrum[bin] > spectrum[loudest]) loudest = bin;
        return { hz: loudest * hzPerBin, db: spectrum[loudest], muted: track.muted };
      })
      .filter(({ db }) => Number.isFinite(db));
  }

  function listen(track) {
    let analyser = analysers.get(track);
    if (!analyser) {
      analyser = audio.createAnalyser();
      analyser.fftSize = 4096;
      analyser.smoothingTimeConstant = 0;
      audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      analysers.set(track, analyser);
    }
    return analyser;
  }

  /** What the open connections' receivers have counted, added up. */
  async function received() {
    const totals = { framesDecoded: 0, videoPackets: 0, audioPackets: 0, keyFrames: 0, lost: 0 };
    for (const connection of open()) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type !== "inbound-rtp") continue;
        totals.lost += entry.packetsLost ?? 0;
        if (entry.kind === "video") {
          totals.framesDecoded += entry.framesDecoded ?? 0;
          totals.keyFrames += entry.keyFramesDecoded ?? 0;
          totals.videoPackets += entry.packetsReceived ?? 0;
        } else {
          totals.audioPackets += entry.packetsReceived ?? 0;
        }
      }
    }
    return totals;
  }

  /**
   * Measures when flashes and beeps of one received picture and one received sound begin, for `seconds`.
   *
   * @returns {Promise<number[]>} For each flash, by how many ms its beep came later (negative: earlier).
   */
  async function measureLipSync(seconds) {
    audio ??= new AudioContext();
    await audio.resume();
    const [element] = remoteElements();
    const track = [...receivedTracks()].find(({ kind, muted }) => kind === "audio" && !muted);
    const analyser = audio.createAnalyser();
    analyser.fftSize = 16_384;
    audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const until = performance.now() + seconds * 1000;
    const beeps = [];
    const flashes = [];
    let lit = true;
    const watch = (now, { expectedDisplayTime }) => {
      const [r] = look(element, element.videoWidth, element.videoHeight).bar === null ? [0] : [255];
      if (r === 255 && !lit) flashes.push(expectedDisplayTime || now);
      lit = r === 255;
      if (performance.now() < until) element.requestVideoFrameCallback(watch);
    };
    element.requestVideoFrameCallback(watch);
    const samples = new Float32Array(analyser.fftSize);
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const [end, endsAt] = [performance.now(), audio.currentTime];
      analyser.getFloatTimeDomainData(samples);
      const onset = firstOnset(samples, audio.sampleRate);
      if (onset !== null && endsAt > 1) {
        const at = end - ((samples.length - onset) / audio.sampleRate) * 1000;
        if (beeps.every((beep) => Math.abs(beep - at) > 500)) beeps.push(at);
      }
    }
    return flashes
      .map((flash) => beeps.map((beep) => beep - flash).sort((one, other) => Math.abs(one) - Math.abs(other))[0])
      .filter((difference) => difference !== undefined && Math.abs(difference) < 500);
  }

  /** The first sample of a sound that follows at least 100 ms of silence. */
  function firstOnset(samples, samplesPerSecond) {
    let silence = 0;
    for (let index = 0; index < samples.length; index++) {
      if (Math.abs(samples[index]) < 0.05) silence++;
      else if (silence > 0.1 * samplesPerSecond) return index;
      else silence = 0;
    }
    return null;
  }

  /** Every element of the page, those inside components too. */
  function* everything(root = document) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* everything(element.shadowRoot);
    }
  }

  const isShown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

  /** Presses the shown, enabled button whose label, title or text is this; false while there is none. */
  function press(name) {
    for (const element of everything()) {
      if (element.localName !== "button" || element.disabled || !isShown(element)) continue;
      const names = [element.getAttribute("aria-label"), element.title, element.textContent.trim()];
      if (!names.includes(name)) continue;
      element.click();
      return true;
    }
    return false;
  }

  /** Writes into the shown field of this label, as typing does; false while there is none. */
  function write(label, text) {
    for (const element of everything()) {
      if (!["input", "textarea"].includes(element.localName) || !isShown(element)) continue;
      const names = [element.getAttribute("aria-label"), element.placeholder, ...[...(element.labels ?? [])].map((own) => own.textContent.trim())];
      if (!names.includes(label)) continue;
      element.value = text;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      return true;
    }
    return false;
  }

  /** Tells whether the words are shown somewhere, as a text or as the name of a picture. */
  function reads(words) {
    for (const element of everything()) {
      if (["script", "style"].includes(element.localName) || !isShown(element)) continue;
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data);
      if ([...own, element.getAttribute("aria-label") ?? ""].join("").includes(words)) return true;
    }
    return false;
  }

  window.probe = {
    connections,
    press,
    write,
    reads,
    remoteElements,
    look,
    pictures,
    sounds,
    received,
    measureLipSync,
  };
})();
