//! One leg on its way: a socket, checks until one is answered, and the DTLS handshake.

use std::net::UdpSocket;

use wire::datagram::Protocol;

use crate::dtls::{Client, Handshake, Keys, Progress};
use crate::generator;
use crate::kernel::receive::Receiver;
use crate::participant::burst::Burst;
use crate::participant::checks::Checks;
use crate::signalling::LegPlan;

/// A leg that is being connected.
pub struct Leg {
    socket: UdpSocket,
    plan: LegPlan,
    checks: Checks,
    handshake: Option<Handshake>,
}

/// What reading, or time, has brought about.
#[derive(Debug, PartialEq)]
pub enum Advance {
    /// Nothing that others need to know.
    Going,
    /// ICE was answered: the handshake has begun.
    Checked,
    /// The handshake is done.
    Connected(Box<Keys>),
}

impl Leg {
    /// A leg that has sent nothing.
    ///
    /// # Errors
    /// The word `no_socket`.
    pub fn begin(plan: LegPlan) -> Result<Self, &'static str> {
        Ok(Self {
            socket: generator::open_socket().map_err(|_| "no_socket")?,
            checks: Checks::new(&plan.ice),
            plan,
            handshake: None,
        })
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// What media needs of it.
    #[must_use]
    pub fn into_parts(self) -> (UdpSocket, LegPlan) {
        (self.socket, self.plan)
    }

    /// Sends a check if none was answered, or what the handshake is to say again.
    ///
    /// # Errors
    /// Why the handshake is over.
    pub fn handle_time(&mut self, burst: &mut Burst) -> Result<Advance, &'static str> {
        if self.handshake.is_some() {
            return self.shake_hands(burst);
        }
        burst.push(self.plan.remote, |out| self.checks.write(out));
        burst.send(&self.socket);
        Ok(Advance::Going)
    }

    /// Reads what waits in its socket.
    ///
    /// # Errors
    /// Why the handshake is over.
    pub fn handle_ready(
        &mut self,
        client: &Client,
        receiver: &mut Receiver,
        burst: &mut Burst,
    ) -> Result<Advance, &'static str> {
        let count = receiver.receive(&self.socket).map_err(|_| "no_socket")?;
        let mut result = Advance::Going;
        let mut has_records = false;
        for index in 0..count {
            let (from, datagram) = (receiver.remote(index), receiver.bytes(index));
            match Protocol::of_untrusted(datagram) {
                Some(Protocol::Stun) => {
                    self.checks.handle_answer(datagram);
                    let (checks, datagram) = (&self.checks, &*datagram);
                    burst.push(from, |out| checks.write_answer(datagram, from, out));
                }
                Some(Protocol::Dtls) => {
                    if let Some(handshake) = &mut self.handshake {
                        handshake.handle_datagram_untrusted(datagram);
                        has_records = true;
                    }
                }
                // Others may be sending already; without keys it is lost, as in a browser.
                Some(Protocol::Rtp | Protocol::Rtcp) | None => {}
            }
        }
        burst.send(&self.socket);
        if self.handshake.is_none() && self.checks.answered() {
            self.handshake = Some(client.begin(self.plan.fingerprint)?);
            self.shake_hands(burst)?;
            result = Advance::Checked;
        } else if has_records {
            result = self.shake_hands(burst)?;
        }
        Ok(result)
    }

    fn shake_hands(&mut self, burst: &mut Burst) -> Result<Advance, &'static str> {
        let Some(handshake) = &mut self.handshake else {
            return Ok(Advance::Going);
        };
        let remote = self.plan.remote;
        let progress = handshake.advance(|datagram| {
            burst.push(remote, |out| {
                out.get_mut(..datagram.len())?.copy_from_slice(datagram);
                Some(datagram.len())
            });
        });
        burst.send(&self.socket);
        Ok(match progress? {
            Progress::Going => Advance::Going,
            Progress::Done(keys) => Advance::Connected(keys),
        })
    }
}
