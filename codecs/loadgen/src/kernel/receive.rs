//! Datagrams read in batches into one arena.
#![expect(unsafe_code, reason = "the kernel's structures hold pointers")]

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::ops::Range;
use std::os::fd::AsRawFd;

use libc::{iovec, mmsghdr, sockaddr_in};

/// Room for one datagram, what sealing it anew adds included. A multiple of the cache line.
pub const ROOM_BYTES: usize = 2_048;
/// Room for a run: the longest that one read gives.
const RUN_BYTES: usize = 64 * 1_024;
/// Room for a time stamp and a length: `CMSG_SPACE(sizeof(struct timespec))` is 32, of an int 24.
const CONTROL_BYTES: usize = 64;

/// Where datagrams land; allocates once.
pub struct Receiver {
    arena: Vec<u8>,
    room_bytes: usize,
    headers: Vec<mmsghdr>,
    vectors: Vec<iovec>,
    addresses: Vec<sockaddr_in>,
    controls: Vec<Control>,
    stamps: bool,
    filled: usize,
    /// How many headers the kernel has written to since they were made.
    stale: usize,
}

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL_BYTES]);

// SAFETY: the pointers in `headers` and `vectors` lead to the other vectors' memory on the heap, which moves
// with this value and is never reallocated.
unsafe impl Send for Receiver {}

impl Receiver {
    /// Room for a batch of `capacity` datagrams; with `stamps`, for their times of arrival too.
    #[must_use]
    pub fn new(capacity: usize, stamps: bool) -> Self {
        Self::with_rooms(capacity, ROOM_BYTES, stamps)
    }

    /// Room for a batch of `capacity` runs with their times of arrival, from sockets that receive runs.
    #[must_use]
    pub fn of_runs(capacity: usize) -> Self {
        Self::with_rooms(capacity, RUN_BYTES, true)
    }

    fn with_rooms(capacity: usize, room_bytes: usize, stamps: bool) -> Self {
        // SAFETY: integers and null pointers.
        let (header, address) = unsafe { std::mem::zeroed::<(mmsghdr, sockaddr_in)>() };
        let empty = iovec {
            iov_base: std::ptr::null_mut(),
            iov_len: 0,
        };
        Self {
            arena: vec![0; capacity * room_bytes],
            room_bytes,
            headers: vec![header; capacity],
            vectors: vec![empty; capacity],
            addresses: vec![address; capacity],
            controls: vec![Control([0; CONTROL_BYTES]); capacity],
            stamps,
            filled: 0,
            stale: capacity,
        }
    }

    /// Reads what waits on a socket; returns how many datagrams came, which is 0 when none waited.
    ///
    /// # Errors
    /// What the kernel says, other than that there is nothing.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.filled = 0;
        self.prepare();
        // SAFETY: `prepare` made every header point at memory of this value, with its length.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                self.headers.len() as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        if let Ok(received) = usize::try_from(received) {
            (self.filled, self.stale) = (received, received);
            return Ok(received);
        }
        let error = io::Error::last_os_error();
        let nothing = [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted];
        if nothing.contains(&error.kind()) {
            Ok(0)
        } else {
            Err(error)
        }
    }

    /// How many datagrams fit a batch: when as many came, more may wait.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.headers.len()
    }

    /// All bytes; [`Receiver::range`] says which are whose. Each datagram has room behind it.
    pub fn arena(&mut self) -> &mut [u8] {
        &mut self.arena
    }

    /// Where a datagram of the last batch lies.
    #[must_use]
    pub fn range(&self, index: usize) -> Range<usize> {
        let start = index * self.room_bytes;
        let len = self
            .headers
            .get(index)
            .map_or(0, |header| header.msg_len as usize);
        start..start + len.min(self.room_bytes)
    }

    /// The bytes of a datagram of the last batch.
    pub fn bytes(&mut self, index: usize) -> &mut [u8] {
        let range = self.range(index);
        self.arena.get_mut(range).unwrap_or_default()
    }

    /// Who sent it.
    #[must_use]
    pub fn remote(&self, index: usize) -> SocketAddrV4 {
        let address = self.addresses.get(index);
        let (ip, port) = address.map_or((0, 0), |raw| (raw.sin_addr.s_addr, raw.sin_port));
        SocketAddrV4::new(Ipv4Addr::from(u32::from_be(ip)), u16::from_be(port))
    }

    /// When the kernel had it, wall-clock; `None` without stamps.
    #[must_use]
    pub fn arrival_unix_ns(&self, index: usize) -> Option<u64> {
        let stamp: libc::timespec = self.control(index, libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS)?;
        Some(stamp.tv_sec.unsigned_abs() * 1_000_000_000 + stamp.tv_nsec.unsigned_abs())
    }

    /// How long each datagram of a run is, but for the last, which may be shorter.
    #[must_use]
    pub fn segment_bytes(&self, index: usize) -> usize {
        let told: Option<libc::c_int> = self.control(index, libc::SOL_UDP, libc::UDP_GRO);
        let told = told.and_then(|bytes| usize::try_from(bytes).ok());
        told.filter(|bytes| *bytes > 0).unwrap_or(self.room_bytes)
    }

    /// What the kernel told beside a datagram; `T` is a structure of integers only.
    fn control<T: Copy>(&self, index: usize, level: libc::c_int, kind: libc::c_int) -> Option<T> {
        let header = self
            .headers
            .get(index)
            .filter(|_| self.stamps && index < self.filled)?;
        // SAFETY: the kernel filled the control buffer and `msg_controllen`; the macros stay within them, and
        // a value is read only where the message is as long as one, without assuming alignment.
        unsafe {
            let mut control = libc::CMSG_FIRSTHDR(&raw const header.msg_hdr);
            while !control.is_null() {
                let len = libc::CMSG_LEN(size_of::<T>() as libc::c_uint) as usize;
                let found = (*control).cmsg_level == level && (*control).cmsg_type == kind;
                if found && (*control).cmsg_len >= len {
                    return Some(libc::CMSG_DATA(control).cast::<T>().read_unaligned());
                }
                control = libc::CMSG_NXTHDR(&raw const header.msg_hdr, control);
            }
        }
        None
    }

    /// Points headers at their memory, where the kernel has shortened what they said.
    fn prepare(&mut self) {
        let places = self
            .vectors
            .iter_mut()
            .zip(&mut self.addresses)
            .zip(&mut self.controls);
        let rooms = self.arena.chunks_exact_mut(self.room_bytes);
        for ((header, ((vector, address), control)), room) in self
            .headers
            .iter_mut()
            .zip(places)
            .zip(rooms)
            .take(self.stale)
        {
            vector.iov_base = room.as_mut_ptr().cast();
            vector.iov_len = room.len();
            let header = &mut header.msg_hdr;
            header.msg_name = std::ptr::from_mut(address).cast();
            header.msg_namelen = size_of::<sockaddr_in>() as libc::socklen_t;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
            if self.stamps {
                header.msg_control = std::ptr::from_mut(control).cast();
                header.msg_controllen = CONTROL_BYTES;
            }
        }
        self.stale = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::send::{Message, Sender};
    use crate::kernel::socket;

    /// Three datagrams sent as one run, and how many reads they take a receiver.
    fn reads(runs: bool) -> (usize, Vec<usize>) {
        let (from, to) = (socket::open(65_536), socket::open(65_536));
        let (from, to) = (from.expect("a port is free"), to.expect("a port is free"));
        socket::stamp_arrivals(&to).expect("Linux stamps");
        if runs {
            socket::receive_runs(&to).expect("Linux 5.0");
        }
        let message = Message {
            to: socket::local(&to).expect("it is bound"),
            datagrams: 0..3,
            segment_bytes: 100,
        };
        let arena: Vec<u8> = (0..250).map(|byte: u8| byte).collect();
        let refused =
            Sender::default().send(&from, &arena, &[0..100, 100..200, 200..250], &[message]);
        assert_eq!(refused, 0);
        let mut receiver = Receiver::of_runs(8);
        let count = receiver.receive(&to).expect("loopback delivers at once");
        let mut lengths = Vec::new();
        let mut bytes = Vec::new();
        for index in 0..count {
            assert!(receiver.arrival_unix_ns(index).is_some());
            let segment_bytes = receiver.segment_bytes(index);
            let datagrams = receiver.bytes(index).chunks(segment_bytes);
            lengths.extend(datagrams.clone().map(<[u8]>::len));
            bytes.extend(datagrams.flatten().copied());
        }
        assert_eq!(bytes, arena);
        (count, lengths)
    }

    #[test]
    fn a_run_is_one_read_for_who_receives_runs() {
        assert_eq!(reads(true), (1, vec![100, 100, 50]));
    }

    #[test]
    fn a_run_is_single_datagrams_for_everybody_else() {
        assert_eq!(reads(false), (3, vec![100, 100, 50]));
    }
}
