//! One simulcast encoding of a track: what arrives, what is missing, what is kept for repair.

use wire::extensions::{ExtensionMap, SmallToken};
use wire::payload::red::RedPayload;
use wire::payload::{Codec, Kind};
use wire::rtp::RtpHeader;
use wire::sequence::Seq16;

use crate::control::command::CodecBinding;
use crate::control::counters::Counter;
use crate::ingress::incoming::FrameInfo;
use crate::ingress::structures::Structures;
use crate::repair::cache::PacketCache;
use crate::repair::missing::{Gap, Missing};
use crate::repair::pages::Pages;
use crate::repair::recovery::{BroughtBack, Recovery};
use crate::rtcp::sender_clock::ClockReference;
use crate::tracks::key_frames::KeyFrameRequests;
use crate::tracks::receive::Reception;
use crate::worker::output::Output;

/// One simulcast encoding of a track.
pub struct Encoding {
    /// Its restriction identifier (RFC 8851), with simulcast.
    pub rid: Option<SmallToken>,
    /// Once signalled or seen.
    pub ssrc: Option<u32>,
    /// What is arriving.
    pub reception: Reception,
    /// What is not.
    pub missing: Missing,
    /// What came with another packet.
    pub recovery: Recovery,
    /// For retransmission to subscribers; there is one while pictures come.
    pub cache: Option<PacketCache>,
    /// What it sends just now; `None` while it is silent.
    pub codec: Option<Codec>,
    /// When its last packet came, monotonic ns.
    pub last_packet_ns: u64,
    /// When its sender last said that no more would come (RFC 3550 §6.6), monotonic ns; 0 before.
    pub goodbye_ns: u64,
    /// Key frames seen.
    pub key_frames: u64,
    /// RTP timestamp of the last key frame, so that its packets count once.
    pub key_frame_timestamp: u32,
    /// Whether a gap too long to repair waits for its key-frame request.
    pub gap_too_long: bool,
    /// When it last began again or changed its codec.
    pub changed_ns: Option<u64>,
    /// Key frames asked for.
    pub key_frame_requests: KeyFrameRequests,
    /// What its frames are to one another, where its packets say so.
    pub structures: Structures,
    /// Bytes of its packets by spatial and temporal layer, headers included.
    pub layer_bytes: LayerBytes,
    /// RTP time to wall-clock time.
    pub clock: Option<ClockReference>,
    /// Compact NTP of the last sender report and when it came (RFC 3550 §6.4.1 LSR, DLSR).
    pub last_sender_report: Option<(u32, u64)>,
}

/// By spatial and temporal layer; what is above the last counts as the last.
pub type LayerBytes = [[u64; COUNTED_LAYERS]; COUNTED_LAYERS];

impl Encoding {
    /// An encoding from which nothing has come yet.
    #[must_use]
    pub fn new(rid: Option<SmallToken>, ssrc: Option<u32>) -> Self {
        Self {
            rid,
            ssrc,
            reception: Reception::default(),
            missing: Missing::default(),
            recovery: Recovery::default(),
            cache: None,
            codec: None,
            last_packet_ns: 0,
            goodbye_ns: 0,
            key_frames: 0,
            key_frame_timestamp: 0,
            gap_too_long: false,
            changed_ns: None,
            key_frame_requests: KeyFrameRequests::default(),
            structures: Structures::default(),
            layer_bytes: LayerBytes::default(),
            clock: None,
            last_sender_report: None,
        }
    }

    /// Registers a packet that came by itself; returns its extended sequence number.
    pub fn place(
        &mut self,
        header: &RtpHeader,
        len: usize,
        nack: bool,
        now_ns: u64,
        arrival_ns: u64,
        binding: CodecBinding,
    ) -> u64 {
        let highest = self.reception.highest();
        let rate_hz = binding.codec.clock_rate_hz();
        let sequence =
            self.reception
                .register(header.sequence, header.timestamp, len, arrival_ns, rate_hz);
        if let Some(highest) = highest.filter(|_| nack) {
            if sequence <= highest {
                self.missing.close(sequence);
            } else if self.missing.open(highest, sequence, now_ns) == Gap::TooLong {
                // Sound needs no key frame: the next packet is as good as one.
                self.gap_too_long = binding.codec.kind() == Kind::Video;
            }
        }
        sequence
    }

    /// Takes what a packet says of its layers, and counts it among those of its own; returns whether others of its
    /// encoding have overtaken it.
    #[expect(
        clippy::too_many_arguments,
        reason = "a packet as far as it was read, and where it stands"
    )]
    pub fn hear_layers(
        &mut self,
        codec: Codec,
        header: &RtpHeader,
        packet: &[u8],
        map: &ExtensionMap,
        sequence: u64,
        frame: &mut FrameInfo,
        output: &mut Output,
    ) -> bool {
        let is_late = self.reception.highest() > Some(sequence);
        let structures = &mut self.structures;
        let heard = structures.hear_untrusted(codec, header, packet, map, is_late, frame);
        if heard.is_err() {
            output.counters.one(Counter::DependencyDescriptorsMalformed);
        }
        let spatial = usize::from(frame.spatial_layer).min(COUNTED_LAYERS - 1);
        let temporal = usize::from(frame.temporal_layer).min(COUNTED_LAYERS - 1);
        let layers = self.layer_bytes.get_mut(spatial);
        if let Some(bytes) = layers.and_then(|layers| layers.get_mut(temporal)) {
            *bytes += packet.len() as u64;
        }
        is_late
    }

    /// Finds what a packet brings with it of those that were lost before it, which are not asked for any more.
    ///
    /// # Errors
    ///
    /// The packet itself has come with another.
    pub fn bring_back<'a>(
        &mut self,
        red: Option<RedPayload<'a>>,
        binding: CodecBinding,
        sequence: u64,
        timestamp: u32,
    ) -> Result<Option<BroughtBack<'a>>, Counter> {
        if self.recovery.has(sequence) {
            return Err(Counter::DropDuplicate);
        }
        let found = red.and_then(|red| {
            self.recovery
                .bring_back(red, binding.payload_type, sequence, timestamp)
        });
        self.recovery.follow(sequence, timestamp);
        for behind in 1..=found.map_or(0, |packets| packets.count as u64) {
            self.missing.close(sequence - behind);
        }
        Ok(found)
    }

    /// Whether a packet belongs to another life of the encoding: another SSRC, or a step in its numbers
    /// that no loss explains (RFC 3550 A.1). SRTP let nothing old through, so a step back is one ahead too.
    #[must_use]
    pub fn begins_again(&self, header: &RtpHeader) -> bool {
        let step = |highest: u64| Seq16(header.sequence).distance(Seq16(highest as u16));
        let jumps = self
            .reception
            .highest()
            .is_some_and(|highest| step(highest).unsigned_abs() > MAX_DROPOUT);
        jumps || self.ssrc.is_some_and(|ssrc| ssrc != header.ssrc)
    }

    /// Whether the encoding changed its numbers or its codec so lately that another change is abuse:
    /// each costs a key frame and an event.
    #[must_use]
    pub fn changed_lately(&self, now_ns: u64) -> bool {
        self.changed_ns
            .is_some_and(|at_ns| now_ns.saturating_sub(at_ns) < CHANGE_INTERVAL_NS)
    }

    /// Begins again, with numbers that were never given before.
    pub fn restart(&mut self, now_ns: u64) {
        *self = Self {
            changed_ns: Some(now_ns),
            key_frames: self.key_frames,
            key_frame_requests: self.key_frame_requests,
            // What was sent on of the old numbers must not be answered with packets of the new.
            reception: self.reception.successor(),
            ..Self::new(self.rid, None)
        };
    }

    /// Whether its packets have named temporal layers, some of which can be left out.
    #[must_use]
    pub fn has_temporal_layers(&self) -> bool {
        let mut sizes = self.layer_bytes.iter();
        sizes.any(|[_, above @ ..]| above.iter().any(|bytes| *bytes > 0))
    }

    /// Whether packets or a key frame of it are waited for.
    #[must_use]
    pub fn needs_repair(&self) -> bool {
        self.gap_too_long || self.key_frame_requests.is_wanted() || !self.missing.is_empty()
    }

    /// Gives its cache back when it has been silent for longer than between two frames of a still screen.
    pub fn release_old(&mut self, now_ns: u64, pages: &mut Pages) {
        let is_old = self.silent_ns(now_ns) > SILENT_CACHE_NS;
        if let Some(cache) = self.cache.take_if(|_| is_old) {
            cache.release(pages);
        }
    }

    /// How long ago its last packet came.
    #[must_use]
    pub const fn silent_ns(&self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.last_packet_ns)
    }

    /// Whether its sender said goodbye and kept to it. Media waits in a sender's pacer, and a goodbye does not: it
    /// overtakes the last packets.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.goodbye_ns > 0 && self.last_packet_ns < self.goodbye_ns + OVERTAKEN_NS
    }

    /// Registers the first packet of a key frame; further ones of the same frame change nothing.
    pub fn handle_key_frame(&mut self, timestamp: u32, sequence: u64) {
        if self.key_frames > 0 && self.key_frame_timestamp == timestamp {
            return;
        }
        self.key_frames += 1;
        self.key_frame_timestamp = timestamp;
        self.key_frame_requests.satisfied();
        self.missing.forget_before(sequence);
    }

    /// Places a retransmission: only what is missing may come back.
    pub fn recover(&mut self, sequence: u16) -> Result<u64, Counter> {
        let extended = self.reception.extended(sequence);
        if self.missing.close(extended) {
            Ok(extended)
        } else {
            Err(Counter::DropDuplicate)
        }
    }
}

/// As long as a browser's pacer keeps what it has.
const OVERTAKEN_NS: u64 = 500_000_000;
/// As many as video-layers-allocation can announce.
const COUNTED_LAYERS: usize = 4;
/// RFC 3550 A.1: more than so many numbers ahead is no loss.
const MAX_DROPOUT: u16 = 3_000;
/// A still screen is a frame a second (libwebrtc's zero-hertz mode).
const SILENT_CACHE_NS: u64 = 3_000_000_000;
/// A browser changes SSRC or codec when a person does something.
const CHANGE_INTERVAL_NS: u64 = 1_000_000_000;
