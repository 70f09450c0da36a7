//! One TCP connection of a participant, or of a stranger.

use std::io::{self, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use forward::Tuple;

use super::frames::Frames;
use super::queue::SendQueue;
use crate::counters::DriverCounter;
use crate::system;

/// A connection, and what waits on it.
pub struct Connection {
    stream: TcpStream,
    /// Which path it is.
    pub tuple: Tuple,
    /// When it came in, monotonic ns.
    pub opened_ns: u64,
    /// When it said something last, monotonic ns.
    pub heard_ns: u64,
    /// Whether a check that came by it has authenticated.
    pub is_proven: bool,
    /// Frames that came before it was proven.
    pub strange_frames: u32,
    /// Whether the kernel has no room for more: it will say when it has.
    pub is_blocked: bool,
    /// Whether it is over; it is taken out when nobody is at work on it.
    pub has_ended: bool,
    /// What has come of a frame that is not all there.
    begun: Vec<u8>,
    queue: SendQueue,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Its far end has closed it.
    ByPeer,
    /// The kernel says that it is broken.
    Broken,
    /// A length that no frame has.
    Framing,
    /// No check that authenticates came in time.
    Unproven,
    /// Others came, and it had proven nothing or said nothing.
    Crowded,
    /// It said too much before it had proven anything.
    Chatter,
    /// Nothing came for long.
    Idle,
    /// Its leg is gone, or has enough other paths.
    Unknown,
}

impl Connection {
    /// Takes a connection in that has just come.
    ///
    /// # Errors
    /// It is over already.
    pub fn new(stream: TcpStream, tuple: Tuple, now_ns: u64) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        // A packet leaves at once, as a datagram does.
        stream.set_nodelay(true)?;
        system::set_option(
            stream.as_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_NOTSENT_LOWAT,
            UNSENT_BYTES,
        )?;
        Ok(Self {
            stream,
            tuple,
            opened_ns: now_ns,
            heard_ns: now_ns,
            is_proven: false,
            strange_frames: 0,
            is_blocked: false,
            has_ended: false,
            begun: Vec::new(),
            queue: SendQueue::default(),
        })
    }

    /// Reads once what has come.
    ///
    /// Returns whether there is something to take out of `frames`.
    ///
    /// # Errors
    /// Nothing more will come, and why.
    pub fn read(&mut self, frames: &mut Frames, now_ns: u64) -> Result<bool, Ending> {
        match frames.read(&mut self.stream, &self.begun) {
            Ok(0) => Err(Ending::ByPeer),
            Ok(_) => {
                self.heard_ns = now_ns;
                Ok(true)
            }
            Err(error) if is_for_now(&error) => Ok(false),
            Err(_) => Err(Ending::Broken),
        }
    }

    /// Keeps what has come of a frame until the rest does.
    pub fn keep(&mut self, begun: &[u8]) {
        self.begun.clear();
        self.begun.extend_from_slice(begun);
    }

    /// Has a packet leave behind those that wait.
    ///
    /// # Errors
    /// There is no room for it, by the name under which it is counted.
    pub fn push(
        &mut self,
        packet: &[u8],
        is_video: bool,
        now_ns: u64,
    ) -> Result<(), DriverCounter> {
        self.queue.push(packet, is_video, now_ns)
    }

    /// Drops what has waited for too long; returns how many packets.
    pub fn drop_old(&mut self, now_ns: u64) -> usize {
        self.queue.drop_old(now_ns)
    }

    /// Gives the kernel what waits, as far as it takes it; returns whether some is left.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn flush(&mut self) -> io::Result<bool> {
        while !self.queue.is_empty() {
            match self.stream.write(self.queue.next_bytes()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.queue.take(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Ending {
    /// The name under which it is counted.
    #[must_use]
    pub const fn counter(self) -> DriverCounter {
        match self {
            Self::ByPeer => DriverCounter::TcpClosedByPeer,
            Self::Broken => DriverCounter::TcpClosedBroken,
            Self::Framing => DriverCounter::TcpClosedFraming,
            Self::Unproven => DriverCounter::TcpClosedUnproven,
            Self::Crowded => DriverCounter::TcpClosedCrowded,
            Self::Chatter => DriverCounter::TcpClosedChatter,
            Self::Idle => DriverCounter::TcpClosedIdle,
            Self::Unknown => DriverCounter::TcpClosedUnknown,
        }
    }
}

fn is_for_now(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// What the kernel may hold beyond what is in flight (`TCP_NOTSENT_LOWAT`): a tenth of a second of a good picture.
/// The rest waits in `queue`, where packets can still be dropped whole.
const UNSENT_BYTES: libc::c_int = 16 * 1_024;
