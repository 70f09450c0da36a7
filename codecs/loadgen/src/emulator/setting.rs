//! What of a direction can be set, at the beginning and later: `"delay_ms": 50` is read in one place.

use serde_json::Value;

use super::delay::{Jitter, JitterSetup};
use super::loss::LossModel;
use super::server::Capacity;
use super::trace::Trace;

/// One figure of a direction.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// How fast it is.
    Capacity(Capacity),
    /// How much may wait.
    Queue(QueueLimit),
    /// How long packets are on their way.
    DelayNs(u64),
    /// How much that varies.
    Jitter(Jitter),
    /// Whether packets may overtake one another.
    Reorders(bool),
    /// What is lost.
    Loss(LossModel),
    /// The share of packets that come twice.
    Duplicated(f64),
    /// Whether nothing comes in.
    Blackout(bool),
}

/// What a full queue is; one packet may always wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum QueueLimit {
    /// As much as the rate carries in this time; for a trace, its mean rate.
    Ns(u64),
    /// So much, whatever the rate.
    Bytes(u64),
}

impl Setting {
    /// Reads a key and its value.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub fn parse(
        key: &str,
        value: &Value,
        load: &dyn Fn(&str) -> Result<Trace, String>,
    ) -> Result<Self, String> {
        let found = match key {
            "rate_bps" if value.is_null() => Self::Capacity(Capacity::Unlimited),
            "rate_bps" => Self::Capacity(Capacity::Rate(whole(key, value, MOST_BPS)?)),
            "trace_path" => Self::Capacity(Capacity::Trace(load(text(key, value)?)?)),
            "queue_ms" => Self::Queue(QueueLimit::Ns(span_ns(key, value)?)),
            "queue_bytes" => Self::Queue(QueueLimit::Bytes(whole(key, value, MOST_BYTES)?)),
            "delay_ms" => Self::DelayNs(span_ns(key, value)?),
            "jitter_ms" => Self::Jitter(Jitter::of(shaped::<JitterSetup>(
                key,
                value,
                "a number, or {deviation_ms, peak_ms}",
            )?)?),
            "reorder" => Self::Reorders(flag(key, value)?),
            "loss" => {
                Self::Loss(shaped::<LossModel>(key, value, "a share, or {p, r, h, k}")?.checked()?)
            }
            "duplicate" => Self::Duplicated(number(key, value, 1.0)?),
            "blackout" => Self::Blackout(flag(key, value)?),
            _ => {
                return Err(format!(
                    "{key:.40} cannot be set; these can: {}",
                    KEYS.join(", ")
                ));
            }
        };
        Ok(found)
    }

    /// Whether both would decide the same: a direction is given one of them.
    #[must_use]
    pub fn rivals(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

fn span_ns(key: &str, value: &Value) -> Result<u64, String> {
    number(key, value, MOST_MS).map(|ms| (ms * 1e6) as u64)
}

fn number(key: &str, value: &Value, most: f64) -> Result<f64, String> {
    let found = value
        .as_f64()
        .filter(|number| (0.0..=most).contains(number));
    found.ok_or_else(|| format!("{key} is a number from 0 to {most}, not {value:.40}"))
}

fn whole(key: &str, value: &Value, most: u64) -> Result<u64, String> {
    let found = value.as_u64().filter(|number| *number <= most);
    found.ok_or_else(|| format!("{key} is a whole number from 0 to {most}, not {value:.40}"))
}

fn flag(key: &str, value: &Value) -> Result<bool, String> {
    let found = value.as_bool();
    found.ok_or_else(|| format!("{key} is true or false, not {value:.40}"))
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, String> {
    let found = value.as_str();
    found.ok_or_else(|| format!("{key} is the name of a file, not {value:.40}"))
}

fn shaped<T: serde::de::DeserializeOwned>(
    key: &str,
    value: &Value,
    shape: &str,
) -> Result<T, String> {
    T::deserialize(value).map_err(|_| format!("{key} is {shape}, not {value:.80}"))
}

/// All that can be set.
const KEYS: [&str; 10] = [
    "rate_bps",
    "trace_path",
    "queue_ms",
    "queue_bytes",
    "delay_ms",
    "jitter_ms",
    "reorder",
    "loss",
    "duplicate",
    "blackout",
];
/// Faster than any device it could go through; a nanosecond's work at this rate is far from overflowing.
const MOST_BPS: u64 = 10_000_000_000;
const MOST_BYTES: u64 = 1 << 30;
const MOST_MS: f64 = 10_000.0;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::emulator::link::Link;
    use crate::emulator::loss::GilbertElliott;

    fn parse(key: &str, value: &Value) -> Result<Setting, String> {
        Setting::parse(key, value, &|path| {
            Trace::parse("5\n").map_err(|_| path.to_owned())
        })
    }

    #[test]
    fn every_key_is_read() {
        let trace = Trace::parse("5\n").expect("it is valid");
        let jitter = Jitter {
            deviation_ns: 5_000_000,
            peak_ns: 15_000_000,
        };
        let bursts = LossModel::Bursts(GilbertElliott {
            p: 0.1,
            r: 0.5,
            h: 1.0,
            k: 0.0,
        });
        for (key, value, setting) in [
            (
                "rate_bps",
                json!(null),
                Setting::Capacity(Capacity::Unlimited),
            ),
            (
                "rate_bps",
                json!(5_000),
                Setting::Capacity(Capacity::Rate(5_000)),
            ),
            (
                "trace_path",
                json!("a"),
                Setting::Capacity(Capacity::Trace(trace)),
            ),
            (
                "queue_ms",
                json!(300),
                Setting::Queue(QueueLimit::Ns(300_000_000)),
            ),
            (
                "queue_bytes",
                json!(9_000),
                Setting::Queue(QueueLimit::Bytes(9_000)),
            ),
            ("delay_ms", json!(0.5), Setting::DelayNs(500_000)),
            ("jitter_ms", json!(5), Setting::Jitter(jitter)),
            (
                "jitter_ms",
                json!({"deviation_ms": 5, "peak_ms": 15}),
                Setting::Jitter(jitter),
            ),
            ("reorder", json!(true), Setting::Reorders(true)),
            ("loss", json!(0.02), Setting::Loss(LossModel::Even(0.02))),
            ("loss", json!({"p": 0.1, "r": 0.5}), Setting::Loss(bursts)),
            ("duplicate", json!(0.01), Setting::Duplicated(0.01)),
            ("blackout", json!(false), Setting::Blackout(false)),
        ] {
            assert_eq!(parse(key, &value), Ok(setting));
            assert!(KEYS.contains(&key));
        }
    }

    #[test]
    fn what_cannot_be_is_refused_in_a_sentence() {
        for (key, value, words) in [
            ("rate_bps", json!(-1), "whole number"),
            ("rate_bps", json!(1.5), "whole number"),
            ("rate_bps", json!(1_u64 << 60), "10000000000"),
            ("rate_bps", json!("fast"), "whole number"),
            ("trace_path", json!(7), "name of a file"),
            ("queue_ms", json!(-0.1), "from 0"),
            ("queue_ms", json!(1e300), "from 0"),
            ("queue_bytes", json!(null), "whole number"),
            ("delay_ms", json!([]), "from 0 to 10000"),
            ("jitter_ms", json!({"deviation_ms": 1}), "deviation_ms"),
            ("jitter_ms", json!(-3), "deviates"),
            ("reorder", json!(1), "true or false"),
            ("loss", json!(1.5), "probabilities"),
            ("loss", json!({"p": 2, "r": 0.1}), "probabilities"),
            ("loss", json!({"p": 0.1}), "a share"),
            ("loss", json!({"p": 0.1, "r": 0.1, "q": 0.1}), "a share"),
            ("duplicate", json!(2), "from 0 to 1"),
            ("blackout", json!("yes"), "true or false"),
            ("delay", json!(5), "cannot be set; these can: rate_bps"),
        ] {
            let sentence = parse(key, &value).expect_err("it cannot be");
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_can_be_lived_with(
            written in proptest::collection::vec((0..KEYS.len(), any_value()), 1..20),
            packets in proptest::collection::vec((0_u64..3_600_000_000_000, 1_usize..1_500), 1..20),
        ) {
            let mut link = Link::new(1);
            let mut now_ns = 0;
            let mut written = written.into_iter().cycle();
            for (passed_ns, bytes) in packets {
                now_ns += passed_ns;
                let (key, value) = written.next().expect("it goes round");
                let key = KEYS.get(key).copied().unwrap_or_default();
                if let Ok(setting) = parse(key, &value) {
                    link.set(now_ns, setting);
                }
                link.admit(now_ns, bytes, ());
                while let Some(departure) = link.poll(now_ns) {
                    prop_assert!(departure.due_ns <= now_ns);
                }
            }
        }
    }

    /// Values at the edges of what is allowed, and beyond.
    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            prop_oneof![
                Just(0),
                Just(1),
                Just(MOST_BYTES),
                Just(MOST_BPS),
                any::<u64>()
            ]
            .prop_map(|number| json!(number)),
            prop_oneof![Just(1.0), Just(MOST_MS), any::<f64>(), 0.0..1.0]
                .prop_map(|number| json!(number)),
            any::<bool>().prop_map(|flag| json!(flag)),
            (0.0..=1.0, 0.0..=1.0).prop_map(|(p, r)| json!({"p": p, "r": r})),
            (0.0..1_000.0, 0.0..3_000.0)
                .prop_map(|(deviation, peak)| json!({"deviation_ms": deviation, "peak_ms": peak})),
            Just(json!("a trace")),
            Just(Value::Null),
        ]
    }
}
