/**
 * The types an embedder sees (docs/embedding.md). No code.
 *
 * @typedef {import("./protocol.js").ParticipantInfo} ParticipantInfo
 * @typedef {import("./protocol.js").TrackInfo} TrackInfo
 * @typedef {import("./protocol.js").Role} Role
 * @typedef {import("./protocol.js").Source} Source
 * @typedef {import("./protocol.js").Verdict} Verdict
 * @typedef {import("./protocol.js").Direction} Direction
 * @typedef {import("./devices.js").DeviceList} DeviceList
 * @typedef {import("./channel.js").OutgoingMessage} OutgoingMessage
 * @typedef {import("./channel.js").IncomingMessage} IncomingMessage
 * @typedef {import("./publisher.js").PublishWish} PublishWish
 * @typedef {import("./publisher.js").PublishResult} PublishResult
 * @typedef {import("./errors.js").ConsultationError} ConsultationError
 *
 * @typedef {object} ConsultationOptions
 * @property {string | (() => string | Promise<string>)} token The JWT, or where to get a new one: asked again when the
 *   relay lost the seat. With a function give `url` too.
 * @property {string} [url] The relay's WebSocket address, where it is not the token's.
 * @property {string} [lang] `fr` or `en`; the page's language by default.
 * @property {import("./reconnect.js").ReconnectPolicy} [reconnectPolicy]
 * @property {Environment} [environment] What tests and unusual hosts put in the browser's place.
 *
 * @typedef {object} Environment
 * @property {import("./clock.js").Clock} [clock]
 * @property {(url: string, protocol: string) => WebSocket} [openSocket]
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} [openConnection]
 * @property {() => MediaStream} [newStream]
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [storage] `null`: a reload is a new join.
 *
 * @typedef {object} RemoteTrack
 * @property {ParticipantInfo} participant
 * @property {TrackInfo} track
 * @property {MediaStreamTrack} mediaTrack
 * @property {MediaStream} stream One per person for voice and face, one per shared screen; the same object for as
 *   long as the person is there.
 *
 * @typedef {object} HiddenPicture
 * @property {ParticipantInfo} participant
 * @property {Source} source `camera` or `screen`.
 * @property {boolean} paused It comes back by itself; its track stays, and so does the sound.
 * @property {string} reason Paused: `low_rate` (sound needs all that the own network carries), `no_room` (what matters more
 *   takes it). Else `no_common_codec`: this browser cannot show it.
 * @property {string} words
 *
 * @typedef {object} Silence
 * @property {ParticipantInfo | null} participant Who does not hear or see this side, or is not heard or seen here; `null`:
 *   none of several hears or sees this side.
 * @property {Direction} direction `towards`: they do not hear or see this side; `from`: this side does not them.
 * @property {Source} source What is missing.
 * @property {string} stage How far it comes: `not_captured`, `not_arriving` (at the relay), `not_forwarded`, `not_received`,
 *   `not_played`.
 * @property {string} cause The likely one; docs/silence.md lists them. A later relay may know more.
 * @property {boolean} isMine Whether this side can do something about it; `words` say what.
 * @property {boolean} over It is heard or seen again.
 * @property {string} words
 *
 * @typedef {object} ConsultationEvents
 * @property {RemoteTrack} track Something to play. Told again with another `mediaTrack` after a repaired connection.
 * @property {RemoteTrack} track-ended
 * @property {{ participant: ParticipantInfo, track: TrackInfo, muted: boolean, words: string }} muted
 * @property {HiddenPicture} picture A picture cannot be seen from now on, or can again (an empty reason).
 * @property {{ participant: ParticipantInfo, change: "joined" | "left" | "interrupted" | "back", words: string }} participant
 * @property {{ state: import("./state.js").StateName, reason: string, words: string, error: ConsultationError | null }} state
 * @property {{ participant: ParticipantInfo | null, direction: Direction, verdict: Verdict, words: string }} quality
 *   How the participant is heard here (`from`) or hears this side (`towards`); `null`: the own network.
 * @property {Silence} silence Somebody is not heard or seen though they should be, or is again.
 * @property {IncomingMessage} message
 * @property {{ participant: { id: string, role: Role }, speaking: boolean }} speaking
 * @property {DeviceList & { microphone?: string, camera?: string }} devices The devices changed, or those in use.
 * @property {{ sources: LocalSource[], stream: MediaStream }} local What is sent from here changed.
 * @property {ConsultationError} error Something failed that nobody was waiting for.
 *
 * @typedef {{ source: Source, muted: boolean, mediaTrack: MediaStreamTrack | null }} LocalSource
 */

export {};
