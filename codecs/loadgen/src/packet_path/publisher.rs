//! Who sends the packets that a worker is given.

use forward::Tuple;
use forward::srtp::Outbound;
use wire::payload::Kind;

use crate::participant::devices::{Camera, Microphone, Write};
use crate::participant::line::{Line, Transport};
use crate::setup::{Extensions, LineSetup};
use crate::traffic::random::Random;

/// A publisher with both devices on one line, of which a case uses one.
pub struct Publisher {
    tuple: Tuple,
    transport: Transport,
    microphone: Microphone,
    camera: Camera,
}

/// One protected packet and where it comes from.
pub struct Prepared {
    /// Its path.
    pub tuple: Tuple,
    /// When it arrives.
    pub arrival_ns: u64,
    /// Its bytes; the packet path changes them.
    pub datagram: Vec<u8>,
}

impl Publisher {
    /// A publisher that has sent nothing.
    #[must_use]
    pub fn new(tuple: Tuple, outbound: Outbound, extensions: Extensions, line: &LineSetup) -> Self {
        let line = || Line::new(line.clone(), 0, FIRST_SEQUENCE, 0);
        Self {
            tuple,
            transport: Transport {
                outbound,
                extensions,
                sequence: 0,
            },
            microphone: Microphone { line: line() },
            camera: Camera::new(line(), 0),
        }
    }

    /// Adds its next sound packet or frame.
    pub fn publish(
        &mut self,
        kind: Kind,
        now_ns: u64,
        random: &mut Random,
        prepared: &mut Vec<Prepared>,
    ) -> Option<()> {
        let push = |write: Write<'_>| {
            let mut datagram = vec![0; LONGEST_DATAGRAM_BYTES];
            let len = write(&mut datagram)?;
            datagram.truncate(len);
            prepared.push(Prepared {
                tuple: self.tuple,
                arrival_ns: now_ns,
                datagram,
            });
            Some(())
        };
        match kind {
            Kind::Audio => self
                .microphone
                .speak(&mut self.transport, random, now_ns, push),
            Kind::Video => self.camera.show(&mut self.transport, random, now_ns, push),
        }
    }
}

const FIRST_SEQUENCE: u16 = 1_000;
const LONGEST_DATAGRAM_BYTES: usize = 1_500;
