//! RTCP of a participant: what it tells the relay, and what the relay tells it.

use wire::rtcp::{
    Nack, Rtcp, RtcpPacket, write_nack, write_pli, write_receiver_report, write_sdes_cname,
    write_sender_report,
};

use super::burst::Burst;
use super::line::Line;
use super::{Feedback, Participant};

impl Participant {
    /// Reports on each line and on what is received, as a compound (RFC 3550 §6.1).
    pub fn report(&mut self, now_ns: u64, ntp: u64, burst: &mut Burst) {
        let blocks = self.reception.blocks(now_ns);
        let sent: Vec<_> = self.lines().map(|line| line.sender_info(ntp)).collect();
        let sender_ssrc = self.sender_ssrc();
        let outbound = &mut self.transport.outbound;
        burst.push(self.remote, |out| {
            let mut len = 0;
            // What is received is told once, in the first report.
            let mut blocks = &blocks[..];
            for line in &sent {
                len += write_sender_report(out.get_mut(len..)?, line, std::mem::take(&mut blocks))?;
            }
            if sent.is_empty() {
                len += write_receiver_report(out, sender_ssrc, blocks)?;
            }
            len += write_sdes_cname(out.get_mut(len..)?, sender_ssrc, CNAME)?;
            outbound.protect_rtcp(out, len).ok()
        });
    }

    /// Whose feedback it is: a line's of its own, or 1, as libwebrtc says who only receives.
    fn sender_ssrc(&self) -> u32 {
        self.lines().next().map_or(RECEIVER_SSRC, Line::ssrc)
    }

    /// Tells when packets arrived since the last time (transport-wide feedback, reduced size).
    pub fn tell_arrivals(&mut self, burst: &mut Burst) {
        let Some(media_ssrc) = self.watched.first().map(|one| one.picture.ssrc) else {
            return;
        };
        let sender_ssrc = self.sender_ssrc();
        let (arrivals, outbound) = (&mut self.arrivals, &mut self.transport.outbound);
        burst.push(self.remote, |out| {
            let room = out.get_mut(..LONGEST_RTCP_BYTES)?;
            let len = arrivals.write_feedback(room, sender_ssrc, media_ssrc)?;
            outbound.protect_rtcp(out, len).ok()
        });
    }

    /// Whether there is something to ask for at once.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Asks for what is missing of others' pictures (RFC 4585 §6.2.1), or for a key frame (§6.3.1).
    pub fn ask(&mut self, now_ns: u64, burst: &mut Burst) -> Feedback {
        self.asks = false;
        let mut told = Feedback::default();
        if !self.has_manners() || self.received.rtx.is_none() {
            return told;
        }
        let sender_ssrc = self.sender_ssrc();
        let mut missing = Vec::new();
        for watched in &mut self.watched {
            let (picture, outbound) = (&mut watched.picture, &mut self.transport.outbound);
            let ssrc = picture.ssrc;
            picture.ask(now_ns, &mut missing);
            if !missing.is_empty() {
                told.nacks_sent += missing.len() as u32;
                burst.push(self.remote, |out| {
                    let room = out.get_mut(..LONGEST_RTCP_BYTES)?;
                    let len = write_nack(room, sender_ssrc, ssrc, &missing)?;
                    outbound.protect_rtcp(out, len).ok()
                });
            }
            if picture.asks_for_key_frame(now_ns) {
                told.plis_sent += 1;
                burst.push(self.remote, |out| {
                    let len = write_pli(out, sender_ssrc, ssrc)?;
                    outbound.protect_rtcp(out, len).ok()
                });
            }
        }
        told
    }

    /// Sends again what the relay misses, in the order it asks (RFC 4588).
    fn repair(&mut self, now_ns: u64, nack: &Nack<'_>, burst: &mut Burst) -> u32 {
        let (remote, camera) = (self.remote, &mut self.camera);
        let encodings = camera.iter_mut().flat_map(|one| &mut one.encodings);
        let Some(asked) = encodings
            .into_iter()
            .find(|one| one.line.ssrc() == nack.media_ssrc)
        else {
            return 0;
        };
        let transport = &mut self.transport;
        let sent = nack.sequences().filter(|sequence| {
            let write = |out: &mut [u8]| asked.line.write_again(transport, *sequence, now_ns, out);
            burst.push(remote, write).is_some()
        });
        sent.count() as u32
    }

    pub(super) fn receive_rtcp(
        &mut self,
        now_ns: u64,
        datagram: &mut [u8],
        burst: &mut Burst,
    ) -> Option<Feedback> {
        let len = self.inbound.unprotect_rtcp(datagram).ok()?;
        let mut feedback = Feedback::default();
        for packet in Rtcp::packets_untrusted(datagram.get(..len)?) {
            match packet.ok()? {
                RtcpPacket::Pli(pli) => {
                    if let Some(encoding) = self.encoding(pli.media_ssrc) {
                        encoding.key_frame_wanted = true;
                        feedback.plis += 1;
                    }
                }
                RtcpPacket::Nack(nack) => {
                    feedback.nacks += nack.sequences().count() as u32;
                    feedback.rtx_sent += self.repair(now_ns, &nack, burst);
                }
                RtcpPacket::TransportFeedback(_) => feedback.transport_feedbacks += 1,
                RtcpPacket::Remb(remb) => {
                    feedback.rembs += 1;
                    if let Some(camera) = &mut self.camera {
                        camera.cap(remb.bitrate_bps);
                    }
                }
                RtcpPacket::SenderReport(report) => {
                    self.reception
                        .record_report(report.info.ssrc, report.info.ntp, now_ns);
                    feedback.sender_reports += 1;
                }
                _ => {}
            }
        }
        Some(feedback)
    }
}

const RECEIVER_SSRC: u32 = 1;
const CNAME: &[u8] = b"load";
/// Room for tag and index below the longest datagram.
const LONGEST_RTCP_BYTES: usize = 1_200;
