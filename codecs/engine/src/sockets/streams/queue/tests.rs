//! Lanes over everything that may be pushed, dropped and taken.

use proptest::prelude::*;
use wire::framing::first_packet_untrusted;

use super::*;

const MS: u64 = 1_000_000;

/// Everything that waits, in the order in which it leaves.
fn drain(queue: &mut SendQueue) -> Vec<u8> {
    let mut stream = Vec::new();
    while !queue.is_empty() {
        let next = queue.next_bytes().to_vec();
        assert!(!next.is_empty(), "something waits, and does not leave");
        queue.take(next.len());
        stream.extend(next);
    }
    stream
}

/// Takes the next bytes, so many at the most.
fn leave(queue: &mut SendQueue, most: usize) -> Vec<u8> {
    let next = queue.next_bytes();
    let taken = next.get(..most).unwrap_or(next).to_vec();
    queue.take(taken.len());
    taken
}

fn packets_of(stream: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut rest) = (Vec::new(), stream);
    while let Some(packet) = first_packet_untrusted(rest).expect("no length lies") {
        packets.push(rest.get(packet.clone()).expect("it is there").to_vec());
        rest = rest.get(packet.end..).expect("it is there");
    }
    assert!(rest.is_empty(), "{} bytes are left", rest.len());
    packets
}

#[test]
fn pictures_find_no_room_while_sound_does() {
    let mut queue = SendQueue::default();
    let video = std::iter::repeat_with(|| queue.push(&[1; 1_200], true, 0))
        .take_while(Result::is_ok)
        .count();
    assert_eq!(video, MOST_VIDEO_BYTES / 1_202);
    let refused = queue.push(&[1; 1_200], true, 0);
    assert_eq!(refused, Err(DriverCounter::DropTcpVideo));
    let sound = std::iter::repeat_with(|| queue.push(&[2; 120], false, 0))
        .take_while(Result::is_ok)
        .count();
    assert_eq!(sound, MOST_URGENT_BYTES / 122);
    let refused = queue.push(&[2; 120], false, 0);
    assert_eq!(refused, Err(DriverCounter::DropTcpFull));
    assert_eq!(packets_of(&drain(&mut queue)).len(), video + sound);
    assert_eq!(queue.push(&[1; 1_200], true, 0), Ok(()));
}

#[test]
fn a_packet_that_no_frame_holds_is_refused() {
    let packet = vec![0; 65_536];
    let refused = SendQueue::default().push(&packet, false, 0);
    assert_eq!(refused, Err(DriverCounter::DropTcpFull));
}

#[test]
fn sound_leaves_before_pictures_but_for_one_that_has_begun() {
    let mut queue = SendQueue::default();
    for (packet, is_video) in [([1; 4], true), ([2; 4], true), ([3; 4], false)] {
        assert_eq!(queue.push(&packet, is_video, 0), Ok(()));
    }
    // The sound, and the beginning of a picture.
    let mut stream = leave(&mut queue, 6);
    stream.extend(leave(&mut queue, 3));
    assert_eq!(queue.push(&[4; 4], false, 0), Ok(()));
    stream.extend(drain(&mut queue));
    let expected: [&[u8]; 4] = [&[3; 4], &[1; 4], &[4; 4], &[2; 4]];
    assert_eq!(packets_of(&stream), expected);
}

#[test]
fn old_pictures_go_before_old_sound_and_what_has_begun_is_ended() {
    let mut queue = SendQueue::default();
    for packet in [[1; 4], [2; 4]] {
        assert_eq!(queue.push(&packet, true, 0), Ok(()));
    }
    let mut stream = leave(&mut queue, 3);
    assert_eq!(queue.push(&[3; 4], false, 0), Ok(()));
    assert_eq!(queue.push(&[4; 4], true, 900 * MS), Ok(()));
    assert_eq!(queue.drop_old(1_000 * MS), 0);
    assert_eq!(queue.drop_old(1_001 * MS), 1);
    // The rest of what has begun, and the first bytes of the sound.
    stream.extend(leave(&mut queue, 3));
    stream.extend(leave(&mut queue, 2));
    assert_eq!(queue.push(&[5; 4], false, 1_001 * MS), Ok(()));
    assert_eq!(queue.drop_old(3_001 * MS), 1, "the last picture");
    assert_eq!(queue.drop_old(4_002 * MS), 1, "the last sound");
    stream.extend(drain(&mut queue));
    let expected: [&[u8]; 2] = [&[1; 4], &[3; 4]];
    assert_eq!(packets_of(&stream), expected);
}

#[derive(Clone, Debug)]
enum Step {
    Push { len: usize, is_video: bool },
    Leave { most: usize },
    Wait { ms: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let push =
        (0_usize..1_490, any::<bool>()).prop_map(|(len, is_video)| Step::Push { len, is_video });
    let leave = (0_usize..5_000).prop_map(|most| Step::Leave { most });
    let wait = (0_u64..1_500).prop_map(|ms| Step::Wait { ms });
    proptest::collection::vec(prop_oneof![6 => push, 2 => leave, 1 => wait], 0..400)
}

proptest! {
    #[test]
    fn whatever_is_dropped_the_reader_finds_whole_packets_and_each_kind_in_order(
        walk in steps(),
    ) {
        let (mut queue, mut stream) = (SendQueue::default(), Vec::new());
        let (mut now_ns, mut number) = (0, 0_u32);
        let (mut accepted, mut dropped) = (0, 0);
        for step in walk {
            match step {
                Step::Push { len, is_video } => {
                    number += 1;
                    let mut packet = vec![u8::from(is_video)];
                    packet.extend(number.to_be_bytes());
                    packet.resize(5 + len, 0);
                    accepted += usize::from(queue.push(&packet, is_video, now_ns).is_ok());
                }
                Step::Leave { most } => stream.extend(leave(&mut queue, most)),
                Step::Wait { ms } => {
                    now_ns += ms * MS;
                    dropped += queue.drop_old(now_ns);
                }
            }
            for lane in [&queue.urgent, &queue.video] {
                prop_assert!(lane.bytes.len() <= lane.most_bytes);
                let waiting: usize = lane.frames.iter().map(|frame| frame.bytes).sum();
                prop_assert_eq!(waiting, lane.bytes.len() + lane.begun_bytes);
            }
            prop_assert!(queue.urgent.begun_bytes == 0 || queue.video.begun_bytes == 0);
        }
        stream.extend(drain(&mut queue));
        let packets = packets_of(&stream);
        prop_assert_eq!(packets.len(), accepted - dropped);
        for kind in [0, 1] {
            let of_kind = packets.iter().filter(|packet| packet.first() == Some(&kind));
            prop_assert!(of_kind.is_sorted());
        }
    }
}
