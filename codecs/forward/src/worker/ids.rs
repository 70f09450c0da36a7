//! The names things have: ids that Python hands out, unique in a process, and the keys of a worker's own tables.

use std::net::SocketAddr;

use slotmap::new_key_type;

/// One transport of one participant (ICE, DTLS and SRTP together).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub u32);

/// A published track; its simulcast encodings share the name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TrackId(pub u32);

/// An m-line on which the relay sends: one SSRC, sequence and timestamp line for its whole life.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SlotId(pub u32);

/// A path packets take: one of the worker's sockets and the address at its far end.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Tuple {
    /// The worker's own socket that the packet came in on, or leaves by: an index among those of UDP, or from
    /// [`FIRST_TCP_SOCKET`] on among those that listen for TCP. With the far end it names a connection.
    pub socket: u8,
    /// The far end.
    pub remote: SocketAddr,
}

impl Tuple {
    /// Whether the path is a TCP connection.
    #[must_use]
    pub const fn is_tcp(self) -> bool {
        self.socket >= FIRST_TCP_SOCKET
    }
}

/// Above every index of a UDP socket: a worker has 16 at most.
pub const FIRST_TCP_SOCKET: u8 = 128;

new_key_type! {
    /// Where a leg is kept in its worker; a key outlives what it names without harm.
    pub struct LegKey;
    /// Where a track is kept in its worker.
    pub struct TrackKey;
    /// Where a slot is kept in its worker.
    pub struct SlotKey;
}
