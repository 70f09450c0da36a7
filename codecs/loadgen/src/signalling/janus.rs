//! Janus' `VideoRoom`, as its own browser library drives it: a transport that publishes and, once somebody else is
//! there, another that receives all others.
//!
//! On the first the participant offers; on the second Janus does, and again with everybody who comes.

mod answer;
mod conversation;

use std::net::{Ipv4Addr, SocketAddrV4};

use super::{Failure, LegPlan, Person, Point, SentLines, Signalling, Step};
use crate::participant::connected::ReceivedTypes;
use crate::sdp::UFRAG;
use crate::sdp::answer::{Description, Malformed};
use crate::sdp::offer::{AUDIO_MID, Offer, VIDEO_MID};
use crate::setup::{IceSetup, LineSetup, OwnIce, RtxSetup};
use answer::Answer;
use conversation::{Conversation, Turn};

/// One participant at Janus.
pub struct Janus {
    person: Person,
    conversation: Conversation,
    answers: u32,
    heartbeats: u32,
    over: bool,
}

impl Janus {
    /// A participant that has said nothing yet; its credential is the name it is known by.
    #[must_use]
    pub fn new(person: Person) -> Self {
        let (codec, _) = person.video.codec.in_sdp();
        Self {
            conversation: Conversation::new(&person.room, &person.credential, codec),
            person,
            answers: 0,
            heartbeats: 0,
            over: false,
        }
    }

    fn take(&mut self, turn: Turn, steps: &mut Vec<Step>) -> Result<(), Failure> {
        match turn {
            Turn::Say(words) => steps.push(Step::Send(words)),
            Turn::Offer => {
                let offer = self.offer();
                steps.push(Step::Send(self.conversation.publish(&offer)));
            }
            Turn::Answered(sdp) => {
                steps.push(Step::Reached(Point::Joined));
                let answer = read(&sdp)?;
                let plan = self.publishing(&answer).map_err(Failure::new)?;
                steps.push(Step::Reached(Point::Answered));
                steps.push(Step::Connect(Box::new(plan)));
            }
            Turn::Offered(sdp) => {
                let offer = read(&sdp)?;
                self.answers += 1;
                // With whoever comes later Janus offers the same transport again.
                if self.answers == 1 {
                    steps.push(Step::Connect(Box::new(self.receiving(&offer))));
                }
                let answer = Answer {
                    offer: &offer,
                    session: self.person.session,
                    version: self.answers,
                    password: &self.person.password,
                    fingerprint: &self.person.fingerprint,
                    address: NOWHERE,
                    codec: self.person.video.codec,
                };
                steps.push(Step::Send(self.conversation.accept(&answer.write())));
            }
        }
        Ok(())
    }

    fn offer(&self) -> String {
        let offer = Offer {
            session: self.person.session,
            version: 2,
            password: &self.person.password,
            fingerprint: &self.person.fingerprint,
            address: NOWHERE,
            audio_ssrc: self.person.audio_ssrc,
            video_ssrcs: self.person.video_ssrcs,
            simulcast: false,
            slots: &[],
        };
        // Janus would begin the handshake if it could choose; participants here are clients.
        offer.write().replace("a=setup:actpass", "a=setup:active")
    }

    fn publishing(&self, answer: &Description) -> Result<LegPlan, &'static str> {
        let ReceivedTypes {
            audio, video, rtx, ..
        } = self.person.agreed(answer)?;
        let (ssrc, rtx_ssrc) = self.person.video_ssrcs;
        let line = |ssrc, payload_type, mid: &str| LineSetup {
            ssrc,
            payload_type,
            mid: mid.into(),
            rid: None,
            rtx: None,
        };
        let video = LineSetup {
            rtx: rtx.map(|payload_type| RtxSetup {
                ssrc: rtx_ssrc,
                payload_type,
            }),
            ..line(ssrc, video, VIDEO_MID)
        };
        Ok(LegPlan {
            sends: Some(SentLines {
                audio: line(self.person.audio_ssrc, audio, AUDIO_MID),
                video: vec![video],
            }),
            ..self.receiving(answer)
        })
    }

    fn receiving(&self, description: &Description) -> LegPlan {
        LegPlan {
            remote: description.address,
            ice: IceSetup {
                ufrag: description.ufrag.clone(),
                password: description.password.clone(),
                // Its agent checks back, lite or not, and waits for the answer.
                own: Some(OwnIce {
                    ufrag: UFRAG.into(),
                    password: self.person.password.clone(),
                }),
            },
            fingerprint: description.fingerprint,
            sends: None,
            received: received(description),
            extensions: answer::extensions(description),
        }
    }
}

impl Signalling for Janus {
    fn subprotocol(&self) -> &'static str {
        "janus-protocol"
    }

    fn handle_open(&mut self, steps: &mut Vec<Step>) {
        if self.person.video.simulcast {
            // VideoRoom picks encodings in its own way, which nobody compares here.
            self.over = true;
            steps.push(Step::Fail(Failure::new("no_simulcast")));
            return;
        }
        steps.push(Step::Send(self.conversation.begin()));
    }

    fn handle_text_untrusted(&mut self, text: &str, steps: &mut Vec<Step>) {
        if self.over {
            return;
        }
        let taken = self
            .conversation
            .handle_text_untrusted(text)
            .and_then(|turns| {
                turns
                    .into_iter()
                    .try_for_each(|turn| self.take(turn, steps))
            });
        if let Err(failure) = taken {
            self.over = true;
            steps.push(Step::Fail(failure));
        }
    }

    fn handle_heartbeat(&mut self, steps: &mut Vec<Step>) {
        self.heartbeats += 1;
        if !self.over && self.heartbeats.is_multiple_of(HEARTBEATS_EACH) {
            steps.extend(self.conversation.keep_alive().map(Step::Send));
        }
    }

    fn handle_connected(&mut self, _leg: usize, _steps: &mut Vec<Step>) {}

    fn leave(&mut self, steps: &mut Vec<Step>) {
        if !std::mem::replace(&mut self.over, true) {
            steps.extend(self.conversation.end().map(Step::Send));
        }
        steps.push(Step::Close);
    }
}

fn read(sdp: &str) -> Result<Description, Failure> {
    Description::parse_untrusted(sdp).map_err(|malformed| match malformed {
        Malformed::Address => Failure::new("answer_without_address"),
        _ => Failure::new("answer_malformed"),
    })
}

/// Whatever was agreed, which the plugin gives the same numbers on all m-lines of a kind.
fn received(description: &Description) -> ReceivedTypes {
    let number = |name| {
        let mut media = description.media.iter();
        media.find_map(|media| media.codec(name, &[]))
    };
    let video = number("vp8").or_else(|| number("h264")).unwrap_or_default();
    ReceivedTypes {
        audio: number("opus").unwrap_or_default().0,
        red: None,
        video: video.0,
        rtx: video.1,
    }
}

/// Janus' agent has no credentials for its own checks before it was given a candidate; it finds the real one itself.
const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
/// Each 25 s, as Janus' own browser library does; a session ends after 60 s of silence.
const HEARTBEATS_EACH: u32 = 5;

#[cfg(test)]
mod tests;
