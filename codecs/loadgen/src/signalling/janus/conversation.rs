//! What a participant and Janus' `VideoRoom` say to one another, as JSON: one request after the other, each with a
//! reply. A participant has two handles: on one it publishes, on the other it receives.

use serde_json::{Value, json};

use crate::signalling::Failure;

/// A participant's conversation with Janus.
pub struct Conversation {
    room: String,
    feed: String,
    codec: &'static str,
    awaited: Awaited,
    transaction: u32,
    /// The transaction of the request whose reply is awaited.
    asked_as: u32,
    session: Option<u64>,
    publisher: Option<u64>,
    subscriber: Option<u64>,
    receives: bool,
    /// Others, not asked for yet.
    feeds: Vec<String>,
}

/// What a message of Janus' leads to.
#[derive(Debug, Eq, PartialEq)]
pub enum Turn {
    /// Say this.
    Say(String),
    /// The room is there: [`Conversation::publish`] can be called.
    Offer,
    /// Janus' answer on the publishing transport.
    Answered(String),
    /// Janus' offer on the receiving transport, to be answered with [`Conversation::accept`].
    Offered(String),
}

/// The request whose reply comes next; there is one at a time, but for keep-alives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Awaited {
    Session,
    PublisherHandle,
    Room,
    Join,
    SubscriberHandle,
    Subscription,
    Start,
    Nothing,
}

impl Conversation {
    /// The conversation of somebody with this name about this room, where pictures have this format.
    #[must_use]
    pub fn new(room: &str, feed: &str, codec: &'static str) -> Self {
        Self {
            room: room.to_owned(),
            feed: feed.to_owned(),
            codec,
            awaited: Awaited::Nothing,
            transaction: 0,
            asked_as: 0,
            session: None,
            publisher: None,
            subscriber: None,
            receives: false,
            feeds: Vec::new(),
        }
    }

    /// Its first words.
    pub fn begin(&mut self) -> String {
        self.ask(Awaited::Session, None, json!({ "janus": "create" }))
    }

    /// Joins with an offer.
    pub fn publish(&mut self, offer: &str) -> String {
        let body = json!({
            "request": "joinandconfigure", "ptype": "publisher", "room": self.room, "id": self.feed,
        });
        let words = described(&body, "offer", offer);
        self.ask(Awaited::Join, self.publisher, words)
    }

    /// Accepts what Janus offered.
    pub fn accept(&mut self, answer: &str) -> String {
        let words = described(&json!({ "request": "start" }), "answer", answer);
        self.ask(Awaited::Start, self.subscriber, words)
    }

    /// Keeps the session, if there is one, from timing out.
    pub fn keep_alive(&mut self) -> Option<String> {
        self.session?;
        Some(self.write(None, json!({ "janus": "keepalive" })))
    }

    /// Says goodbye, if it has greeted.
    pub fn end(&mut self) -> Option<String> {
        self.session?;
        Some(self.write(None, json!({ "janus": "destroy" })))
    }

    /// Takes in what Janus said.
    ///
    /// # Errors
    /// Janus refused something, ended the session, or sent what nothing can be made of.
    pub fn handle_text_untrusted(&mut self, text: &str) -> Result<Vec<Turn>, Failure> {
        let malformed = || Failure::new(MALFORMED);
        let told: Value = serde_json::from_str(text).map_err(|_| malformed())?;
        let data = told.pointer("/plugindata/data").unwrap_or(&Value::Null);
        self.note_feeds(data);
        let transaction = told.get("transaction").and_then(Value::as_str);
        let ours = transaction.is_some_and(|number| number == self.asked_as.to_string());
        match told.get("janus").and_then(Value::as_str) {
            Some("error") if ours => Err(refused(told.pointer("/error/code"))),
            Some("success" | "event") if ours => self.handle_reply(&told, data),
            Some("timeout" | "hangup") => Err(Failure::new("hung_up")),
            Some(_) => Ok(self.subscribe().into_iter().collect()),
            None => Err(malformed()),
        }
    }

    fn handle_reply(&mut self, told: &Value, data: &Value) -> Result<Vec<Turn>, Failure> {
        let id = told.pointer("/data/id").and_then(Value::as_u64);
        let sdp = || {
            let sdp = told.pointer("/jsep/sdp").and_then(Value::as_str);
            sdp.map(str::to_owned)
                .ok_or_else(|| Failure::new(MALFORMED))
        };
        let code = data.get("error_code");
        let exists = code.and_then(Value::as_u64) == Some(ROOM_EXISTS);
        if code.is_some() && !(exists && self.awaited == Awaited::Room) {
            return Err(refused(code));
        }
        let mut steps = Vec::new();
        match std::mem::replace(&mut self.awaited, Awaited::Nothing) {
            Awaited::Session => {
                self.session = Some(id.ok_or_else(|| Failure::new(MALFORMED))?);
                steps.push(Turn::Say(self.attach(Awaited::PublisherHandle)));
            }
            Awaited::PublisherHandle => {
                self.publisher = Some(id.ok_or_else(|| Failure::new(MALFORMED))?);
                steps.push(Turn::Say(self.create_room()));
            }
            Awaited::Room => steps.push(Turn::Offer),
            Awaited::Join => steps.push(Turn::Answered(sdp()?)),
            Awaited::SubscriberHandle => {
                self.subscriber = Some(id.ok_or_else(|| Failure::new(MALFORMED))?);
            }
            // Without an offer there is nothing new to receive.
            Awaited::Subscription => steps.extend(sdp().ok().map(Turn::Offered)),
            Awaited::Start | Awaited::Nothing => {}
        }
        let asked = matches!(
            steps.first(),
            Some(Turn::Say(_) | Turn::Offer | Turn::Offered(_))
        );
        if !asked {
            steps.extend(self.subscribe());
        }
        Ok(steps)
    }

    fn note_feeds(&mut self, data: &Value) {
        let Some(publishers) = data.get("publishers").and_then(Value::as_array) else {
            return;
        };
        let ids = publishers.iter().filter_map(|one| one.get("id")?.as_str());
        self.feeds.extend(ids.map(str::to_owned));
    }

    /// Asks for those it does not receive yet, once nothing else is under way.
    fn subscribe(&mut self) -> Option<Turn> {
        if self.awaited != Awaited::Nothing || self.feeds.is_empty() {
            return None;
        }
        if self.subscriber.is_none() {
            return Some(Turn::Say(self.attach(Awaited::SubscriberHandle)));
        }
        let first = !std::mem::replace(&mut self.receives, true);
        let streams: Vec<Value> = self
            .feeds
            .drain(..)
            .map(|feed| json!({ "feed": feed }))
            .collect();
        let body = if first {
            json!({ "request": "join", "ptype": "subscriber", "room": self.room, "streams": streams, "autoupdate": false })
        } else {
            json!({ "request": "subscribe", "streams": streams })
        };
        Some(Turn::Say(self.ask(
            Awaited::Subscription,
            self.subscriber,
            message(&body),
        )))
    }

    fn attach(&mut self, awaited: Awaited) -> String {
        let words = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" });
        self.ask(awaited, None, words)
    }

    /// Whoever comes first makes the room; the others are told that it exists.
    fn create_room(&mut self) -> String {
        let body = json!({
            "request": "create",
            "room": self.room,
            "publishers": MOST_PUBLISHERS,
            // No limit; with one it would tell publishers so by REMB.
            "bitrate": 0,
            "audiocodec": "opus",
            "videocodec": self.codec,
            "transport_wide_cc_ext": true,
            "record": false,
        });
        self.ask(Awaited::Room, self.publisher, message(&body))
    }

    fn ask(&mut self, awaited: Awaited, handle: Option<u64>, words: Value) -> String {
        self.awaited = awaited;
        let words = self.write(handle, words);
        self.asked_as = self.transaction;
        words
    }

    fn write(&mut self, handle: Option<u64>, mut words: Value) -> String {
        self.transaction += 1;
        if let Some(fields) = words.as_object_mut() {
            fields.insert("transaction".into(), self.transaction.to_string().into());
            for (name, id) in [("session_id", self.session), ("handle_id", handle)] {
                fields.extend(id.map(|id| (name.to_owned(), id.into())));
            }
        }
        words.to_string()
    }
}

fn message(body: &Value) -> Value {
    json!({ "janus": "message", "body": body })
}

fn described(body: &Value, kind: &str, sdp: &str) -> Value {
    json!({ "janus": "message", "body": body, "jsep": { "type": kind, "sdp": sdp } })
}

/// Janus' errors are numbers; its words for them may name a room.
fn refused(code: Option<&Value>) -> Failure {
    let code = code.and_then(Value::as_u64).unwrap_or_default();
    Failure::of_untrusted(&format!("janus_{code}"))
}

const MALFORMED: &str = "message_malformed";
/// More than any consultation has.
const MOST_PUBLISHERS: u32 = 6;
/// `JANUS_VIDEOROOM_ERROR_ROOM_EXISTS`.
const ROOM_EXISTS: u64 = 427;

#[cfg(test)]
mod tests;
