//! The relay's own protocol (docs/protocol.md), in the order of the browser SDK: `join`, a fresh `offer` with nothing
//! published, then microphone and camera one after the other.

mod answered;
mod messages;

use std::net::{Ipv4Addr, SocketAddrV4};

use serde_json::json;

use messages::Message;

use super::{Failure, Person, Point, Signalling, Step};
use crate::participant::following::Ask;
use crate::sdp::offer::{AUDIO_MID, Offer, VIDEO_MID};

/// One participant at the relay.
pub struct Visavis {
    person: Person,
    state: State,
    slots: Vec<bool>,
    offers: u32,
    /// Whether another offer was asked for before the first was through: the others came at the same time.
    owes_offer: bool,
    next_id: u64,
    /// Its camera's publication, once it is known.
    camera: Option<String>,
    /// What was asked of publications before that.
    early: Vec<(String, Vec<Ask>)>,
}

/// What it waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// The WebSocket.
    Opening,
    /// `joined`.
    Joining,
    /// The first `answer`.
    Offering,
    /// `published` of the microphone.
    PublishingMicrophone,
    /// `published` of the camera.
    PublishingCamera,
    /// Nothing.
    Consulting,
    /// `ok` to `leave`.
    Leaving,
    /// Nothing any more.
    Over,
}

impl Visavis {
    /// A participant that has said nothing yet.
    #[must_use]
    pub fn new(person: Person) -> Self {
        Self {
            person,
            state: State::Opening,
            slots: Vec::new(),
            offers: 0,
            owes_offer: false,
            next_id: 1,
            camera: None,
            early: Vec::new(),
        }
    }

    /// What it waits for.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    fn request(&mut self, mut message: serde_json::Value, steps: &mut Vec<Step>) {
        if let Some(fields) = message.as_object_mut() {
            fields.insert("id".into(), self.next_id.into());
            self.next_id += 1;
        }
        steps.push(Step::Send(message.to_string()));
    }

    fn offer(&mut self, steps: &mut Vec<Step>) {
        self.offers += 1;
        let offer = Offer {
            session: self.person.session,
            version: self.offers + 1,
            password: &self.person.password,
            fingerprint: &self.person.fingerprint,
            address: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
            audio_ssrc: self.person.audio_ssrc,
            video_ssrcs: self.person.video_ssrcs,
            simulcast: self.person.video.simulcast,
            slots: &self.slots,
        };
        let fresh = self.offers == 1;
        let tracks = if fresh {
            json!({})
        } else {
            json!({ AUDIO_MID: "microphone", VIDEO_MID: "camera" })
        };
        let message =
            json!({ "type": "offer", "sdp": offer.write(), "fresh": fresh, "tracks": tracks });
        self.request(message, steps);
    }

    /// Offers again, when all that was asked for before is through.
    fn offer_again(&mut self, steps: &mut Vec<Step>) {
        match self.state {
            State::Consulting => self.offer(steps),
            State::Offering | State::PublishingMicrophone | State::PublishingCamera => {
                self.owes_offer = true;
            }
            State::Opening | State::Joining | State::Leaving | State::Over => {}
        }
    }

    fn publish(&mut self, mid: &str, source: &str, steps: &mut Vec<Step>) {
        self.request(
            json!({ "type": "publish", "tracks": { mid: source } }),
            steps,
        );
    }

    fn add_slots(&mut self, audio: usize, video: usize) -> bool {
        if self.slots.len() + audio + video > MOST_SLOTS {
            return false;
        }
        self.slots.extend(std::iter::repeat_n(true, audio));
        self.slots.extend(std::iter::repeat_n(false, video));
        true
    }

    fn fail(&mut self, failure: Failure, steps: &mut Vec<Step>) {
        self.state = State::Over;
        steps.push(Step::Fail(failure));
    }

    fn handle_untrusted(&mut self, message: Message, steps: &mut Vec<Step>) {
        match (self.state, message) {
            (State::Over, _) => {}
            (State::Joining, Message::Joined { slots }) => {
                steps.push(Step::Reached(Point::Joined));
                if self.add_slots(slots.audio, slots.video) {
                    self.state = State::Offering;
                    self.offer(steps);
                } else {
                    self.fail(Failure::new("too_many_slots"), steps);
                }
            }
            (State::Offering, Message::Answer { sdp }) => match self.plan(&sdp) {
                Ok(plan) => {
                    steps.push(Step::Reached(Point::Answered));
                    steps.push(Step::Connect(Box::new(plan)));
                    self.state = State::PublishingMicrophone;
                    self.publish(AUDIO_MID, "microphone", steps);
                }
                Err(word) => self.fail(Failure::new(word), steps),
            },
            (State::PublishingMicrophone, Message::Published { .. }) => {
                self.state = State::PublishingCamera;
                self.publish(VIDEO_MID, "camera", steps);
            }
            (State::PublishingCamera, Message::Published { tracks }) => {
                self.state = State::Consulting;
                let camera = tracks.into_iter().find(|track| track.source == "camera");
                self.camera = camera.map(|camera| camera.id);
                for (track, asks) in std::mem::take(&mut self.early) {
                    self.be_asked(track, asks, steps);
                }
                if std::mem::take(&mut self.owes_offer) {
                    self.offer(steps);
                }
            }
            (State::Leaving, Message::Ok {} | Message::Closing { .. } | Message::Error { .. }) => {
                self.state = State::Over;
                steps.push(Step::Close);
            }
            (_, Message::Error { code } | Message::Closing { code }) => {
                self.fail(Failure::of_untrusted(&code), steps);
            }
            (_, Message::Connection { state }) if state == "failed" => {
                self.fail(Failure::new("leg_failed"), steps);
            }
            (_, Message::MoreSlots { audio, video }) if self.add_slots(audio, video) => {
                self.offer_again(steps);
            }
            (_, Message::Renegotiate {}) => self.offer_again(steps),
            (_, Message::Encodings { track, encodings }) => {
                self.be_asked(track, encodings.into_iter().map(Ask::from).collect(), steps);
            }
            _ => {}
        }
    }

    /// Has the camera obey what is asked of it; a voice here has one size.
    fn be_asked(&mut self, track: String, asks: Vec<Ask>, steps: &mut Vec<Step>) {
        match &self.camera {
            Some(camera) if *camera == track => steps.push(Step::Obey(asks)),
            None if self.early.len() < MOST_EARLY => self.early.push((track, asks)),
            _ => {}
        }
    }
}

/// More are asked of nobody before it has heard of its own publications.
const MOST_EARLY: usize = 16;

impl Signalling for Visavis {
    fn subprotocol(&self) -> &'static str {
        "visavis.v1"
    }

    fn handle_open(&mut self, steps: &mut Vec<Step>) {
        self.state = State::Joining;
        let token = self.person.credential.clone();
        self.request(
            json!({ "type": "join", "token": token, "client": "load" }),
            steps,
        );
    }

    fn handle_text_untrusted(&mut self, text: &str, steps: &mut Vec<Step>) {
        match serde_json::from_str(text) {
            Ok(message) => self.handle_untrusted(message, steps),
            Err(_) if self.state == State::Over => {}
            Err(_) => self.fail(Failure::new("message_malformed"), steps),
        }
    }

    fn handle_heartbeat(&mut self, steps: &mut Vec<Step>) {
        if self.state != State::Over {
            self.request(json!({ "type": "ping" }), steps);
        }
    }

    fn handle_connected(&mut self, _leg: usize, _steps: &mut Vec<Step>) {}

    fn leave(&mut self, steps: &mut Vec<Step>) {
        if matches!(self.state, State::Opening | State::Over) {
            self.state = State::Over;
            steps.push(Step::Close);
        } else {
            self.state = State::Leaving;
            self.request(json!({ "type": "leave" }), steps);
        }
    }
}

/// Those of four others, with screens, and room to spare.
const MOST_SLOTS: usize = 30;

#[cfg(test)]
mod tests;
