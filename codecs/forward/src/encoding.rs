//! One simulcast encoding of a track: what arrives, what is missing, what is kept for repair.

use wire::extensions::SmallToken;
use wire::payload::Codec;
use wire::rtp::RtpHeader;

use crate::cache::PacketCache;
use crate::command::CodecBinding;
use crate::counters::Counter;
use crate::key_frames::{KeyFrameRequests, Need};
use crate::missing::{Gap, Missing};
use crate::receive::Reception;
use crate::sender_clock::ClockReference;

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
    /// For retransmission to subscribers; made with the first video packet.
    pub cache: Option<PacketCache>,
    /// What it sends just now; `None` while it is silent.
    pub codec: Option<Codec>,
    /// When its last packet came, monotonic ns.
    pub last_packet_ns: u64,
    /// Key frames seen.
    pub key_frames: u64,
    /// RTP timestamp of the last key frame, so that its packets count once.
    pub key_frame_timestamp: u32,
    /// Whether a gap too long to repair waits for its key-frame request.
    pub gap_too_long: bool,
    /// Key frames asked for.
    pub key_frame_requests: KeyFrameRequests,
    /// RTP time to wall-clock time.
    pub clock: Option<ClockReference>,
    /// Compact NTP of the last sender report and when it came (RFC 3550 §6.4.1 LSR, DLSR).
    pub last_sender_report: Option<(u32, u64)>,
}

impl Encoding {
    /// An encoding from which nothing has come yet.
    #[must_use]
    pub fn new(rid: Option<SmallToken>, ssrc: Option<u32>) -> Self {
        Self {
            rid,
            ssrc,
            reception: Reception::default(),
            missing: Missing::default(),
            cache: None,
            codec: None,
            last_packet_ns: 0,
            key_frames: 0,
            key_frame_timestamp: 0,
            gap_too_long: false,
            key_frame_requests: KeyFrameRequests::default(),
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
                self.gap_too_long = true;
            }
        }
        sequence
    }

    /// Begins again: the publisher sends the same encoding under another SSRC.
    pub fn restart(&mut self) {
        *self = Self {
            key_frames: self.key_frames,
            key_frame_requests: self.key_frame_requests,
            // What was sent on of the old numbers must not be answered with packets of the new.
            reception: self.reception.successor(),
            ..Self::new(self.rid, None)
        };
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

    /// Asks for a key frame; returns whether a request should leave now.
    pub fn want_key_frame(&mut self, need: Need, now_ns: u64) -> bool {
        self.key_frame_requests.want(need, now_ns)
    }
}
