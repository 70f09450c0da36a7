//! Cores that do not fall asleep when there is nothing to do.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};

/// Keeps all cores of the machine awake while it is there: an idle one looks for work, over and over, instead of
/// being halted until somebody wakes it. That takes no time from anybody, but power, and on a virtual machine
/// what the host bills: to be woken by the host is what takes there, tens of microseconds and sometimes a millisecond.
///
/// The kernel's own interface (`Documentation/power/pm_qos_interface.rst`): a wish holds as long as the file is open.
#[derive(Debug)]
pub struct Awake {
    _wish: File,
}

impl Awake {
    /// Wishes it.
    ///
    /// # Errors
    /// The kernel has no such interface, or we have not the right to.
    pub fn wish() -> io::Result<Self> {
        Self::wish_at(INTERFACE)
    }

    fn wish_at(interface: &str) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(interface)?;
        file.write_all(&MOST_LATENCY_US.to_ne_bytes())?;
        Ok(Self { _wish: file })
    }
}

const INTERFACE: &str = "/dev/cpu_dma_latency";
/// How long a core may take to wake: at 0 none is put to sleep.
const MOST_LATENCY_US: i32 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_a_wish_for_no_latency() {
        let path = std::env::temp_dir().join(format!("latency-{}", std::process::id()));
        std::fs::write(&path, b"").expect("there is room");
        let awake = Awake::wish_at(path.to_str().expect("it is text"));
        let written = std::fs::read(&path).expect("it is there");
        std::fs::remove_file(&path).expect("it is ours");
        awake.expect("it can be written");
        assert_eq!(written, [0; 4]);
    }

    #[test]
    fn a_machine_without_the_interface_says_so() {
        let refused = Awake::wish_at("/nowhere/latency").expect_err("there is none");
        assert_eq!(refused.kind(), io::ErrorKind::NotFound);
    }
}
