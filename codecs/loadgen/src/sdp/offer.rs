//! A participant's offer: its microphone, its camera and the places for what it receives.
//!
//! The lines are Chromium's (`tests/captures/sdp_chromium_sdk.sdp`), so that whoever answers has a browser's work
//! with them. What a browser adds and nobody here uses is left out: the data channel, and candidates other than
//! the socket's own (ICE-lite ends ignore all of them).

use std::fmt::Write as _;
use std::net::SocketAddrV4;

use super::chromium::{self, VideoCodec};
use super::{UFRAG, chromium::AUDIO};

/// What an offer says.
pub struct Offer<'a> {
    /// Names the session; the same in every offer of a leg.
    pub session: u64,
    /// Rises with each offer of a leg.
    pub version: u32,
    /// Its own ICE password.
    pub password: &'a str,
    /// SHA-256 of its certificate, pairs joined by colons.
    pub fingerprint: &'a str,
    /// Where it is; zero until a socket is there (ICE-lite ends learn it from the checks).
    pub address: SocketAddrV4,
    /// Source of its sound.
    pub audio_ssrc: u32,
    /// Source of its picture, and of its retransmissions.
    pub video_ssrcs: (u32, u32),
    /// Whether the camera sends three encodings, told apart by rids, not by SSRCs.
    pub simulcast: bool,
    /// Receiving m-lines behind the two sending ones, in their order: whether each is sound.
    pub slots: &'a [bool],
}

/// The m-lines on which everybody sends.
pub const AUDIO_MID: &str = "0";
/// The m-lines on which everybody sends.
pub const VIDEO_MID: &str = "1";

impl Offer<'_> {
    /// Writes it.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(TYPICAL_BYTES);
        let mids: Vec<String> = (0..self.slots.len() + 2)
            .map(|mid| mid.to_string())
            .collect();
        self.line(&mut out, "v=0");
        let (session, version) = (self.session, self.version);
        self.line(
            &mut out,
            format_args!("o=- {session} {version} IN IP4 127.0.0.1"),
        );
        for line in ["s=-", "t=0 0"] {
            self.line(&mut out, line);
        }
        self.line(&mut out, format_args!("a=group:BUNDLE {}", mids.join(" ")));
        self.line(&mut out, "a=extmap-allow-mixed");
        self.line(&mut out, "a=msid-semantic: WMS");
        self.audio(&mut out, AUDIO_MID, true);
        self.video(&mut out, VIDEO_MID, true);
        for (mid, sound) in mids.iter().skip(2).zip(self.slots) {
            if *sound {
                self.audio(&mut out, mid, false);
            } else {
                self.video(&mut out, mid, false);
            }
        }
        out
    }

    fn audio(&self, out: &mut String, mid: &str, sends: bool) {
        let formats = AUDIO.iter().map(|(payload_type, ..)| *payload_type);
        self.head(
            out,
            "audio",
            formats,
            mid,
            chromium::AUDIO_EXTENSIONS,
            sends,
        );
        for (payload_type, name, parameters) in AUDIO {
            self.line(out, format_args!("a=rtpmap:{payload_type} {name}"));
            if name.starts_with("opus") {
                self.line(out, format_args!("a=rtcp-fb:{payload_type} transport-cc"));
            }
            self.parameters(out, *payload_type, parameters);
        }
        if sends {
            self.source(out, self.audio_ssrc, mid);
        }
    }

    fn video(&self, out: &mut String, mid: &str, sends: bool) {
        let codecs = if sends {
            chromium::SENT
        } else {
            chromium::RECEIVED
        };
        let formats = codecs.iter().flat_map(|codec| {
            let rtx = Some(codec.rtx_payload_type).filter(|number| *number != 0);
            [Some(codec.payload_type), rtx].into_iter().flatten()
        });
        self.head(
            out,
            "video",
            formats,
            mid,
            chromium::VIDEO_EXTENSIONS,
            sends,
        );
        for codec in codecs {
            self.codec(out, codec);
        }
        if !sends {
            return;
        }
        if self.simulcast {
            for rid in RIDS {
                self.line(out, format_args!("a=rid:{rid} send"));
            }
            self.line(out, format_args!("a=simulcast:send {}", RIDS.join(";")));
        } else {
            let (ssrc, rtx) = self.video_ssrcs;
            self.line(out, format_args!("a=ssrc-group:FID {ssrc} {rtx}"));
            self.source(out, ssrc, mid);
            self.source(out, rtx, mid);
        }
    }

    fn head(
        &self,
        out: &mut String,
        kind: &str,
        formats: impl Iterator<Item = u8>,
        mid: &str,
        extensions: &[(u8, &str)],
        sends: bool,
    ) {
        let _ = write!(
            out,
            "m={kind} {} UDP/TLS/RTP/SAVPF",
            self.address.port().max(9)
        );
        for format in formats {
            let _ = write!(out, " {format}");
        }
        let (ip, port) = (self.address.ip(), self.address.port());
        self.line(out, format_args!("\r\nc=IN IP4 {ip}"));
        self.line(out, "a=rtcp:9 IN IP4 0.0.0.0");
        if port != 0 {
            let priority = HOST_PRIORITY;
            self.line(
                out,
                format_args!(
                    "a=candidate:1 1 udp {priority} {ip} {port} typ host generation 0 network-id 1"
                ),
            );
        }
        self.line(out, format_args!("a=ice-ufrag:{UFRAG}"));
        self.line(out, format_args!("a=ice-pwd:{}", self.password));
        self.line(out, "a=ice-options:trickle");
        self.line(
            out,
            format_args!("a=fingerprint:sha-256 {}", self.fingerprint),
        );
        self.line(out, "a=setup:actpass");
        self.line(out, format_args!("a=mid:{mid}"));
        for (id, uri) in extensions {
            self.line(out, format_args!("a=extmap:{id} {uri}"));
        }
        self.line(out, if sends { "a=sendonly" } else { "a=recvonly" });
        if sends {
            self.line(out, format_args!("a=msid:- {}", self.track(mid)));
        }
        for line in ["a=rtcp-mux", "a=rtcp-rsize", "a=rtcp-xr:rcvr-rtt=all"] {
            self.line(out, line);
        }
    }

    fn codec(&self, out: &mut String, codec: &VideoCodec) {
        let number = codec.payload_type;
        self.line(out, format_args!("a=rtpmap:{number} {}/90000", codec.name));
        let feedback: &[&str] = match codec.name {
            "red" | "ulpfec" => &[],
            "flexfec-03" => &["goog-remb", "transport-cc"],
            _ => &["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"],
        };
        for kind in feedback {
            self.line(out, format_args!("a=rtcp-fb:{number} {kind}"));
        }
        self.parameters(out, number, codec.parameters);
        let rtx = codec.rtx_payload_type;
        if rtx != 0 {
            self.line(out, format_args!("a=rtpmap:{rtx} rtx/90000"));
            self.line(out, format_args!("a=fmtp:{rtx} apt={number}"));
        }
    }

    fn parameters(&self, out: &mut String, payload_type: u8, parameters: &str) {
        if !parameters.is_empty() {
            self.line(out, format_args!("a=fmtp:{payload_type} {parameters}"));
        }
    }

    fn source(&self, out: &mut String, ssrc: u32, mid: &str) {
        self.line(out, format_args!("a=ssrc:{ssrc} cname:load"));
        self.line(
            out,
            format_args!("a=ssrc:{ssrc} msid:- {}", self.track(mid)),
        );
    }

    /// As long as the identifiers that browsers draw.
    fn track(&self, mid: &str) -> String {
        format!("{:08x}-0000-4000-8000-{mid:0>12}", self.session as u32)
    }

    #[expect(
        clippy::unused_self,
        reason = "reads as the other parts of an offer do"
    )]
    fn line(&self, out: &mut String, line: impl std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(out, "{line}\r\n");
    }
}

/// Encodings of a camera, the largest first, as the browser SDK names them.
pub const RIDS: [&str; 3] = ["h", "m", "l"];
/// RFC 8445 §5.1.2.1: type preference 126, local preference 65,535, component 1.
pub const HOST_PRIORITY: u32 = 126 << 24 | 65_535 << 8 | 255;
const TYPICAL_BYTES: usize = 24 * 1_024;

#[cfg(test)]
mod tests;
