//! UDP sockets with the buffers and stamps a measurement needs.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use libc::{c_int, socklen_t};

use super::checked;

/// A non-blocking socket on loopback, on a port the kernel chose.
///
/// # Errors
/// No descriptor or port is left.
pub fn open(buffers_bytes: u32) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    let fd = socket.as_fd();
    set_buffer(fd, buffers_bytes, libc::SO_RCVBUFFORCE, libc::SO_RCVBUF)?;
    set_buffer(fd, buffers_bytes, libc::SO_SNDBUFFORCE, libc::SO_SNDBUF)?;
    Ok(socket)
}

/// Its own address.
///
/// # Errors
/// It is not an IPv4 socket.
pub fn local(socket: &UdpSocket) -> io::Result<SocketAddrV4> {
    match socket.local_addr()? {
        std::net::SocketAddr::V4(address) => Ok(address),
        std::net::SocketAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Has the kernel stamp each datagram with its time of arrival (`SO_TIMESTAMPNS`).
///
/// # Errors
/// The kernel does not know how.
pub fn stamp_arrivals(socket: &UdpSocket) -> io::Result<()> {
    set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)
}

/// Has the kernel hand over runs as they were sent, equal datagrams in one read (`UDP_GRO`).
///
/// # Errors
/// The kernel is older than 5.0.
pub fn receive_runs(socket: &UdpSocket) -> io::Result<()> {
    set_option(socket.as_fd(), libc::SOL_UDP, libc::UDP_GRO, 1)
}

/// The receive buffer the kernel really gave.
///
/// # Errors
/// Never for an open socket.
pub fn receive_buffer_bytes(socket: &UdpSocket) -> io::Result<u32> {
    let mut value: c_int = 0;
    let mut len = size_of::<c_int>() as socklen_t;
    // SAFETY: both pointers are valid for the call; `len` says how much room `value` has.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUF,
            (&raw mut value).cast(),
            &raw mut len,
        )
    };
    checked(result).map(|_| value.unsigned_abs())
}

/// How many datagrams the kernel has dropped because this socket's buffer was full.
///
/// # Errors
/// The kernel is older than 4.12.
pub fn dropped(socket: &UdpSocket) -> io::Result<u32> {
    let mut figures = [0_u32; MEMORY_FIGURES];
    let mut len = size_of_val(&figures) as socklen_t;
    // SAFETY: both pointers are valid for the call; `len` says how much room `figures` has.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            figures.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    checked(result).map(|_| figures.last().copied().unwrap_or_default())
}

/// Waits until a datagram is there; `false` when the time is over first.
///
/// # Errors
/// A signal interrupted the wait.
pub fn wait_readable(socket: &UdpSocket, timeout: Duration) -> io::Result<bool> {
    let mut descriptor = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let timeout_ms = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: one descriptor, which outlives the call.
    checked(unsafe { libc::poll(&raw mut descriptor, 1, timeout_ms) }).map(|ready| ready > 0)
}

/// Beyond the system's limit where that is allowed. The kernel doubles what it is asked for and reports the
/// doubled size (socket(7)), so half is asked for.
fn set_buffer(fd: BorrowedFd<'_>, bytes: u32, forced: c_int, ordinary: c_int) -> io::Result<()> {
    let half = c_int::try_from(bytes / 2).unwrap_or(c_int::MAX);
    set_option(fd, libc::SOL_SOCKET, forced, half)
        .or_else(|_| set_option(fd, libc::SOL_SOCKET, ordinary, half))
}

fn set_option(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            (&raw const value).cast(),
            size_of::<c_int>() as socklen_t,
        )
    };
    checked(result).map(drop)
}

/// `SK_MEMINFO_VARS` of the kernel's `sock_diag.h`, of which `SK_MEMINFO_DROPS` is the last.
const MEMORY_FIGURES: usize = 9;
