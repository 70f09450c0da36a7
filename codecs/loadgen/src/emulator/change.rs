//! Changes of a link, as data: `{"t_ms": 30000, "direction": "down", "key": "rate_bps", "value": 500000}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::setting::Setting;
use super::trace::Trace;

/// One of the two ways through a link.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the server's side to the client's.
    Down,
    /// From the client's side to the server's.
    Up,
}

/// A line of a schedule.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSetup {
    /// When, from the schedule's beginning.
    #[serde(default)]
    pub t_ms: f64,
    /// Where.
    pub direction: Direction,
    /// What.
    pub key: String,
    /// To what.
    pub value: Value,
}

/// A change that can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When, from the schedule's beginning.
    pub after_ns: u64,
    /// Where.
    pub direction: Direction,
    /// To what.
    pub setting: Setting,
    /// As it was asked for.
    pub asked: ChangeSetup,
}

impl Change {
    /// Understands a line.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn of(
        asked: ChangeSetup,
        load: &dyn Fn(&str) -> Result<Trace, String>,
    ) -> Result<Self, String> {
        if !(0.0..=LATEST_MS).contains(&asked.t_ms) {
            return Err(format!("t_ms is between 0 and {LATEST_MS}"));
        }
        Ok(Self {
            after_ns: (asked.t_ms * 1e6) as u64,
            direction: asked.direction,
            setting: Setting::parse(&asked.key, &asked.value, load)?,
            asked,
        })
    }
}

/// A day.
const LATEST_MS: f64 = 86_400_000.0;
