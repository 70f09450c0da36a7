//! Python's ints, bytes and strings as what the engine takes; whatever cannot be one is a `ValueError`.

use std::net::{IpAddr, SocketAddr};

use forward::command::{CodecBinding, Command, Keys};
use forward::srtp::Profile;
use forward::{Credentials, SlotId};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use wire::extensions::{ExtensionKind, ExtensionMap, SmallToken};
use wire::payload::{Codec, Kind};

/// `(payload type, codec name, rtx payload type or -1)`
pub type CodecRow = (u8, String, i16);

/// A worker's sockets.
pub fn socket_addresses(pairs: Vec<(String, u16)>) -> PyResult<Vec<SocketAddr>> {
    bounded(
        (1..=MAX_SOCKETS).contains(&pairs.len()),
        "a worker has 1 to 16 sockets",
    )?;
    let address = |(ip, port): (String, u16)| {
        let ip: IpAddr = ip
            .parse()
            .map_err(|_| PyValueError::new_err("a listen address is an IP address"))?;
        Ok(SocketAddr::from((ip, port)))
    };
    pairs.into_iter().map(address).collect()
}

/// Master keys and salts, checked against their profile.
pub fn keys(
    profile_iana: u16,
    [inbound_key, inbound_salt, outbound_key, outbound_salt]: [Vec<u8>; 4],
) -> PyResult<Box<Keys>> {
    let profile = profile(profile_iana)?;
    for key in [&inbound_key, &outbound_key] {
        bounded(
            key.len() == profile.key_len(),
            "a key is not of its profile's length",
        )?;
    }
    for salt in [&inbound_salt, &outbound_salt] {
        bounded(
            salt.len() == profile.salt_len(),
            "a salt is not of its profile's length",
        )?;
    }
    Ok(Box::new(Keys {
        profile,
        inbound_key,
        inbound_salt,
        outbound_key,
        outbound_salt,
    }))
}

/// A protection profile by its registered number.
pub fn profile(iana: u16) -> PyResult<Profile> {
    Profile::from_iana(iana).ok_or_else(|| PyValueError::new_err("unknown protection profile"))
}

/// The extensions among `ids` that the relay knows; the others are never read nor written.
pub fn extensions(ids: Vec<(u8, String)>) -> PyResult<ExtensionMap> {
    let mut map = ExtensionMap::new();
    for (id, uri) in ids {
        bounded(
            (1..=14).contains(&id),
            "an extension id is not within 1..14",
        )?;
        if let Some(kind) = ExtensionKind::from_uri(&uri) {
            let bound = map.set(kind, id);
            bounded(
                bound.is_ok(),
                "two extensions share an id, or two ids an extension",
            )?;
        }
    }
    Ok(map)
}

/// ICE credentials within the lengths RFC 8839 §5.4 gives them.
pub fn credentials(ufrag: Vec<u8>, password: Vec<u8>) -> PyResult<Credentials> {
    bounded(
        (4..=256).contains(&ufrag.len()),
        "a ufrag is 4 to 256 bytes",
    )?;
    bounded(
        (22..=256).contains(&password.len()),
        "an ICE password is 22 to 256 bytes",
    )?;
    Ok(Credentials { ufrag, password })
}

/// A DTLS record that fits a datagram.
pub fn check_record(datagram: &[u8]) -> PyResult<()> {
    bounded(
        (1..=1_500).contains(&datagram.len()),
        "a DTLS datagram is 1 to 1,500 bytes",
    )
}

/// The payload types of one m-line; `red` is a second one of its Opus.
pub fn codecs(rows: Vec<CodecRow>) -> PyResult<Vec<CodecBinding>> {
    bounded(
        (1..=MAX_CODECS).contains(&rows.len()),
        "an m-line has 1 to 32 payload types with a codec",
    )?;
    let (redundant, plain): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|(_, name, _)| name.eq_ignore_ascii_case(REDUNDANT));
    let mut bindings = plain
        .into_iter()
        .map(codec_binding)
        .collect::<PyResult<Vec<_>>>()?;
    for (payload_type, ..) in redundant {
        bounded(payload_type <= 127, "a payload type is 0 to 127")?;
        let mut of_sound = bindings
            .iter_mut()
            .filter(|binding| binding.codec == Codec::Opus);
        let opus = of_sound
            .next()
            .filter(|opus| opus.red_payload_type.is_none())
            .ok_or_else(|| PyValueError::new_err("an m-line has one red, beside its opus"))?;
        opus.red_payload_type = Some(payload_type);
    }
    Ok(bindings)
}

fn codec_binding((payload_type, name, rtx): CodecRow) -> PyResult<CodecBinding> {
    let codec = Codec::ALL
        .into_iter()
        .find(|codec| codec.name().eq_ignore_ascii_case(&name));
    let codec = codec.ok_or_else(|| PyValueError::new_err("unknown codec"))?;
    bounded(payload_type <= 127, "a payload type is 0 to 127")?;
    bounded(
        (-1..=127).contains(&rtx),
        "an rtx payload type is 0 to 127, or -1 for none",
    )?;
    Ok(CodecBinding {
        payload_type,
        codec,
        rtx_payload_type: u8::try_from(rtx).ok(),
        red_payload_type: None,
    })
}

/// The kind that all of an m-line's codecs are of.
pub fn kind_of(codecs: &[CodecBinding]) -> PyResult<Kind> {
    let mut kinds = codecs.iter().map(|binding| binding.codec.kind());
    let kind = kinds
        .next()
        .ok_or_else(|| PyValueError::new_err("an m-line without a codec"))?;
    bounded(
        kinds.all(|other| other == kind),
        "an m-line's codecs are all audio or all video",
    )?;
    Ok(kind)
}

/// A kind by its name in SDP.
pub fn kind(name: &str) -> PyResult<Kind> {
    match name {
        "audio" => Ok(Kind::Audio),
        "video" => Ok(Kind::Video),
        _ => Err(PyValueError::new_err("a kind is audio or video")),
    }
}

/// A mid or rid, as long as packets can carry it.
pub fn token(value: &[u8]) -> PyResult<SmallToken> {
    SmallToken::parse_untrusted(value)
        .map_err(|_| PyValueError::new_err("a mid or rid is 1 to 16 letters, digits, - or _"))
}

/// Simulcast encodings in falling quality.
pub fn rids(values: Vec<Vec<u8>>) -> PyResult<Vec<SmallToken>> {
    bounded(
        values.len() <= MAX_ENCODINGS,
        "a track has at most 3 encodings",
    )?;
    values.into_iter().map(|value| token(&value)).collect()
}

/// Signalled `(ssrc, rtx ssrc or 0)` pairs.
pub fn ssrcs(pairs: Vec<(u32, u32)>) -> PyResult<Vec<(u32, Option<u32>)>> {
    bounded(
        pairs.len() <= MAX_ENCODINGS,
        "a track has at most 3 SSRCs beside those of its retransmissions",
    )?;
    Ok(pairs
        .into_iter()
        .map(|(ssrc, rtx)| (ssrc, or_none(rtx)))
        .collect())
}

/// An SSRC or a track id, where 0 is none.
pub fn or_none(value: u32) -> Option<u32> {
    Some(value).filter(|value| *value != 0)
}

/// What a slot shall carry, each where -1 is no choice.
pub fn chosen_layers(slot: u32, encoding: i16, spatial: i16, temporal: i16) -> PyResult<Command> {
    Ok(Command::SetLayer {
        slot: SlotId(slot),
        encoding: layer(encoding)?,
        spatial: layer(spatial)?,
        temporal: layer(temporal)?,
    })
}

fn layer(value: i16) -> PyResult<Option<u8>> {
    bounded(
        (-1..=7).contains(&value),
        "a layer is 0 to 7, or -1 for no choice",
    )?;
    Ok(u8::try_from(value).ok())
}

/// How many earlier frames a packet carries.
pub fn distance(value: i16) -> PyResult<u8> {
    let distance = u8::try_from(value).ok().filter(|distance| *distance <= 2);
    distance.ok_or_else(|| PyValueError::new_err("a distance is 0 to 2"))
}

fn bounded(holds: bool, words: &'static str) -> PyResult<()> {
    if holds {
        Ok(())
    } else {
        Err(PyValueError::new_err(words))
    }
}

/// RFC 2198 §5: the name of frames with earlier ones before them, which are the codec's all the same.
const REDUNDANT: &str = "red";
/// An offer of every codec in every profile stays below; more is not an m-line a browser writes.
const MAX_CODECS: usize = 32;
/// The vocabulary: a track has one to three encodings.
const MAX_ENCODINGS: usize = 3;
/// `[media] listen` holds at most 16 addresses.
const MAX_SOCKETS: usize = 16;
