//! See `fuzz::small_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::small_token::check(input));
