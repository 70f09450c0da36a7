//! TUN devices: what a namespace sends into one is read here, and what is written here arrives there.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt as _;

use super::checked;

/// One device; it is gone when this is.
#[derive(Debug)]
pub struct Tun(File);

impl Tun {
    /// Makes a device in the calling thread's network namespace. Packets are whole IP packets, nothing before them; the kernel
    /// cuts runs into packets itself, as no offload is asked for.
    ///
    /// # Errors
    /// The name is taken or too long, or the right is missing (`CAP_NET_ADMIN`).
    pub fn make(name: &str) -> io::Result<Self> {
        // SAFETY: integers and an array of characters; all zeroes is a valid value.
        let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
        if name.len() >= request.ifr_name.len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
            *place = libc::c_char::from_ne_bytes([byte]);
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
        let device = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open("/dev/net/tun")?;
        // SAFETY: `request` is a valid ifreq, whose name ends in a zero, and outlives the call.
        checked(unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &raw mut request) })?;
        Ok(Self(device))
    }

    /// Takes the next packet that was sent into it; `None` when there is none. What does not fit is cut off.
    ///
    /// # Errors
    /// What the kernel says, other than that there is nothing.
    pub fn read(&self, room: &mut [u8]) -> io::Result<Option<usize>> {
        match (&self.0).read(room) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_passing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets a packet arrive from it.
    ///
    /// # Errors
    /// The device is down, the packet is no IP packet, or the kernel has no memory for it.
    pub fn write(&self, packet: &[u8]) -> io::Result<()> {
        (&self.0).write(packet).map(drop)
    }
}

impl AsRawFd for Tun {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// A device that is not up yet has nothing either.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
