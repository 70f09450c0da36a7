//! Feedback yields as many statuses as it claims, and says the same when written again.

use wire::rtcp::{Rtcp, RtcpPacket, write_transport_feedback};

/// Frames the input as the body of one feedback, so that every byte of it counts.
pub fn check(input: &[u8]) {
    let body = &input[..input.len().min(1400) / 4 * 4];
    let mut packet = vec![0x8f, 205];
    packet.extend(((body.len() / 4) as u16).to_be_bytes());
    packet.extend(body);
    let Some(Ok(RtcpPacket::TransportFeedback(feedback))) = Rtcp::packets_untrusted(&packet).next()
    else {
        return;
    };
    let statuses: Vec<_> = feedback.statuses().collect();
    assert_eq!(statuses.len(), usize::from(feedback.status_count));
    assert!(statuses.iter().enumerate().all(|(place, (sequence, _))| {
        *sequence == feedback.base_sequence.wrapping_add(place as u16)
    }));

    let arrivals: Vec<_> = statuses.iter().map(|(_, arrival)| *arrival).collect();
    let mut out = vec![0; 64 + 4 * arrivals.len()];
    let (len, covered) = write_transport_feedback(
        &mut out,
        feedback.sender_ssrc,
        feedback.media_ssrc,
        feedback.base_sequence,
        feedback.feedback_count,
        feedback.reference_time_64ms,
        &arrivals,
    )
    .expect("every step came from 16 bits");
    assert_eq!(covered, arrivals.len());
    let Some(Ok(RtcpPacket::TransportFeedback(again))) =
        Rtcp::packets_untrusted(&out[..len]).next()
    else {
        panic!("what was written is a feedback")
    };
    assert!(again.statuses().eq(statuses));
}
