//! What a participant is once its transport stands, however that came about.

use std::net::{SocketAddrV4, UdpSocket};

use forward::srtp::Profile;

use crate::hex;
use crate::setup::{Extensions, IceSetup, KeySetup, LineSetup, VideoCodec};

/// A participant, or one of its two legs where one sends and one receives, whose keys are agreed.
pub struct Connected {
    /// The number of the consultation it is in.
    pub consultation: usize,
    /// From [`crate::generator::open_socket`]; what waits in it is read.
    pub socket: UdpSocket,
    /// Where it sends.
    pub remote: SocketAddrV4,
    /// What its checks are signed with; without it there are neither checks nor RTCP.
    pub ice: Option<IceSetup>,
    /// How media is protected.
    pub profile: Profile,
    /// Keys of what it sends.
    pub sends: MasterKey,
    /// Keys of what it receives.
    pub receives: MasterKey,
    /// Header extension ids as they were agreed.
    pub extensions: Extensions,
    /// What its camera encodes with.
    pub codec: VideoCodec,
    /// Its microphone, if it has one.
    pub audio: Option<LineSetup>,
    /// Its camera's encodings, the smallest first: none, one, or three.
    pub video: Vec<LineSetup>,
    /// Payload types of what it receives.
    pub received: ReceivedTypes,
}

/// Payload types on the receiving m-lines, which browsers offer as on the sending ones.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReceivedTypes {
    /// Sound.
    pub audio: u8,
    /// Sound with earlier frames once more, if that was agreed (RFC 2198).
    pub red: Option<u8>,
    /// Pictures.
    pub video: u8,
    /// Retransmissions of pictures, if they were agreed.
    pub rtx: Option<u8>,
}

/// An SRTP master key and its salt (RFC 3711 §4.3), as long as the profile says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MasterKey {
    /// The key.
    pub key: Vec<u8>,
    /// The salt.
    pub salt: Vec<u8>,
}

impl MasterKey {
    /// The keys that a setup gives.
    ///
    /// # Errors
    /// A sentence: they are not hexadecimal.
    pub fn of(setup: &KeySetup) -> Result<Self, String> {
        let bytes = |digits: &str| hex::decode(digits).ok_or("a key or salt is not hexadecimal");
        Ok(Self {
            key: bytes(&setup.key)?,
            salt: bytes(&setup.salt)?,
        })
    }
}
