use super::*;

const MS: u64 = 1_000_000;

#[test]
fn what_leaves_is_what_the_rate_allows() {
    let mut pacer = Pacer::default();
    let mut sent_bytes = 0;
    for at in 0..10_000 {
        if !pacer.is_full(1_000_000, at * MS) {
            pacer.spend(1_000);
            sent_bytes += 1_000;
        }
    }
    // Ten seconds at 110 %, and a packet more than the budget at the most.
    assert!(
        (1_370_000..=1_377_000).contains(&sent_bytes),
        "{sent_bytes}"
    );
}

#[test]
fn a_usual_frame_leaves_at_once_after_a_pause() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(1_000_000, 5_000 * MS));
    let mut at_once = 0;
    while !pacer.is_full(1_000_000, 5_000 * MS) {
        pacer.spend(1_000);
        at_once += 1_000;
    }
    assert_eq!(
        at_once, 13_000,
        "a tenth of a second of the rate, and the packet that ends it"
    );
}

#[test]
fn sound_is_sent_whatever_the_budget_and_pictures_pay_for_it() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(100_000, 1_000 * MS));
    pacer.spend(1_500);
    assert!(pacer.is_full(100_000, 1_001 * MS));
    assert!(!pacer.is_full(100_000, 1_100 * MS));
}

#[test]
fn a_picture_after_ten_minutes_of_sound_leaves_within_a_tenth_of_a_second() {
    let mut pacer = Pacer::default();
    assert!(!pacer.is_full(300_000, 1_000 * MS));
    for _ in 0..30_000 {
        pacer.spend(120);
    }
    assert!(!pacer.is_full(300_000, 601_000 * MS));
}
