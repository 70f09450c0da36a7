//! Session descriptions of a participant: offers as Chromium writes them, answers as they come.

pub mod answer;
pub mod chromium;
pub mod offer;

use crate::setup::Extensions;

/// Every participant's own user fragment; its password alone is drawn (RFC 8445 §5.3 asks for four characters).
pub const UFRAG: &str = "load";

/// Header extension ids as [`offer`] proposes them; whoever answers may not change an id (RFC 8285 §6).
pub const EXTENSIONS: Extensions = Extensions {
    audio_level: 1,
    abs_send_time: 2,
    transport_sequence: 3,
    mid: 4,
    rid: 0,
    repaired_rid: 0,
};
