//! Who everybody of a run is: what they are told apart by.

use aws_lc_rs::rand;

use crate::hex;
use crate::signalling::{Person, Video};

/// Somebody for an adapter; `number` is theirs in the run.
///
/// # Errors
/// A sentence: the system has no randomness.
pub fn person(
    number: usize,
    (room, credential): (&str, &str),
    fingerprint: &str,
    video: Video,
) -> Result<Person, String> {
    let mut password = [0; PASSWORD_BYTES];
    rand::fill(&mut password).map_err(|_| "the system gives no random bytes")?;
    let first_ssrc = FIRST_SSRC + number as u32 * SSRCS_EACH;
    Ok(Person {
        room: room.into(),
        credential: credential.into(),
        session: number as u64 + 1,
        password: hex::encode(&password),
        fingerprint: fingerprint.into(),
        audio_ssrc: first_ssrc,
        video_ssrcs: (first_ssrc + 1, first_ssrc + 2),
        video,
    })
}

/// As hexadecimal digits 24, as long as Chromium's.
const PASSWORD_BYTES: usize = 12;
/// Any, but never 0.
const FIRST_SSRC: u32 = 0x1000_0000;
/// Sound, and three encodings of pictures with their retransmissions.
pub const SSRCS_EACH: u32 = 8;
