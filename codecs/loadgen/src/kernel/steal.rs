//! Whether the host took a core away for a while (`/proc/stat`, proc(5)).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The stolen time of some cores, as it stood when it was last read.
pub struct Steal {
    statistics: File,
    labels: Vec<String>,
    ticks: u64,
    text: Vec<u8>,
}

impl Steal {
    /// Watches these cores from now on.
    ///
    /// # Errors
    /// There is no `/proc`.
    pub fn of(cores: &[usize]) -> io::Result<Self> {
        let mut steal = Self {
            statistics: File::open("/proc/stat")?,
            labels: cores.iter().map(|core| format!("cpu{core} ")).collect(),
            ticks: 0,
            text: vec![0; LEADING_BYTES],
        };
        steal.has_grown()?;
        Ok(steal)
    }

    /// Whether one of the cores was taken away since the last call.
    ///
    /// The kernel tells stolen time in ticks of 10 ms: shorter absences show when they add up to one.
    ///
    /// # Errors
    /// The kernel did not let it be read.
    pub fn has_grown(&mut self) -> io::Result<bool> {
        let len = self.statistics.read_at(&mut self.text, 0)?;
        let text = String::from_utf8_lossy(self.text.get(..len).unwrap_or_default());
        let ticks = stolen_ticks(&text, &self.labels);
        Ok(std::mem::replace(&mut self.ticks, ticks) < ticks)
    }
}

/// The eighth figure behind a core's name, summed over the cores named.
fn stolen_ticks(statistics: &str, labels: &[String]) -> u64 {
    let of_core = |line: &str| {
        let label = labels.iter().find(|label| line.starts_with(*label))?;
        line.get(label.len()..)?
            .split_whitespace()
            .nth(STEAL_COLUMN)?
            .parse::<u64>()
            .ok()
    };
    statistics.lines().filter_map(of_core).sum()
}

/// user nice system idle iowait irq softirq steal (proc(5), `/proc/stat`).
const STEAL_COLUMN: usize = 7;
/// The lines of 64 cores come first.
const LEADING_BYTES: usize = 8 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    const STATISTICS: &str = "cpu  9 9 9 9 9 9 9 99 0 0\n\
        cpu0 703771 26380 86446 469402 2307 0 6229 14412 0 0\n\
        cpu1 683348 32274 91117 477253 1773 0 5309 15317 0 0\n\
        cpu10 1 1 1 1 1 1 1 5 0 0\nintr 23082638 0\n";

    fn labels(cores: &[usize]) -> Vec<String> {
        cores.iter().map(|core| format!("cpu{core} ")).collect()
    }

    #[test]
    fn the_time_stolen_from_each_core_is_added_up() {
        assert_eq!(stolen_ticks(STATISTICS, &labels(&[0, 1])), 14_412 + 15_317);
        assert_eq!(stolen_ticks(STATISTICS, &labels(&[1])), 15_317);
        assert_eq!(stolen_ticks(STATISTICS, &labels(&[10, 3])), 5);
    }

    #[test]
    fn this_machine_has_such_figures() {
        let mut steal = Steal::of(&[0]).expect("there is /proc/stat");
        assert!(steal.has_grown().is_ok());
    }
}
