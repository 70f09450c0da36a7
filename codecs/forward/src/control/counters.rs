//! Every number a worker counts, by name; `relay/metrics` gives them their Prometheus names.

mod counts;

pub use counts::Counters;

macro_rules! counters {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(usize)]
        pub enum Counter { $($(#[doc = $doc])* $variant,)* }

        impl Counter {
            /// All counters, in the order of [`Counters::values`].
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The stable name: `drop_*` is a packet that went nowhere, and says why.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

counters! {
    /// RTP received and authenticated.
    IngressAudioPackets = "ingress_audio_packets",
    /// Bytes of those, headers included.
    IngressAudioBytes = "ingress_audio_bytes",
    /// RTP received and authenticated.
    IngressVideoPackets = "ingress_video_packets",
    /// Bytes of those, headers included.
    IngressVideoBytes = "ingress_video_bytes",
    /// RTP sent, retransmissions excluded.
    EgressAudioPackets = "egress_audio_packets",
    /// Bytes of those, headers included.
    EgressAudioBytes = "egress_audio_bytes",
    /// RTP sent, retransmissions excluded.
    EgressVideoPackets = "egress_video_packets",
    /// Bytes of those, headers included.
    EgressVideoBytes = "egress_video_bytes",
    /// RTP padding that made the packets of a run equal; not among the bytes above.
    EgressPaddingBytes = "egress_padding_bytes",
    /// Frames of sound that a later packet carried to a subscriber once more.
    EgressRedundantBlocks = "egress_redundant_blocks",
    /// Packets of sound that were lost on their way to us and came with a later one.
    IngressPacketsRecovered = "ingress_packets_recovered",
    /// Packets of sound sent again to who asked for them.
    EgressResentPackets = "egress_resent_packets",
    /// Retransmissions from publishers.
    IngressRtxPackets = "ingress_rtx_packets",
    /// Retransmissions sent to subscribers.
    EgressRtxPackets = "egress_rtx_packets",
    /// RTCP compounds received and authenticated.
    IngressRtcpPackets = "ingress_rtcp_packets",
    /// RTCP compounds sent.
    EgressRtcpPackets = "egress_rtcp_packets",
    /// Sequence numbers subscribers asked for again.
    NacksReceived = "nacks_received",
    /// Sequence numbers asked of publishers.
    NacksSent = "nacks_sent",
    /// Key frames subscribers asked for by PLI.
    PlisReceived = "plis_received",
    /// Key frames subscribers asked for by FIR.
    FirsReceived = "firs_received",
    /// Key frames asked of publishers, by PLI.
    PlisSent = "plis_sent",
    /// Key-frame requests answered by one already on its way.
    PlisCollapsed = "plis_collapsed",
    /// Pictures that began anew, because their path had become too narrow for what was asked for again.
    RepairsGivenUp = "repairs_given_up",
    /// Requests for packets of pictures that will not be sent again, for which a key frame is asked for instead.
    LossesPastRepair = "losses_past_repair",
    /// Goodbyes of publishers; that nothing comes any more is noticed by itself.
    ByesReceived = "byes_received",
    /// Transport-wide feedback sent to publishers.
    TransportFeedbackSent = "transport_feedback_sent",
    /// Bytes of that, with protection and the headers of IP and UDP.
    TransportFeedbackSentBytes = "transport_feedback_sent_bytes",
    /// Transport-wide feedback received from subscribers.
    TransportFeedbackReceived = "transport_feedback_received",
    /// Estimates of their own that subscribers sent (REMB).
    RembsReceived = "rembs_received",
    /// Bursts that asked a path for more than it was sent.
    Probes = "probes",
    /// Packets sent to make up a burst; not among the packets and bytes above.
    EgressProbePackets = "egress_probe_packets",
    /// Caps on what publishers send, and the ends of such caps, sent as REMB.
    RembsSent = "rembs_sent",
    /// Packets lost on their way to us, by sequence gaps never filled.
    IngressPacketsLost = "ingress_packets_lost",
    /// Announcements of video layers that end early.
    LayersAllocationTruncated = "layers_allocation_truncated",
    /// Announcements of video layers with bytes left over.
    LayersAllocationLength = "layers_allocation_length",
    /// Announcements of video layers that claim what cannot be.
    LayersAllocationValue = "layers_allocation_value",
    /// Dependency descriptors that lie; their packets go on.
    DependencyDescriptorsMalformed = "dependency_descriptors_malformed",
    /// STUN binding requests answered.
    StunAnswered = "stun_answered",
    /// DTLS records handed to Python.
    DtlsRecords = "dtls_records",
    /// Legs that moved to another address.
    AddressChanges = "address_changes",
    /// Addresses asked whether they are a participant's, because media of theirs came from there.
    AddressesAsked = "addresses_asked",
    /// Legs whose consent ran out.
    ConsentsLost = "consents_lost",
    /// Legs that are reached by UDP just now; like the next one it also falls.
    LegsByUdp = "legs_udp",
    /// Legs that are reached by TCP just now.
    LegsByTcp = "legs_tcp",
    /// Commands that named a thing already gone.
    CommandsUnknownTarget = "commands_unknown_target",
    /// Commands that ask for what may not be: a name used twice, keys set twice.
    CommandsRefused = "commands_refused",
    /// Empty, or of no protocol we speak.
    DropUnknownProtocol = "drop_unknown_protocol",
    /// Longer than 1,500 bytes.
    DropOversize = "drop_oversize",
    /// Anything but STUN from an address that never passed an authenticated check.
    DropUnknownSource = "drop_unknown_source",
    /// STUN that does not parse.
    DropStunMalformed = "drop_stun_malformed",
    /// STUN for no leg of ours.
    DropStunUnknownUfrag = "drop_stun_unknown_ufrag",
    /// STUN whose integrity or fingerprint is wrong.
    DropStunIntegrity = "drop_stun_integrity",
    /// A STUN reply, indication or method a lite agent has no use for.
    DropStunUnexpected = "drop_stun_unexpected",
    /// STUN for one leg from an address that another leg is using.
    DropStunPathTaken = "drop_stun_path_taken",
    /// STUN over a leg's allowance.
    DropStunRateLimited = "drop_stun_rate_limited",
    /// DTLS over a leg's allowance.
    DropDtlsFlood = "drop_dtls_flood",
    /// Media before the handshake gave keys.
    DropNoKeys = "drop_no_keys",
    /// A header, extension or padding that lies.
    DropRtpMalformed = "drop_rtp_malformed",
    /// SRTP shorter than its tag.
    DropSrtpTooShort = "drop_srtp_too_short",
    /// SRTP or SRTCP whose tag is wrong.
    DropSrtpAuthentication = "drop_srtp_authentication",
    /// SRTP or SRTCP seen before.
    DropSrtpReplayed = "drop_srtp_replayed",
    /// SRTP or SRTCP older than the replay window.
    DropSrtpTooOld = "drop_srtp_too_old",
    /// SRTCP that says it is not encrypted.
    DropSrtcpNotEncrypted = "drop_srtcp_not_encrypted",
    /// More SSRCs than one participant may have.
    DropSsrcLimit = "drop_ssrc_limit",
    /// An SSRC that belongs to no published track.
    DropUnknownSsrc = "drop_unknown_ssrc",
    /// A change of SSRC, codec or numbers less than a second after the last.
    DropChangedTooSoon = "drop_changed_too_soon",
    /// A payload type that was not negotiated.
    DropUnknownPayloadType = "drop_unknown_payload_type",
    /// A payload descriptor that lies.
    DropPayloadMalformed = "drop_payload_malformed",
    /// RTCP that does not parse.
    DropRtcpMalformed = "drop_rtcp_malformed",
    /// RTCP about an SSRC that is not its sender's business.
    DropRtcpForeignSsrc = "drop_rtcp_foreign_ssrc",
    /// A packet that arrived twice.
    DropDuplicate = "drop_duplicate",
    /// Held back: muted or not admitted.
    DropNotForwarded = "drop_not_forwarded",
    /// A codec this subscriber did not negotiate.
    DropCodecNotNegotiated = "drop_codec_not_negotiated",
    /// Video before the key frame that starts a slot.
    DropAwaitingKeyFrame = "drop_awaiting_key_frame",
    /// An encoding the slot does not carry just now.
    DropOtherEncoding = "drop_other_encoding",
    /// For a slot that is paused, because its subscriber's network does not carry a picture just now.
    DropPaused = "drop_paused",
    /// Waited for its subscriber's path when a key frame took its place.
    DropOvertaken = "drop_overtaken",
    /// Waited for its subscriber's path until it was of no use any more.
    DropWaitedTooLong = "drop_waited_too_long",
    /// A temporal layer above the chosen one.
    DropTemporalLayer = "drop_temporal_layer",
    /// A spatial layer above the chosen one.
    DropSpatialLayer = "drop_spatial_layer",
    /// No path to the subscriber yet, or no keys.
    DropSubscriberNotReady = "drop_subscriber_not_ready",
    /// Later than the packets already sent on its slot could make room for.
    DropTooLate = "drop_too_late",
    /// Retransmission asked for something no longer kept.
    DropRtxNotCached = "drop_rtx_not_cached",
    /// Retransmission asked for too often or too soon, or of sound where the round trip is long.
    DropRtxThrottled = "drop_rtx_throttled",
    /// Retransmission nobody asked for, or padding.
    DropRtxUnknown = "drop_rtx_unknown",
    /// Transport-wide feedback over a leg's allowance.
    DropFeedbackFlood = "drop_feedback_flood",
    /// Feedback on packets that were never sent, or are long forgotten.
    DropFeedbackUnknown = "drop_feedback_unknown",
    /// A burst on a leg that has no line for retransmissions and was sent no picture.
    DropProbeWithoutLine = "drop_probe_without_line",
    /// The outbox was full.
    DropOutboxFull = "drop_outbox_full",
    /// A packet that could not be protected.
    DropSealRefused = "drop_seal_refused",
    /// What the retransmission caches take of memory just now; it also falls.
    CacheBytes = "cache_bytes",
    /// Forwarded within 50 µs of arrival.
    ForwardLatencyLe50us = "forward_latency_le_50000",
    /// Forwarded within 100 µs.
    ForwardLatencyLe100us = "forward_latency_le_100000",
    /// Forwarded within 250 µs.
    ForwardLatencyLe250us = "forward_latency_le_250000",
    /// Forwarded within 500 µs.
    ForwardLatencyLe500us = "forward_latency_le_500000",
    /// Forwarded within 1 ms.
    ForwardLatencyLe1ms = "forward_latency_le_1000000",
    /// Forwarded within 2 ms.
    ForwardLatencyLe2ms = "forward_latency_le_2000000",
    /// Forwarded within 5 ms.
    ForwardLatencyLe5ms = "forward_latency_le_5000000",
    /// Forwarded within 10 ms.
    ForwardLatencyLe10ms = "forward_latency_le_10000000",
    /// Forwarded within 20 ms.
    ForwardLatencyLe20ms = "forward_latency_le_20000000",
    /// Forwarded within 50 ms.
    ForwardLatencyLe50ms = "forward_latency_le_50000000",
    /// Forwarded within 100 ms.
    ForwardLatencyLe100ms = "forward_latency_le_100000000",
    /// Forwarded within 200 ms.
    ForwardLatencyLe200ms = "forward_latency_le_200000000",
    /// Forwarded within 500 ms.
    ForwardLatencyLe500ms = "forward_latency_le_500000000",
    /// Forwarded within 1 s.
    ForwardLatencyLe1s = "forward_latency_le_1000000000",
    /// Forwarded at all.
    ForwardLatencyCount = "forward_latency_count",
    /// Sum of all forwarding latencies, ns.
    ForwardLatencySumNs = "forward_latency_sum_ns",
}
