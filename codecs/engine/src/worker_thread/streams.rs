//! The worker's part in TCP: what connections bring goes the way of datagrams, and paths end with their connections.

use super::Running;
use crate::counters::DriverCounter;
use crate::packet_path::{PacketPath, hand_in};
use crate::sockets::streams::{Heard, is_full};
use crate::system;

impl<P: PacketPath> Running<P> {
    /// Reads the connections that have something, each once, and hands in their packets.
    pub(super) fn receive_streams(&mut self) {
        let found = self.own.streams.look();
        // As for datagrams: what was asked before is done before.
        let _ = self.obey();
        let now_ns = system::monotonic_ns();
        for place in 0..found {
            let heard = self
                .own
                .streams
                .handle(place, &mut self.frames, now_ns, &mut self.counts);
            if let Some(heard) = heard {
                self.hand_in_all(heard, now_ns);
            }
        }
        self.is_behind |= is_full(found);
        self.send();
        self.bury();
    }

    /// Ends the connections that should not go on.
    pub(super) fn sweep_streams(&mut self, now_ns: u64) {
        let knows = |tuple| self.path.knows(tuple);
        self.own.streams.sweep(now_ns, knows, &mut self.counts);
        self.bury();
    }

    /// Hands in the packets that were just read of a connection, each as if it had come by itself just now: the kernel
    /// does not tell when.
    fn hand_in_all(&mut self, from: Heard, now_ns: u64) {
        loop {
            match self.frames.next_packet() {
                // RFC 4571 §2 has empty ones, which say nothing.
                Ok(Some([])) => {}
                Ok(Some(packet)) => {
                    self.counts.one(DriverCounter::TcpFramesReceived);
                    hand_in(
                        &mut self.path,
                        now_ns,
                        now_ns,
                        from.tuple,
                        packet,
                        &mut self.counts,
                    );
                }
                Ok(None) => break,
                Err(_) => {
                    self.own.streams.refuse(from, &mut self.counts);
                    return;
                }
            }
            if self.path.must_send() {
                self.send();
            }
            let is_known = self.path.knows(from.tuple);
            if !self.own.streams.note(from, is_known, &mut self.counts) {
                return;
            }
        }
        self.own.streams.keep(from, self.frames.begun());
    }

    /// Lets the packet path forget the connections that are over.
    fn bury(&mut self) {
        while let Some(tuple) = self.own.streams.take_ended() {
            self.path.handle_closed(tuple);
        }
    }
}
