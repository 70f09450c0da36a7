//! What a participant answers to Janus' offer on the receiving transport: it takes what it knows of every m-line.

use std::fmt::Write as _;
use std::net::SocketAddrV4;

use crate::sdp::UFRAG;
use crate::sdp::answer::{Description, Media};
use crate::sdp::chromium::VIDEO_EXTENSIONS;
use crate::sdp::offer::HOST_PRIORITY;
use crate::setup::Extensions;
use crate::signalling::VideoCodec;

/// What an answer says.
pub struct Answer<'a> {
    /// What it answers.
    pub offer: &'a Description,
    /// Names the session; the same in every answer of a leg.
    pub session: u64,
    /// Rises with each answer of a leg.
    pub version: u32,
    /// Its own ICE password.
    pub password: &'a str,
    /// SHA-256 of its certificate, pairs joined by colons.
    pub fingerprint: &'a str,
    /// Where it is, as its one candidate says.
    pub address: SocketAddrV4,
    /// The format it takes pictures in.
    pub codec: VideoCodec,
}

impl Answer<'_> {
    /// Writes it.
    #[must_use]
    pub fn write(&self) -> String {
        let media = &self.offer.media;
        let mids: Vec<&str> = media.iter().map(|one| one.mid.as_str()).collect();
        let mut lines = vec![
            "v=0".into(),
            format!("o=- {} {} IN IP4 127.0.0.1", self.session, self.version),
            "s=-".into(),
            "t=0 0".into(),
            format!("a=group:BUNDLE {}", mids.join(" ")),
        ];
        for one in media {
            self.media(&mut lines, one);
        }
        lines.iter().fold(String::new(), |mut out, line| {
            // Writing to a string does not fail.
            let _ = write!(out, "{line}\r\n");
            out
        })
    }

    fn media(&self, lines: &mut Vec<String>, media: &Media) {
        let (kind, sound) = (&media.kind, media.kind == "audio");
        let (name, parameters) = if sound {
            ("opus", &[][..])
        } else {
            self.codec.in_sdp()
        };
        let Some((number, rtx)) = media.codec(name, parameters) else {
            lines.push(format!("m={kind} 0 UDP/TLS/RTP/SAVPF 0"));
            lines.push(format!("a=mid:{}", media.mid));
            return;
        };
        let retransmissions = rtx.map(|rtx| format!(" {rtx}")).unwrap_or_default();
        lines.push(format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {number}{retransmissions}"
        ));
        lines.push("c=IN IP4 0.0.0.0".into());
        lines.push(format!("a=mid:{}", media.mid));
        let (ip, port) = (self.address.ip(), self.address.port());
        lines.push(format!(
            "a=candidate:1 1 udp {HOST_PRIORITY} {ip} {port} typ host"
        ));
        lines.push(format!("a=ice-ufrag:{UFRAG}"));
        lines.push(format!("a=ice-pwd:{}", self.password));
        lines.push(format!("a=fingerprint:sha-256 {}", self.fingerprint));
        lines
            .extend(["a=setup:active", "a=recvonly", "a=rtcp-mux", "a=rtcp-rsize"].map(Into::into));
        for (id, uri) in &media.extensions {
            if uri == AUDIO_LEVEL || VIDEO_EXTENSIONS.iter().any(|(_, known)| known == uri) {
                lines.push(format!("a=extmap:{id} {uri}"));
            }
        }
        if sound {
            lines.push(format!("a=rtpmap:{number} opus/48000/2"));
            lines.push(format!("a=fmtp:{number} minptime=10;useinbandfec=1"));
            lines.push(format!("a=rtcp-fb:{number} transport-cc"));
            return;
        }
        lines.push(format!(
            "a=rtpmap:{number} {}/90000",
            name.to_ascii_uppercase()
        ));
        for feedback in ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"] {
            lines.push(format!("a=rtcp-fb:{number} {feedback}"));
        }
        if !parameters.is_empty() {
            lines.push(format!("a=fmtp:{number} {}", parameters.join(";")));
        }
        if let Some(rtx) = rtx {
            lines.push(format!("a=rtpmap:{rtx} rtx/90000"));
            lines.push(format!("a=fmtp:{rtx} apt={number}"));
        }
    }
}

/// The ids under which a description has the extensions that are used here; 0 for those it has not.
pub fn extensions(description: &Description) -> Extensions {
    let id = |uri: &str| {
        let mut all = description.media.iter().flat_map(|media| &media.extensions);
        all.find(|(_, found)| found == uri).map_or(0, |(id, _)| *id)
    };
    Extensions {
        audio_level: id(AUDIO_LEVEL),
        abs_send_time: id("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
        transport_sequence: id(
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        ),
        mid: id("urn:ietf:params:rtp-hdrext:sdes:mid"),
        rid: 0,
        repaired_rid: 0,
    }
}

const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
