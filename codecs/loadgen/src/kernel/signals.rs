//! Being asked to end, as something that can be waited for like a packet.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::checked;

/// Readable when somebody asked the program to end.
pub struct EndSignals(OwnedFd);

impl EndSignals {
    /// From now on SIGTERM and SIGINT no longer end the program by themselves. Before other threads are started: they inherit it.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn catch() -> io::Result<Self> {
        // SAFETY: a set of bits, which the next call fills.
        let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
        // SAFETY: `set` is writable for the calls, and both signals exist.
        unsafe {
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGTERM);
            libc::sigaddset(&raw mut set, libc::SIGINT);
        }
        // SAFETY: `set` outlives the call; the old mask is not asked for.
        let blocked =
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
        if blocked != 0 {
            return Err(io::Error::from_raw_os_error(blocked));
        }
        let flags = libc::SFD_NONBLOCK | libc::SFD_CLOEXEC;
        // SAFETY: -1 asks for a new descriptor; `set` outlives the call.
        let descriptor = checked(unsafe { libc::signalfd(-1, &raw const set, flags) })?;
        // SAFETY: the kernel just gave us this descriptor and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }
}

impl AsRawFd for EndSignals {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
