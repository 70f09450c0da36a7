use openssl::ssl::SslContextBuilder;

use super::*;
use crate::hex;

/// A relay's end: it takes these profiles, and has a certificate of its own.
struct Server {
    certificate: Certificate,
    middle: Option<MidHandshakeSslStream<Datagrams>>,
    done: Option<SslStream<Datagrams>>,
}

impl Server {
    fn new(profiles: &str) -> Self {
        let certificate = Certificate::generate().expect("a certificate");
        let mut builder = SslContextBuilder::new(SslMethod::dtls_server()).expect("a context");
        builder.set_tlsext_use_srtp(profiles).expect("profiles");
        certificate.install(&mut builder).expect("installed");
        builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        builder.set_options(SslOptions::NO_QUERY_MTU);
        let mut ssl = Ssl::new(&builder.build()).expect("an end");
        ssl.set_mtu(400).expect("small datagrams");
        let Err(HandshakeError::WouldBlock(middle)) = ssl.accept(Datagrams::default()) else {
            panic!("nothing has arrived yet");
        };
        Self {
            certificate,
            middle: Some(middle),
            done: None,
        }
    }

    fn take(&mut self, datagrams: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let Some(mut middle) = self.middle.take() else {
            return Vec::new();
        };
        middle.get_mut().arrived.extend(datagrams);
        match middle.handshake() {
            Ok(mut stream) => {
                let leaving = stream.get_mut().leaving.drain(..).collect();
                self.done = Some(stream);
                leaving
            }
            Err(HandshakeError::WouldBlock(mut middle)) => {
                let leaving = middle.get_mut().leaving.drain(..).collect();
                self.middle = Some(middle);
                leaving
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn digest(&self) -> [u8; 32] {
        let pairs = self.certificate.fingerprint().replace(':', "");
        hex::decode(&pairs)
            .expect("digits")
            .try_into()
            .expect("32 bytes")
    }
}

/// Runs both ends until the client is done or has failed.
fn shake_hands(client: &mut Handshake, server: &mut Server) -> Result<Box<Keys>, &'static str> {
    for _ in 0..20 {
        let mut leaving = Vec::new();
        let progress = client.advance(|datagram| leaving.push(datagram.to_vec()))?;
        for datagram in server.take(leaving) {
            client.handle_datagram_untrusted(&datagram);
        }
        if let Progress::Done(keys) = progress {
            return Ok(keys);
        }
    }
    panic!("the handshake did not end");
}

#[test]
fn both_ends_derive_the_same_keys_for_the_profile_that_was_offered_alone() {
    let all = "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    for profile in [Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80] {
        let client = Client::new(profile).expect("a client");
        let mut server = Server::new(all);
        let mut handshake = client.begin(server.digest()).expect("begun");
        let keys = shake_hands(&mut handshake, &mut server).expect("it succeeds");
        let stream = server.done.expect("the server is done, too");
        let chosen = stream.ssl().selected_srtp_profile().expect("one");
        assert_eq!(chosen.name(), name(profile));
        let mut material = vec![0; 2 * (profile.key_len() + profile.salt_len())];
        let ssl = stream.ssl();
        ssl.export_keying_material(&mut material, EXPORT_LABEL, None)
            .expect("exported");
        let (sends, receives) = (&keys.sends, &keys.receives);
        let ours = [&sends.key, &receives.key, &sends.salt, &receives.salt];
        assert_eq!(ours.map(Vec::as_slice).concat(), material);
        let peer = ssl
            .peer_certificate()
            .expect("the client showed a certificate");
        let digest = peer.digest(MessageDigest::sha256()).expect("digest");
        assert_eq!(
            hex::encode(&digest).to_uppercase(),
            client.fingerprint().replace(':', "")
        );
    }
}

#[test]
fn a_certificate_that_was_not_announced_is_refused() {
    let client = Client::new(Profile::AeadAes128Gcm).expect("a client");
    let mut server = Server::new("SRTP_AEAD_AES_128_GCM");
    let mut handshake = client.begin([7; 32]).expect("begun");
    let result = shake_hands(&mut handshake, &mut server);
    assert_eq!(result, Err("dtls_wrong_certificate"));
}

#[test]
fn without_a_common_profile_there_are_no_keys() {
    let client = Client::new(Profile::AeadAes128Gcm).expect("a client");
    let mut server = Server::new("SRTP_AES128_CM_SHA1_80");
    let mut handshake = client.begin(server.digest()).expect("begun");
    assert_eq!(
        shake_hands(&mut handshake, &mut server),
        Err("dtls_no_profile")
    );
}

#[test]
fn bytes_that_are_no_dtls_do_not_end_a_handshake() {
    let client = Client::new(Profile::AeadAes128Gcm).expect("a client");
    let mut server = Server::new("SRTP_AEAD_AES_128_GCM");
    let mut handshake = client.begin(server.digest()).expect("begun");
    let mut first = Vec::new();
    let progress = handshake.advance(|datagram| first.push(datagram.to_vec()));
    assert_eq!(progress, Ok(Progress::Going));
    for datagram in [&[][..], &[20], &[22; 40], &[0xff; 1_500]] {
        handshake.handle_datagram_untrusted(datagram);
    }
    for datagram in server.take(first) {
        handshake.handle_datagram_untrusted(&datagram);
    }
    assert!(shake_hands(&mut handshake, &mut server).is_ok());
}
