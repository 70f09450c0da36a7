//! A compound is bounded by its bytes, and what is read can be written and read again.

use std::collections::BTreeSet;

use wire::rtcp::{
    Rtcp, RtcpPacket, write_bye, write_fir, write_nack, write_receiver_report, write_remb,
    write_sdes_cname, write_sender_report,
};

/// Walks every packet to its end.
pub fn check(input: &[u8]) {
    let mut ended = false;
    for packet in Rtcp::packets_untrusted(input) {
        assert!(!ended, "nothing follows an error");
        match packet {
            Ok(packet) => check_packet(packet, input.len()),
            Err(_) => ended = true,
        }
    }
}

fn check_packet(packet: RtcpPacket<'_>, len: usize) {
    let mut out = vec![0; len + 512];
    match packet {
        RtcpPacket::SenderReport(report) => {
            let blocks: Vec<_> = report.report_blocks().collect();
            let written = write_sender_report(&mut out, &report.info, &blocks).expect("it fits");
            let Some(RtcpPacket::SenderReport(again)) = only(&out[..written]) else {
                panic!()
            };
            assert_eq!(again.info, report.info);
            assert!(again.report_blocks().eq(blocks));
        }
        RtcpPacket::ReceiverReport(report) => {
            let blocks: Vec<_> = report.report_blocks().collect();
            let written =
                write_receiver_report(&mut out, report.sender_ssrc, &blocks).expect("it fits");
            let Some(RtcpPacket::ReceiverReport(again)) = only(&out[..written]) else {
                panic!()
            };
            assert!(again.report_blocks().eq(blocks));
        }
        RtcpPacket::SourceDescription(description) => {
            for chunk in description.chunks() {
                assert!(chunk.items().count() <= len / 2);
                let Some(cname) = chunk.cname() else { continue };
                let written = write_sdes_cname(&mut out, chunk.ssrc, cname).expect("it fits");
                let Some(RtcpPacket::SourceDescription(again)) = only(&out[..written]) else {
                    panic!()
                };
                assert!(again.chunks().map(|chunk| chunk.cname()).eq([Some(cname)]));
            }
        }
        RtcpPacket::Bye(bye) => {
            let ssrcs: Vec<_> = bye.ssrcs().collect();
            let written = write_bye(&mut out, &ssrcs).expect("it fits");
            let Some(RtcpPacket::Bye(again)) = only(&out[..written]) else {
                panic!()
            };
            assert!(again.ssrcs().eq(ssrcs));
        }
        RtcpPacket::Nack(nack) => {
            let sequences: Vec<_> = nack.sequences().collect();
            assert!(!sequences.is_empty() && sequences.len() <= 17 * len / 4);
            let mut out = vec![0; 12 + 4 * sequences.len()];
            let written = write_nack(&mut out, nack.sender_ssrc, nack.media_ssrc, &sequences)
                .expect("a pair for each fits");
            let Some(RtcpPacket::Nack(again)) = only(&out[..written]) else {
                panic!()
            };
            let asked: BTreeSet<_> = sequences.into_iter().collect();
            assert_eq!(again.sequences().collect::<BTreeSet<_>>(), asked);
        }
        RtcpPacket::Fir(fir) => {
            let entries: Vec<_> = fir.entries().collect();
            let written = write_fir(&mut out, fir.sender_ssrc, &entries).expect("it fits");
            let Some(RtcpPacket::Fir(again)) = only(&out[..written]) else {
                panic!()
            };
            assert!(again.entries().eq(entries));
        }
        RtcpPacket::Remb(remb) => {
            let ssrcs: Vec<_> = remb.ssrcs().collect();
            let written =
                write_remb(&mut out, remb.sender_ssrc, remb.bitrate_bps, &ssrcs).expect("it fits");
            let Some(RtcpPacket::Remb(again)) = only(&out[..written]) else {
                panic!()
            };
            assert!(remb.bitrate_bps == u64::MAX || again.bitrate_bps == remb.bitrate_bps);
            assert!(again.ssrcs().eq(ssrcs));
        }
        RtcpPacket::TransportFeedback(feedback) => {
            assert_eq!(
                feedback.statuses().count(),
                usize::from(feedback.status_count)
            );
        }
        RtcpPacket::Pli(_) | RtcpPacket::Other { .. } => {}
    }
}

fn only(bytes: &[u8]) -> Option<RtcpPacket<'_>> {
    let mut packets = Rtcp::packets_untrusted(bytes);
    packets
        .next()
        .and_then(Result::ok)
        .filter(|_| packets.next().is_none())
}
