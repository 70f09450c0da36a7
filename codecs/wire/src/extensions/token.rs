//! The short names of media sections and encodings, as they travel in packets.

use std::fmt;

use crate::Malformed;

/// A `mid` or `rid` of 1 to 16 letters, digits, `-` or `_`, without a heap.
///
/// Sixteen bytes are what a one-byte extension element holds (RFC 8285 §4.2).
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SmallToken {
    len: u8,
    bytes: [u8; Self::MAX_BYTES],
}

impl SmallToken {
    /// Longest token.
    pub const MAX_BYTES: usize = 16;

    /// Reads a token from an extension value or a line of SDP (RFC 8851 §10, RFC 8852 §3).
    ///
    /// Fuzz target `small_token`.
    ///
    /// # Errors
    ///
    /// `Token`: empty, too long, or a character outside the alphabet.
    pub fn parse_untrusted(value: &[u8]) -> Result<Self, Malformed> {
        let mut bytes = [0; Self::MAX_BYTES];
        let target = bytes.get_mut(..value.len()).ok_or(Malformed::Token)?;
        target.copy_from_slice(value);
        let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if value.is_empty() || !value.iter().all(in_alphabet) {
            return Err(Malformed::Token);
        }
        Ok(Self {
            len: value.len() as u8,
            bytes,
        })
    }

    /// The token as it is written into an extension value.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The token as text; the alphabet is a part of ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for SmallToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for SmallToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::SmallToken;
    use crate::Malformed;
    use proptest::prelude::*;

    #[test]
    fn length_and_alphabet_are_bounded() {
        assert!(SmallToken::parse_untrusted(b"sdparta_0-Z").is_ok());
        assert!(SmallToken::parse_untrusted(&[b'a'; 16]).is_ok());
        for value in [
            &b""[..],
            &[b'a'; 17],
            b"a b",
            b"a\0",
            "é".as_bytes(),
            b"a/b",
            b"\xff",
        ] {
            assert_eq!(SmallToken::parse_untrusted(value), Err(Malformed::Token));
        }
    }

    proptest! {
        #[test]
        fn a_token_reads_back(text in "[A-Za-z0-9_-]{1,16}") {
            let token = SmallToken::parse_untrusted(text.as_bytes()).unwrap();
            prop_assert_eq!(token.as_str(), &text);
            prop_assert_eq!(token.to_string(), text);
            prop_assert_eq!(SmallToken::parse_untrusted(token.as_bytes()), Ok(token));
        }
    }
}
