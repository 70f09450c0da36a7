//! What the relay's answer makes of a leg.

use super::Visavis;
use crate::participant::connected::ReceivedTypes;
use crate::sdp::answer::{Description, Malformed, Setup};
use crate::sdp::chromium::{
    ABS_SEND_TIME, AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_SEQUENCE,
};
use crate::sdp::offer::{AUDIO_MID, RIDS, VIDEO_MID};
use crate::setup::{Extensions, IceSetup, LineSetup, RtxSetup};
use crate::signalling::{LegPlan, SentLines};

impl Visavis {
    /// What an answer lets a leg be.
    pub(super) fn plan(&self, sdp: &str) -> Result<LegPlan, &'static str> {
        let answer = Description::parse_untrusted(sdp).map_err(|malformed| match malformed {
            Malformed::Address => "answer_without_address",
            _ => "answer_malformed",
        })?;
        if answer.setup != Setup::Passive {
            return Err("answer_not_passive");
        }
        let number = |mid: &str, name: &str, parameters: &[&str]| {
            let media = answer.of_mid(mid).filter(|media| media.accepted);
            media.and_then(|media| media.codec(name, parameters))
        };
        let (name, parameters) = self.person.video.codec.in_sdp();
        let (Some((opus, _)), Some((video, rtx))) = (
            number(AUDIO_MID, "opus", &[]),
            number(VIDEO_MID, name, parameters),
        ) else {
            return Err("answer_without_codec");
        };
        let extensions = self.extensions(&answer);
        let rids: &[Option<&str>] = match (self.person.video.simulcast, extensions.rid) {
            (false, _) => &[None],
            (true, 0) => return Err("answer_without_rids"),
            (true, _) => &[Some(RIDS[2]), Some(RIDS[1]), Some(RIDS[0])],
        };
        let (first_ssrc, first_rtx_ssrc) = self.person.video_ssrcs;
        let encodings = rids.iter().zip((0..).step_by(2));
        let camera = encodings.map(|(rid, above)| LineSetup {
            ssrc: first_ssrc + above,
            payload_type: video,
            mid: VIDEO_MID.into(),
            rid: rid.map(Into::into),
            rtx: rtx.map(|payload_type| RtxSetup {
                ssrc: first_rtx_ssrc + above,
                payload_type,
            }),
        });
        Ok(LegPlan {
            remote: answer.address,
            ice: IceSetup {
                ufrag: answer.ufrag,
                password: answer.password,
                own: None,
            },
            fingerprint: answer.fingerprint,
            sends: Some(SentLines {
                audio: LineSetup {
                    ssrc: self.person.audio_ssrc,
                    payload_type: opus,
                    mid: AUDIO_MID.into(),
                    rid: None,
                    rtx: None,
                },
                video: camera.collect(),
            }),
            received: ReceivedTypes {
                audio: opus,
                video,
                rtx,
            },
            extensions,
        })
    }

    fn extensions(&self, answer: &Description) -> Extensions {
        let id = |mid, uri| {
            let media = answer.of_mid(mid);
            media
                .and_then(|media| media.extension(uri))
                .unwrap_or_default()
        };
        let simulcast = |uri| {
            if self.person.video.simulcast {
                id(VIDEO_MID, uri)
            } else {
                0
            }
        };
        Extensions {
            audio_level: id(AUDIO_MID, AUDIO_LEVEL),
            abs_send_time: id(VIDEO_MID, ABS_SEND_TIME),
            transport_sequence: id(VIDEO_MID, TRANSPORT_SEQUENCE),
            mid: id(VIDEO_MID, MID),
            rid: simulcast(RID),
            repaired_rid: simulcast(REPAIRED_RID),
        }
    }
}
