//! What the programs here ask of the kernel, behind safe faces. Sockets are IPv4 only: benchmarks stay on loopback.

pub mod awake;
pub mod clock;
pub mod epoll;
pub mod namespace;
pub mod receive;
pub mod send;
pub mod signals;
pub mod socket;
pub mod steal;
pub mod tcp;
pub mod thread;
pub mod tun;

use std::io;

use libc::c_int;

/// What the kernel answered, or why it did not.
fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
