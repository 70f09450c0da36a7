//! One transport: its paths, keys, extensions and the SSRCs that come over it.

use smallvec::SmallVec;
use wire::extensions::{ExtensionKind, ExtensionMap};
use wire::payload::Kind;

use crate::congestion_control::bandwidth::Bandwidth;
use crate::ingress::sources::Sources;
use crate::legs::ice_lite::{Credentials, IceLite};
use crate::legs::rebinding::{QUESTIONS_PER_SECOND, Question};
use crate::repair::resend::SentPackets;
use crate::rtcp::arrivals::Arrivals;
use crate::rtcp::publisher_limit::PublisherLimit;
use crate::rtcp::sender_clock::ClockOffset;
use crate::srtp::{Inbound, Outbound};
use crate::worker::allowance::Allowance;
use crate::worker::ids::{LegId, SlotKey, TrackKey};

/// One transport of one participant.
pub struct Leg {
    /// Its name in the process.
    pub id: LegId,
    /// Its paths.
    pub ice: IceLite,
    /// What its participant signs with (RFC 8445 §7.2.2).
    pub peer: Option<Box<Credentials>>,
    /// What the address was asked that media of its participant came from last, unknown till then.
    pub question: Option<Box<Question>>,
    /// Addresses that may still be asked.
    pub questions: Allowance,
    /// Keys, once the handshake is done.
    pub srtp: Option<Srtp>,
    /// Negotiated header extensions.
    pub extensions: ExtensionMap,
    /// Whether RTCP packets may leave alone (RFC 5506).
    pub reduced_size_rtcp: bool,
    /// SSRCs that come over it.
    pub sources: Sources,
    /// Its published tracks.
    pub tracks: SmallVec<[TrackKey; 4]>,
    /// Its lines towards the participant.
    pub slots: SmallVec<[SlotKey; 4]>,
    /// The participant's wall clock.
    pub clock: ClockOffset,
    /// Arrival times to tell the publisher.
    pub arrivals: Arrivals,
    /// What its path towards the participant carries; made with its first slot.
    pub bandwidth: Option<Box<Bandwidth>>,
    /// The SSRC under which the relay reports on this leg.
    pub report_ssrc: u32,
    /// When the next report is due, monotonic ns.
    pub report_due_ns: u64,
    /// Round trip of the last receiver report.
    pub round_trip_ns: Option<u64>,
    /// Packets that may still be asked for again.
    pub nack_allowance: Allowance,
    /// What left and may be asked for as it was: sound of lines that were, and padding between pictures.
    pub sent_packets: Vec<SentPackets>,
    /// Whether any of its tracks negotiated transport-wide feedback.
    pub transport_cc: bool,
    /// What its participant is told to stay below.
    pub limit: PublisherLimit,
    /// SSRCs of slots, past ones too: under one key none may begin again at its first numbers.
    pub used_ssrcs: Vec<u32>,
    /// DTLS records that may still cross to Python.
    pub handshake_allowance: Allowance,
    /// Whether consent ran out: nothing is sent until a check comes.
    pub silent: bool,
}

/// Both directions' keys.
pub struct Srtp {
    /// What the participant sends.
    pub inbound: Inbound,
    /// What the relay sends.
    pub outbound: Outbound,
    /// Whether anything authentic came yet.
    pub started: bool,
}

impl Leg {
    /// A leg without paths, keys, tracks or slots.
    #[must_use]
    pub fn new(
        id: LegId,
        credentials: Credentials,
        reduced_size_rtcp: bool,
        report_ssrc: u32,
        now_ns: u64,
    ) -> Self {
        Self {
            id,
            ice: IceLite::new(credentials, now_ns),
            peer: None,
            question: None,
            questions: Allowance::new(QUESTIONS_PER_SECOND, now_ns),
            srtp: None,
            extensions: ExtensionMap::new(),
            reduced_size_rtcp,
            sources: Sources::default(),
            tracks: SmallVec::new(),
            slots: SmallVec::new(),
            clock: ClockOffset::default(),
            arrivals: Arrivals::new(),
            bandwidth: None,
            report_ssrc,
            report_due_ns: now_ns + FIRST_REPORT_NS,
            round_trip_ns: None,
            nack_allowance: Allowance::new(NACKED_PER_SECOND, now_ns),
            sent_packets: Vec::new(),
            transport_cc: false,
            limit: PublisherLimit::default(),
            used_ssrcs: Vec::new(),
            handshake_allowance: Allowance::new(DTLS_RECORDS_PER_SECOND, now_ns),
            silent: false,
        }
    }

    /// When it has something to report at the earliest, monotonic ns.
    #[must_use]
    pub fn due_ns(&self) -> u64 {
        let feedback_ns = if self.transport_cc {
            self.arrivals.due_ns()
        } else {
            u64::MAX
        };
        let settle_ns = self
            .bandwidth
            .as_ref()
            .map_or(u64::MAX, |bandwidth| bandwidth.due_ns());
        self.report_due_ns
            .min(feedback_ns)
            .min(settle_ns)
            .min(self.limit.due_ns())
    }

    /// The round trip to the participant, or what a mobile link usually has.
    #[must_use]
    pub fn round_trip_or_usual_ns(&self) -> u64 {
        self.round_trip_ns.unwrap_or(USUAL_ROUND_TRIP_NS)
    }

    /// Whether what has begun on a line of this kind can go on: sound may leave by a path that has yet to prove itself,
    /// but of a picture only its beginning could, which nobody would ask for again.
    #[must_use]
    pub const fn can_be_sent(&self, kind: Kind) -> bool {
        let has_room = matches!(kind, Kind::Audio) || self.ice.has_proved();
        self.srtp.is_some() && !self.silent && has_room
    }

    /// Whether transport-wide sequence numbers were negotiated.
    #[must_use]
    pub fn has_transport_sequence(&self) -> bool {
        self.extensions
            .id(ExtensionKind::TransportSequence)
            .is_some()
    }
}

/// Sound and picture part until the first report: half a second is what libwebrtc waits too.
const FIRST_REPORT_NS: u64 = 500_000_000;
const USUAL_ROUND_TRIP_NS: u64 = 100_000_000;
/// A subscriber that loses more than every second packet of 4 Mbit/s wants a key frame, not a flood.
const NACKED_PER_SECOND: u64 = 1_000;
/// A handshake is about ten records; data channels carry text, not files.
const DTLS_RECORDS_PER_SECOND: u64 = 500;
