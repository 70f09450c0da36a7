//! Any history of arrivals is covered by successive feedbacks, each within its room.

use wire::rtcp::{Rtcp, RtcpPacket, write_transport_feedback};

/// Input: room (1 byte), then three bytes for each packet: kind and step.
pub fn check(input: &[u8]) {
    let Some((&room, history)) = input.split_first() else {
        return;
    };
    let mut now_250us = 0;
    let arrivals: Vec<Option<i64>> = history
        .chunks_exact(3)
        .map(|packet| {
            let step = i64::from(i16::from_be_bytes([packet[1], packet[2]]));
            now_250us += match packet[0] % 4 {
                0 => return None,
                1 => step,
                2 => step & 0xff,
                _ => step << 8,
            };
            Some(now_250us)
        })
        .collect();
    let mut out = vec![0; 28 + usize::from(room)];
    let mut rest = &arrivals[..];
    while !rest.is_empty() {
        let base = rest.iter().flatten().next().copied().unwrap_or_default();
        let relative: Vec<_> = rest.iter().map(|at| at.map(|at| at - base)).collect();
        let (len, covered) = write_transport_feedback(&mut out, 1, 2, 3, 4, 5, &relative)
            .expect("the first arrival is the reference, so a status is always covered");
        assert!(covered > 0 && len <= out.len() && len % 4 == 0);
        let Some(Ok(RtcpPacket::TransportFeedback(feedback))) =
            Rtcp::packets_untrusted(&out[..len]).next()
        else {
            panic!("what was written is a feedback")
        };
        let read = feedback.statuses().map(|(_, arrival)| arrival);
        assert!(read.eq(relative[..covered].iter().copied()));
        rest = &rest[covered..];
    }
}
