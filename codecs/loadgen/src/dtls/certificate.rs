//! The certificate of a run's participants: ECDSA P-256, self-signed, as browsers draw one.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::SslContextBuilder;
use openssl::x509::{X509, X509Builder, X509NameBuilder};

/// A key and its certificate; one for a whole run, for a browser keeps its own for a month, too.
pub struct Certificate {
    key: PKey<Private>,
    x509: X509,
    fingerprint: String,
}

impl Certificate {
    /// Draws a key and signs a certificate with it.
    pub(super) fn generate() -> Result<Self, ErrorStack> {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&curve)?)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_nid(Nid::COMMONNAME, "load")?;
        let name = name.build();
        let mut serial = BigNum::new()?;
        serial.rand(64, MsbOption::MAYBE_ZERO, false)?;
        let serial = serial.to_asn1_integer()?;
        let mut builder: X509Builder = X509::builder()?;
        builder.set_version(2)?;
        builder.set_serial_number(&serial)?;
        builder.set_subject_name(&name)?;
        builder.set_issuer_name(&name)?;
        builder.set_pubkey(&key)?;
        let (from, to) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(30)?);
        builder.set_not_before(&from)?;
        builder.set_not_after(&to)?;
        builder.sign(&key, MessageDigest::sha256())?;
        let x509 = builder.build();
        let digest = x509.digest(MessageDigest::sha256())?;
        let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        Ok(Self {
            key,
            x509,
            fingerprint: pairs.join(":"),
        })
    }

    /// SHA-256, pairs joined by colons.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) fn install(&self, builder: &mut SslContextBuilder) -> Result<(), ErrorStack> {
        builder.set_certificate(&self.x509)?;
        builder.set_private_key(&self.key)
    }
}
