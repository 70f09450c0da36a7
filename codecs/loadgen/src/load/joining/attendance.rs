//! One participant on their way: a WebSocket, an adapter, and the legs it asks for.

use super::leg::Leg;
use crate::load::joins::Mark;
use crate::signalling::websocket::Channel;
use crate::signalling::{Failure, Signalling};

/// Somebody who comes, or is there.
pub struct Attendance {
    /// Their own word for what the SFU wants.
    pub adapter: Box<dyn Signalling + Send>,
    /// Their WebSocket.
    pub channel: Channel,
    /// Legs by number; those that are connected are media's and leave their place empty.
    pub legs: Vec<Option<Leg>>,
    /// The last point of their join.
    pub reached: Mark,
    /// They are leaving.
    pub leaving: bool,
}

impl Attendance {
    /// Why the join has failed when its time is over: where it stood.
    #[must_use]
    pub fn overdue(&self) -> Option<Failure> {
        let word = match self.reached {
            Mark::Began => "timeout_socket",
            Mark::Opened => "timeout_joined",
            Mark::Joined => "timeout_answer",
            Mark::Answered => "timeout_ice",
            Mark::Checked => "timeout_dtls",
            Mark::Connected | Mark::FirstMedia => return None,
        };
        Some(Failure::new(word))
    }
}
