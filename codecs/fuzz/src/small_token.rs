//! A token is short text of its alphabet, and nothing else is a token.

use wire::extensions::SmallToken;

/// Compares the parser with the rule spelled out.
pub fn check(input: &[u8]) {
    let allowed = |byte: &u8| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_');
    let valid = (1..=16).contains(&input.len()) && input.iter().all(allowed);
    match SmallToken::parse_untrusted(input) {
        Ok(token) => {
            assert!(valid);
            assert_eq!(token.as_bytes(), input);
            assert_eq!(token.as_str().as_bytes(), input);
        }
        Err(_) => assert!(!valid),
    }
}
