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
    /// Index of the worker's own socket that the packet came in on, or leaves by.
    pub socket: u8,
    /// The far end.
    pub remote: SocketAddr,
}

new_key_type! {
    /// Where a leg is kept in its worker; a key outlives what it names without harm.
    pub struct LegKey;
    /// Where a track is kept in its worker.
    pub struct TrackKey;
    /// Where a slot is kept in its worker.
    pub struct SlotKey;
}
