//! Packet status chunks, read lazily (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.1).

use crate::Malformed;
use crate::reader::Reader;

/// What happened to one packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Symbol {
    NotReceived = 0,
    SmallDelta = 1,
    LargeDelta = 2,
}

impl Symbol {
    pub(super) const fn of(bits: u16) -> Result<Self, Malformed> {
        match bits & 0b11 {
            0 => Ok(Self::NotReceived),
            1 => Ok(Self::SmallDelta),
            2 => Ok(Self::LargeDelta),
            // §3.1.1: reserved.
            _ => Err(Malformed::Reserved),
        }
    }

    /// Bytes of this symbol's delta.
    pub(super) const fn delta_bytes(self) -> usize {
        self as usize
    }
}

/// Sixteen bits that cover one or many packets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk {
    /// §3.1.3.
    Run { symbol: Symbol, len: u16 },
    /// §3.1.4: fourteen packets, arrived with a small delta or not at all.
    OneBit { bits: u16 },
    /// §3.1.4: seven packets.
    TwoBit { bits: u16 },
}

pub(super) const ONE_BIT_SYMBOLS: u16 = 14;
pub(super) const TWO_BIT_SYMBOLS: u16 = 7;
pub(super) const RUN_MAX: u16 = 0x1fff;

impl Chunk {
    /// A run of nothing covers nothing and is refused.
    pub(super) fn parse_untrusted(chunk: u16) -> Result<Self, Malformed> {
        match (chunk >> 14, chunk & RUN_MAX) {
            (0b10, _) => Ok(Self::OneBit { bits: chunk }),
            (0b11, _) => Ok(Self::TwoBit { bits: chunk }),
            (_, 0) => Err(Malformed::Length),
            (_, len) => Ok(Self::Run {
                symbol: Symbol::of(chunk >> 13)?,
                len,
            }),
        }
    }

    pub(super) const fn len(self) -> u16 {
        match self {
            Self::Run { len, .. } => len,
            Self::OneBit { .. } => ONE_BIT_SYMBOLS,
            Self::TwoBit { .. } => TWO_BIT_SYMBOLS,
        }
    }

    /// The symbol at a place below [`Chunk::len`]; the first packet has the highest bits.
    fn symbol(self, place: u16) -> Result<Symbol, Malformed> {
        match self {
            Self::Run { symbol, .. } => Ok(symbol),
            Self::OneBit { bits } => Symbol::of(bits >> (ONE_BIT_SYMBOLS - 1 - place) & 1),
            Self::TwoBit { bits } => Symbol::of(bits >> (2 * (TWO_BIT_SYMBOLS - 1 - place))),
        }
    }

    /// Bytes of the deltas of the first `covered` packets; a reserved symbol is refused.
    pub(super) fn delta_bytes(self, covered: u16) -> Result<usize, Malformed> {
        if let Self::Run { symbol, .. } = self {
            return Ok(symbol.delta_bytes() * usize::from(covered));
        }
        (0..covered).try_fold(0, |sum, place| Ok(sum + self.symbol(place)?.delta_bytes()))
    }
}

/// Iterates over `(sequence, arrival)`; see [`super::TransportFeedback::statuses`].
#[derive(Clone, Debug)]
pub struct Statuses<'a> {
    sequence: u16,
    left: u16,
    chunk: Option<Chunk>,
    place: u16,
    chunks: Reader<'a>,
    deltas: Reader<'a>,
    arrival_250us: i64,
}

impl<'a> Statuses<'a> {
    pub(super) fn new(base: u16, count: u16, chunks: &'a [u8], deltas: &'a [u8]) -> Self {
        Self {
            sequence: base,
            left: count,
            chunk: None,
            place: 0,
            chunks: Reader::new(chunks),
            deltas: Reader::new(deltas),
            arrival_250us: 0,
        }
    }

    fn symbol(&mut self) -> Result<Symbol, Malformed> {
        let chunk = if let Some(chunk) = self.chunk.filter(|chunk| self.place < chunk.len()) {
            chunk
        } else {
            self.place = 0;
            *self
                .chunk
                .insert(Chunk::parse_untrusted(self.chunks.u16()?)?)
        };
        let symbol = chunk.symbol(self.place);
        self.place += 1;
        symbol
    }

    fn arrival(&mut self) -> Result<Option<i64>, Malformed> {
        let delta = match self.symbol()? {
            Symbol::NotReceived => return Ok(None),
            Symbol::SmallDelta => i64::from(self.deltas.u8()?),
            Symbol::LargeDelta => i64::from(i16::from_be_bytes(self.deltas.array()?)),
        };
        self.arrival_250us += delta;
        Ok(Some(self.arrival_250us))
    }
}

impl Iterator for Statuses<'_> {
    type Item = (u16, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        // The parser has walked these chunks and counted these deltas: the error is unreachable.
        let arrival = self.arrival().ok()?;
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        Some((sequence, arrival))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for Statuses<'_> {}
