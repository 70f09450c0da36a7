//! Which datagrams are shown as they were on the wire: few, and as different as they come.

use crate::hex;
use crate::outcome::Sample;

/// At most so many of each direction.
pub struct Samples {
    limit: usize,
    kept: Vec<(Kind, Sample)>,
}

/// What makes a datagram worth a place of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Kind {
    sent: bool,
    padded: bool,
    payload_type: u8,
}

impl Samples {
    /// None yet; at most `limit` of each direction.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Vec::new(),
        }
    }

    /// Whether a datagram is to be kept, should it prove to be good; cheap once there is one of its kind.
    #[must_use]
    pub fn want(&self, sent: bool, datagram: &[u8]) -> bool {
        self.limit > 0
            && Kind::of(sent, datagram).is_some_and(|kind| {
                !self.is_full(sent) || (!self.has(kind) && self.spare(kind).is_some())
            })
    }

    /// Keeps a participant's datagram that was wanted, in place of a less telling one if need be.
    pub fn keep(&mut self, participant: usize, sent: bool, datagram: &[u8]) {
        let Some(kind) = Kind::of(sent, datagram) else {
            return;
        };
        if self.is_full(sent) {
            let Some(spare) = self.spare(kind) else {
                return;
            };
            self.kept.remove(spare);
        }
        let sample = Sample {
            participant,
            sent,
            datagram: hex::encode(datagram),
        };
        self.kept.push((kind, sample));
    }

    /// Gives what was kept and begins anew.
    pub fn take(&mut self) -> Vec<Sample> {
        self.kept.drain(..).map(|(_, sample)| sample).collect()
    }

    fn is_full(&self, sent: bool) -> bool {
        self.kinds().filter(|kind| kind.sent == sent).count() >= self.limit
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds().any(|one| one == kind)
    }

    /// The place of one that may go for another kind: one of several of a kind, or for padding any other.
    fn spare(&self, wanted: Kind) -> Option<usize> {
        let of_way = |one: &Kind| one.sent == wanted.sent;
        let several = |one: &Kind| self.kinds().filter(|other| other == one).count() > 1;
        let place = |goes: &dyn Fn(&Kind) -> bool| {
            self.kinds()
                .position(|one| of_way(&one) && one != wanted && goes(&one))
        };
        let has_padded = self.kinds().any(|one| of_way(&one) && one.padded);
        place(&several).or_else(|| {
            let yields = |one: &Kind| !one.padded;
            (wanted.padded && !has_padded)
                .then(|| place(&yields))
                .flatten()
        })
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.kept.iter().map(|(kind, _)| *kind)
    }
}

impl Kind {
    /// Of RTP with an extension; `None` of anything else (RFC 3550 §5.1).
    fn of(sent: bool, datagram: &[u8]) -> Option<Self> {
        let &[first, second, ..] = datagram else {
            return None;
        };
        (first & VERSION_AND_EXTENSION == VERSION_2_WITH_EXTENSION).then_some(Self {
            sent,
            padded: first & PADDING != 0,
            payload_type: second & PAYLOAD_TYPE,
        })
    }
}

/// The version and the X bit.
const VERSION_AND_EXTENSION: u8 = 0xD0;
const VERSION_2_WITH_EXTENSION: u8 = 0x90;
const PADDING: u8 = 0x20;
const PAYLOAD_TYPE: u8 = 0x7F;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(limit: usize, datagrams: &[[u8; 2]]) -> Vec<String> {
        let mut samples = Samples::new(limit);
        for bytes in datagrams {
            if samples.want(false, bytes) {
                samples.keep(0, false, bytes);
            }
        }
        samples.take().into_iter().map(|one| one.datagram).collect()
    }

    #[test]
    fn sound_makes_room_for_pictures_and_padding() {
        let came = [
            [0x90, 111],
            [0x90, 111],
            [0x90, 111],
            [0x90, 96],
            [0xB0, 97],
        ];
        assert_eq!(shown(3, &came), ["906f", "9060", "b061"]);
    }

    #[test]
    fn a_padded_packet_is_shown_however_few_are() {
        assert_eq!(shown(1, &[[0x90, 111], [0x90, 96], [0xB0, 96]]), ["b060"]);
        assert_eq!(shown(0, &[[0xB0, 96]]), [""; 0]);
    }

    #[test]
    fn only_rtp_with_an_extension_is_shown() {
        assert_eq!(shown(4, &[[0x80, 96], [0x00, 1], [0x50, 96]]), [""; 0]);
    }
}
