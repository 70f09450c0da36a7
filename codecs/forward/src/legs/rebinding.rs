//! An address that changed under a participant: a router gave their flow another port, and their browser,
//! which does not know, checks the path again only within 2.5 s.
//!
//! Media from an address that nobody knows goes no further than its signature, unless it is a participant's.
//! If it is, the relay asks that address whether they are there: a binding request, which a full agent answers
//! whoever sends it (RFC 8445 §7.3). The answer bears the participant's own signature and is their consent (RFC
//! 7675 §5.1); before it comes, nothing but the question is sent there. A lite agent need not ask, but may.

use wire::datagram::Protocol;
use wire::stun::{BindingRequest, StunMessage, TransactionId, write_binding_request};

use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, Tuple};
use crate::worker::now::Now;

/// What an address was asked.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The address, and our socket that it wrote to.
    pub tuple: Tuple,
    transaction_id: TransactionId,
    began_ns: u64,
    asked_ns: u64,
}

/// What became of a leg by a path that answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moved {
    /// It was there already.
    Nowhere,
    /// It is its first.
    First,
    /// It was elsewhere.
    There,
}

impl Worker {
    /// Handles what came from an address that never passed a check: it may be a participant's new one.
    ///
    /// # Errors
    ///
    /// The name under which the dropped datagram is counted.
    pub(crate) fn handle_unknown(
        &mut self,
        now: Now,
        arrival_ns: u64,
        tuple: Tuple,
        protocol: Protocol,
        datagram: &mut [u8],
    ) -> Result<(), Counter> {
        // A connection has to pass a check before anything else; only of a datagram does a router change the port.
        if tuple.is_tcp() {
            return Err(Counter::DropUnknownSource);
        }
        let key = self
            .whose_untrusted(now, tuple, protocol, datagram)
            .ok_or(Counter::DropUnknownSource)?;
        let before = self.authentic(key);
        let handled = match protocol {
            Protocol::Rtp => self.handle_rtp(now, arrival_ns, tuple, key, datagram),
            Protocol::Rtcp => self.handle_rtcp(now, arrival_ns, tuple, key, datagram),
            Protocol::Dtls | Protocol::Stun => Err(Counter::DropUnknownSource),
        };
        if self.authentic(key) != before {
            self.ask(now, tuple, key, datagram.len());
        }
        handled
    }

    /// Follows a participant to an address that has answered for them.
    ///
    /// # Errors
    ///
    /// `DropStunUnexpected`: nobody asked. `DropStunIntegrity`: it is not the participant who answers.
    /// `DropStunPathTaken`: the path is another's.
    pub(crate) fn handle_answer(
        &mut self,
        now: Now,
        tuple: Tuple,
        message: &StunMessage<'_>,
    ) -> Result<(), Counter> {
        let key = self.names.questions.get(&tuple).copied();
        let key = key.ok_or(Counter::DropStunUnexpected)?;
        let asked = self.legs.get(key).and_then(|leg| {
            let question = leg.question.as_deref()?;
            let is_its = question.transaction_id == message.transaction_id;
            let peer = leg.peer.as_deref();
            peer.filter(|_| is_its && question.is_open(tuple, now))
        });
        let peer = asked.ok_or(Counter::DropStunUnexpected)?;
        if !message.has_valid_fingerprint() || !message.verify_integrity(&peer.password) {
            return Err(Counter::DropStunIntegrity);
        }
        if self.is_taken(now, tuple, key) {
            return Err(Counter::DropStunPathTaken);
        }
        self.names.questions.remove(&tuple);
        let leg = self.legs.get_mut(key).ok_or(Counter::DropStunUnexpected)?;
        leg.question = None;
        let moved = leg.ice.move_to(tuple, now.ns);
        if moved == Moved::There {
            self.output.counters.one(Counter::AddressChanges);
            let event = Event::AddressChanged { leg: leg.id };
            self.output.events.push(event);
        }
        self.reach(now, tuple, key, moved == Moved::First);
        if moved != Moved::Nowhere {
            self.want_starts(now, key);
        }
        Ok(())
    }

    /// Nobody waits for this address's answer any more.
    pub(crate) fn forget_question(&mut self, tuple: Tuple, key: LegKey) {
        if self.names.questions.get(&tuple) == Some(&key) {
            self.names.questions.remove(&tuple);
        }
    }

    /// Whose media it says it is.
    fn whose_untrusted(
        &mut self,
        now: Now,
        tuple: Tuple,
        protocol: Protocol,
        datagram: &[u8],
    ) -> Option<LegKey> {
        if let Some(key) = self.names.questions.get(&tuple).copied() {
            let question = self.legs.get(key).and_then(|leg| leg.question.as_deref());
            let waits = question.is_some_and(|question| question.is_open(tuple, now));
            if waits {
                return Some(key);
            }
            self.names.questions.remove(&tuple);
        }
        let at = match protocol {
            Protocol::Rtp => RTP_SSRC_AT,
            Protocol::Rtcp => RTCP_SSRC_AT,
            Protocol::Dtls | Protocol::Stun => return None,
        };
        let ssrc = u32::from_be_bytes(*datagram.get(at..)?.first_chunk()?);
        if !self.searches.take(now.ns) {
            return None;
        }
        let mut legs = self.legs.iter();
        let found = legs.find(|(_, leg)| leg.peer.is_some() && leg.sources.get(ssrc).is_some());
        found.map(|(key, _)| key)
    }

    fn authentic(&self, key: LegKey) -> Option<u64> {
        self.legs.get(key).map(|leg| leg.ice.authentic())
    }

    /// Asks an address whether a leg's participant is there, again until it answers; by no more than three times
    /// the bytes that came from there (RFC 9000 §8.1's bound, against reflection).
    fn ask(&mut self, now: Now, tuple: Tuple, key: LegKey, came_bytes: usize) {
        let number = self.random.next();
        // Hashed under this process' key: what the generator gives next could be told from what it gave.
        let drawn = [number, !number].map(|part| self.random.hash(&part.to_be_bytes()));
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        let Some(peer) = leg.peer.as_deref() else {
            return;
        };
        let open = leg
            .question
            .as_deref()
            .filter(|question| question.is_open(tuple, now));
        let question = match open {
            Some(question) if now.ns.saturating_sub(question.asked_ns) < AGAIN_NS => return,
            Some(question) => Question {
                asked_ns: now.ns,
                ..*question
            },
            None => Question::new(tuple, drawn, now),
        };
        if !leg.questions.take(now.ns) {
            return;
        }
        let username = [
            peer.ufrag.as_slice(),
            b":",
            leg.ice.current.ufrag.as_slice(),
        ]
        .concat();
        let request = BindingRequest {
            transaction_id: question.transaction_id,
            username: &username,
            priority: PRIORITY,
            tie_breaker: 0,
            controlling: false,
            use_candidate: false,
        };
        let asked = self.output.outbox.push_with(tuple, 0, |out| {
            write_binding_request(out, &request, &peer.password)
                .filter(|len| *len <= AMPLIFICATION * came_bytes)
        });
        if !asked {
            return;
        }
        self.output.counters.one(Counter::AddressesAsked);
        let before = leg.question.replace(Box::new(question));
        if let Some(before) = before.filter(|before| before.tuple != tuple) {
            self.forget_question(before.tuple, key);
        }
        self.names.questions.insert(tuple, key);
    }
}

impl Question {
    fn new(tuple: Tuple, drawn: [u64; 2], now: Now) -> Self {
        let mut transaction_id = [0; 12];
        let bytes = drawn.iter().flat_map(|number| number.to_be_bytes());
        for (place, byte) in transaction_id.iter_mut().zip(bytes) {
            *place = byte;
        }
        Self {
            tuple,
            transaction_id,
            began_ns: now.ns,
            asked_ns: now.ns,
        }
    }

    /// Whether this address may still answer.
    fn is_open(&self, tuple: Tuple, now: Now) -> bool {
        self.tuple == tuple && now.ns.saturating_sub(self.began_ns) < OPEN_NS
    }
}

/// An unknown address costs a look at every leg of the worker; of the others who move in that second,
/// packets that come later are found.
pub const SEARCHES_PER_SECOND: u64 = 50;
/// Of one leg: a question and its repetitions, while an address changes at most each second.
pub const QUESTIONS_PER_SECOND: u64 = 5;
const AMPLIFICATION: usize = 3;
/// RFC 8445 §14.3's least time between a check and its repetition is 500 ms, for a pair that may not exist;
/// by this one packets come.
const AGAIN_NS: u64 = 200_000_000;
/// RFC 8489 §6.2.1 has a transaction fail after 39.5 s; ours begins anew with the next packet.
const OPEN_NS: u64 = 5_000_000_000;
/// Of a peer-reflexive candidate, the first of its kind (RFC 8445 §5.1.2.1, §7.1.1).
const PRIORITY: u32 = (110 << 24) | (0xffff << 8) | 0xff;
/// RFC 3550 §5.1.
const RTP_SSRC_AT: usize = 8;
/// RFC 3550 §6.4.1; SRTCP leaves it in clear (RFC 3711 §3.4).
const RTCP_SSRC_AT: usize = 4;
