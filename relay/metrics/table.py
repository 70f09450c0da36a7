"""The one table of all metrics: name, type, unit, labels, meaning.

Pure data. Nothing is exported that is not here (a test), and docs/metrics.md is generated from it.
"""

from __future__ import annotations

from typing import Final

from relay.metrics import buckets, of_paths, of_platforms, of_rooms, of_silences
from relay.metrics.metric import Metric

ROOMS: Final = Metric("visavis_rooms", "gauge", "", (), "Open rooms.")
PARTICIPANTS: Final = Metric(
    "visavis_participants", "gauge", "", ("role",), "People and devices in rooms."
)
SEATS_KEPT: Final = Metric(
    "visavis_seats_kept", "gauge", "", (), "Seats whose signalling is lost and whose place waits."
)
LEGS: Final = Metric("visavis_legs", "gauge", "", ("state",), "Transports by state.")
TRACKS: Final = Metric(
    "visavis_tracks",
    "gauge",
    "",
    ("direction", "kind"),
    "Tracks published (ingress) and carried by slots (egress).",
)
RETRANSMISSION_CACHE: Final = Metric(
    "visavis_retransmission_cache_bytes",
    "gauge",
    "bytes",
    (),
    "What the last second of every publisher's pictures takes of memory, for retransmission.",
)
JOINS: Final = Metric(
    "visavis_joins",
    "counter",
    "",
    ("outcome",),
    "Joins and resumes: joined, resumed, taken_over, or the code of the refusal.",
)
JOIN_DURATION: Final = Metric(
    "visavis_join_duration_seconds",
    "histogram",
    "seconds",
    (),
    "From a join to the moment its first leg carries keys, the client's part included.",
    buckets.JOIN_BUCKETS_S,
)
ANSWER_DURATION: Final = Metric(
    "visavis_answer_duration_seconds",
    "histogram",
    "seconds",
    (),
    "From an offer to its answer: the relay's own handling.",
    buckets.HANDLING_BUCKETS_S,
)
HANDSHAKE_HANDLING: Final = Metric(
    "visavis_handshake_handling_seconds",
    "histogram",
    "seconds",
    (),
    "Of a leg's DTLS handshake, what the relay itself spent: waits for the client excluded.",
    buckets.HANDLING_BUCKETS_S,
)
JOIN_HANDLING: Final = Metric(
    "visavis_join_handling_seconds",
    "histogram",
    "seconds",
    (),
    "Of a join, from its offer to its keys, what the relay itself spent: answers and handshake. "
    "Its first packet is relayed as soon as it arrives after that.",
    buckets.HANDLING_BUCKETS_S,
)
FIRST_MEDIA: Final = Metric(
    "visavis_first_media_seconds",
    "histogram",
    "seconds",
    (),
    "From a join to the first packet relayed to that participant.",
    buckets.JOIN_BUCKETS_S,
)
DTLS_FAILURES: Final = Metric(
    "visavis_dtls_failures", "counter", "", ("reason",), "Handshakes that failed."
)
LEG_FAILURES: Final = Metric(
    "visavis_leg_failures", "counter", "", ("reason",), "Legs that failed for any other reason."
)
WEBSOCKETS: Final = Metric(
    "visavis_websocket_connections",
    "gauge",
    "",
    ("state",),
    "Open signalling connections: waiting (no seat yet), seated, or checking devices and network.",
)
WEBSOCKET_CLOSES: Final = Metric(
    "visavis_websocket_closes",
    "counter",
    "",
    ("reason",),
    "Signalling connections that ended, by why: leave, socket_lost, seat_ended, join_timeout, "
    "token_refused, slow_consumer, protocol_error, draining, or internal (a fault of the relay).",
)
BAD_INPUT: Final = Metric(
    "visavis_bad_input",
    "counter",
    "",
    ("door", "reason"),
    "Input refused at a door: upgrade (requests for a WebSocket), token, signalling (messages), "
    "offer, message (data messages); by the code of the refusal, for tokens by what was wrong.",
)
MESSAGES: Final = Metric(
    "visavis_messages", "counter", "", ("direction",), "Data messages received and delivered."
)
MESSAGES_HELD: Final = Metric(
    "visavis_messages_held", "counter", "", (), "Data messages kept until a channel opens."
)
MESSAGES_UNDELIVERED: Final = Metric(
    "visavis_messages_undelivered",
    "counter",
    "",
    ("reason",),
    "Data messages that a recipient did not get: overloaded, too_large, not_found (takes none), "
    "limit_reached (too large to be held), displaced (by newer ones) or seat_ended.",
)
NO_COMMON_CODECS: Final = Metric(
    "visavis_no_common_codecs",
    "counter",
    "",
    (),
    "Pictures not sent to somebody because no codec of the publisher suits everybody.",
)
SLOW_CONSUMERS: Final = Metric(
    "visavis_slow_consumers", "counter", "", (), "Attachments closed because events piled up."
)
EVENTS_DROPPED: Final = Metric(
    "visavis_engine_events_dropped",
    "counter",
    "",
    ("queue",),
    "Engine events and DTLS records that overflowed a leg's queue.",
)
RTT: Final = Metric(
    "visavis_rtt_seconds",
    "histogram",
    "seconds",
    (),
    "Round trip between relay and participant, one sample per leg and quality round.",
    buckets.RTT_BUCKETS_S,
)
LOSS: Final = Metric(
    "visavis_packet_loss_ratio",
    "histogram",
    "ratio",
    ("direction",),
    "Share of packets lost on the way in or out, one sample per leg and quality round.",
    buckets.LOSS_BUCKETS,
)
BANDWIDTH: Final = Metric(
    "visavis_estimated_bandwidth_bits_per_second",
    "histogram",
    "bits_per_second",
    (),
    "What paths towards participants are thought to carry, one sample per leg and quality round.",
    buckets.BANDWIDTH_BUCKETS_BPS,
)
RECEIVERS: Final = Metric(
    "visavis_receivers",
    "gauge",
    "",
    ("state",),
    "Legs by what they get of the pictures they want: full, reduced, followed (an encoder makes "
    "what their path carries), partly_paused, video_paused, audio_only (none is wanted, or sent).",
)
RECEIVER_STATE_SECONDS: Final = Metric(
    "visavis_receiver_state_seconds",
    "counter",
    "seconds",
    ("state",),
    "Time of video subscriptions, each counted under its receiver's state (visavis_receivers).",
)
LAYER_SWITCHES: Final = Metric(
    "visavis_layer_switches", "counter", "", (), "Changes of the layers that a slot is sent."
)
PICTURES_PAUSED: Final = Metric(
    "visavis_pictures_paused",
    "counter",
    "",
    ("reason",),
    "Pictures paused for a receiver: low_rate (its path carries too little beside sound), "
    "no_room (others matter more).",
)
PROBES: Final = Metric(
    "visavis_probes", "counter", "", (), "Bursts that asked a path whether it carries more."
)
LOOP_LAG: Final = Metric(
    "visavis_event_loop_lag_seconds",
    "histogram",
    "seconds",
    (),
    "How much later than asked the Python event loop wakes up.",
    buckets.LAG_BUCKETS_S,
)
DRAINING: Final = Metric(
    "visavis_draining", "gauge", "", (), "1 while the relay takes no new rooms because it stops."
)
BUILD: Final = Metric(
    "visavis_build", "info", "", ("version", "engine"), "What is running; always 1."
)

RTP_PACKETS: Final = Metric(
    "visavis_rtp_packets",
    "counter",
    "",
    ("direction", "kind"),
    "RTP packets authenticated (ingress) or sent (egress), retransmissions excluded.",
)
RTP_BYTES: Final = Metric(
    "visavis_rtp_bytes", "counter", "bytes", ("direction", "kind"), "Bytes of those packets."
)
RTP_PADDING: Final = Metric(
    "visavis_rtp_padding_bytes", "counter", "bytes", (), "Beside those: makes packets equally long."
)
RTX_PACKETS: Final = Metric(
    "visavis_rtx_packets", "counter", "", ("direction",), "Retransmissions (RFC 4588)."
)
SOUND_REPAIRS: Final = Metric(
    "visavis_sound_repairs",
    "counter",
    "",
    ("direction", "means"),
    "Frames of sound received or sent once more: in later packets (redundancy), alone (nack).",
)
RTCP_PACKETS: Final = Metric(
    "visavis_rtcp_packets", "counter", "", ("direction",), "RTCP compounds."
)
NACKS: Final = Metric(
    "visavis_nacks",
    "counter",
    "",
    ("direction",),
    "Packets asked for again: by subscribers (ingress), of publishers (egress).",
)
KEY_FRAME_REQUESTS: Final = Metric(
    "visavis_key_frame_requests",
    "counter",
    "",
    ("direction", "type"),
    "Key frames asked for: by subscribers (ingress), of publishers (egress).",
)
KEY_FRAME_REQUESTS_COLLAPSED: Final = Metric(
    "visavis_key_frame_requests_collapsed",
    "counter",
    "",
    (),
    "Subscribers' requests answered by a key frame already asked for.",
)
TRANSPORT_FEEDBACK: Final = Metric(
    "visavis_transport_feedback", "counter", "", ("direction",), "Transport-wide feedback messages."
)
TRANSPORT_FEEDBACK_BYTES: Final = Metric(
    "visavis_transport_feedback_sent_bytes", "counter", "bytes", (), "Of those, on the wire."
)
PACKETS_LOST: Final = Metric(
    "visavis_ingress_packets_lost", "counter", "", (), "Packets that never reached the relay."
)
DROPS: Final = Metric(
    "visavis_dropped_packets", "counter", "", ("reason",), "Packets dropped, by reason."
)
ENGINE_EVENTS: Final = Metric(
    "visavis_engine_events",
    "counter",
    "",
    ("event",),
    "Rare events of the packet path: stun_answered, address_changes, consents_lost and others.",
)
FORWARD_LATENCY: Final = Metric(
    "visavis_forward_latency_seconds",
    "histogram",
    "seconds",
    (),
    "From a packet's arrival at the machine to the moment it is handed to the kernel again, "
    "in buckets up to 1 s.",
    buckets.FORWARD_BUCKETS_S,
)

METRICS: Final[tuple[Metric, ...]] = (
    *(value for value in list(globals().values()) if isinstance(value, Metric)),
    *of_paths.METRICS,
    *of_rooms.METRICS,
    *of_silences.METRICS,
    *of_platforms.METRICS,
)
"""All of the above, in that order, then those that have files of their own."""
