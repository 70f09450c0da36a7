//! Serial number arithmetic for 16-bit counters that wrap (RFC 1982).

/// An RTP or transport-wide sequence number.
///
/// Deliberately without `Ord`: serial order is not transitive over the whole circle.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Seq16(pub u16);

impl Seq16 {
    /// Whether `self` comes after `other` in serial order (RFC 1982 §3.2).
    ///
    /// Numbers exactly half the circle apart are not newer than one another.
    #[must_use]
    pub const fn newer_than(self, other: Self) -> bool {
        self.distance(other) > 0
    }

    /// Steps from `other` forward to `self`; negative when `self` is older.
    ///
    /// Half the circle apart is `i16::MIN`, both ways.
    #[must_use]
    pub const fn distance(self, other: Self) -> i16 {
        i16::from_ne_bytes(self.0.wrapping_sub(other.0).to_ne_bytes())
    }

    /// The number that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// The extended number nearest to `reference` whose low 16 bits are `seq`.
///
/// A number that would lie before zero belongs to the first round, and a half-circle tie goes to
/// the older side, as RFC 3711 §3.3.1 does for the rollover counter.
#[must_use]
pub const fn extend(reference: u64, seq: u16) -> u64 {
    let steps = Seq16(seq).distance(Seq16(reference as u16));
    match reference.checked_add_signed(steps as i64) {
        Some(extended) => extended,
        None => seq as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::{Seq16, extend};
    use proptest::prelude::*;

    #[test]
    fn the_circle_wraps_forward() {
        assert!(Seq16(0).newer_than(Seq16(65_535)));
        assert!(!Seq16(65_535).newer_than(Seq16(0)));
        assert_eq!(Seq16(2).distance(Seq16(65_534)), 4);
        assert_eq!(Seq16(65_534).distance(Seq16(2)), -4);
        assert_eq!(Seq16(65_535).next(), Seq16(0));
    }

    #[test]
    fn half_a_circle_apart_neither_is_newer() {
        assert!(!Seq16(0).newer_than(Seq16(0x8000)));
        assert!(!Seq16(0x8000).newer_than(Seq16(0)));
    }

    #[test]
    fn extension_crosses_a_wrap_both_ways_and_never_goes_below_zero() {
        assert_eq!(extend(65_535, 0), 65_536);
        assert_eq!(extend(65_536, 65_535), 65_535);
        assert_eq!(extend(0, 65_535), 65_535);
        assert_eq!(extend(3, 65_000), 65_000);
        assert_eq!(extend(0, 0), 0);
    }

    proptest! {
        #[test]
        fn distance_is_antisymmetric(a: u16, b: u16) {
            let (a, b) = (Seq16(a), Seq16(b));
            prop_assert_eq!(a.distance(b), b.distance(a).wrapping_neg());
            prop_assert!(!(a.newer_than(b) && b.newer_than(a)));
        }

        #[test]
        fn a_step_shorter_than_half_the_circle_is_recovered(
            reference in 0x8000_u64..1 << 48, step in -0x7fff_i64..=0x7fff
        ) {
            let wanted = reference.saturating_add_signed(step);
            prop_assert_eq!(extend(reference, wanted as u16), wanted);
        }

        #[test]
        fn the_low_bits_are_the_number_itself(reference: u64, seq: u16) {
            prop_assert_eq!(extend(reference, seq) as u16, seq);
        }
    }
}
