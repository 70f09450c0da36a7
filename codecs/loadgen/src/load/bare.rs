//! Two participants who send to one another without an SFU: what the machine itself takes.

use aws_lc_rs::rand;
use forward::srtp::Profile;

use super::people;
use crate::generator::open_socket;
use crate::kernel::socket;
use crate::participant::connected::{Connected, MasterKey, ReceivedTypes};
use crate::sdp::EXTENSIONS;
use crate::sdp::offer::{AUDIO_MID, VIDEO_MID};
use crate::setup::{LineSetup, VideoCodec};

/// Both of a pair, with keys drawn for them; `index` counts pairs.
///
/// # Errors
/// A sentence: descriptors or ports ran out.
pub fn pair(
    consultation: usize,
    index: usize,
    profile: Profile,
    codec: VideoCodec,
) -> Result<[Connected; 2], String> {
    let (one, other) = (open_socket()?, open_socket()?);
    let address = |one: &_| socket::local(one).map_err(|error| format!("no address: {error}"));
    let (at_one, at_other) = (address(&one)?, address(&other)?);
    let (here, there) = (key(profile)?, key(profile)?);
    let sides = [
        (0, one, at_other, here.clone(), there.clone()),
        (1, other, at_one, there, here),
    ];
    Ok(sides.map(|(side, socket, remote, sends, receives)| {
        let first_ssrc = FIRST_SSRC + (2 * index + side) as u32 * people::SSRCS_EACH;
        Connected {
            consultation,
            socket,
            remote,
            ice: None,
            profile,
            sends,
            receives,
            extensions: EXTENSIONS,
            codec,
            audio: Some(line(first_ssrc, OPUS, AUDIO_MID)),
            video: vec![line(first_ssrc + 1, VIDEO, VIDEO_MID)],
            received: ReceivedTypes {
                audio: OPUS,
                red: None,
                video: VIDEO,
                rtx: None,
            },
        }
    }))
}

fn line(ssrc: u32, payload_type: u8, mid: &str) -> LineSetup {
    LineSetup {
        ssrc,
        payload_type,
        mid: mid.into(),
        rid: None,
        rtx: None,
    }
}

fn key(profile: Profile) -> Result<MasterKey, String> {
    let bytes = |len| {
        let mut bytes = vec![0; len];
        rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes")?;
        Ok::<_, String>(bytes)
    };
    Ok(MasterKey {
        key: bytes(profile.key_len())?,
        salt: bytes(profile.salt_len())?,
    })
}

/// Beyond those of everybody who comes to an SFU.
const FIRST_SSRC: u32 = 0x4000_0000;
/// As Chromium numbers them.
const OPUS: u8 = 111;
const VIDEO: u8 = 96;
