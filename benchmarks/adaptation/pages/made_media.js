// Grain and a tone, as media that no camera and no microphone gives; for the pages that send.
(() => {
  /** A picture of grain, of which no encoder leaves anything out for nothing. */
  function grain(width, height) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    for (let at = 0; at < image.data.length; at += 4) {
      const grey = Math.random() * 256;
      image.data.set([grey, grey, grey, 255], at);
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  /** A track of a tone. */
  function microphone() {
    const sound = new AudioContext({ sampleRate: 48_000 });
    const [oscillator, destination] = [sound.createOscillator(), sound.createMediaStreamDestination()];
    oscillator.connect(destination);
    oscillator.start();
    void sound.resume();
    return destination.stream.getAudioTracks()[0];
  }

  window.madeMedia = { grain, microphone };
})();
