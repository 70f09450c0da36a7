//! A controlling ICE agent's part: checks, sent and answered (RFC 8445 §7.2, §7.3).

use std::net::SocketAddrV4;

use aws_lc_rs::rand;
use wire::stun::{
    BINDING, BindingRequest, StunClass, StunMessage, TransactionId, write_binding_request,
    write_binding_success,
};

use crate::setup::IceSetup;

/// Checks of one participant towards the relay, and of a relay that is a full agent towards it.
pub struct Checks {
    username: Vec<u8>,
    password: Vec<u8>,
    own_password: Option<Vec<u8>>,
    pending: TransactionId,
    answered: bool,
}

impl Checks {
    /// No check sent yet.
    #[must_use]
    pub fn new(setup: &IceSetup) -> Self {
        let own_ufrag = setup.own.as_ref().map_or("load", |own| &own.ufrag);
        Self {
            username: format!("{}:{own_ufrag}", setup.ufrag).into_bytes(),
            password: setup.password.clone().into_bytes(),
            own_password: setup
                .own
                .as_ref()
                .map(|own| own.password.clone().into_bytes()),
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

    /// Writes the answer to a check; `None` if it is none, or not signed with our password.
    pub fn write_answer(
        &self,
        datagram: &[u8],
        from: SocketAddrV4,
        out: &mut [u8],
    ) -> Option<usize> {
        let password = self.own_password.as_deref()?;
        let check = StunMessage::parse_untrusted(datagram).ok()?;
        let is_check = check.class == StunClass::Request && check.method == BINDING;
        if !is_check || !check.verify_integrity(password) {
            return None;
        }
        write_binding_success(out, &check.transaction_id, from.into(), password)
    }
}

/// RFC 8445 §5.1.2.1 with type preference 110, local preference 65,535, component 1.
const PEER_REFLEXIVE_PRIORITY: u32 = 110 << 24 | 65_535 << 8 | 255;

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use std::net::Ipv4Addr;

    use super::*;
    use crate::setup::OwnIce;

    fn checks(ufrag: &str, own: &str) -> Checks {
        Checks::new(&IceSetup {
            ufrag: ufrag.into(),
            password: format!("password of {ufrag}"),
            own: Some(OwnIce {
                ufrag: own.into(),
                password: format!("password of {own}"),
            }),
        })
    }

    #[test]
    fn two_agents_answer_one_another() {
        let (mut one, other, stranger) = (checks("b", "a"), checks("a", "b"), checks("a", "c"));
        let from = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
        let (mut check, mut answer) = ([0; 200], [0; 200]);
        let len = one.write(&mut check).expect("200 bytes are enough");
        let check = &check[..len];
        assert_eq!(stranger.write_answer(check, from, &mut answer), None);
        let len = other
            .write_answer(check, from, &mut answer)
            .expect("signed with its password");
        assert!(!one.answered());
        one.handle_answer(&answer[..len]);
        assert!(one.answered());
    }
}
