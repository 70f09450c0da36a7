//! What `emulator` is asked to do: one line of JSON on standard input.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::change::{Change, ChangeSetup};
use super::setting::Setting;
use super::trace::Trace;

/// A link between two network namespaces, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmulatorSetup {
    /// Losses and jitter repeat for the same seed.
    seed: u64,
    /// When it ends by itself; absent: when its input does.
    #[serde(default)]
    duration_s: Option<f64>,
    /// How long before a packet is due the core is kept busy, so that nobody has to wake it.
    #[serde(default)]
    busy_wait_us: u64,
    /// Whether no core of the machine is halted while the link is there.
    #[serde(default)]
    keep_awake: bool,
    /// The core it keeps to; absent: any.
    #[serde(default)]
    core: Option<usize>,
    /// Where the log goes; absent: nowhere.
    #[serde(default)]
    log_path: Option<PathBuf>,
    /// Where the client is.
    client: Side,
    /// Where the server is.
    server: Side,
    /// Settings from the server to the client.
    #[serde(default)]
    down: Map<String, Value>,
    /// Settings from the client to the server.
    #[serde(default)]
    up: Map<String, Value>,
    /// Changes, from when it is ready.
    #[serde(default)]
    schedule: Vec<ChangeSetup>,
}

/// One end of a link.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// A network namespace, as a file (`/proc/PID/ns/net`).
    pub namespace: PathBuf,
    /// The name of the TUN device to be made there.
    pub device: String,
}

/// A link that can be made.
#[derive(Debug)]
pub struct Plan {
    /// Losses and jitter repeat for the same seed.
    pub seed: u64,
    /// When it ends by itself.
    pub duration_ns: Option<u64>,
    /// How long before a packet is due the core is kept busy.
    pub busy_wait_ns: u64,
    /// Whether no core of the machine is halted while the link is there.
    pub keep_awake: bool,
    /// The core it keeps to.
    pub core: Option<usize>,
    /// Where the log goes.
    pub log_path: Option<PathBuf>,
    /// Where the client is.
    pub client: Side,
    /// Where the server is.
    pub server: Side,
    /// From the server to the client.
    pub down: Vec<Setting>,
    /// From the client to the server.
    pub up: Vec<Setting>,
    /// From when it is ready.
    pub schedule: Vec<Change>,
}

impl Plan {
    /// Reads a setup, and the traces that it names.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(json: &str) -> Result<Self, String> {
        let setup: EmulatorSetup = serde_json::from_str(json)
            .map_err(|error| format!("the setup is not valid: {error}"))?;
        let longest = setup.duration_s.unwrap_or(1.0);
        if !(longest > 0.0 && longest <= LONGEST_S) {
            return Err(format!("duration_s is more than 0 and at most {LONGEST_S}"));
        }
        if setup.busy_wait_us > LONGEST_WAIT_US {
            return Err(format!("busy_wait_us is at most {LONGEST_WAIT_US}"));
        }
        for side in [&setup.client, &setup.server] {
            side.check()?;
        }
        let schedule = setup
            .schedule
            .into_iter()
            .enumerate()
            .map(|(index, asked)| {
                Change::of(asked, &load).map_err(|error| format!("change {index}: {error}"))
            });
        Ok(Self {
            seed: setup.seed,
            duration_ns: setup.duration_s.map(|seconds| (seconds * 1e9) as u64),
            busy_wait_ns: setup.busy_wait_us * 1_000,
            keep_awake: setup.keep_awake,
            core: setup.core,
            log_path: setup.log_path,
            client: setup.client,
            server: setup.server,
            down: settings(&setup.down).map_err(|error| format!("down: {error}"))?,
            up: settings(&setup.up).map_err(|error| format!("up: {error}"))?,
            schedule: schedule.collect::<Result<_, _>>()?,
        })
    }
}

impl Side {
    /// Names are short, and no paths (`IFNAMSIZ`, the closing zero included; the kernel's `dev_valid_name`).
    fn check(&self) -> Result<(), String> {
        let name = self.device.as_bytes();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if name.is_empty() || name.len() > LONGEST_NAME_BYTES || !name.iter().all(is_plain) {
            return Err(format!(
                "a device is named by 1 to {LONGEST_NAME_BYTES} letters, digits or hyphens"
            ));
        }
        Ok(())
    }
}

/// Reads a trace's file.
///
/// # Errors
/// A sentence that says why it cannot be used.
pub fn load(path: &str) -> Result<Trace, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the trace {path} cannot be read: {error}"))?;
    Trace::parse(&text).map_err(|error| format!("{path}: {error}"))
}

fn settings(written: &Map<String, Value>) -> Result<Vec<Setting>, String> {
    let mut found: Vec<Setting> = Vec::new();
    for (key, value) in written {
        let setting = Setting::parse(key, value, &load)?;
        if found.iter().any(|other| other.rivals(&setting)) {
            return Err(format!("{key} and another key decide the same"));
        }
        found.push(setting);
    }
    Ok(found)
}

/// A day.
const LONGEST_S: f64 = 86_400.0;
const LONGEST_WAIT_US: u64 = 1_000;
const LONGEST_NAME_BYTES: usize = 15;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::change::Direction;

    fn plan(change: impl FnOnce(&mut Value)) -> Result<Plan, String> {
        let mut document = json!({
            "seed": 1,
            "duration_s": 5.5,
            "log_path": "link.log",
            "keep_awake": true,
            "client": {"namespace": "/proc/1/ns/net", "device": "link"},
            "server": {"namespace": "/proc/2/ns/net", "device": "link"},
            "down": {"rate_bps": 2_500_000, "queue_ms": 300, "delay_ms": 50},
            "up": {"delay_ms": 50, "loss": {"p": 0.01, "r": 0.3}},
            "schedule": [{"t_ms": 30_000, "direction": "down", "key": "rate_bps", "value": 500_000}],
        });
        change(&mut document);
        Plan::parse(&document.to_string())
    }

    #[test]
    fn a_setup_is_read() {
        let plan = plan(|_| {}).expect("it is valid");
        assert_eq!(plan.duration_ns, Some(5_500_000_000));
        assert_eq!((plan.down.len(), plan.up.len()), (3, 2));
        assert!(plan.keep_awake);
        let change = plan.schedule.first().expect("there is one");
        assert_eq!(
            (change.after_ns, change.direction),
            (30_000_000_000, Direction::Down)
        );
    }

    #[test]
    fn what_cannot_be_is_refused_in_a_sentence() {
        for (path, value, words) in [
            ("/seed", json!(-1), "not valid"),
            ("/duration_s", json!(0), "duration_s"),
            ("/duration_s", json!(1e9), "duration_s"),
            ("/busy_wait_us", json!(5_000), "busy_wait_us"),
            ("/keep_awake", json!(1), "not valid"),
            ("/client/device", json!("a/b"), "named by"),
            ("/client/device", json!(""), "named by"),
            ("/server/device", json!("a-name-of-16-ch."), "named by"),
            ("/server", json!({"device": "link"}), "not valid"),
            ("/up/loss", json!(2), "up: loss"),
            ("/down/queue_bytes", json!(9), "decide the same"),
            ("/down/trace_path", json!("/nowhere"), "cannot be read"),
            ("/down/speed", json!(1), "down: speed cannot be set"),
            ("/schedule/0/direction", json!("left"), "not valid"),
            ("/schedule/0/t_ms", json!(-1), "change 0: t_ms"),
            ("/schedule/0/value", json!("x"), "change 0: rate_bps"),
            ("/router", json!({}), "not valid"),
        ] {
            let result = plan(|document| {
                let (parent, key) = path.rsplit_once('/').expect("it is a path");
                let parent = document.pointer_mut(parent).expect("it is there");
                match parent {
                    Value::Object(object) => drop(object.insert(key.to_owned(), value)),
                    _ => unreachable!("{path} is not in an object"),
                }
            });
            let sentence = result.expect_err("it cannot be");
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}
