//! Whatever a writer writes, the parser reads back; whatever bytes come, it survives.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::tests::*;
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

prop_compose! {
    fn report_blocks()(
        ssrc: u32, fraction_lost: u8, cumulative_lost in -0x80_0000..=0x7f_ffff_i32,
        highest_sequence: u32, jitter: u32, last_sr: u32, delay_since_last_sr: u32,
    ) -> ReportBlock {
        ReportBlock {
            ssrc, fraction_lost, cumulative_lost, highest_sequence, jitter, last_sr,
            delay_since_last_sr,
        }
    }
}

proptest! {
    #[test]
    fn reports_read_back(
        ssrc: u32, ntp: u64, rtp_timestamp: u32, packet_count: u32, octet_count: u32,
        blocks in vec(report_blocks(), 0..=31),
    ) {
        let mut out = [0; 1000];
        let info = SenderInfo { ssrc, ntp, rtp_timestamp, packet_count, octet_count };
        let len = write_sender_report(&mut out, &info, &blocks).unwrap();
        let Ok(RtcpPacket::SenderReport(report)) = only(&out[..len]) else { panic!("parses") };
        prop_assert_eq!(report.info, info);
        prop_assert_eq!(report.report_blocks().collect::<Vec<_>>(), &blocks[..]);

        let len = write_receiver_report(&mut out, ssrc, &blocks).unwrap();
        let Ok(RtcpPacket::ReceiverReport(report)) = only(&out[..len]) else { panic!("parses") };
        prop_assert_eq!(report.sender_ssrc, ssrc);
        prop_assert_eq!(report.report_blocks().collect::<Vec<_>>(), blocks);
    }

    #[test]
    fn descriptions_and_goodbyes_read_back(
        ssrc: u32, cname in vec(any::<u8>(), 0..=255), ssrcs in vec(any::<u32>(), 0..=31)
    ) {
        let mut out = [0; 400];
        let len = write_sdes_cname(&mut out, ssrc, &cname).unwrap();
        let Ok(RtcpPacket::SourceDescription(sdes)) = only(&out[..len]) else { panic!("parses") };
        let names: Vec<_> = sdes.chunks().map(|chunk| (chunk.ssrc, chunk.cname())).collect();
        prop_assert_eq!(names, [(ssrc, Some(&cname[..]))]);

        let len = write_bye(&mut out, &ssrcs).unwrap();
        let Ok(RtcpPacket::Bye(bye)) = only(&out[..len]) else { panic!("parses") };
        prop_assert_eq!(bye.ssrcs().collect::<Vec<_>>(), ssrcs);
    }

    #[test]
    fn a_nack_asks_for_exactly_what_was_given(
        first: u16, steps in vec(prop_oneof![4 => 1..20_u16, 1 => 20..300_u16], 0..60)
    ) {
        let mut sequence = first;
        let mut wanted = vec![first];
        for step in steps {
            sequence = sequence.wrapping_add(step);
            wanted.push(sequence);
        }
        let mut out = [0; 1000];
        let len = write_nack(&mut out, 8, 9, &wanted).unwrap();
        let Ok(RtcpPacket::Nack(nack)) = only(&out[..len]) else { panic!("parses") };
        prop_assert_eq!((nack.sender_ssrc, nack.media_ssrc), (8, 9));
        prop_assert_eq!(nack.sequences().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn requests_and_estimates_read_back(
        sender: u32, bitrate_bps: u64, ssrcs in vec(any::<u32>(), 0..=255),
        entries in vec((any::<u32>(), any::<u8>()), 1..20),
    ) {
        let mut out = [0; 1500];
        let entries: Vec<_> =
            entries.into_iter().map(|(ssrc, sequence)| FirEntry { ssrc, sequence }).collect();
        let len = write_fir(&mut out, sender, &entries).unwrap();
        let Ok(RtcpPacket::Fir(fir)) = only(&out[..len]) else { panic!("parses") };
        prop_assert_eq!(fir.sender_ssrc, sender);
        prop_assert_eq!(fir.entries().collect::<Vec<_>>(), entries);

        let len = write_remb(&mut out, sender, bitrate_bps, &ssrcs).unwrap();
        let Ok(RtcpPacket::Remb(remb)) = only(&out[..len]) else { panic!("parses") };
        prop_assert!(remb.bitrate_bps <= bitrate_bps);
        prop_assert!(bitrate_bps - remb.bitrate_bps <= bitrate_bps >> 17);
        prop_assert_eq!(remb.ssrcs().collect::<Vec<_>>(), ssrcs);
    }

    #[test]
    fn a_writer_takes_exactly_the_room_it_needs(cname in vec(any::<u8>(), 0..40)) {
        let mut out = [0; 100];
        let len = write_sdes_cname(&mut out, 1, &cname).unwrap();
        prop_assert_eq!(write_sdes_cname(&mut out[..len], 1, &cname), Some(len));
        prop_assert_eq!(write_sdes_cname(&mut out[..len - 1], 1, &cname), None);
    }

    #[test]
    fn arbitrary_compounds_are_survived(
        bodies in vec((0..32_u8, prop_oneof![Just(0_u8), 200..=207_u8], vec(any::<u32>(), 0..12)), 0..8)
    ) {
        let compound: Vec<u8> = bodies.iter().flat_map(|(format, packet_type, words)| {
            let body: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            packet(*format, *packet_type, &body)
        }).collect();
        prop_assert!(Rtcp::packets_untrusted(&compound).count() <= bodies.len());
    }
}
