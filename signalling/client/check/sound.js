/**
 * What is heard: the microphone's level, and a test sound from the loudspeaker.
 */

import { browserClock, pause } from "../clock.js";
import { LevelMeter } from "../element/level_meter.js";

/** Speech at arm's length, and not the room's hum: the waiting room takes the same for heard. */
export const HEARD_LEVEL = 0.4;

/** A major chord, upwards, one tone after the other. */
const TONES_HZ = [523, 659, 784];
const TONE_S = 0.3;
/** The test sound takes a second. */
const LONGEST_MS = 5_000;
const LOUDNESS = 0.25;
/** So that a tone does not begin or end with a click. */
const FADE_S = 0.02;

/**
 * Tells how loud a microphone is, from 0 to 1, several times a second.
 *
 * @param {MediaStreamTrack} track
 * @param {(level: number) => void} tell
 * @returns {() => void} Stops listening.
 */
export function listenTo(track, tell) {
  const meter = new LevelMeter(tell);
  meter.listen(track);
  return () => meter.stop();
}

/**
 * Plays a short sound, on the loudspeaker chosen where the browser lets a page choose.
 *
 * @param {string} [speaker] From `devices()`.
 * @returns {Promise<void>} Resolves when it is over; rejects where the browser does not play it.
 */
export async function playTones(speaker) {
  const context = new AudioContext();
  const audio = new Audio();
  // A browser that waits for another touch first, or whose loudspeaker is gone, may never say so.
  const late = pause(browserClock, LONGEST_MS).then(() => {
    throw new DOMException("not played in time", "TimeoutError");
  });
  try {
    await Promise.race([play(context, audio, speaker), late]);
  } finally {
    audio.srcObject = null;
    await context.close();
  }
}

/**
 * @param {AudioContext} context
 * @param {HTMLAudioElement} audio
 * @param {string} [speaker]
 */
async function play(context, audio, speaker) {
  const destination = context.createMediaStreamDestination();
  audio.srcObject = destination.stream;
  if (speaker && "setSinkId" in audio) await audio.setSinkId(speaker);
  await Promise.all([context.resume(), audio.play()]);
  await new Promise((resolve) => {
    TONES_HZ.forEach((hz, index) => {
      const tone = playTone(context, destination, hz, context.currentTime + 0.1 + index * TONE_S);
      if (index === TONES_HZ.length - 1) tone.onended = resolve;
    });
  });
}

/**
 * @param {AudioContext} context
 * @param {AudioNode} destination
 * @param {number} hz
 * @param {number} at_s
 */
function playTone(context, destination, hz, at_s) {
  const tone = new OscillatorNode(context, { frequency: hz });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, at_s);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at_s + FADE_S);
  loudness.gain.setValueAtTime(LOUDNESS, at_s + TONE_S - FADE_S);
  loudness.gain.linearRampToValueAtTime(0, at_s + TONE_S);
  tone.connect(loudness).connect(destination);
  tone.start(at_s);
  tone.stop(at_s + TONE_S);
  return tone;
}
