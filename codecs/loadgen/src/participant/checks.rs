//! A full ICE agent's part towards a lite one: checks, sent and answered (RFC 8445 §7.2).

use aws_lc_rs::rand;
use wire::stun::{BindingRequest, StunClass, StunMessage, TransactionId, write_binding_request};

use crate::setup::IceSetup;

/// Checks of one participant towards the relay.
pub struct Checks {
    username: Vec<u8>,
    password: Vec<u8>,
    pending: TransactionId,
    answered: bool,
}

impl Checks {
    /// No check sent yet.
    #[must_use]
    pub fn new(setup: &IceSetup) -> Self {
        Self {
            username: format!("{}:load", setup.ufrag).into_bytes(),
            password: setup.password.clone().into_bytes(),
            pending: TransactionId::default(),
            answered: false,
        }
    }

    /// Whether the last check was answered.
    #[must_use]
    pub fn answered(&self) -> bool {
        self.answered
    }

    /// Writes the next check, which nominates.
    pub fn write(&mut self, out: &mut [u8]) -> Option<usize> {
        rand::fill(&mut self.pending).ok()?;
        self.answered = false;
        let request = BindingRequest {
            transaction_id: self.pending,
            username: &self.username,
            priority: PEER_REFLEXIVE_PRIORITY,
            tie_breaker: 1,
            controlling: true,
            use_candidate: true,
        };
        write_binding_request(out, &request, &self.password)
    }

    /// Takes in what may be the answer to the last check.
    pub fn handle_answer(&mut self, datagram: &[u8]) {
        let Ok(message) = StunMessage::parse_untrusted(datagram) else {
            return;
        };
        let ours = message.class == StunClass::Success && message.transaction_id == self.pending;
        if ours && message.has_valid_fingerprint() && message.verify_integrity(&self.password) {
            self.answered = true;
        }
    }
}

/// RFC 8445 §5.1.2.1 with type preference 110, local preference 65,535, component 1.
const PEER_REFLEXIVE_PRIORITY: u32 = 110 << 24 | 65_535 << 8 | 255;
