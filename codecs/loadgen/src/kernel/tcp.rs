//! TCP connections that are begun without waiting for their end.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libc::{sockaddr_in, socklen_t};

use super::checked;

/// Begins to connect; the stream is writable once it is connected, and says what went wrong otherwise.
///
/// # Errors
/// No descriptor or port is left, or nobody can be there.
pub fn begin_to_connect(to: SocketAddrV4) -> io::Result<TcpStream> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: no pointers; the result is checked before it is owned.
    let descriptor = checked(unsafe { libc::socket(libc::AF_INET, kind, 0) })?;
    // SAFETY: the kernel just gave us this descriptor and nobody else has it.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let address = sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: to.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(*to.ip()).to_be(),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: pointer and length describe `address`, which outlives the call.
    let result = unsafe {
        libc::connect(
            descriptor.as_raw_fd(),
            (&raw const address).cast(),
            size_of::<sockaddr_in>() as socklen_t,
        )
    };
    match checked(result) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(TcpStream::from(descriptor)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::time::Duration;

    use super::*;
    use crate::kernel::epoll::Epoll;

    #[test]
    fn a_connection_is_writable_when_it_is_there() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let stream = begin_to_connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).expect("begun");
        let mut epoll = Epoll::new().expect("a descriptor is free");
        epoll.add_both_ways(&stream, 9).expect("watched");
        let ready: Vec<_> = epoll
            .wait(Duration::from_secs(5))
            .expect("no error")
            .collect();
        assert_eq!(ready, [9]);
        assert!(stream.peer_addr().is_ok());
        epoll.remove(&stream).expect("it was watched");
        let again = epoll.wait(Duration::ZERO).expect("no error").count();
        assert_eq!(again, 0);
    }
}
