//! The memory that `recvmmsg` writes, laid out once per worker.
//!
//! The kernel's structures point at one another, so they live at one fixed place on the heap.
#![expect(unsafe_code, reason = "the kernel's structures hold pointers")]

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{iovec, mmsghdr};
use wire::datagram::MAX_DATAGRAM_BYTES;

use super::address::RawAddress;
use super::fixed::Fixed;

/// Datagrams read by one call: a full window of 200,000 packets/s, in buffers that fit a second-level cache. Larger
/// batches wait longer for their first packet's answer; smaller ones cut frames in two, and with them runs
/// (reference: relaying floor, lesson 2).
pub const RECEIVE_BATCH: usize = 256;
/// One byte more than the longest datagram the relay looks into: a longer one is cut here, is still too long
/// for the packet path, and is counted and dropped there.
const ROOM_BYTES: usize = MAX_DATAGRAM_BYTES + 1;

/// Where datagrams land.
pub struct ReceiveBuffers {
    slots: Fixed<ReceiveSlots>,
    filled: usize,
}

#[repr(C)]
struct ReceiveSlots {
    headers: [mmsghdr; RECEIVE_BATCH],
    vectors: [iovec; RECEIVE_BATCH],
    addresses: [RawAddress; RECEIVE_BATCH],
    controls: [Control; RECEIVE_BATCH],
    datagrams: [[u8; ROOM_BYTES]; RECEIVE_BATCH],
}

/// Room for the ancillary data we ask for: a time stamp (32 bytes) and a drop count (24 bytes).
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; 64]);

/// One datagram as it came in.
pub struct Received<'a> {
    /// What it holds, as far as there was room.
    pub bytes: &'a mut [u8],
    /// Who sent it.
    pub remote: SocketAddr,
    /// What the kernel says about it.
    pub notes: KernelNotes,
}

/// The ancillary data of a datagram.
#[derive(Clone, Copy, Default)]
pub struct KernelNotes {
    /// When it reached the machine, wall-clock (`SO_TIMESTAMPNS`).
    pub unix_ns: Option<u64>,
    /// Datagrams this socket has lost so far, modulo 2^32 (`SO_RXQ_OVFL`); absent while it has lost none.
    pub dropped: Option<u32>,
}

// SAFETY: `slots` is owned by this value alone and holds no pointer to anything but itself.
unsafe impl Send for ReceiveBuffers {}

impl ReceiveBuffers {
    /// Allocates; nothing is allocated afterwards.
    #[must_use]
    pub fn new() -> Self {
        // SAFETY: all zeroes are integers, null pointers and addresses of no family.
        let slots = unsafe { Fixed::<ReceiveSlots>::zeroed() };
        for index in 0..RECEIVE_BATCH {
            // SAFETY: `index` is within each array, `slots` is a live allocation of ours, and only addresses
            // are taken, never references that could alias.
            unsafe {
                let slots = slots.as_ptr();
                let vector = (&raw mut (*slots).vectors).cast::<iovec>().add(index);
                let datagram = (&raw mut (*slots).datagrams)
                    .cast::<[u8; ROOM_BYTES]>()
                    .add(index);
                (*vector).iov_base = datagram.cast();
                (*vector).iov_len = ROOM_BYTES;
                let header =
                    &raw mut (*(&raw mut (*slots).headers).cast::<mmsghdr>().add(index)).msg_hdr;
                (*header).msg_name = (&raw mut (*slots).addresses)
                    .cast::<RawAddress>()
                    .add(index)
                    .cast();
                (*header).msg_iov = vector;
                (*header).msg_iovlen = 1;
                (*header).msg_control = (&raw mut (*slots).controls)
                    .cast::<Control>()
                    .add(index)
                    .cast();
            }
        }
        Self {
            slots,
            filled: RECEIVE_BATCH,
        }
    }

    /// Reads what waits on a socket; returns how many datagrams came.
    ///
    /// # Errors
    /// `WouldBlock` when there are none; whatever else the kernel says.
    pub fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        let slots = self.slots.as_ptr();
        for index in 0..self.filled {
            // SAFETY: `filled` is at most RECEIVE_BATCH; `slots` is live and ours. The kernel shortened these
            // lengths in the last call.
            unsafe {
                let header =
                    &raw mut (*(&raw mut (*slots).headers).cast::<mmsghdr>().add(index)).msg_hdr;
                (*header).msg_namelen = size_of::<RawAddress>() as libc::socklen_t;
                (*header).msg_controllen = size_of::<Control>();
            }
        }
        self.filled = 0;
        // SAFETY: every header points into `slots`, with the lengths of what it points at.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                (&raw mut (*slots).headers).cast(),
                RECEIVE_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        self.filled = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        Ok(self.filled)
    }

    /// One datagram of the last batch; `None` past its end or from an address of no family.
    pub fn datagram(&mut self, index: usize) -> Option<Received<'_>> {
        if index >= self.filled {
            return None;
        }
        // SAFETY: `index` is within each array; `slots` is live, and `&mut self` makes this the only way to
        // it while the references live. The kernel wrote the header, at most ROOM_BYTES bytes and
        // the address.
        let (message, address, datagram) = unsafe {
            let slots = self.slots.as_ptr();
            (
                &*(&raw const (*slots).headers).cast::<mmsghdr>().add(index),
                &*(&raw const (*slots).addresses)
                    .cast::<RawAddress>()
                    .add(index),
                &mut *(&raw mut (*slots).datagrams)
                    .cast::<[u8; ROOM_BYTES]>()
                    .add(index),
            )
        };
        Some(Received {
            remote: address.address()?,
            notes: notes(&message.msg_hdr),
            bytes: datagram.get_mut(..message.msg_len as usize)?,
        })
    }
}

impl Default for ReceiveBuffers {
    fn default() -> Self {
        Self::new()
    }
}

fn notes(header: &libc::msghdr) -> KernelNotes {
    let mut notes = KernelNotes::default();
    // SAFETY: the kernel filled the control buffer and `msg_controllen`; the macros stay within them, and
    // each value is read only when its header says that it is all there.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while let Some(message) = control.as_ref() {
            let data = libc::CMSG_DATA(control);
            let holds =
                |len: usize| message.cmsg_len >= libc::CMSG_LEN(len as libc::c_uint) as usize;
            match (message.cmsg_level, message.cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) if holds(size_of::<libc::timespec>()) => {
                    let stamp = data.cast::<libc::timespec>().read_unaligned();
                    notes.unix_ns = Some(
                        stamp.tv_sec.unsigned_abs() * 1_000_000_000 + stamp.tv_nsec.unsigned_abs(),
                    );
                }
                (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) if holds(size_of::<u32>()) => {
                    notes.dropped = Some(data.cast::<u32>().read_unaligned());
                }
                _ => {}
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    notes
}
