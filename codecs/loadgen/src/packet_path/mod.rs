//! The relay's packet path in memory: from a datagram as it was read to the datagrams that would be sent.
//!
//! No socket and no thread; the only clock is the one that measures. Rooms, packets and time are those of real
//! consultations, so that caches, reports and timers do what they do in a relay.

mod batches;
mod cost;
mod publisher;
mod rooms;
mod stages;

use forward::srtp::Profile;
use serde::{Deserialize, Serialize};
use wire::payload::Kind;

use cost::Cost;
use rooms::Rooms;
use stages::Stages;

/// What is measured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketPathSetup {
    /// The core to stay on.
    pub core: usize,
    /// Packets measured in each case.
    pub packets: u64,
    /// Rooms that take turns: one shows the code's cost, many show the caches' too.
    pub rooms: Vec<usize>,
    /// Sizes and phases repeat for the same seed.
    pub seed: u64,
}

/// All cases.
#[derive(Clone, Debug, Serialize)]
pub struct PacketPathOutcome {
    /// One for each profile, kind, number of subscribers, number of rooms, and warm or cold caches.
    pub cases: Vec<CaseOutcome>,
    /// Where the time of a packet goes, for each profile and kind, in one room.
    pub stages: Vec<StagesOutcome>,
}

/// One case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseOutcome {
    /// The protection profile's name.
    pub profile: &'static str,
    /// Audio or video.
    pub kind: &'static str,
    /// To how many each packet goes.
    pub subscribers: usize,
    /// How many rooms take turns.
    pub rooms: usize,
    /// Whether the processor's own caches hold nothing of a worker when a batch comes.
    pub cold: bool,
    /// What one packet costs.
    #[serde(flatten)]
    pub cost: Cost,
}

/// Where the time goes in one case.
#[derive(Clone, Debug, Serialize)]
pub struct StagesOutcome {
    /// The protection profile's name.
    pub profile: &'static str,
    /// Audio or video.
    pub kind: &'static str,
    /// Nanoseconds by stage.
    #[serde(flatten)]
    pub stages: Stages,
}

/// Measures all cases.
///
/// # Errors
/// A sentence: the packet path did not do what the case is about.
pub fn measure(setup: &PacketPathSetup) -> Result<PacketPathOutcome, String> {
    let (mut cases, mut stages) = (Vec::new(), Vec::new());
    for (profile, profile_name) in PROFILES {
        for (kind, kind_name) in KINDS {
            for rooms in &setup.rooms {
                for (subscribers, cold) in CASES {
                    let mut made = Rooms::new(profile, kind, subscribers, *rooms, setup.seed)?;
                    cases.push(CaseOutcome {
                        profile: profile_name,
                        kind: kind_name,
                        subscribers,
                        rooms: *rooms,
                        cold,
                        cost: cost::measure(&mut made, setup.packets, cold)?,
                    });
                }
            }
            stages.push(StagesOutcome {
                profile: profile_name,
                kind: kind_name,
                stages: stages::measure(profile, kind, setup)?,
            });
        }
    }
    Ok(PacketPathOutcome { cases, stages })
}

const PROFILES: [(Profile, &str); 3] = [
    (Profile::AeadAes128Gcm, "AEAD_AES_128_GCM"),
    (Profile::AeadAes256Gcm, "AEAD_AES_256_GCM"),
    (Profile::Aes128CmSha1_80, "AES_CM_128_HMAC_SHA1_80"),
];
const KINDS: [(Kind, &str); 2] = [(Kind::Audio, "audio"), (Kind::Video, "video")];
/// A consultation, and one with four listeners.
const SUBSCRIBERS: [usize; 2] = [1, 4];
/// Subscribers, and whether caches are cold: between two batches the kernel sends one and receives another.
const CASES: [(usize, bool); 4] = [(1, false), (4, false), (1, true), (4, true)];
