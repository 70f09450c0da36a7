//! RTCP of a participant: what it tells the relay, and what the relay tells it.

use wire::rtcp::{Rtcp, RtcpPacket, write_receiver_report, write_sdes_cname, write_sender_report};

use super::burst::Burst;
use super::{Feedback, Participant};

impl Participant {
    /// Reports on each line and on what is received, as a compound (RFC 3550 §6.1).
    pub fn report(&mut self, now_ns: u64, ntp: u64, burst: &mut Burst) {
        let blocks = self.reception.blocks(now_ns);
        let sound = self.microphone.as_ref().map(|one| &one.line);
        let picture = self.camera.as_ref().map(|one| &one.line);
        let sent: Vec<_> = [sound, picture]
            .into_iter()
            .flatten()
            .map(|line| line.sender_info(ntp))
            .collect();
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
        let sound = self.microphone.as_ref().map(|one| one.line.ssrc());
        sound.unwrap_or(RECEIVER_SSRC)
    }

    /// Tells when packets arrived since the last time (transport-wide feedback, reduced size).
    pub fn tell_arrivals(&mut self, burst: &mut Burst) {
        let Some(media_ssrc) = self.video_ssrc_received else {
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

    pub(super) fn receive_rtcp(&mut self, now_ns: u64, datagram: &mut [u8]) -> Option<Feedback> {
        let len = self.inbound.unprotect_rtcp(datagram).ok()?;
        let mut feedback = Feedback::default();
        for packet in Rtcp::packets_untrusted(datagram.get(..len)?) {
            match packet.ok()? {
                RtcpPacket::Pli(pli) => {
                    let asked = self.camera.as_mut();
                    if let Some(camera) = asked.filter(|one| one.line.ssrc() == pli.media_ssrc) {
                        camera.key_frame_wanted = true;
                        feedback.plis += 1;
                    }
                }
                RtcpPacket::Nack(nack) => feedback.nacks += nack.sequences().count() as u32,
                RtcpPacket::TransportFeedback(_) => feedback.transport_feedbacks += 1,
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
