//! Bytes as people and JSON write them.

/// The bytes that pairs of hexadecimal digits stand for.
#[must_use]
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !digits.len().is_multiple_of(2) || !hexadecimal {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

/// The hexadecimal digits of bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(
        String::with_capacity(bytes.len() * 2),
        |mut digits, byte| {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_back() {
        assert_eq!(decode("00ff7a"), Some(vec![0, 255, 122]));
        assert_eq!(encode(&[0, 255, 122]), "00ff7a");
        assert_eq!(decode("0"), None);
        assert_eq!(decode("+1"), None);
        assert_eq!(decode("zz"), None);
    }
}
