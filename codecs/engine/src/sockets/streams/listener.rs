//! Where a worker's TCP connections come in: beside each UDP socket, on the same number.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use libc::c_int;

use crate::system;

/// One TCP socket that listens.
pub struct Listener {
    socket: TcpListener,
}

impl Listener {
    /// Listens on one address, its family only.
    ///
    /// # Errors
    /// The address is taken, or not this machine's; no descriptor is left.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let descriptor = system::new_tcp_socket(address)?;
        let socket = descriptor.as_fd();
        if address.is_ipv6() {
            system::set_option(socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 1)?;
        }
        // Connections of an earlier relay that linger are no hindrance.
        system::set_option(socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
        // Connections have what their listener has (tcp(7): buffers must be set before listen).
        for name in [libc::SO_RCVBUF, libc::SO_SNDBUF] {
            system::set_option(socket, libc::SOL_SOCKET, name, BUFFER_BYTES)?;
        }
        system::bind(socket, address)?;
        system::listen(socket, BACKLOG)?;
        Ok(Self {
            socket: TcpListener::from(descriptor),
        })
    }

    /// Takes the next connection, and who began it.
    ///
    /// # Errors
    /// `WouldBlock` when there is none; whatever else the kernel says.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.socket.accept()
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// Never: it is bound.
    pub fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Of each direction, in the kernel; it grants twice that, or twice its own limit. A flight of 4 Mbit/s and 300 ms
/// fits; what has not left yet is bounded more narrowly (`connection`).
const BUFFER_BYTES: c_int = 256 * 1_024;
/// Handshakes that are over and wait for the worker, a turn's worth several times over. Those that are not over are
/// the kernel's: beyond this it remembers none of them (tcp(7), `tcp_syncookies`).
const BACKLOG: c_int = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_free_for_both_families_and_again_when_it_is_let_go() {
        let v4 = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let taken = v4.local().expect("it is bound");
        let refused = Listener::bind(taken)
            .map(drop)
            .map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::AddrInUse));
        let client = TcpStream::connect(taken).expect("it listens");
        let (server, remote) = v4.accept().expect("somebody has come");
        assert_eq!(Some(remote), client.local_addr().ok());
        // The end that closes first lingers.
        drop((server, v4));
        Listener::bind(taken).expect("the port is free again");
    }

    #[test]
    fn nobody_to_accept_is_told_at_once() {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let refused = listener.accept().map(drop).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::WouldBlock));
    }
}
