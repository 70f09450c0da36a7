/**
 * What the element shows, gathered from the public events of a `Consultation`.
 *
 * The views read it; only the element's own wiring and the events write it.
 *
 * @typedef {import("../consultation.js").Consultation} Consultation
 * @typedef {import("../public.js").ConsultationEvents} ConsultationEvents
 * @typedef {import("../public.js").ParticipantInfo} ParticipantInfo
 * @typedef {import("../public.js").RemoteTrack} RemoteTrack
 * @typedef {import("../public.js").HiddenPicture} HiddenPicture
 * @typedef {import("../public.js").Verdict} Verdict
 * @typedef {import("../errors.js").ConsultationError} ConsultationError
 * @typedef {import("../words/index.js").Words} Words
 *
 * @typedef {object} Person
 * @property {ParticipantInfo} participant
 * @property {MediaStream | null} stream Voice and face.
 * @property {MediaStream | null} screen
 * @property {boolean} picture A camera track arrives and is not muted.
 * @property {boolean} cameraAnnounced They have a camera, on or off.
 * @property {boolean} cameraOff
 * @property {boolean} microphoneOff
 * @property {HiddenPicture | null} hidden Why their picture cannot be seen just now.
 * @property {HiddenPicture | null} hiddenScreen
 * @property {boolean} speaking
 * @property {{ from: Verdict, towards: Verdict }} quality
 *
 * @typedef {{ from: "me" | string, role: import("../public.js").Role | null, text: string }} Letter
 * @typedef {"on" | "off" | "none"} DeviceState
 * @typedef {{ kind: "asking" } | { kind: "playback" } | { kind: "problem" | "missing", error: ConsultationError }} Notice
 */

/** @typedef {ReturnType<typeof newModel>} Model */

/** What the text panel writes and reads; other types are the embedder's. */
export const LETTER_TYPE = "text";
// `readConsultation` reads off the consultation what these tell.
const TOLD_BY_GETTERS = /** @type {const} */ ([
  "track",
  "track-ended",
  "picture",
  "silence",
  "subscriptions",
  "muted",
  "local",
  "waiting",
  "waiting-room",
  "held-back",
  "room",
]);

/**
 * @param {Words} words
 * @param {Consultation | null} consultation
 */
export function newModel(words, consultation) {
  return {
    words,
    state: /** @type {import("../public.js").ConsultationEvents["state"] | null} */ (consultation?.state ?? null),
    self: "",
    role: consultation?.self?.role ?? null,
    people: /** @type {Person[]} */ ([]),
    /** @type {Verdict} */
    network: "good",
    silences: /** @type {import("../public.js").Silence[]} */ ([]),
    path: /** @type {Consultation["path"]} */ (consultation?.path ?? null),
    local: {
      stream: /** @type {MediaStream | null} */ (consultation?.local.stream ?? null),
      microphone: /** @type {DeviceState} */ ("none"),
      camera: /** @type {DeviceState} */ ("none"),
      screen: false,
    },
    devices: /** @type {import("../public.js").ConsultationEvents["devices"] | null} */ (null),
    /** @type {"auto" | "fill" | "whole"} */
    fit: "auto",
    standing: /** @type {Consultation["standing"] | null} */ (consultation?.standing ?? null),
    rights: /** @type {import("../protocol.js").Right[]} */ ([]),
    isPrivate: false,
    /** Pictures are neither sent nor taken. */
    audioOnly: false,
    /** What the own device withholds, in words; empty while nothing. */
    interruption: "",
    /** Why a moderator's last command was refused. */
    refused: "",
    /** @type {"messages" | "settings" | "people" | null} */
    panel: null,
    letters: /** @type {Letter[]} */ ([]),
    unread: 0,
    notice: /** @type {Notice | null} */ (null),
    /** Who came or went last. */
    told: "",
  };
}

/**
 * Writes everything the consultation knows now into the model.
 *
 * @param {Model} model
 * @param {Consultation} consultation
 */
export function readConsultation(model, consultation) {
  const before = new Map(model.people.map((person) => [person.participant.id, person]));
  model.self = consultation.self?.id ?? "";
  model.role = consultation.self?.role ?? null;
  model.rights = consultation.self?.rights ?? [];
  model.isPrivate = consultation.self?.private ?? false;
  model.standing = consultation.standing;
  model.people = consultation.participants.map((participant) => personOf(participant, consultation, before.get(participant.id)));
  model.silences = consultation.silences;
  model.audioOnly = consultation.isAudioOnly;
  const { sources, stream } = consultation.local;
  /** @param {string} wanted */
  const device = (wanted) => {
    const source = sources.find((candidate) => candidate.source === wanted);
    if (!source) return "none";
    return source.muted ? "off" : "on";
  };
  model.local = { stream, microphone: device("microphone"), camera: device("camera"), screen: device("screen") === "on" };
}

/**
 * Writes into the model what only events tell.
 *
 * @param {Model} model
 * @param {<Type extends keyof ConsultationEvents>(type: Type, write: (detail: ConsultationEvents[Type]) => void) => void} on
 * @param {(line: import("../public.js").TextLine) => void} show What somebody else writes.
 */
export function followConsultation(model, on, show) {
  /** @param {string | undefined} id */
  const person = (id) => model.people.find(({ participant }) => participant.id === id);
  on("quality", ({ participant, direction, verdict }) => {
    if (!participant) model.network = verdict;
    const whose = person(participant?.id);
    if (whose) whose.quality = { ...whose.quality, [direction]: verdict };
  });
  on("speaking", ({ participant, speaking }) => Object.assign(person(participant.id) ?? {}, { speaking }));
  on("path", (path) => (model.path = path));
  on("participant", ({ change, words }) => {
    // Who lost their connection, or confers, is in the status line.
    if (change === "joined" || change === "left") model.told = words;
  });
  on("devices", (devices) => (model.devices = devices));
  on("message", ({ from, role, type, body }) => {
    if (type === LETTER_TYPE && typeof body === "string") addLetter(model, { from, role, text: body });
  });
  on("interruption", ({ sources, words }) => (model.interruption = sources.length > 0 ? words : ""));
  on("text", (line) => {
    const { writer, kind, text, done } = line;
    const isMine = writer.id === model.self;
    if (done && text && kind === "typed") addLetter(model, { from: isMine ? "me" : writer.id, role: writer.role, text });
    if (!isMine || kind === "caption") show(line);
  });
  on("error", (error) => {
    if (error.source) model.notice = { kind: "problem", error };
  });
  for (const type of TOLD_BY_GETTERS) on(type, () => {});
}

/**
 * Adds a written message, and counts it where nobody is reading.
 *
 * @param {Model} model
 * @param {Letter} letter
 */
export function addLetter(model, letter) {
  model.letters = [...model.letters, letter];
  if (model.panel !== "messages") model.unread += 1;
}

/**
 * @param {ParticipantInfo} participant
 * @param {Pick<Consultation, "tracks" | "pictures">} consultation
 * @param {Person | undefined} before
 * @returns {Person}
 */
function personOf(participant, { tracks, pictures }, before) {
  const theirs = tracks.filter((remote) => remote.participant.id === participant.id);
  const voiceOrFace = theirs.find(({ track }) => track.source !== "screen");
  const hidden = pictures.filter((picture) => picture.participant.id === participant.id);
  const camera = participant.tracks.find(({ source }) => source === "camera");
  const microphone = participant.tracks.find(({ source }) => source === "microphone");
  return {
    participant,
    stream: voiceOrFace?.stream ?? null,
    screen: theirs.find(({ track }) => track.source === "screen")?.stream ?? null,
    picture: theirs.some(({ track }) => track.source === "camera") && camera?.muted !== true,
    cameraAnnounced: camera !== undefined,
    cameraOff: camera?.muted ?? false,
    microphoneOff: microphone?.muted ?? false,
    hidden: hidden.find(({ source }) => source === "camera") ?? null,
    hiddenScreen: hidden.find(({ source }) => source === "screen") ?? null,
    speaking: before?.speaking ?? false,
    quality: before?.quality ?? { from: "good", towards: "good" },
  };
}
