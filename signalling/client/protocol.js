/**
 * The WebSocket protocol as the client sees it (docs/protocol.md), and the types shared by the SDK.
 *
 * @typedef {"practitioner" | "patient" | "carer" | "interpreter" | "expert" | "assistant" | "device" | "observer"} Role
 * @typedef {"microphone" | "camera" | "screen"} Source
 * @typedef {{ id: string, kind: "audio" | "video", source: Source, muted: boolean }} TrackInfo
 * @typedef {{ id: string, role: Role, connected: boolean, private?: boolean, tracks: TrackInfo[] }} ParticipantInfo
 *   `private`: they confer, and nothing of them reaches whoever does not.
 * @typedef {"admit" | "moderate" | "move" | "confer"} Right
 * @typedef {{ participants: ParticipantInfo[], locked?: boolean, ends_in_s?: number }} RoomInfo
 * @typedef {{ id: string, role: Role, connected: boolean, label: string, priority: "urgent" | "normal", waited_s: number,
 *   precall?: "ready" | "limited" | "not_ready" | null }} WaitingInfo
 *   `label`: what their token says, written by the embedder. `precall`: what their check before the consultation came to.
 * @typedef {{ mid: string, participant: string, track: string, kind: "audio" | "video", source: Source, paused?: string }} BoundSlot
 *   `paused`: why its picture is not sent just now: `low_rate` or `no_room`.
 * @typedef {BoundSlot | { mid: string, track: null, reason?: string }} SlotBinding
 * @typedef {"good" | "weak" | "poor" | "silent"} Verdict
 * @typedef {"from" | "towards"} Direction
 * @typedef {{ rid: string, active: boolean, max_bitrate_bps?: number, scale?: number }} EncodingChoice
 *
 * @typedef {object} Joined
 * @property {"joined"} type
 * @property {boolean} resumed
 * @property {string} seat
 * @property {string} secret
 * @property {string} participant
 * @property {Role} role
 * @property {TrackInfo[]} tracks One's own, as the others know them.
 * @property {RoomInfo} room
 * @property {"admitted" | "waiting"} [standing]
 * @property {Right[]} [rights]
 * @property {boolean} [private]
 * @property {string} [group] The key of the private conversation that one is in.
 * @property {RTCIceServer[]} ice_servers
 * @property {number} keep_s
 * @property {{ audio: number, video: number }} slots
 *
 * @typedef {{ type: "participant_joined", participant: ParticipantInfo }} ParticipantJoined
 * @typedef {{ type: "participant_left", participant: string, reason: string }} ParticipantLeft
 * @typedef {{ type: "participant_changed", participant: string, connected: boolean, private?: boolean, group?: string }} ParticipantChanged
 * @typedef {{ type: "track_published", participant: string, track: TrackInfo }} TrackPublished
 * @typedef {{ type: "track_unpublished", participant: string, track: string }} TrackUnpublished
 * @typedef {{ type: "track_muted", participant: string, track: string, muted: boolean }} TrackMuted
 * @typedef {{ type: "slots", bindings: SlotBinding[] }} Slots
 * @typedef {{ type: "more_slots", audio: number, video: number }} MoreSlots
 * @typedef {{ type: "renegotiate", reason: string }} Renegotiate
 * @typedef {{ type: "ice_servers", ice_servers: RTCIceServer[] }} IceServers
 * @typedef {{ type: "encodings", track: string, encodings: EncodingChoice[], keeps?: "motion" | "detail" }} Encodings
 * @typedef {{ type: "connection", state: "connecting" | "connected" | "interrupted" | "failed", reason?: string }} LegState
 * @typedef {{ type: "quality", participant: string, direction: Direction, verdict: Verdict, loss_ratio: number, rtt_ms?: number }} RelayQuality
 * @typedef {{ track: string, state: string, rid?: string, spatial_layer?: number, temporal_layer?: number, width?: number, height?: number, kbps?: number }} PictureSent
 * @typedef {{ type: "subscriptions", state: string, path_kbps?: number, pictures: PictureSent[] }} Subscriptions
 * @typedef {{ track: string, publisher: string, source: Source, stage: string, cause: string, receiver?: string }} RelaySilence
 * @typedef {{ type: "silences", silences: RelaySilence[] }} Silences
 * @typedef {{ type: "speaking", participant: string, speaking: boolean }} Speaking
 * @typedef {{ type: "waiting", place: number, notice?: string, reason?: "sent_back" | "handed_over" }} Waiting
 * @typedef {{ type: "admitted", room: RoomInfo }} Admitted
 * @typedef {{ type: "moved", participant: string, room: RoomInfo, standing?: "admitted" | "waiting",
 *   tracks?: TrackInfo[], keeps_leg?: boolean, ticket?: string }} Moved
 * @typedef {{ type: "relocate", ticket: string, url?: string }} Relocate
 * @typedef {{ type: "waiting_room", people: WaitingInfo[], total: number, notice?: string }} WaitingRoom
 * @typedef {{ type: "held_back", sources: Source[] }} HeldBack
 * @typedef {{ type: "room_changed", locked: boolean, ends_in_s?: number }} RoomChanged
 * @typedef {{ type: "closing", code: string, words: string, action: string }} Closing
 * @typedef {{ type: "error", id?: number, code: string, words: string, action: string, retry_after_s?: number }} RelayError
 *
 * @typedef {ParticipantJoined | ParticipantLeft | ParticipantChanged | TrackPublished | TrackUnpublished | TrackMuted
 *   | Slots | MoreSlots | Renegotiate | IceServers | Encodings | LegState | RelayQuality | Subscriptions | Silences | Speaking | Waiting | Admitted | Moved | Relocate
 *   | WaitingRoom | HeldBack | RoomChanged | Closing | RelayError} RelayMessage
 */

export const SUBPROTOCOL = "visavis.v1";

/** The largest message the relay takes, on the socket and on the data channel. */
export const MAX_MESSAGE_BYTES = 65_536;

/** After these the seat is gone or somebody else's: coming back by itself would be wrong. */
export const FINAL_CODES = new Set(["left", "replaced", "taken_over", "room_closed", "ejected", "token_invalid"]);

/** Close codes that are final even when the `closing` message before them was lost. */
export const FINAL_CLOSE_CODES = new Map([
  [4001, "token_invalid"],
  [4002, "replaced"],
  [4005, "ejected"],
]);
