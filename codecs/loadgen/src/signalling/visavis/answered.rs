//! What the relay's answer makes of a leg.

use super::Visavis;
use crate::sdp::answer::{Description, Malformed};
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
        let received = self.person.agreed(&answer)?;
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
            payload_type: received.video,
            mid: VIDEO_MID.into(),
            rid: rid.map(Into::into),
            rtx: received.rtx.map(|payload_type| RtxSetup {
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
                    payload_type: received.audio,
                    mid: AUDIO_MID.into(),
                    rid: None,
                    rtx: None,
                },
                video: camera.collect(),
            }),
            received,
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
