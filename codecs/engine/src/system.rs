//! The system calls the standard library has no word for, each behind a safe face.
//!
//! With `epoll` and four files of `sockets` the only unsafe code of the project. Nothing here keeps state.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use libc::{c_int, c_void, socklen_t};

use crate::sockets::address::RawAddress;

/// Time since an arbitrary start, the one Python's `time.monotonic_ns` counts too.
///
/// # Panics
/// Never.
#[must_use]
pub fn monotonic_ns() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid timespec for the duration of the call.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    assert_eq!(result, 0, "Linux always has CLOCK_MONOTONIC");
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// Eight bytes nobody can guess.
///
/// # Errors
/// The kernel has no randomness to give.
pub fn random_u64() -> io::Result<u64> {
    let mut bytes = [0_u8; 8];
    // SAFETY: the pointer and the length describe `bytes`.
    let filled = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if usize::try_from(filled) == Ok(bytes.len()) {
        Ok(u64::from_ne_bytes(bytes))
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A non-blocking eventfd at zero.
///
/// # Errors
/// No file descriptor is left.
pub fn new_eventfd() -> io::Result<OwnedFd> {
    // SAFETY: no pointers; the result is checked before it is owned.
    owned(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })
}

/// A set of descriptors to be watched, empty.
///
/// # Errors
/// No file descriptor is left.
pub fn new_epoll() -> io::Result<OwnedFd> {
    // SAFETY: no pointers; the result is checked before it is owned.
    owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
}

/// An unbound, non-blocking UDP socket of the address's family.
///
/// # Errors
/// No file descriptor is left, or the family is not there.
pub fn new_udp_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    new_socket(address, libc::SOCK_DGRAM)
}

/// An unbound, non-blocking TCP socket of the address's family.
///
/// # Errors
/// No file descriptor is left, or the family is not there.
pub fn new_tcp_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    new_socket(address, libc::SOCK_STREAM)
}

fn new_socket(address: SocketAddr, kind: c_int) -> io::Result<OwnedFd> {
    let family = if address.is_ipv6() {
        libc::AF_INET6
    } else {
        libc::AF_INET
    };
    let kind = kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointers; the result is checked before it is owned.
    owned(unsafe { libc::socket(family, kind, 0) })
}

/// Gives a socket its local address.
///
/// # Errors
/// The address is taken, or not this machine's.
pub fn bind(socket: BorrowedFd<'_>, address: SocketAddr) -> io::Result<()> {
    let raw = RawAddress::from(address);
    // SAFETY: `raw` holds an address of `len` bytes and outlives the call.
    let result = unsafe { libc::bind(socket.as_raw_fd(), (&raw const raw).cast(), raw.size()) };
    checked(result).map(drop)
}

/// Has a bound TCP socket take connections, so many of which wait to be accepted at most.
///
/// # Errors
/// The address is taken: by a socket that listens already.
pub fn listen(socket: BorrowedFd<'_>, backlog: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    checked(unsafe { libc::listen(socket.as_raw_fd(), backlog) }).map(drop)
}

/// Sets an integer socket option.
///
/// # Errors
/// The kernel does not know the option, or we may not set it.
pub fn set_option(
    socket: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    value: c_int,
) -> io::Result<()> {
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            (&raw const value).cast::<c_void>(),
            size_of::<c_int>() as socklen_t,
        )
    };
    checked(result).map(drop)
}

/// Reads an integer socket option.
///
/// # Errors
/// The kernel does not know the option.
pub fn option(socket: BorrowedFd<'_>, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value: c_int = 0;
    let mut len = size_of::<c_int>() as socklen_t;
    // SAFETY: both pointers are valid for the call; `len` says how much room `value` has.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            (&raw mut value).cast::<c_void>(),
            &raw mut len,
        )
    };
    checked(result).map(|_| value)
}

/// Waits until one of the descriptors is ready or the time is over; `revents` say which.
///
/// # Errors
/// A signal interrupted the wait.
pub fn poll(descriptors: &mut [libc::pollfd], timeout: Duration) -> io::Result<()> {
    let timeout = libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(timeout.subsec_nanos()),
    };
    // SAFETY: pointer and count describe `descriptors`; `timeout` outlives the call; no signal mask.
    let result = unsafe {
        libc::ppoll(
            descriptors.as_mut_ptr(),
            descriptors.len() as libc::nfds_t,
            &raw const timeout,
            std::ptr::null(),
        )
    };
    checked(result).map(drop)
}

/// Asks that this thread, when it wakes, need not wait until another's turn on the processor is over.
///
/// A thread that asks for short turns preempts one that has long ones (EEVDF, Linux 6.12 and newer; older
/// kernels take the request and ignore it). It gets no more of the processor for it, so nobody starves.
///
/// # Errors
/// The kernel does not know the call, a sandbox forbids it, or the thread is in a real-time class.
pub fn ask_for_short_turns(turn: Duration) -> io::Result<()> {
    // SAFETY: an integer structure, for which zero is a value.
    let mut wish: libc::sched_attr = unsafe { std::mem::zeroed() };
    wish.size = size_of::<libc::sched_attr>() as u32;
    // An operator's choice of another class stands: the kernel then refuses what is no part of it.
    wish.sched_flags = libc::SCHED_FLAG_KEEP_POLICY.cast_unsigned().into();
    // SAFETY: no pointers; 0 is the calling thread.
    wish.sched_nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
    wish.sched_runtime = u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX);
    // SAFETY: `wish` says its own size and outlives the call; 0 is the calling thread.
    let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const wish, 0) };
    checked(result as c_int).map(drop)
}

fn owned(descriptor: c_int) -> io::Result<OwnedFd> {
    let descriptor = checked(descriptor)?;
    // SAFETY: the kernel just gave us this descriptor and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Takes the kernel's word for how a call went.
///
/// # Errors
/// It is negative: the call failed.
pub(crate) fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_short_turns_keeps_policy_and_niceness() {
        let standing = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("a running thread");
            let fields: Vec<String> = stat
                .rsplit(')')
                .next()
                .map(|rest| rest.split_whitespace().map(String::from).collect())
                .unwrap_or_default();
            // proc(5): priority, nice and policy are fields 18, 19 and 41; the state, here the first, is the third.
            [15, 16, 38].map(|place| fields.get(place).cloned())
        };
        let parameters = libc::sched_param { sched_priority: 0 };
        // SAFETY: `parameters` outlives the call; 0 is the calling thread, which ends with this test.
        let batch =
            unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameters) };
        assert_eq!(batch, 0, "a class that needs no right");
        let before = standing();
        assert_eq!(before[2].as_deref(), Some("3"), "SCHED_BATCH");
        // A sandbox may refuse it, as a relay in one has to bear.
        let _ = ask_for_short_turns(Duration::from_micros(100));
        assert_eq!(standing(), before);
    }
}
