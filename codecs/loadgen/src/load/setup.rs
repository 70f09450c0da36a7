//! What `load` is asked to do: one JSON document on standard input.

use forward::srtp::Profile;
use serde::Deserialize;

use crate::signalling::{Kind, VideoCodec};

/// A whole run.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSetup {
    /// Sizes and phases repeat for the same seed.
    pub seed: u64,
    /// The core everything of the generator keeps to.
    pub core: usize,
    /// The core of what is measured, only to see when the host takes it away.
    pub relay_core: usize,
    /// What is measured.
    pub peer: PeerSetup,
    /// The SRTP profile that is offered, and no other.
    pub profile: ProfileName,
    /// What cameras send.
    pub video: VideoSetup,
    /// How many datagrams, sent and received, are shown as they were on the wire.
    pub samples: usize,
    /// Pairs that send to one another without the relay.
    pub bare_consultations: usize,
    /// Time is cut into windows of this length, of which some are void.
    #[serde(default = "default_window_ms")]
    pub window_ms: u64,
    /// One after the other; consultations of a stage go on in those that follow.
    pub stages: Vec<StageSetup>,
}

/// An SFU.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerSetup {
    /// Which one.
    pub kind: Kind,
    /// Where its WebSocket is.
    pub url: String,
}

/// A protection profile by its registered name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum ProfileName {
    /// RFC 7714 §14.2.
    #[serde(rename = "AEAD_AES_128_GCM")]
    AeadAes128Gcm,
    /// RFC 5764 §4.1.2.
    #[serde(rename = "AES_CM_128_HMAC_SHA1_80")]
    AesCm128HmacSha1_80,
}

/// What cameras send.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoSetup {
    /// The format.
    pub codec: VideoCodec,
    /// Whether in three encodings at once.
    pub simulcast: bool,
    /// Whether the relay says what is sent, and chooses how much of it anybody gets.
    #[serde(default)]
    pub adapts: bool,
}

/// Some consultations that begin, and a measurement.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSetup {
    /// What the reader of the outcome knows it by.
    pub name: String,
    /// Those that begin.
    pub consultations: Vec<ConsultationSetup>,
    /// When the measurement begins.
    pub measure_from: MeasureFrom,
    /// Media flows so long after the last join before it is measured, seconds.
    pub settle_s: f64,
    /// What is sent within so many seconds counts.
    pub measure_s: f64,
}

/// When the measurement of a stage begins.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum MeasureFrom {
    /// When everybody of the stage has joined or failed, and `settle_s` have passed.
    Joined,
    /// At once, while they join: what counts is who was there before.
    Start,
}

/// People who all see and hear one another.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsultationSetup {
    /// Where.
    pub room: String,
    /// Who, 2 to 5.
    pub participants: Vec<AttendanceSetup>,
}

/// One of them.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceSetup {
    /// What the SFU lets them in with.
    pub credential: String,
    /// When they come, seconds from the beginning of the stage.
    #[serde(default)]
    pub join_at_s: f64,
    /// When they leave, seconds from the beginning of the stage; absent: not before the end.
    #[serde(default)]
    pub leave_at_s: Option<f64>,
}

impl ProfileName {
    /// As `forward` knows it.
    #[must_use]
    pub const fn profile(self) -> Profile {
        match self {
            Self::AeadAes128Gcm => Profile::AeadAes128Gcm,
            Self::AesCm128HmacSha1_80 => Profile::Aes128CmSha1_80,
        }
    }
}

impl LoadSetup {
    /// Reads a setup.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(json: &str) -> Result<Self, String> {
        let setup: Self = serde_json::from_str(json)
            .map_err(|error| format!("the setup is not valid: {error}"))?;
        setup.checked()
    }

    fn checked(self) -> Result<Self, String> {
        if self.stages.is_empty() {
            return Err("the setup has no stage".into());
        }
        if !(1..=10_000).contains(&self.window_ms) {
            return Err("window_ms is between 1 and 10,000".into());
        }
        for stage in &self.stages {
            stage.check()?;
        }
        Ok(self)
    }
}

impl StageSetup {
    fn check(&self) -> Result<(), String> {
        let name = &self.name;
        let in_reach = |seconds: f64| (0.0..=LONGEST_S).contains(&seconds);
        if !in_reach(self.settle_s) || !in_reach(self.measure_s) || self.measure_s <= 0.0 {
            return Err(format!(
                "stage {name} measures more than 0 and at most {LONGEST_S} s"
            ));
        }
        for consultation in &self.consultations {
            let (room, people) = (&consultation.room, &consultation.participants);
            if !(2..=5).contains(&people.len()) {
                return Err(format!("consultation {room} has not 2 to 5 participants"));
            }
            for each in people {
                let leaves_after = each.leave_at_s.is_none_or(|at| at >= each.join_at_s);
                let times = [each.join_at_s, each.leave_at_s.unwrap_or_default()];
                if !leaves_after || !times.into_iter().all(in_reach) {
                    return Err(format!(
                        "in consultation {room} somebody leaves before they come, or beyond {LONGEST_S} s"
                    ));
                }
            }
        }
        Ok(())
    }
}

const fn default_window_ms() -> u64 {
    100
}

/// Soaks last hours.
const LONGEST_S: f64 = 24.0 * 3_600.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(change: impl FnOnce(&mut serde_json::Value)) -> Result<LoadSetup, String> {
        let mut document = serde_json::json!({
            "seed": 1, "core": 1, "window_ms": 100, "relay_core": 0, "samples": 8, "bare_consultations": 0,
            "peer": {"kind": "visavis", "url": "ws://127.0.0.1:8080/v1/ws"},
            "profile": "AES_CM_128_HMAC_SHA1_80",
            "video": {"codec": "vp8", "simulcast": false},
            "stages": [{
                "name": "one", "measure_from": "joined", "settle_s": 1.0, "measure_s": 2.0,
                "consultations": [{"room": "r", "participants": [
                    {"credential": "a"},
                    {"credential": "b", "join_at_s": 1.0, "leave_at_s": null}]}]}]
        });
        change(&mut document);
        LoadSetup::parse(&document.to_string())
    }

    fn at<'a>(document: &'a mut serde_json::Value, path: &str) -> &'a mut serde_json::Value {
        document.pointer_mut(path).expect("it is there")
    }

    #[test]
    fn a_setup_as_the_contract_has_it_is_read() {
        let setup = setup(|_| {}).expect("it is valid");
        assert_eq!(setup.profile.profile(), Profile::Aes128CmSha1_80);
        assert_eq!(setup.window_ms, 100);
        assert_eq!(
            setup.stages.first().map(|stage| stage.consultations.len()),
            Some(1)
        );
    }

    #[test]
    fn what_cannot_be_is_refused_in_a_sentence() {
        for (path, value, words) in [
            ("/stages", serde_json::json!([]), "no stage"),
            ("/window_ms", serde_json::json!(0), "window_ms"),
            ("/video/codec", serde_json::json!("theora"), "not valid"),
            ("/stages/0/measure_s", serde_json::json!(0), "more than 0"),
            (
                "/stages/0/consultations/0/participants",
                serde_json::json!([]),
                "2 to 5",
            ),
            (
                "/stages/0/consultations/0/participants/1/leave_at_s",
                serde_json::json!(0.5),
                "before they come",
            ),
            ("/profile", serde_json::json!("NULL"), "not valid"),
            ("/peer/kind", serde_json::json!("sfu"), "not valid"),
        ] {
            let result = setup(|document| {
                *at(document, path) = value;
            });
            let sentence = result.err().expect("it cannot be");
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}
