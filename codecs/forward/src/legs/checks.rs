//! STUN binding requests: whose leg, is it authentic, and the answer (RFC 8445 §7.3, RFC 8489).

use wire::stun::{BINDING, StunClass, StunMessage, write_binding_error, write_binding_success};

use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::legs::ice_lite::{Check, CheckOutcome, Credentials};
use crate::worker::Worker;
use crate::worker::ids::{LegKey, Tuple};
use crate::worker::now::Now;

impl Worker {
    /// Answers a check that authenticates; everything else gets silence.
    pub(crate) fn handle_stun(
        &mut self,
        now: Now,
        tuple: Tuple,
        datagram: &[u8],
    ) -> Result<(), Counter> {
        let message =
            StunMessage::parse_untrusted(datagram).map_err(|_| Counter::DropStunMalformed)?;
        if message.class == StunClass::Success && message.method == BINDING {
            return self.handle_answer(now, tuple, &message);
        }
        if message.class != StunClass::Request || message.method != BINDING {
            return Err(Counter::DropStunUnexpected);
        }
        let ufrag = message
            .username
            .and_then(|name| name.split(|byte| *byte == b':').next());
        let key = ufrag.and_then(|ufrag| {
            self.names
                .ufrags
                .get(ufrag)
                .copied()
                .map(|key| (ufrag, key))
        });
        let (ufrag, key) = key.ok_or(Counter::DropStunUnknownUfrag)?;
        let leg = self
            .legs
            .get_mut(key)
            .ok_or(Counter::DropStunUnknownUfrag)?;
        let restarted = leg.ice.current.ufrag != ufrag;
        let previous = leg.ice.previous.as_ref().filter(|_| restarted);
        let password = previous.unwrap_or(&leg.ice.current).password.clone();
        if !message.has_valid_fingerprint() || !message.verify_integrity(&password) {
            return Err(Counter::DropStunIntegrity);
        }
        let transaction = self.random.hash(&message.transaction_id);
        let (nominates, bytes) = (message.use_candidate, datagram.len());
        // RFC 8445 §7.3.1.1: a lite agent is controlled; a peer that thinks itself controlled is told.
        let refusal = if message.ice_controlled.is_some() {
            Some((ROLE_CONFLICT, &[][..]))
        } else if !message.unknown_required.is_empty() {
            Some((UNKNOWN_ATTRIBUTE, message.unknown_required.as_slice()))
        } else {
            None
        };
        if let Some((code, unknown)) = refusal {
            self.output.outbox.push_with(tuple, 0, |out| {
                write_binding_error(out, &message.transaction_id, code, Some(&password), unknown)
            });
            return Err(Counter::DropStunUnexpected);
        }
        if self.is_taken(now, tuple, key) {
            return Err(Counter::DropStunPathTaken);
        }
        let leg = self
            .legs
            .get_mut(key)
            .ok_or(Counter::DropStunUnknownUfrag)?;
        let check = Check {
            tuple,
            nominates,
            transaction,
            bytes,
        };
        let had_proved = leg.ice.has_proved();
        let outcome = leg.ice.handle_check(check, now.ns);
        match outcome {
            CheckOutcome::RateLimited => return Err(Counter::DropStunRateLimited),
            // A replayed check from a stranger's address taught us nothing and gets nothing.
            CheckOutcome::Replayed if !leg.ice.knows(tuple) => {
                return Err(Counter::DropStunUnexpected);
            }
            CheckOutcome::Replayed => {}
            CheckOutcome::Connected | CheckOutcome::Refreshed => {
                if !restarted {
                    self.retire_previous(key);
                }
                self.reach(now, tuple, key, outcome == CheckOutcome::Connected);
                if !had_proved {
                    self.want_starts_if_proved(now, key);
                }
            }
        }
        self.output.counters.one(Counter::StunAnswered);
        self.output.outbox.push_with(tuple, 0, |out| {
            write_binding_success(out, &message.transaction_id, tuple.remote, &password)
        });
        Ok(())
    }

    /// Whether a path is another leg's: somebody with credentials of their own forges a neighbour's
    /// address to cut them off.
    pub(crate) fn is_taken(&self, now: Now, tuple: Tuple, key: LegKey) -> bool {
        let owner = self.names.paths.get(&tuple).filter(|owner| **owner != key);
        owner
            .and_then(|owner| self.legs.get(*owner))
            .is_some_and(|owner| owner.ice.uses(tuple, now.ns))
    }

    /// A leg is reached by a path that its participant has signed for, for the first time or after a silence too.
    pub(crate) fn reach(&mut self, now: Now, tuple: Tuple, key: LegKey, first: bool) {
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        let returned = std::mem::take(&mut leg.silent);
        if returned && let Some(bandwidth) = &mut leg.bandwidth {
            bandwidth.returns(now.ns);
        }
        if returned || first {
            self.output.events.push(Event::Connected { leg: leg.id });
        }
        self.learn_path(tuple, key);
    }

    /// Accepts new credentials beside the old (RFC 8445 §9: an ICE restart).
    pub(crate) fn restart_ice(&mut self, key: LegKey, credentials: Credentials) {
        self.retire_previous(key);
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        self.names.ufrags.insert(credentials.ufrag.clone(), key);
        leg.ice.previous = Some(std::mem::replace(&mut leg.ice.current, credentials));
    }

    /// The new credentials are in use: the old ones are worth nothing any more.
    fn retire_previous(&mut self, key: LegKey) {
        let previous = self
            .legs
            .get_mut(key)
            .and_then(|leg| leg.ice.previous.take());
        if let Some(previous) = previous {
            self.names.ufrags.remove(&previous.ufrag);
        }
    }

    fn learn_path(&mut self, tuple: Tuple, key: LegKey) {
        let owner = self.names.paths.insert(tuple, key);
        if let Some(leg) = owner
            .filter(|owner| *owner != key)
            .and_then(|owner| self.legs.get_mut(owner))
        {
            // A port that was used again after its last leg fell silent.
            leg.ice.forget(tuple);
        }
        let surplus = self.legs.get_mut(key).and_then(|leg| {
            let surplus = leg.ice.surplus()?;
            leg.ice.forget(surplus);
            Some(surplus)
        });
        if let Some(surplus) = surplus {
            self.names.paths.remove(&surplus);
        }
    }
}

/// RFC 8445 §16.1.
const ROLE_CONFLICT: u16 = 487;
/// RFC 8489 §14.8.
const UNKNOWN_ATTRIBUTE: u16 = 420;
