//! The floor's one thread: wait, gather, read, relay.

use std::io;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use super::forwarding::{Counts, Forwarding};
use crate::kernel::receive::Receiver;
use crate::kernel::{clock, socket, thread as own_thread};

/// What the thread has done and used at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// What became of packets.
    pub counts: Counts,
    /// Processor time of the thread.
    pub cpu_ns: u64,
    /// Share of it spent in the kernel, since the thread began.
    pub kernel_share: f64,
    /// Times the thread woke up to packets.
    pub wakeups: u64,
}

/// Which moments are read: 0 before the measurement, 1 while it lasts, 2 behind it, 3 to end.
#[derive(Default)]
pub struct Phase(AtomicU8);

impl Phase {
    /// Moves on.
    pub fn set(&self, phase: u8) {
        self.0.store(phase, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Relays until the last phase, batches gathering for `gather` after their first packet; returns the readings at the beginning and the end of the measurement.
///
/// # Errors
/// The socket failed.
pub fn run(
    gather: Duration,
    socket: &UdpSocket,
    mut forwarding: Forwarding,
    phase: &Phase,
) -> io::Result<(Reading, Reading)> {
    own_thread::wake_promptly()?;
    let mut batch = Receiver::new(BATCH, false);
    let (mut counts, mut wakeups) = (Counts::default(), 0);
    let mut readings = [Reading::default(); 2];
    let mut seen = 0;
    while seen < ENDED {
        let now = phase.get();
        if now != seen {
            seen = now;
            if let Some(reading) = readings.get_mut(usize::from(now).wrapping_sub(1)) {
                *reading = Reading {
                    counts,
                    cpu_ns: clock::thread_cpu_ns(),
                    kernel_share: clock::thread_kernel_share(),
                    wakeups,
                };
            }
        }
        if !socket::wait_readable(socket, LOOK_AROUND)? {
            continue;
        }
        wakeups += 1;
        if !gather.is_zero() {
            thread::sleep(gather);
        }
        loop {
            let count = batch.receive(socket)?;
            if count > 0 {
                forwarding.relay(socket, &mut batch, count, &mut counts);
            }
            if count < batch.capacity() {
                break;
            }
        }
    }
    let [before, after] = readings;
    Ok((before, after))
}

/// Enough for 1 ms of 200,000 packets/s; two of its arenas fit a 2 MiB second-level cache.
const BATCH: usize = 256;
const LOOK_AROUND: Duration = Duration::from_millis(20);
/// The last phase.
pub const ENDED: u8 = 3;
