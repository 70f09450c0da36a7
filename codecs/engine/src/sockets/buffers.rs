//! The memory that `recvmmsg` and `sendmmsg` read and write, laid out once per worker.
//!
//! With `system.rs` the only unsafe code of the project. The kernel's structures point at one another, so
//! they live at one fixed place on the heap that is only ever reached through one raw pointer.
#![expect(unsafe_code, reason = "the kernel's structures hold pointers")]

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::NonNull;

use forward::outbox::Outbox;
use libc::{c_void, iovec, mmsghdr};
use wire::datagram::MAX_DATAGRAM_BYTES;

use super::address::RawAddress;
use super::runs::{MAX_SEGMENTS, Plan, Run};

/// Datagrams read by one call. Larger batches wait longer for their first packet's answer; smaller ones share
/// a call among fewer (reference: relaying floor, lesson 2).
pub const RECEIVE_BATCH: usize = 64;
/// One byte more than the longest datagram the relay looks into: a longer one is cut here, is still too long
/// for the packet path, and is counted and dropped there.
const ROOM_BYTES: usize = MAX_DATAGRAM_BYTES + 1;

/// Where datagrams land.
pub struct ReceiveBuffers {
    slots: NonNull<ReceiveSlots>,
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
        // SAFETY: integers, null pointers and an address of no family.
        let slots = unsafe { zeroed::<ReceiveSlots>() };
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

impl Drop for ReceiveBuffers {
    fn drop(&mut self) {
        // SAFETY: `slots` came from `Box::into_raw` and is given back once.
        drop(unsafe { Box::from_raw(self.slots.as_ptr()) });
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

/// Messages sent by one call.
pub const SEND_BATCH: usize = 64;

/// Where messages are described to the kernel; the bytes stay in the outbox.
pub struct SendBuffers {
    slots: NonNull<SendSlots>,
}

#[repr(C)]
struct SendSlots {
    headers: [mmsghdr; SEND_BATCH],
    addresses: [RawAddress; SEND_BATCH],
    controls: [SegmentControl; SEND_BATCH],
    vectors: [[iovec; MAX_SEGMENTS]; SEND_BATCH],
}

/// One `UDP_SEGMENT` message: `CMSG_SPACE(2)` bytes.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct SegmentControl([u8; SEGMENT_CONTROL_BYTES]);

// SAFETY: no pointers; pure arithmetic.
const SEGMENT_CONTROL_BYTES: usize =
    unsafe { libc::CMSG_SPACE(size_of::<u16>() as libc::c_uint) } as usize;

// SAFETY: `slots` is owned by this value alone; pointers to an outbox are never followed outside `send`.
unsafe impl Send for SendBuffers {}

impl SendBuffers {
    /// Allocates; nothing is allocated afterwards.
    #[must_use]
    pub fn new() -> Self {
        // SAFETY: integers, null pointers and addresses of no family.
        Self {
            slots: unsafe { zeroed() },
        }
    }

    /// Sends runs of one socket, at most [`SEND_BATCH`] of them; returns how many the kernel took.
    ///
    /// # Errors
    /// What the kernel said about the first run; none was taken.
    pub fn send(
        &mut self,
        socket: BorrowedFd<'_>,
        plan: &Plan,
        runs: &[Run],
        outbox: &Outbox,
    ) -> io::Result<usize> {
        let runs = runs.get(..runs.len().min(SEND_BATCH)).unwrap_or(runs);
        for (index, run) in runs.iter().enumerate() {
            self.describe(index, plan, run, outbox);
        }
        // SAFETY: `describe` made each header point into `slots` and at the bytes of `outbox`, which is
        // borrowed until this call returns; the kernel only reads.
        let sent = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                (&raw mut (*self.slots.as_ptr()).headers).cast(),
                runs.len() as libc::c_uint,
                libc::MSG_DONTWAIT,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }

    /// Writes one message's header; `index` is below [`SEND_BATCH`].
    fn describe(&mut self, index: usize, plan: &Plan, run: &Run, outbox: &Outbox) {
        assert!(index < SEND_BATCH, "send() cuts its batches");
        let slots = self.slots.as_ptr();
        let spans = plan.spans(run, outbox.spans()).take(MAX_SEGMENTS);
        // SAFETY: `index` was checked and a run has at most MAX_SEGMENTS spans, so every place written is
        // within its array; `slots` is live and ours, and no reference into it is kept. The header is given
        // places within `slots` only, and bytes of the outbox that `get` has found to be there.
        unsafe {
            let address = (&raw mut (*slots).addresses)
                .cast::<RawAddress>()
                .add(index);
            address.write(RawAddress::from(run.tuple.remote));
            let vectors = (&raw mut (*slots).vectors)
                .cast::<[iovec; MAX_SEGMENTS]>()
                .add(index)
                .cast::<iovec>();
            let mut used = 0;
            for span in spans {
                let start = span.start as usize;
                let bytes = outbox
                    .bytes()
                    .get(start..start + usize::from(span.len))
                    .unwrap_or_default();
                let iov_base = bytes.as_ptr().cast_mut().cast::<c_void>();
                vectors.add(used).write(iovec {
                    iov_base,
                    iov_len: bytes.len(),
                });
                used += 1;
            }
            let header =
                &raw mut (*(&raw mut (*slots).headers).cast::<mmsghdr>().add(index)).msg_hdr;
            (*header).msg_name = address.cast();
            (*header).msg_namelen = (*address).size();
            (*header).msg_iov = vectors;
            (*header).msg_iovlen = used;
            let control = (&raw mut (*slots).controls)
                .cast::<SegmentControl>()
                .add(index);
            if run.count > 1 {
                write_segment_bytes(control, run.segment_bytes);
                (*header).msg_control = control.cast();
                (*header).msg_controllen = SEGMENT_CONTROL_BYTES;
            } else {
                (*header).msg_control = std::ptr::null_mut();
                (*header).msg_controllen = 0;
            }
        }
    }
}

impl Default for SendBuffers {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for SendBuffers {
    fn drop(&mut self) {
        // SAFETY: `slots` came from `Box::into_raw` and is given back once.
        drop(unsafe { Box::from_raw(self.slots.as_ptr()) });
    }
}

/// Writes the length at which the kernel cuts a message (udp(7), `UDP_SEGMENT`).
///
/// # Safety
/// `control` is valid for writes.
unsafe fn write_segment_bytes(control: *mut SegmentControl, segment_bytes: u16) {
    let header = control.cast::<libc::cmsghdr>();
    // SAFETY: a SegmentControl has room for one header and a u16, and is aligned for the header.
    unsafe {
        (*header).cmsg_level = libc::SOL_UDP;
        (*header).cmsg_type = libc::UDP_SEGMENT;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as libc::c_uint) as usize;
        libc::CMSG_DATA(header)
            .cast::<u16>()
            .write_unaligned(segment_bytes);
    }
}

/// A zeroed allocation, to be given back with `Box::from_raw`.
///
/// # Safety
/// All zeroes is a valid `T`.
unsafe fn zeroed<T>() -> NonNull<T> {
    let mut allocation = Box::new(MaybeUninit::<T>::uninit());
    // SAFETY: the pointer is to `size_of::<T>()` writable bytes.
    unsafe { allocation.as_mut_ptr().write_bytes(0, 1) };
    let Some(slots) = NonNull::new(Box::into_raw(allocation).cast()) else {
        unreachable!("a box is never null");
    };
    slots
}
