// Runs before a page's own scripts: how received pictures and sounds, and those sent, go on over time.
//
// It changes nothing of what the page sees. Everything stands under `window.course`.
(() => {
  const SAME_COLOUR = 30;
  /** @type {Map<string, Watched>} By colour. */
  const watched = new Map();

  /**
   * Begins to note when the frames of the picture of this colour are shown, and how large they are.
   *
   * @returns {boolean} False while no such picture is shown.
   */
  function watch(colour) {
    const element = window.probe.remoteElements().find(
      (one) => one.videoWidth > 0 && isOf(window.probe.look(one, one.videoWidth, one.videoHeight).colour, colour),
    );
    if (!element) return false;
    const course = { element, shown: 0, longest_ms: 0, last_ms: performance.now(), widths: [element.videoWidth] };
    const note = (now, { presentationTime, width, presentedFrames }) => {
      const at_ms = presentationTime || now;
      course.longest_ms = Math.max(course.longest_ms, at_ms - course.last_ms);
      course.last_ms = at_ms;
      course.shown = presentedFrames;
      if (course.widths.at(-1) !== width) course.widths.push(width);
      element.requestVideoFrameCallback(note);
    };
    element.requestVideoFrameCallback(note);
    watched.set(String(colour), course);
    return true;
  }

  const isOf = (measured, own) => measured.every((each, index) => Math.abs(each - own[index]) <= SAME_COLOUR);

  /** What has become of the picture that is watched: as it was shown, and as the receiver counts it. */
  async function told(colour) {
    const { element, shown, longest_ms, last_ms, widths } = watched.get(String(colour));
    const [track] = element.srcObject.getVideoTracks();
    const line = (await lines("inbound-rtp")).find((one) => one.trackIdentifier === track.id);
    if (!line) return null;
    return {
      line: `${line.id} ${line.ssrc}`,
      decoder: line.decoderImplementation ?? "",
      width: line.frameWidth ?? 0,
      decoded: line.framesDecoded ?? 0,
      key_frames: line.keyFramesDecoded ?? 0,
      lost: line.packetsLost ?? 0,
      plis: line.pliCount ?? 0,
      frozen_s: line.totalFreezesDuration ?? 0,
      shown,
      longest_s: Math.max(longest_ms, performance.now() - last_ms) / 1000,
      widths,
    };
  }

  const open = () => window.probe.connections.filter((one) => one.connectionState !== "closed");

  async function lines(type) {
    const all = await Promise.all(open().map((connection) => connection.getStats()));
    return all.flatMap((report) => [...report.values()].filter((line) => line.type === type));
  }

  /** What is sent of the camera, by rid: as the page has set it, and as it is counted. */
  async function sent() {
    const senders = open().flatMap((connection) => connection.getSenders());
    const camera = senders.find(({ track }) => track?.kind === "video");
    const counted = await lines("outbound-rtp");
    return (camera?.getParameters().encodings ?? []).map(({ rid, active }) => {
      const line = counted.find((one) => one.kind === "video" && one.rid === rid);
      return { rid, active, frames: line?.framesEncoded ?? 0, width: line?.frameWidth ?? 0, plis: line?.pliCount ?? 0 };
    });
  }

  window.course = { watch, told, sent };
})();
