//! Why bytes from the network were refused.

use std::fmt;

/// The reason a parser gave up; nothing has changed and nothing was kept.
///
/// Small and `Copy`, so that the packet path can count it by [`Malformed::name`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// The bytes end before a field they must contain.
    Truncated,
    /// The protocol's version field is not one we speak.
    Version,
    /// A fixed marker (the STUN magic cookie) is absent.
    Cookie,
    /// A length or count field contradicts the bytes that follow it.
    Length,
    /// The padding is longer than what it pads, or stands where none may.
    Padding,
    /// A header extension element runs past its block.
    Extension,
    /// A value of a fixed size has another size, or lies outside its range.
    Value,
    /// A token is empty, too long, or has a character outside its alphabet.
    Token,
    /// A reserved symbol or type that no peer may send.
    Reserved,
    /// Two claims exclude one another.
    Conflict,
}

impl Malformed {
    /// Every reason, in the order of [`Malformed::index`]; counters are laid out by it.
    pub const ALL: [Self; 10] = [
        Self::Truncated,
        Self::Version,
        Self::Cookie,
        Self::Length,
        Self::Padding,
        Self::Extension,
        Self::Value,
        Self::Token,
        Self::Reserved,
        Self::Conflict,
    ];

    /// Position in [`Malformed::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Stable `snake_case` name, fit for a counter's label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Version => "version",
            Self::Cookie => "cookie",
            Self::Length => "length",
            Self::Padding => "padding",
            Self::Extension => "extension",
            Self::Value => "value",
            Self::Token => "token",
            Self::Reserved => "reserved",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests {
    use super::Malformed;

    #[test]
    fn every_reason_has_its_own_snake_case_name_and_place() {
        for (place, reason) in Malformed::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), place);
            assert_eq!(reason.to_string(), reason.name());
            assert!(
                reason
                    .name()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
            let namesakes = Malformed::ALL
                .into_iter()
                .filter(|other| other.name() == reason.name());
            assert_eq!(namesakes.count(), 1);
        }
    }
}
