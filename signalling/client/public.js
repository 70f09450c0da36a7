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
 * @typedef {import("./marks.js").Keeps} Keeps
 * @typedef {import("./errors.js").ConsultationError} ConsultationError
 *
 * @typedef {object} ConsultationOptions
 * @property {string | (() => string | Promise<string>)} token The JWT, or where to get a new one: asked again when the
 *   relay lost the seat. With a function give `url` too.
 * @property {string | (() => string | Promise<string>)} [renewToken] Where to get another token of this person where `token` is a
 *   string: asked when the relay finds that too old, and whenever it has lost the seat. An address answers a GET with the token as
 *   text; 401, 403, 404, 410, a redirect and what is no token end it. A function that rejects, and an address that does not answer
 *   within ten seconds, are asked again.
 * @property {string} [url] The relay's WebSocket address, where it is not the token's.
 * @property {string} [lang] `fr` or `en`; the page's language by default.
 * @property {import("./reconnect.js").ReconnectPolicy} [reconnectPolicy]
 * @property {RTCIceTransportPolicy} [iceTransportPolicy] `relay`: sound and picture go through a TURN server and no other way.
 * @property {Environment} [environment] What tests and unusual hosts put in the browser's place.
 *
 * @typedef {object} PublishWish
 * @property {boolean} [audio]
 * @property {import("./marks.js").PictureWish} [video] `{ keeps: "motion" }` for hands that sign, `{ keeps: "detail" }` for a wound.
 * @property {import("./marks.js").PictureWish} [screen]
 * @property {MediaStreamTrack[]} [tracks] The embedder's own; a video track with `contentHint` `detail` or `text` is a screen.
 *
 * @typedef {{ published: Source[], problems: ConsultationError[] }} PublishResult
 *
 * @typedef {object} Environment
 * @property {import("./clock.js").Clock} [clock]
 * @property {(url: string, protocol: string) => WebSocket} [openSocket]
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} [openConnection]
 * @property {() => MediaStream} [newStream]
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [storage] `null`: a reload is a new join.
 * @property {import("./device_memory.js").Memory} [memory] Where the choice of devices outlives the tab; `null`: nowhere.
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
 * @property {string} reason Paused: `low_rate` (the own network carries too little for it beside sound, however small),
 *   `no_room` (it would carry it alone, and what matters more takes that). Else `no_common_codec`: this browser cannot show it.
 * @property {string} words
 *
 * @typedef {object} SentPicture What is sent here of one picture. `null` is not known, or of a layer: all of them.
 * @property {ParticipantInfo} participant
 * @property {TrackInfo} track
 * @property {string} state `sent`; paused as `low_rate` or `no_room`; `not_sent`: its publisher sends none that would fit.
 * @property {string | null} rid Of the encoding: `h`, `m` or `l` for a camera of the SDK.
 * @property {number | null} spatial_layer
 * @property {number | null} temporal_layer The highest that is sent.
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} kbps
 *
 * @typedef {object} Reception
 * @property {string} state `full`, `reduced`, `followed`, `partly_paused`, `video_paused` or `audio_only`.
 * @property {number | null} path_kbps What the own network is thought to carry from the relay; `null` until it is known.
 * @property {SentPicture[]} pictures
 *
 * @typedef {object} StandingEvents
 * @property {{ place: number, notice: string, reason: "waiting_room" | "sent_back" | "handed_over", words: string }} waiting
 *   This page waits to be let in, or its place or the notice changed. `place` is 1 for whoever is next.
 * @property {{ people: import("./protocol.js").WaitingInfo[], total: number, notice: string }} waiting-room Who waits, for
 *   those who may admit: the first fifty, by their places.
 * @property {{ sources: Source[] }} held-back Which sources of this page moderators have muted.
 * @property {{ locked: boolean, ends_in_s?: number }} room
 *
 * @typedef {{ do: "admit" | "send_back" | "eject", participant: string }
 *   | { do: "hand_over", to: string, patient?: string } | { do: "move", participant: string, room: string }
 *   | { do: "mute", participant: string, muted: boolean, sources?: Source[] } | { do: "mute_all", muted: boolean }
 *   | { do: "confer", members: string[] } | { do: "lock", locked: boolean } | { do: "notice", text: string }
 *   | { do: "extend", seconds: number } | { do: "close" }} Command
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
 * @typedef {object} TextWish
 * @property {boolean} [done] The line is over; the next text begins another one.
 * @property {string} [to] As in `send`.
 * @property {string} [of] Captions: the participant whose words they are. Without it they are typed by whoever sends them.
 * @property {string} [lang] The language they are in, as a tag.
 *
 * @typedef {object} TextLine
 * @property {{ id: string, role: Role }} participant Whose words they are; may be this page's own.
 * @property {{ id: string, role: Role }} writer Who sent them, as the relay vouches.
 * @property {"typed" | "caption"} kind
 * @property {number} line Of the writer; another number is another line.
 * @property {string} text All of the line as it stands now.
 * @property {boolean} done
 * @property {string} lang Empty where the writer did not say.
 *
 * @typedef {object} ConsultationOwnEvents
 * @property {RemoteTrack} track Something to play. Told again with another `mediaTrack` after a repaired connection.
 * @property {RemoteTrack} track-ended
 * @property {{ participant: ParticipantInfo, track: TrackInfo, muted: boolean, words: string }} muted
 * @property {HiddenPicture} picture A picture cannot be seen from now on, or can again (an empty reason).
 * @property {{ participant: ParticipantInfo, change: import("./roster.js").Change, words: string }} participant
 * @property {{ state: import("./state.js").StateName, reason: string, words: string, error: ConsultationError | null }} state
 * @property {{ participant: ParticipantInfo | null, direction: Direction, verdict: Verdict, words: string }} quality
 *   How the participant is heard here (`from`) or hears this side (`towards`); `null`: the own network.
 * @property {Reception} subscriptions What is sent here of each picture has changed by a step; once a second at the most.
 * @property {Silence} silence Somebody is not heard or seen though they should be, or is again.
 * @property {{ sources: Source[], words: string }} interruption What this page would send is withheld by its device (a phone call, a hidden page), or gone;
 *   `[]`: nothing any more.
 * @property {import("./paths.js").Path} path Which way sound and picture take, when that becomes known or changes.
 * @property {IncomingMessage} message
 * @property {TextLine} text Somebody writes and is read while they do, here, too; or somebody's words are captioned.
 * @property {{ participant: { id: string, role: Role }, speaking: boolean }} speaking
 * @property {DeviceList & { microphone?: string, camera?: string, speaker?: string }} devices The devices changed, or those in use.
 * @property {{ sources: LocalSource[], stream: MediaStream }} local What is sent from here changed.
 * @property {ConsultationError} error Something failed that nobody was waiting for.
 *
 * @typedef {ConsultationOwnEvents & StandingEvents} ConsultationEvents
 *
 * @typedef {{ source: Source, muted: boolean, keeps: Keeps | null, mediaTrack: MediaStreamTrack | null }} LocalSource
 */

export {};
