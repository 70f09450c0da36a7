//! See `fuzz::extension_values`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::extension_values::check(input));
