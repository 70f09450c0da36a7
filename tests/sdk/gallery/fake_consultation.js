/**
 * A `Consultation` without a relay: the public surface of the SDK, moved by a script, for looking at the element.
 */

import { wordsFor } from "../../../signalling/client/words/index.js";
import { failure } from "../../../signalling/client/errors.js";
import { Emitter } from "../../../signalling/client/events.js";

export class FakeConsultation {
  #events = new Emitter();
  state = null;
  participants = [];
  tracks = [];
  pictures = [];
  silences = [];
  self = null;
  standing = { waiting: null, waitingRoom: { people: [], total: 0, notice: "" }, heldBack: [], room: { locked: false } };
  local = { sources: [], stream: new MediaStream() };

  constructor({ lang }, script) {
    this.lang = lang;
    this.words = wordsFor(lang);
    this.script = script;
  }

  on(type, listener) {
    return this.#events.on(type, listener);
  }

  watch() {
    return () => {};
  }

  emit(type, detail) {
    this.#events.emit(type, detail);
  }

  async join() {
    this.become("connecting", "server");
    await this.script(this);
  }

  become(state, reason = "", code = null) {
    const error = code ? failure(this.lang, code) : null;
    const words = error?.words ?? this.words.state(state, reason, this.self?.role ?? null);
    this.state = { state, reason, words, error };
    this.emit("state", this.state);
  }

  admit(role) {
    this.self = { id: "me", role };
    this.become("waiting", "alone");
  }

  /** The waiting room: a place, and what is to be read there. */
  wait(role, place, notice, reason = "waiting_room") {
    this.self = { id: "me", role };
    this.standing.waiting = { place, notice, reason, words: this.words.place(place) };
    this.become("waiting", reason);
  }

  /** Leads the consultation, with these people in the waiting room. */
  lead(people) {
    this.self.rights = ["admit", "moderate"];
    this.standing.waitingRoom = { people, total: people.length, notice: "" };
    this.emit("waiting-room", this.standing.waitingRoom);
  }

  async moderate({ do: command }) {
    throw failure(this.lang, command === "admit" ? "room_full" : "not_allowed");
  }

  arrive(id, role, stream, { screen } = {}) {
    const tracks = [
      { id: `${id}-microphone`, kind: "audio", source: "microphone", muted: false },
      { id: `${id}-camera`, kind: "video", source: "camera", muted: false },
    ];
    const participant = { id, role, connected: true, tracks };
    this.participants = [...this.participants, participant];
    this.emit("participant", { participant, change: "joined", words: this.words.participant(role, "joined") });
    const [mediaTrack] = stream.getVideoTracks();
    this.tracks = [...this.tracks, { participant, track: tracks[1], mediaTrack, stream }];
    if (screen) {
      const shown = { id: `${id}-screen`, kind: "video", source: "screen", muted: false };
      this.tracks = [...this.tracks, { participant, track: shown, mediaTrack: screen.getVideoTracks()[0], stream: screen }];
    }
    this.become("connected");
    this.emit("track", this.tracks.at(-1));
    return participant;
  }

  /** Somebody is not heard or seen though they should be. */
  silence(about) {
    const { participant, direction, source, cause, isMine } = about;
    const words = this.words.silence(participant.role, direction, source, cause, isMine);
    const silence = { ...about, stage: "not_captured", over: false, words };
    this.silences = [...this.silences, silence];
    this.emit("silence", silence);
  }

  /** Something failed that nobody was waiting for. */
  fail(code, about) {
    this.emit("error", failure(this.lang, code, about));
  }

  hide(participant, reason, { paused = true, source = "camera" } = {}) {
    const picture = { participant, source, paused, reason, words: this.words.picture(participant.role, reason, source) };
    this.pictures = [...this.pictures, picture];
    this.emit("picture", picture);
  }

  async publish({ audio, video, screen }) {
    const { refuse, stream } = this.camera ?? {};
    if (this.camera === "ask") await new Promise(() => {});
    if (refuse) throw failure(this.lang, ...refuse);
    for (const track of stream?.getTracks() ?? []) this.local.stream.addTrack(track);
    if (audio) this.local.sources.push({ source: "microphone", muted: false, mediaTrack: null });
    if (video) this.local.sources.push({ source: "camera", muted: false, mediaTrack: stream?.getVideoTracks()[0] ?? null });
    if (screen) this.local.sources.push({ source: "screen", muted: false, mediaTrack: null });
    this.emit("local", this.local);
    return { published: [], problems: [] };
  }

  async unpublish(source) {
    this.local.sources = this.local.sources.filter((sent) => sent.source !== source);
    this.emit("local", this.local);
  }

  async mute(source, muted) {
    const sent = this.local.sources.find((candidate) => candidate.source === source);
    if (sent) sent.muted = muted;
    this.emit("local", this.local);
  }

  async devices() {
    return {
      microphones: [{ id: "m1", label: "Built-in microphone" }, { id: "m2", label: "Headset (USB)" }],
      cameras: [{ id: "c1", label: "Front camera" }, { id: "c2", label: "Desk camera, 4K" }],
      speakers: [{ id: "s1", label: "Loudspeaker" }, { id: "s2", label: "Headset (USB)" }],
      microphone: "m2",
      camera: "c1",
    };
  }

  async switchDevice() {}

  async send() {}

  async leave() {
    this.become("left", "left", "left");
  }
}
