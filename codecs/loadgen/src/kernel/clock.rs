//! Clocks: one that never jumps, the wall, and the time this thread has computed.
#![expect(unsafe_code, reason = "the border to the kernel")]

use libc::clockid_t;

/// Time since an arbitrary start; Python's `time.monotonic_ns` counts the same.
#[must_use]
pub fn monotonic_ns() -> u64 {
    read_ns(libc::CLOCK_MONOTONIC)
}

/// Time since 1970, which the kernel stamps datagrams with.
#[must_use]
pub fn unix_ns() -> u64 {
    read_ns(libc::CLOCK_REALTIME)
}

/// Processor time of the calling thread, in the kernel and outside.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    read_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// The share of the calling thread's processor time that it spent in the kernel, by the timer's ticks.
#[must_use]
pub fn thread_kernel_share() -> f64 {
    // SAFETY: integers only; all zeroes is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is writable for the call.
    let result = unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let (kernel, user) = (seconds(usage.ru_stime), seconds(usage.ru_utime));
    if result == 0 && kernel + user > 0.0 {
        kernel / (kernel + user)
    } else {
        0.0
    }
}

fn read_ns(clock: clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid timespec for the duration of the call.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(result, 0, "Linux always has these clocks");
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
