//! What a participant's RTCP says, and what follows from it. Only of its own SSRCs and ours towards it.

use wire::rtcp::{Bye, ReportBlock, Rtcp, RtcpPacket, SenderInfo};

use crate::control::counters::Counter;
use crate::ingress::admitting::{drop_reason, handle_authentic};
use crate::rtcp::sender_clock::{ClockReference, compact_ntp};
use crate::tracks::key_frames::Need;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey, Tuple};
use crate::worker::now::Now;

impl Worker {
    /// Authenticates a compound and obeys each of its packets.
    ///
    /// Clocks and round trips are reckoned from `arrival_ns`: what waited for this worker tells nothing of them.
    pub(crate) fn handle_rtcp(
        &mut self,
        now: Now,
        arrival_ns: u64,
        tuple: Tuple,
        key: LegKey,
        datagram: &mut [u8],
    ) -> Result<(), Counter> {
        let leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        leg.ice.credit(tuple, datagram.len());
        let srtp = leg.srtp.as_mut().ok_or(Counter::DropNoKeys)?;
        let len = srtp.inbound.unprotect_rtcp(datagram).map_err(drop_reason)?;
        let had_proved = leg.ice.has_proved();
        handle_authentic(leg, tuple, &mut self.output);
        if !had_proved {
            self.want_starts_if_proved(now, key);
        }
        self.output.counters.one(Counter::IngressRtcpPackets);
        let compound = datagram.get(..len).ok_or(Counter::DropRtcpMalformed)?;
        for packet in Rtcp::packets_untrusted(compound) {
            let packet = packet.map_err(|_| Counter::DropRtcpMalformed)?;
            if let Err(reason) = self.handle_rtcp_packet(now, arrival_ns, key, &packet) {
                self.output.counters.one(reason);
            }
        }
        Ok(())
    }

    fn handle_rtcp_packet(
        &mut self,
        now: Now,
        arrival_ns: u64,
        key: LegKey,
        packet: &RtcpPacket<'_>,
    ) -> Result<(), Counter> {
        match packet {
            RtcpPacket::SenderReport(report) => {
                self.handle_sender_report(now, arrival_ns, key, &report.info)?;
                self.handle_report_blocks(now, arrival_ns, key, report.report_blocks());
                Ok(())
            }
            RtcpPacket::ReceiverReport(report) => {
                self.handle_report_blocks(now, arrival_ns, key, report.report_blocks());
                Ok(())
            }
            RtcpPacket::Nack(nack) => self.handle_nack(now, key, nack),
            RtcpPacket::Pli(pli) => {
                self.output.counters.one(Counter::PlisReceived);
                self.handle_key_frame_request(now, key, pli.media_ssrc)
            }
            RtcpPacket::Fir(fir) => {
                self.output.counters.one(Counter::FirsReceived);
                fir.entries()
                    .try_for_each(|entry| self.handle_key_frame_request(now, key, entry.ssrc))
            }
            RtcpPacket::Bye(bye) => self.handle_bye(now, key, bye),
            RtcpPacket::TransportFeedback(feedback) => {
                self.output.counters.one(Counter::TransportFeedbackReceived);
                self.handle_transport_feedback(now, arrival_ns, key, feedback)
            }
            RtcpPacket::Remb(remb) => self.handle_remb(now, key, remb),
            RtcpPacket::SourceDescription(_) | RtcpPacket::Other { .. } => Ok(()),
        }
    }

    fn handle_sender_report(
        &mut self,
        now: Now,
        arrival_ns: u64,
        key: LegKey,
        info: &SenderInfo,
    ) -> Result<(), Counter> {
        let SenderInfo {
            ssrc,
            ntp,
            rtp_timestamp: timestamp,
            ..
        } = *info;
        let leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        let Some(source) = leg.sources.get(ssrc) else {
            // A report without a source is a receiver's, or of an encoding that has sent nothing yet.
            return Ok(());
        };
        leg.clock.learn(ntp, now.ntp_of(arrival_ns));
        let track = self
            .tracks
            .get_mut(source.track)
            .ok_or(Counter::DropRtcpForeignSsrc)?;
        let encoding = track
            .encodings
            .get_mut(usize::from(source.encoding))
            .ok_or(Counter::DropRtcpForeignSsrc)?;
        if encoding.ssrc != Some(ssrc) {
            return Ok(());
        }
        encoding.last_sender_report = Some((compact_ntp(ntp), arrival_ns));
        let first = encoding.clock.is_none_or(|clock| !clock.reported);
        encoding.clock = Some(ClockReference {
            ntp,
            timestamp,
            reported: true,
        });
        if first {
            self.hurry_reports(source.track, now);
        }
        Ok(())
    }

    fn handle_report_blocks(
        &mut self,
        now: Now,
        arrival_ns: u64,
        key: LegKey,
        blocks: impl Iterator<Item = ReportBlock>,
    ) {
        // Each by itself: one about a slot that is gone must not hide the others.
        for block in blocks {
            if let Err(reason) = self.handle_report_block(now, arrival_ns, key, &block) {
                self.output.counters.one(reason);
            }
        }
    }

    fn handle_report_block(
        &mut self,
        now: Now,
        arrival_ns: u64,
        key: LegKey,
        block: &ReportBlock,
    ) -> Result<(), Counter> {
        let Some(slot) = self.own_slot_or_retransmission(key, block.ssrc)? else {
            return Ok(());
        };
        let slot = self
            .slots
            .get_mut(slot)
            .ok_or(Counter::DropRtcpForeignSsrc)?;
        let heard = &mut slot.heard;
        heard.report_ns = Some(now.ns);
        if heard.highest_sequence != block.highest_sequence {
            heard.highest_sequence = block.highest_sequence;
            heard.arrived_ns = now.ns;
        }
        heard.fraction_lost_q8 = block.fraction_lost;
        heard.cumulative_lost = block.cumulative_lost;
        heard.jitter = block.jitter;
        if block.last_sr == 0 {
            return Ok(());
        }
        // RFC 3550 §6.4.1: A - LSR - DLSR, in 1/65536 s.
        let elapsed = compact_ntp(now.ntp_of(arrival_ns)).wrapping_sub(block.last_sr);
        let round_trip = elapsed.wrapping_sub(block.delay_since_last_sr);
        if round_trip < MAX_ROUND_TRIP {
            let round_trip_ns = (u64::from(round_trip) * 1_000_000_000) >> 16;
            heard.round_trip_ns = Some(round_trip_ns);
            if let Some(leg) = self.legs.get_mut(key) {
                leg.round_trip_ns = Some(round_trip_ns);
            }
        }
        Ok(())
    }

    fn handle_key_frame_request(
        &mut self,
        now: Now,
        key: LegKey,
        ssrc: u32,
    ) -> Result<(), Counter> {
        let slot_key = self.own_slot(key, ssrc)?;
        let slot = self
            .slots
            .get_mut(slot_key)
            .ok_or(Counter::DropRtcpForeignSsrc)?;
        slot.heard.key_frame_requests += 1;
        let bandwidth = self.legs.get(key).and_then(|leg| leg.bandwidth.as_ref());
        if bandwidth.is_some_and(|bandwidth| bandwidth.pacer.has_key_frame(slot_key)) {
            // It is on its way; another one would take as long again.
            return Ok(());
        }
        let Some(track_key) = slot.track else {
            return Ok(());
        };
        let alive = self
            .tracks
            .get(track_key)
            .map_or(0, crate::tracks::track::Track::alive);
        if let Some(encoding) = slot.current.or_else(|| slot.wanted(alive)) {
            self.want_key_frame(track_key, encoding, Need::Repair, now);
        }
        Ok(())
    }

    /// Takes note of a goodbye (RFC 3550 §6.6), which browsers say of what is switched off; another's is none of its
    /// sender's business.
    fn handle_bye(&mut self, now: Now, key: LegKey, bye: &Bye<'_>) -> Result<(), Counter> {
        let leg = self.legs.get(key).ok_or(Counter::DropUnknownSource)?;
        let own = |ssrc| leg.sources.get(ssrc).is_some();
        if !bye.ssrcs().all(own) {
            return Err(Counter::DropRtcpForeignSsrc);
        }
        for (ssrc, source) in bye
            .ssrcs()
            .filter_map(|ssrc| Some((ssrc, leg.sources.get(ssrc)?)))
        {
            let track = self.tracks.get_mut(source.track);
            let encoding =
                track.and_then(|track| track.encodings.get_mut(usize::from(source.encoding)));
            if let Some(encoding) = encoding.filter(|encoding| encoding.ssrc == Some(ssrc)) {
                encoding.goodbye_ns = now.ns;
            }
        }
        self.output.counters.one(Counter::ByesReceived);
        Ok(())
    }

    /// The slot of this leg with an SSRC; another leg's is none of its business.
    pub(crate) fn own_slot(&self, key: LegKey, ssrc: u32) -> Result<SlotKey, Counter> {
        let leg = self.legs.get(key).ok_or(Counter::DropUnknownSource)?;
        let mut own = leg
            .slots
            .iter()
            .filter(|slot| self.slots.get(**slot).is_some_and(|slot| slot.ssrc == ssrc));
        own.next().copied().ok_or(Counter::DropRtcpForeignSsrc)
    }

    /// Like [`Self::own_slot`], but reports on our retransmissions are understood and ignored.
    fn own_slot_or_retransmission(
        &self,
        key: LegKey,
        ssrc: u32,
    ) -> Result<Option<SlotKey>, Counter> {
        let leg = self.legs.get(key).ok_or(Counter::DropUnknownSource)?;
        let retransmission = leg
            .slots
            .iter()
            .filter_map(|slot| self.slots.get(*slot))
            .any(|slot| {
                slot.retransmission
                    .as_ref()
                    .is_some_and(|retransmission| retransmission.ssrc == ssrc)
            });
        if retransmission {
            Ok(None)
        } else {
            self.own_slot(key, ssrc).map(Some)
        }
    }
}

/// Ten seconds in 1/65536 s: more is a clock that was set, or a lie.
const MAX_ROUND_TRIP: u32 = 10 << 16;
