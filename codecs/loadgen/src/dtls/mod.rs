//! The DTLS client of a participant, without a socket and without a clock of its own: datagrams in, datagrams out.
//!
//! OpenSSL through memory. Its retransmission timer is OpenSSL's own (RFC 6347 §4.2.4); it is looked at each time
//! [`Handshake::advance`] is called.

mod certificate;

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use aws_lc_rs::constant_time;
use forward::srtp::Profile;
use openssl::hash::MessageDigest;
use openssl::ssl::{HandshakeError, MidHandshakeSslStream, Ssl, SslContext, SslMethod, SslStream};
use openssl::ssl::{SslOptions, SslSessionCacheMode, SslVerifyMode, SslVersion};

pub use certificate::Certificate;

use crate::participant::connected::MasterKey;

/// What the handshakes of a run share: one certificate, one profile.
pub struct Client {
    context: SslContext,
    certificate: Certificate,
    profile: Profile,
}

/// One handshake.
pub struct Handshake {
    stream: Stream,
    expected_fingerprint: [u8; 32],
    profile: Profile,
}

enum Stream {
    Fresh(Ssl),
    Middle(MidHandshakeSslStream<Datagrams>),
    Over,
}

/// SRTP master keys and salts (RFC 5764 §4.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Keys {
    /// Of what the participant sends.
    pub sends: MasterKey,
    /// Of what it receives.
    pub receives: MasterKey,
}

/// How a handshake stands.
#[derive(Debug, PartialEq)]
pub enum Progress {
    /// It goes on.
    Going,
    /// It is done.
    Done(Box<Keys>),
}

impl Client {
    /// Draws a certificate; every handshake will offer this SRTP profile and no other.
    ///
    /// # Errors
    /// A sentence: OpenSSL cannot do what is asked of it.
    pub fn new(profile: Profile) -> Result<Self, String> {
        let words = |error| format!("OpenSSL gives no DTLS client: {error}");
        let certificate = Certificate::generate().map_err(words)?;
        let context = context(&certificate, profile).map_err(words)?;
        Ok(Self {
            context,
            certificate,
            profile,
        })
    }

    /// SHA-256 of the certificate, pairs joined by colons.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.certificate.fingerprint()
    }

    /// A handshake with whoever has a certificate of this SHA-256.
    ///
    /// # Errors
    /// The word `dtls_failed`: no memory is left.
    pub fn begin(&self, expected_fingerprint: [u8; 32]) -> Result<Handshake, &'static str> {
        let mut ssl = Ssl::new(&self.context).map_err(|_| FAILED)?;
        ssl.set_mtu(MTU_BYTES).map_err(|_| FAILED)?;
        Ok(Handshake {
            stream: Stream::Fresh(ssl),
            expected_fingerprint,
            profile: self.profile,
        })
    }
}

impl Handshake {
    /// Takes in a datagram; [`Handshake::advance`] is due then.
    pub fn handle_datagram_untrusted(&mut self, datagram: &[u8]) {
        // Reading nothing would be the stream's end.
        if let (Stream::Middle(middle), false) = (&mut self.stream, datagram.is_empty()) {
            middle.get_mut().arrived.push_back(datagram.to_vec());
        }
    }

    /// Goes as far as what has arrived lets it; `send` is given each datagram that is to leave.
    ///
    /// # Errors
    /// A word: `dtls_failed`, `dtls_wrong_certificate`, `dtls_no_profile`. It is over then.
    pub fn advance(&mut self, mut send: impl FnMut(&[u8])) -> Result<Progress, &'static str> {
        let result = match std::mem::replace(&mut self.stream, Stream::Over) {
            Stream::Fresh(ssl) => ssl.connect(Datagrams::default()),
            Stream::Middle(middle) => middle.handshake(),
            Stream::Over => return Err(FAILED),
        };
        match result {
            Ok(mut stream) => {
                stream
                    .get_mut()
                    .leaving
                    .drain(..)
                    .for_each(|each| send(&each));
                self.keys(&stream)
                    .map(|keys| Progress::Done(Box::new(keys)))
            }
            Err(HandshakeError::WouldBlock(mut middle)) => {
                middle
                    .get_mut()
                    .leaving
                    .drain(..)
                    .for_each(|each| send(&each));
                self.stream = Stream::Middle(middle);
                Ok(Progress::Going)
            }
            Err(HandshakeError::Failure(mut middle)) => {
                // The alert, so that the other end need not wait for its time to be over.
                middle
                    .get_mut()
                    .leaving
                    .drain(..)
                    .for_each(|each| send(&each));
                Err(FAILED)
            }
            Err(HandshakeError::SetupFailure(_)) => Err(FAILED),
        }
    }

    fn keys(&self, stream: &SslStream<Datagrams>) -> Result<Keys, &'static str> {
        let certificate = stream
            .ssl()
            .peer_certificate()
            .ok_or("dtls_wrong_certificate")?;
        let digest = certificate
            .digest(MessageDigest::sha256())
            .map_err(|_| FAILED)?;
        constant_time::verify_slices_are_equal(&digest, &self.expected_fingerprint)
            .map_err(|_| "dtls_wrong_certificate")?;
        // One was offered, so one can have been chosen.
        stream
            .ssl()
            .selected_srtp_profile()
            .ok_or("dtls_no_profile")?;
        let (key_len, salt_len) = (self.profile.key_len(), self.profile.salt_len());
        let mut material = vec![0; 2 * (key_len + salt_len)];
        let exported = stream
            .ssl()
            .export_keying_material(&mut material, EXPORT_LABEL, None);
        exported.map_err(|_| FAILED)?;
        // Client's key, server's key, client's salt, server's salt.
        let (keys, salts) = material.split_at(2 * key_len);
        let (our_key, their_key) = keys.split_at(key_len);
        let (our_salt, their_salt) = salts.split_at(salt_len);
        let setup = |key: &[u8], salt: &[u8]| MasterKey {
            key: key.to_vec(),
            salt: salt.to_vec(),
        };
        Ok(Keys {
            sends: setup(our_key, our_salt),
            receives: setup(their_key, their_salt),
        })
    }
}

/// What arrived and what is to leave; each read and each write is one datagram.
#[derive(Debug, Default)]
struct Datagrams {
    arrived: VecDeque<Vec<u8>>,
    leaving: Vec<Vec<u8>>,
}

impl Read for Datagrams {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let datagram = self.arrived.pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        let len = datagram.len().min(room.len());
        for (place, byte) in room.iter_mut().zip(&datagram) {
            *place = *byte;
        }
        Ok(len)
    }
}

impl Write for Datagrams {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.leaving.push(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn context(
    certificate: &Certificate,
    profile: Profile,
) -> Result<SslContext, openssl::error::ErrorStack> {
    let mut builder = SslContext::builder(SslMethod::dtls_client())?;
    builder.set_min_proto_version(Some(SslVersion::DTLS1_2))?;
    builder.set_max_proto_version(Some(SslVersion::DTLS1_2))?;
    builder.set_cipher_list(CIPHERS)?;
    builder.set_tlsext_use_srtp(name(profile))?;
    certificate.install(&mut builder)?;
    // Certificates are self-signed: the fingerprint is what is compared (RFC 8827 §6.5).
    builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_QUERY_MTU | SslOptions::NO_TICKET);
    Ok(builder.build())
}

/// As OpenSSL calls them.
fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
        Profile::AeadAes256Gcm => "SRTP_AEAD_AES_256_GCM",
        Profile::Aes128CmSha1_80 => "SRTP_AES128_CM_SHA1_80",
    }
}

const FAILED: &str = "dtls_failed";
/// RFC 5764 §4.2.
const EXPORT_LABEL: &str = "EXTRACTOR-dtls_srtp";
/// What Chromium offers for DTLS 1.2, and RSA for SFUs whose certificate is RSA.
const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
    ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
/// libwebrtc's.
const MTU_BYTES: u32 = 1_200;

#[cfg(test)]
mod tests;
