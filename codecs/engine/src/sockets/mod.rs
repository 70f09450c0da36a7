//! The worker's own sockets: UDP, read and written in batches, and TCP (`streams`).

pub mod address;
mod fixed;
pub mod receive;
mod receive_buffers;
mod send_buffers;
pub mod streams;
pub mod transmit;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use libc::c_int;

use crate::system;
use streams::listener::Listener;

/// One UDP socket of one worker; its place among the worker's sockets is `Tuple::socket`.
pub struct WorkerSocket {
    socket: UdpSocket,
    local: SocketAddr,
    receive_buffer_bytes: u32,
    /// Whether the kernel and the network card cut runs for us; learnt, never tried again.
    sends_runs: bool,
    /// The kernel's own count of what it lost, as last seen.
    dropped: u32,
}

impl WorkerSocket {
    /// Opens a socket on one address, its family only, with time stamps and drop counts.
    ///
    /// # Errors
    /// The address is taken, or not this machine's; no descriptor is left.
    pub fn bind(address: SocketAddr, receive_buffer_bytes: u32) -> io::Result<Self> {
        let descriptor = system::new_udp_socket(address)?;
        let socket = descriptor.as_fd();
        if address.is_ipv6() {
            system::set_option(socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 1)?;
        }
        system::set_option(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        system::set_option(socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)?;
        set_buffer(
            socket,
            receive_buffer_bytes,
            libc::SO_RCVBUFFORCE,
            libc::SO_RCVBUF,
        )?;
        set_buffer(
            socket,
            SEND_BUFFER_BYTES,
            libc::SO_SNDBUFFORCE,
            libc::SO_SNDBUF,
        )?;
        // Kernels before 4.18 do not know it, and would send a run as one long datagram.
        let sends_runs = system::option(socket, libc::SOL_UDP, libc::UDP_SEGMENT).is_ok();
        let receive_buffer_bytes =
            system::option(socket, libc::SOL_SOCKET, libc::SO_RCVBUF)?.unsigned_abs();
        system::bind(socket, address)?;
        let socket = UdpSocket::from(descriptor);
        let local = socket.local_addr()?;
        Ok(Self {
            socket,
            local,
            receive_buffer_bytes,
            sends_runs,
            dropped: 0,
        })
    }

    /// The address it got, with the port the kernel chose where none was asked for.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The receive buffer the kernel really gave.
    #[must_use]
    pub fn receive_buffer_bytes(&self) -> u32 {
        self.receive_buffer_bytes
    }

    /// How many datagrams the kernel has lost since the last look, by its running count.
    fn newly_dropped(&mut self, dropped: u32) -> u32 {
        let new = dropped.wrapping_sub(self.dropped);
        self.dropped = dropped;
        new
    }
}

impl AsFd for WorkerSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Opens a UDP socket on one address, and beside it, where `with_tcp`, one that listens for TCP on the same number.
///
/// # Errors
/// The address is taken, by either, or not this machine's; no descriptor is left.
pub fn bind_both(
    address: SocketAddr,
    receive_buffer_bytes: u32,
    with_tcp: bool,
) -> io::Result<(WorkerSocket, Option<Listener>)> {
    let mut attempts = if address.port() == 0 {
        NUMBERS_TRIED
    } else {
        1
    };
    loop {
        let socket = WorkerSocket::bind(address, receive_buffer_bytes)?;
        if !with_tcp {
            return Ok((socket, None));
        }
        attempts -= 1;
        match Listener::bind(socket.local()) {
            Ok(listener) => return Ok((socket, Some(listener))),
            // The kernel has chosen a number that is free for UDP, and somebody has it for TCP.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && attempts > 0 => {}
            Err(error) => return Err(error),
        }
    }
}

/// Asks for a buffer beyond the system's limit, which only an administrator gets, then for what there is.
///
/// The kernel doubles what it is asked for, to cover its own bookkeeping, and reports the doubled size
/// (socket(7)); half is asked for, so that what is configured is what is reported.
fn set_buffer(
    socket: BorrowedFd<'_>,
    bytes: u32,
    forced: c_int,
    ordinary: c_int,
) -> io::Result<()> {
    let half = c_int::try_from(bytes / 2).unwrap_or(c_int::MAX);
    system::set_option(socket, libc::SOL_SOCKET, forced, half)
        .or_else(|_| system::set_option(socket, libc::SOL_SOCKET, ordinary, half))
}

/// A machine would have to have half of all numbers in use for one start in a million to find none.
const NUMBERS_TRIED: u32 = 20;
/// A burst of a full outbox's worth waits in the kernel rather than be lost.
const SEND_BUFFER_BYTES: u32 = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_knows_its_port_and_its_real_buffer() {
        let socket = WorkerSocket::bind(([127, 0, 0, 1], 0).into(), 131_072)
            .expect("loopback has free ports");
        assert_ne!(socket.local().port(), 0);
        assert_eq!(socket.receive_buffer_bytes(), 131_072);
    }

    #[test]
    fn both_families_share_a_port() {
        let v4 = WorkerSocket::bind(([0, 0, 0, 0], 0).into(), 131_072).expect("a free port");
        let v6: SocketAddr = (std::net::Ipv6Addr::UNSPECIFIED, v4.local().port()).into();
        let v6 = WorkerSocket::bind(v6, 131_072).expect("the other family's port is free");
        assert_eq!(v6.local().port(), v4.local().port());
    }

    #[test]
    fn udp_and_tcp_share_a_number() {
        for ip in ["127.0.0.1", "::1"] {
            let ip: std::net::IpAddr = ip.parse().expect("a literal address");
            let (socket, listener) =
                bind_both((ip, 0).into(), 131_072, true).expect("loopback has free ports");
            let listens = listener.map(|listener| listener.local().expect("it is bound"));
            assert_eq!(listens, Some(socket.local()));
        }
    }

    #[test]
    fn a_number_that_is_taken_for_tcp_is_refused_unless_tcp_is_off() {
        let (socket, listener) =
            bind_both(([127, 0, 0, 1], 0).into(), 131_072, true).expect("a free port");
        let address = socket.local();
        drop(socket);
        let refused = bind_both(address, 131_072, true).err();
        let kind = refused.map(|error| error.kind());
        assert_eq!(kind, Some(io::ErrorKind::AddrInUse));
        let (_, none) = bind_both(address, 131_072, false).expect("it is free for UDP");
        assert!(none.is_none() && listener.is_some());
    }

    #[test]
    fn the_kernels_running_count_may_wrap() {
        let mut socket =
            WorkerSocket::bind(([127, 0, 0, 1], 0).into(), 131_072).expect("a free port");
        assert_eq!(socket.newly_dropped(u32::MAX), u32::MAX);
        assert_eq!(socket.newly_dropped(2), 3);
    }
}
