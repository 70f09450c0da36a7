//! What a participant has to know of an answer, or of an offer it answers.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::hex;

/// A description of the other end's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    /// Its ICE user fragment.
    pub ufrag: String,
    /// Its ICE password.
    pub password: String,
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// Its part in the DTLS handshake.
    pub setup: Setup,
    /// Where it is: its first address of IPv4 and UDP, one on loopback before others.
    pub address: SocketAddrV4,
    /// Its m-lines.
    pub media: Vec<Media>,
}

/// Who begins the DTLS handshake (RFC 4145 §4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Setup {
    /// It begins.
    Active,
    /// It waits.
    Passive,
    /// As the other likes.
    ActPass,
}

/// One m-line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Media {
    /// Its name.
    pub mid: String,
    /// `audio`, `video` or `application`.
    pub kind: String,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Formats: number, name in lower case, parameters.
    pub formats: Vec<Format>,
    /// Header extensions: id and URI.
    pub extensions: Vec<(u8, String)>,
}

/// One format of an m-line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Format {
    /// Its number in packets.
    pub payload_type: u8,
    /// As `a=rtpmap` names it, in lower case, without clock and channels.
    pub name: String,
    /// As `a=fmtp` has them; empty where there are none.
    pub parameters: String,
}

/// What is missing or wrong in a description.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// It is longer, or has more m-lines, than anybody's.
    TooLarge,
    /// A line says what it cannot say.
    Line,
    /// No ICE credentials.
    Credentials,
    /// No SHA-256 of a certificate.
    Fingerprint,
    /// Nothing says who begins the handshake.
    Setup,
    /// No address of IPv4 and UDP.
    Address,
}

impl Description {
    /// Reads a description; what it says of its transport may stand before or in any m-line.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn parse_untrusted(sdp: &str) -> Result<Self, Malformed> {
        if sdp.len() > LONGEST_BYTES {
            return Err(Malformed::TooLarge);
        }
        let mut found = Found::default();
        let mut media: Vec<Media> = Vec::new();
        for line in sdp.lines().map(str::trim_end) {
            if let Some(value) = line.strip_prefix("m=") {
                if media.len() == MOST_MEDIA {
                    return Err(Malformed::TooLarge);
                }
                media.push(Media::parse_untrusted(value)?);
            } else if let Some(value) = line.strip_prefix("a=") {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                found.take(name, value)?;
                if let Some(last) = media.last_mut() {
                    last.take(name, value)?;
                }
            }
        }
        let (ufrag, password) = found.credentials().ok_or(Malformed::Credentials)?;
        Ok(Self {
            ufrag,
            password,
            fingerprint: found.fingerprint.ok_or(Malformed::Fingerprint)?,
            setup: found.setup.ok_or(Malformed::Setup)?,
            address: found.address.ok_or(Malformed::Address)?,
            media,
        })
    }

    /// An m-line by its name.
    #[must_use]
    pub fn of_mid(&self, mid: &str) -> Option<&Media> {
        self.media.iter().find(|media| media.mid == mid)
    }
}

impl Media {
    fn parse_untrusted(value: &str) -> Result<Self, Malformed> {
        let mut words = value.split(' ');
        let (Some(kind), Some(port)) = (words.next(), words.next()) else {
            return Err(Malformed::Line);
        };
        let port: u16 = port.parse().map_err(|_| Malformed::Line)?;
        Ok(Self {
            kind: kind.into(),
            accepted: port != 0,
            ..Self::default()
        })
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Malformed> {
        match name {
            "mid" => value.clone_into(&mut self.mid),
            "rtpmap" => {
                let (payload_type, rest) = numbered(value)?;
                let name = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
                self.formats.push(Format {
                    payload_type,
                    name,
                    parameters: String::new(),
                });
            }
            "fmtp" => {
                let (payload_type, rest) = numbered(value)?;
                let mut formats = self.formats.iter_mut();
                if let Some(format) = formats.find(|each| each.payload_type == payload_type) {
                    rest.clone_into(&mut format.parameters);
                }
            }
            "extmap" => {
                let (id, uri) = value.split_once(' ').ok_or(Malformed::Line)?;
                let id = id.split('/').next().unwrap_or(id);
                let id = id.parse().map_err(|_| Malformed::Line)?;
                self.extensions.push((id, uri.into()));
            }
            _ => {}
        }
        Ok(())
    }

    /// The id of a header extension.
    #[must_use]
    pub fn extension(&self, uri: &str) -> Option<u8> {
        let found = self.extensions.iter().find(|(_, each)| each == uri);
        found.map(|(id, _)| *id)
    }

    /// The number of a codec and, if it has one, of its retransmissions.
    #[must_use]
    pub fn codec(&self, name: &str, parameters: &[&str]) -> Option<(u8, Option<u8>)> {
        let wanted = |format: &&Format| {
            let has = |one: &str| format.parameters.split(';').any(|each| each.trim() == one);
            format.name == name && parameters.iter().all(|one| has(one))
        };
        let payload_type = self.formats.iter().find(wanted)?.payload_type;
        let apt = format!("apt={payload_type}");
        let repairs = |format: &&Format| format.name == "rtx" && format.parameters == apt;
        let rtx = self.formats.iter().find(repairs);
        Some((payload_type, rtx.map(|format| format.payload_type)))
    }
}

/// What all m-lines of a bundle share; the first that says it counts.
#[derive(Default)]
struct Found {
    ufrag: Option<String>,
    password: Option<String>,
    fingerprint: Option<[u8; 32]>,
    setup: Option<Setup>,
    address: Option<SocketAddrV4>,
}

impl Found {
    fn take(&mut self, name: &str, value: &str) -> Result<(), Malformed> {
        match name {
            "ice-ufrag" => keep(&mut self.ufrag, Some(value.into())),
            "ice-pwd" => keep(&mut self.password, Some(value.into())),
            "fingerprint" => keep(&mut self.fingerprint, fingerprint(value)?),
            "setup" => keep(&mut self.setup, setup(value)),
            "candidate" => {
                let address = candidate(value);
                let nearer = |one: &SocketAddrV4| one.ip().is_loopback();
                if !self.address.as_ref().is_some_and(nearer)
                    && address.as_ref().is_some_and(nearer)
                {
                    self.address = address;
                }
                keep(&mut self.address, address);
            }
            _ => {}
        }
        Ok(())
    }

    /// RFC 8839 §5.4: 4 to 256 and 22 to 256 characters of base64's alphabet.
    fn credentials(&self) -> Option<(String, String)> {
        let is_good = |text: &&String, least| {
            let character = |one: u8| one.is_ascii_alphanumeric() || b"+/".contains(&one);
            (least..=256).contains(&text.len()) && text.bytes().all(character)
        };
        let ufrag = self.ufrag.as_ref().filter(|text| is_good(text, 4))?;
        let password = self.password.as_ref().filter(|text| is_good(text, 22))?;
        Some((ufrag.clone(), password.clone()))
    }
}

fn keep<T>(place: &mut Option<T>, value: Option<T>) {
    if place.is_none() {
        *place = value;
    }
}

/// SHA-256 only: `None` is another hash, which the next line may follow (RFC 8122 §5).
fn fingerprint(value: &str) -> Result<Option<[u8; 32]>, Malformed> {
    let (hash, pairs) = value.split_once(' ').ok_or(Malformed::Fingerprint)?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return Ok(None);
    }
    let bytes = hex::decode(&pairs.replace(':', "")).ok_or(Malformed::Fingerprint)?;
    bytes
        .try_into()
        .map(Some)
        .map_err(|_| Malformed::Fingerprint)
}

fn setup(value: &str) -> Option<Setup> {
    match value {
        "active" => Some(Setup::Active),
        "passive" => Some(Setup::Passive),
        "actpass" => Some(Setup::ActPass),
        _ => None,
    }
}

/// RFC 8839 §5.1; `None` is an address we cannot send to, such as a name, TCP or IPv6.
fn candidate(value: &str) -> Option<SocketAddrV4> {
    let words: Vec<&str> = value.split(' ').take(6).collect();
    let [_, component, transport, _, ip, port] = words.as_slice() else {
        return None;
    };
    if *component != "1" || !transport.eq_ignore_ascii_case("udp") {
        return None;
    }
    let (ip, port): (Ipv4Addr, u16) = (ip.parse().ok()?, port.parse().ok()?);
    Some(SocketAddrV4::new(ip, port)).filter(|address| address.port() != 0)
}

fn numbered(value: &str) -> Result<(u8, &str), Malformed> {
    let (number, rest) = value.split_once(' ').ok_or(Malformed::Line)?;
    let number: u8 = number.parse().map_err(|_| Malformed::Line)?;
    if number > 127 {
        return Err(Malformed::Line);
    }
    Ok((number, rest))
}

/// What the relay lets an offer be.
const LONGEST_BYTES: usize = 64 * 1_024;
/// Two that send, and two for each of four others, with room to spare.
const MOST_MEDIA: usize = 64;

#[cfg(test)]
mod tests;
