//! A published track and its encodings: everything the relay knows of what one m-line sends.

use smallvec::SmallVec;
use wire::extensions::{AudioLevel, ExtensionKind, ExtensionMap, SmallToken};
use wire::payload::Kind;
use wire::rtp::RtpHeader;

use crate::control::command::{CodecBinding, Codecs, Publish};
use crate::control::event::Event;
use crate::ingress::incoming::{Incoming, extension};
use crate::repair::cache::PacketCache;
use crate::repair::last_frames::LastFrames;
use crate::repair::pages::Pages;
use crate::tracks::announced_layers::AnnouncedLayers;
use crate::tracks::encoding::Encoding;
use crate::tracks::speaker::Speaker;
use crate::worker::ids::{LegKey, SlotKey, TrackId};
use crate::worker::output::Output;

/// A published track.
pub struct Track {
    /// Its name in the process.
    pub id: TrackId,
    /// Who sends it.
    pub leg: LegKey,
    /// The m-line it comes on.
    pub mid: SmallToken,
    /// Audio or video.
    pub kind: Kind,
    /// What its payload types mean.
    pub codecs: Codecs,
    /// In falling quality; one without simulcast.
    pub encodings: SmallVec<[Encoding; 1]>,
    /// The header extensions of its leg.
    pub extensions: ExtensionMap,
    /// Who receives it.
    pub subscribers: SmallVec<[SlotKey; 4]>,
    /// Whether anything of it leaves.
    pub forwarding: bool,
    /// Whether its holes are asked for.
    pub nack: bool,
    /// Whether the agenda has it among those that lack something.
    pub troubled: bool,
    /// Who is speaking.
    pub speaker: Speaker,
    /// When it was last louder than digital silence, or first said how loud it is, monotonic ns.
    pub audible_ns: Option<u64>,
    /// What its publisher says of its layers.
    pub layers: AnnouncedLayers,
    /// What packets to subscribers carry once more, while one takes it.
    pub last_frames: Option<Box<LastFrames>>,
}

/// How a payload type carries its codec.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carriage {
    /// As it is.
    Plain,
    /// Behind the number of a packet that was lost (RFC 4588).
    Retransmission,
    /// Behind the frames before it (RFC 2198).
    Redundancy,
}

impl Track {
    /// A track from which nothing has come yet.
    #[must_use]
    pub fn new(publish: &Publish, leg: LegKey, extensions: &ExtensionMap) -> Self {
        let rids = publish.rids.iter().copied().map(Some);
        let rids: Vec<_> = if publish.rids.is_empty() {
            vec![None]
        } else {
            rids.take(MAX_ENCODINGS).collect()
        };
        let ssrcs = publish
            .ssrcs
            .iter()
            .map(|(ssrc, _)| Some(*ssrc))
            .chain(std::iter::repeat(None));
        Self {
            id: publish.track,
            leg,
            mid: publish.mid,
            kind: publish.kind,
            codecs: publish.codecs.iter().copied().collect(),
            encodings: rids
                .into_iter()
                .zip(ssrcs)
                .map(|(rid, ssrc)| Encoding::new(rid, ssrc))
                .collect(),
            extensions: *extensions,
            subscribers: SmallVec::new(),
            forwarding: true,
            nack: publish.nack,
            troubled: false,
            speaker: Speaker::default(),
            audible_ns: None,
            layers: AnnouncedLayers::default(),
            last_frames: None,
        }
    }

    /// Keeps a picture's packet, so that it can be sent again.
    pub fn keep(&mut self, packet: &Incoming<'_>, now_ns: u64, pages: &mut Pages) {
        let encoding = self.encodings.get_mut(usize::from(packet.encoding));
        if let Some(encoding) = encoding.filter(|_| self.kind == Kind::Video) {
            let cache = encoding.cache.get_or_insert_with(PacketCache::new);
            cache.insert(packet.sequence, packet.packet, now_ns, pages);
        }
    }

    /// Keeps what an encoding has sent for a while longer: some of it has not left yet.
    pub fn keep_longer(&mut self, encoding: u8, now_ns: u64) {
        let encoding = self.encodings.get_mut(usize::from(encoding));
        if let Some(cache) = encoding.and_then(|encoding| encoding.cache.as_mut()) {
            cache.keep_longer(now_ns);
        }
    }

    /// Which encodings send just now, one bit each.
    #[must_use]
    pub fn alive(&self) -> u8 {
        self.encodings
            .iter()
            .enumerate()
            .fold(0, |alive, (index, encoding)| {
                alive | (u8::from(encoding.codec.is_some()) << index)
            })
    }

    /// Whether anything is missing or waited for.
    #[must_use]
    pub fn needs_repair(&self) -> bool {
        self.encodings.iter().any(Encoding::needs_repair)
    }

    /// What a payload type means: the codec, and how it is carried.
    #[must_use]
    pub fn codec_of(&self, payload_type: u8) -> Option<(CodecBinding, Carriage)> {
        self.codecs.iter().find_map(|binding| {
            let carriage = if binding.payload_type == payload_type {
                Carriage::Plain
            } else if binding.rtx_payload_type == Some(payload_type) {
                Carriage::Retransmission
            } else if binding.red_payload_type == Some(payload_type) {
                Carriage::Redundancy
            } else {
                return None;
            };
            Some((*binding, carriage))
        })
    }

    /// Hears who is speaking, from the level that a packet says it has.
    pub fn hear(&mut self, header: &RtpHeader, packet: &[u8], now_ns: u64, output: &mut Output) {
        let value = extension(header, packet, &self.extensions, ExtensionKind::AudioLevel);
        let Some(level) = value.and_then(|value| AudioLevel::parse_untrusted(value).ok()) else {
            return;
        };
        let level_dbov_negative = level.level_dbov_negative;
        if level_dbov_negative < DIGITAL_SILENCE || self.audible_ns.is_none() {
            self.audible_ns = Some(now_ns);
        }
        if let Some(voice) = self.speaker.handle_level(level_dbov_negative, now_ns) {
            output.events.push(Event::SpeakerLevel {
                track: self.id,
                level_dbov_negative,
                voice,
            });
        }
    }

    /// The encoding with a restriction identifier.
    #[must_use]
    pub fn encoding_of(&self, rid: Option<SmallToken>) -> Option<u8> {
        self.encodings
            .iter()
            .position(|encoding| encoding.rid == rid)
            .map(|index| index as u8)
    }
}

/// RFC 6464 §3: as soft as can be said; libwebrtc says so of samples that are all zero.
const DIGITAL_SILENCE: u8 = 127;
/// RFC 8853 sets no bound; browsers send three, and security: "at most 3 x 3 layers".
pub const MAX_ENCODINGS: usize = 3;
