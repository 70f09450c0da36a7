//! The memory that `sendmmsg` reads, laid out once per worker; the datagrams stay in the outbox.
//!
//! The kernel's structures point at one another, so they live at one fixed place on the heap.
#![expect(unsafe_code, reason = "the kernel's structures hold pointers")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use forward::outbox::Outbox;
use forward::runs::{MAX_SEGMENTS, Run};
use libc::{c_void, iovec, mmsghdr};

use super::address::RawAddress;
use super::fixed::Fixed;

/// Messages sent by one call.
pub const SEND_BATCH: usize = 64;

/// Where messages are described to the kernel; the bytes stay in the outbox.
pub struct SendBuffers {
    slots: Fixed<SendSlots>,
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
        // SAFETY: all zeroes are integers, null pointers and addresses of no family.
        Self {
            slots: unsafe { Fixed::zeroed() },
        }
    }

    /// Sends runs of one socket, at most [`SEND_BATCH`] of them; returns how many the kernel took.
    ///
    /// # Errors
    /// What the kernel said about the first run; none was taken.
    pub fn send(
        &mut self,
        socket: BorrowedFd<'_>,
        runs: &[Run],
        outbox: &Outbox,
    ) -> io::Result<usize> {
        let runs = runs.get(..runs.len().min(SEND_BATCH)).unwrap_or(runs);
        for (index, run) in runs.iter().enumerate() {
            self.describe(index, run, outbox);
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
    fn describe(&mut self, index: usize, run: &Run, outbox: &Outbox) {
        assert!(index < SEND_BATCH, "send() cuts its batches");
        let slots = self.slots.as_ptr();
        let spans = outbox.of_run(run).take(MAX_SEGMENTS);
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
