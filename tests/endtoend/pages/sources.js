// Runs before a page's own scripts: cameras and microphones made of a canvas and an oscillator, for a browser without
// file-backed devices and for sources whose sound and picture share a clock. Everything stands under `window.sources`.
(() => {
  /** A camera and a microphone made of a canvas and an oscillator; `grain` (0 to 1) is how much of it is noise. */
  function synthesise({ colour, toneHz, width, height, framesPerSecond, barWidth, periodS, beepS, pauseS, grain = 0 }) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    const noise = grain > 0 ? drawNoise(2 * width, 2 * height) : null;
    const draw = () => {
      const share = ((performance.now() / 1000) % periodS) / periodS;
      context.fillStyle = `rgb(${colour})`;
      context.fillRect(0, 0, width, height);
      context.fillStyle = "white";
      context.fillRect(share * (width - barWidth), 0, barWidth, height);
      if (!noise) return;
      context.globalAlpha = grain;
      context.drawImage(noise, -Math.random() * width, -Math.random() * height);
      context.globalAlpha = 1;
    };
    draw();
    setInterval(draw, 1000 / framesPerSecond);

    const sound = new AudioContext({ sampleRate: 48_000 });
    const beeps = sound.createBuffer(1, Math.round((beepS + pauseS) * sound.sampleRate), sound.sampleRate);
    const samples = beeps.getChannelData(0);
    for (let index = 0; index < beepS * sound.sampleRate; index++) {
      samples[index] = 0.4 * Math.sin((2 * Math.PI * toneHz * index) / sound.sampleRate);
    }
    const player = sound.createBufferSource();
    [player.buffer, player.loop] = [beeps, true];
    const destination = sound.createMediaStreamDestination();
    player.connect(destination);
    player.start();
    void sound.resume();
    return new MediaStream([...canvas.captureStream(framesPerSecond).getTracks(), ...destination.stream.getTracks()]);
  }

  /** Grey points of every brightness: what takes whatever bitrate it is given. */
  function drawNoise(width, height) {
    const noise = new OffscreenCanvas(width, height);
    const context = noise.getContext("2d");
    const points = context.createImageData(width, height);
    for (let index = 0; index < points.data.length; index += 4) {
      points.data.fill(Math.random() * 256, index, index + 3);
      points.data[index + 3] = 255;
    }
    context.putImageData(points, 0, 0);
    return noise;
  }

  /** Lets getUserMedia give what `synthesise` draws and sounds. */
  function useSyntheticDevices(appearance) {
    if (!navigator.mediaDevices) return; // about:blank, before the page
    let made = null;
    navigator.mediaDevices.getUserMedia = async ({ audio: wantsAudio, video: wantsVideo }) => {
      made ??= synthesise(appearance);
      const tracks = [...(wantsAudio ? made.getAudioTracks() : []), ...(wantsVideo ? made.getVideoTracks() : [])];
      return new MediaStream(tracks.map((track) => track.clone()));
    };
  }

  /** Shows one flash with one beep each second, both made at the same instant by one clock. */
  function flashAndBeep() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext("2d");
    const sound = new AudioContext({ sampleRate: 48_000 });
    const second = sound.createBuffer(1, sound.sampleRate, sound.sampleRate);
    const samples = second.getChannelData(0);
    for (let index = 0; index < 0.2 * sound.sampleRate; index++) {
      samples[index] = 0.5 * Math.sin((2 * Math.PI * 1000 * index) / sound.sampleRate);
    }
    const player = sound.createBufferSource();
    [player.buffer, player.loop] = [second, true];
    const destination = sound.createMediaStreamDestination();
    player.connect(destination);
    const startsAt = sound.currentTime + 0.1;
    player.start(startsAt);
    void sound.resume();
    setInterval(() => {
      const at = sound.currentTime - startsAt;
      context.fillStyle = at >= 0 && at % 1 < 0.2 ? "white" : "black";
      context.fillRect(0, 0, 320, 180);
    }, 10);
    return new MediaStream([...canvas.captureStream(30).getTracks(), ...destination.stream.getTracks()]);
  }

  window.sources = { synthesise, useSyntheticDevices, flashAndBeep };
})();
