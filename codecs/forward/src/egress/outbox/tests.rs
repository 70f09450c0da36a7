//! What becomes of open packets.

use wire::rtp::{HeaderWriter, RtpHeader};

use super::*;

fn tuple() -> Tuple {
    Tuple {
        socket: 0,
        remote: ([127, 0, 0, 1], 9).into(),
    }
}

fn push(outbox: &mut Outbox, index: u64, payload: &[u8]) {
    let pushed = outbox.push_open(tuple(), 0, |room| {
        let header_len = HeaderWriter::new(room, false, 96, index as u16, 7, 1)?.finish();
        room.get_mut(header_len..header_len + payload.len())?
            .copy_from_slice(payload);
        Some(Open {
            leg: LegKey::default(),
            ssrc: 1,
            index,
            header_len: header_len as u16,
            plain_len: (header_len + payload.len()) as u16,
            overhead: 16,
            is_padding: false,
            is_video: true,
        })
    });
    assert!(pushed);
}

#[test]
fn a_packet_grows_by_padding_that_a_receiver_takes_off_again() {
    let mut outbox = Outbox::new(1 << 20);
    let payloads: [&[u8]; 3] = [&[1; 100], &[2; 103], &[3; 104]];
    for (index, payload) in (0..).zip(payloads) {
        push(&mut outbox, index, payload);
    }
    assert_eq!(outbox.close(|_, _| true), 5);
    let [run] = outbox.runs() else {
        panic!("{:?}", outbox.runs())
    };
    assert_eq!((run.count, run.segment_bytes), (3, 12 + 104 + 16));
    for (span, payload) in outbox.of_run(run).zip(payloads) {
        let start = span.start as usize;
        let packet = outbox
            .bytes()
            .get(start..start + usize::from(span.len) - 16);
        let packet = packet.expect("it lies in the arena");
        let header = RtpHeader::parse_untrusted(packet).expect("well-formed");
        assert_eq!(header.has_padding, payload.len() < 104);
        assert_eq!(header.payload_untrusted(packet), Ok(payload));
    }
}

#[test]
fn nothing_is_sealed_twice_and_what_was_refused_never_leaves() {
    let mut outbox = Outbox::new(1 << 20);
    let mut sealed = Vec::new();
    for index in 0..4 {
        push(&mut outbox, index, &[7; 100]);
        outbox.close(|open, _| {
            sealed.push(open.index);
            open.index != 2
        });
    }
    assert_eq!(sealed, [0, 1, 2, 3]);
    let sent: usize = outbox.runs().iter().map(|run| run.count).sum();
    assert_eq!(sent, 3);
}
