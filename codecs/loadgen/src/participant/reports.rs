//! RTCP of a participant: what it tells the relay, and what the relay tells it.

use wire::rtcp::{Rtcp, RtcpPacket, write_sdes_cname, write_sender_report};

use super::burst::Burst;
use super::{Feedback, Participant};

impl Participant {
    /// Reports on both lines and on what is received, as a compound (RFC 3550 §6.1).
    pub fn report(&mut self, now_ns: u64, ntp: u64, burst: &mut Burst) {
        let blocks = self.reception.blocks(now_ns);
        let (audio, video) = (
            self.microphone.line.sender_info(ntp),
            self.camera.line.sender_info(ntp),
        );
        let outbound = &mut self.transport.outbound;
        burst.push(self.remote, |out| {
            let mut len = write_sender_report(out, &audio, &blocks)?;
            len += write_sender_report(out.get_mut(len..)?, &video, &[])?;
            len += write_sdes_cname(out.get_mut(len..)?, audio.ssrc, CNAME)?;
            outbound.protect_rtcp(out, len).ok()
        });
    }

    /// Tells when packets arrived since the last time (transport-wide feedback, reduced size).
    pub fn tell_arrivals(&mut self, burst: &mut Burst) {
        let Some(media_ssrc) = self.video_ssrc_received else {
            return;
        };
        let (arrivals, outbound) = (&mut self.arrivals, &mut self.transport.outbound);
        let sender_ssrc = self.camera.line.ssrc();
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
                RtcpPacket::Pli(pli) if pli.media_ssrc == self.camera.line.ssrc() => {
                    self.camera.key_frame_wanted = true;
                    feedback.plis += 1;
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

const CNAME: &[u8] = b"load";
/// Room for tag and index below the longest datagram.
const LONGEST_RTCP_BYTES: usize = 1_200;
