//! Datagrams written in batches, runs of equal ones as one message.
#![expect(unsafe_code, reason = "the kernel's structures hold pointers")]

use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::ops::Range;
use std::os::fd::AsRawFd;

use libc::{iovec, mmsghdr, sockaddr_in};

/// Datagrams to one place that leave together: positions in the caller's list of ranges.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where they go.
    pub to: SocketAddrV4,
    /// Which they are. With more than one, all but the last are `segment_bytes` long and the last is not longer.
    pub datagrams: Range<usize>,
    /// Length at which the kernel cuts the run (udp(7), `UDP_SEGMENT`).
    pub segment_bytes: u16,
}

/// Writes messages; allocates until it has seen its largest batch.
#[derive(Default)]
pub struct Sender {
    headers: Vec<mmsghdr>,
    vectors: Vec<iovec>,
    addresses: Vec<sockaddr_in>,
    controls: Vec<Control>,
}

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL_BYTES]);

// SAFETY: no pointers; pure arithmetic.
const CONTROL_BYTES: usize = unsafe { libc::CMSG_SPACE(size_of::<u16>() as libc::c_uint) } as usize;

// SAFETY: pointers are written and followed within one call of `send` only.
unsafe impl Send for Sender {}

impl Sender {
    /// Sends messages made of ranges of `arena`; returns how many datagrams the kernel did not take.
    ///
    /// A message that is refused is gone, and those behind it are tried.
    pub fn send(
        &mut self,
        socket: &UdpSocket,
        arena: &[u8],
        ranges: &[Range<usize>],
        messages: &[Message],
    ) -> usize {
        self.describe(arena, ranges, messages);
        let mut refused = 0;
        let mut done = 0;
        while done < messages.len() {
            let rest = self.headers.get_mut(done..).unwrap_or_default();
            // SAFETY: `describe` made every header point into vectors of this value and, read-only, into
            // `arena`, all of which are alive and unchanged until this function returns.
            let sent = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    rest.as_mut_ptr(),
                    rest.len().min(MESSAGES_AT_ONCE) as libc::c_uint,
                    libc::MSG_DONTWAIT,
                )
            };
            if let Ok(sent) = usize::try_from(sent) {
                done += sent.max(1);
            } else if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                refused += messages
                    .get(done)
                    .map_or(0, |message| message.datagrams.len());
                done += 1;
            }
        }
        refused
    }

    fn describe(&mut self, arena: &[u8], ranges: &[Range<usize>], messages: &[Message]) {
        self.vectors.clear();
        self.vectors.extend(ranges.iter().map(|range| {
            let bytes = arena.get(range.clone()).unwrap_or_default();
            iovec {
                iov_base: bytes.as_ptr().cast_mut().cast(),
                iov_len: bytes.len(),
            }
        }));
        self.addresses.clear();
        self.addresses
            .extend(messages.iter().map(|message| raw(message.to)));
        self.controls.clear();
        self.controls
            .resize(messages.len(), Control([0; CONTROL_BYTES]));
        self.headers.clear();
        let places = self.addresses.iter_mut().zip(&mut self.controls);
        for (message, (address, control)) in messages.iter().zip(places) {
            let vectors = self
                .vectors
                .get_mut(message.datagrams.clone())
                .unwrap_or_default();
            // SAFETY: integers and null pointers.
            let mut header: mmsghdr = unsafe { std::mem::zeroed() };
            header.msg_hdr.msg_name = std::ptr::from_mut(address).cast();
            header.msg_hdr.msg_namelen = size_of::<sockaddr_in>() as libc::socklen_t;
            header.msg_hdr.msg_iov = vectors.as_mut_ptr();
            header.msg_hdr.msg_iovlen = vectors.len();
            if vectors.len() > 1 {
                write_segment_bytes(control, message.segment_bytes);
                header.msg_hdr.msg_control = std::ptr::from_mut(control).cast();
                header.msg_hdr.msg_controllen = CONTROL_BYTES;
            }
            self.headers.push(header);
        }
    }
}

fn raw(address: SocketAddrV4) -> sockaddr_in {
    sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(*address.ip()).to_be(),
        },
        sin_zero: [0; 8],
    }
}

fn write_segment_bytes(control: &mut Control, segment_bytes: u16) {
    let header = std::ptr::from_mut(control).cast::<libc::cmsghdr>();
    // SAFETY: a Control has room for one header and a u16, and is aligned for the header.
    unsafe {
        (*header).cmsg_level = libc::SOL_UDP;
        (*header).cmsg_type = libc::UDP_SEGMENT;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as libc::c_uint) as usize;
        libc::CMSG_DATA(header)
            .cast::<u16>()
            .write_unaligned(segment_bytes);
    }
}

/// `UIO_MAXIOV`, beyond which sendmmsg(2) sends no more.
const MESSAGES_AT_ONCE: usize = 1_024;
