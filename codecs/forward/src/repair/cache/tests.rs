#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const MS: u64 = 1_000_000;

fn packet(sequence: u64, len: usize) -> Vec<u8> {
    (0..len)
        .map(|index| (sequence as usize * 31 + index) as u8)
        .collect()
}

/// What a cache holds after `seconds` of packets of 1,200 bytes at a steady rate, and whether it has all of the
/// last 990 ms.
fn after(seconds: u64, bits_per_second: u64) -> (usize, bool) {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    let interval_ns = 1_200 * 8 * 1_000_000_000 / bits_per_second;
    let total = seconds * 1_000_000_000 / interval_ns;
    for sequence in 0..total {
        cache.insert(sequence, &[7; 1_200], sequence * interval_ns, &mut free);
    }
    let recent = 990 * MS / interval_ns;
    let newest_ns = (total - 1) * interval_ns;
    let kept = (total - recent..total).all(|sequence| cache.get(sequence, newest_ns).is_some());
    (cache.bytes() - TABLE_BYTES, kept)
}

#[test]
fn memory_follows_the_rate_and_a_second_is_kept() {
    // A second of it, what fits into no page, and the page that was begun.
    for (bits_per_second, most_pages) in [(150_000, 3), (1_200_000, 11), (4_000_000, 35)] {
        let (bytes, kept) = after(5, bits_per_second);
        assert!(kept, "{bits_per_second}");
        let pages = bytes / PAGE_BYTES;
        assert!(
            pages <= most_pages,
            "{pages} pages at {bits_per_second} bit/s"
        );
    }
}

#[test]
fn a_flood_takes_no_more_than_the_most() {
    let (bytes, _) = after(3, 50_000_000);
    assert_eq!(bytes, MAX_PAGES * PAGE_BYTES);
}

#[test]
fn what_has_to_wait_is_kept_for_six_seconds_and_the_memory_goes_back_afterwards() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    let interval_ns = 20 * MS;
    let mut put = |cache: &mut PacketCache, sequence: u64| {
        cache.insert(sequence, &[7; 1_000], sequence * interval_ns, &mut free);
    };
    for sequence in 0..400 {
        put(&mut cache, sequence);
        cache.keep_longer(sequence * interval_ns);
    }
    let now_ns = 399 * interval_ns;
    assert!((105..400).all(|sequence| cache.get(sequence, now_ns).is_some()));
    assert_eq!(cache.get(60, now_ns), None);
    let longer_bytes = cache.bytes() - TABLE_BYTES;
    for sequence in 400..1_000 {
        put(&mut cache, sequence);
    }
    assert_eq!(cache.get(940, 999 * interval_ns), None);
    assert!(cache.get(952, 999 * interval_ns).is_some());
    let bytes = cache.bytes() - TABLE_BYTES;
    assert!(bytes <= longer_bytes * 2 / 3, "{bytes} of {longer_bytes}");
}

#[test]
fn a_packet_is_served_for_a_second_and_no_longer() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    cache.insert(7, &[1, 2, 3], 500 * MS, &mut free);
    cache.insert(8, &[0; PAGE_BYTES - 3], 501 * MS, &mut free);
    cache.insert(9, &[4, 5], 502 * MS, &mut free);
    assert_eq!(cache.get(7, 500 * MS + KEPT_NS), Some(&[1, 2, 3][..]));
    assert_eq!(cache.get(7, 501 * MS + KEPT_NS), None);
}

#[test]
fn a_frame_a_second_is_served_when_the_next_one_shows_its_loss() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    for second in 0..5 {
        cache.insert(second, &[1, 2, 3], second * KEPT_NS, &mut free);
        let shown_ns = second * KEPT_NS + 300 * MS;
        assert_eq!(
            second > 0,
            cache.get(second.wrapping_sub(1), shown_ns).is_some()
        );
    }
    assert_eq!(cache.bytes(), TABLE_BYTES + PAGE_BYTES);
}

#[test]
fn what_grew_old_is_given_back_with_the_next_packet_and_the_rest_at_the_end() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    for sequence in 0..100 {
        cache.insert(sequence, &[0; 1_400], 0, &mut free);
    }
    let held = cache.bytes();
    assert!(held > 100 * 1_400);
    cache.insert(100, &[0; 1_400], 2 * KEPT_NS, &mut free);
    assert_eq!(cache.bytes(), TABLE_BYTES + PAGE_BYTES);
    assert_eq!(free.bytes(), held - cache.bytes());
    cache.release(&mut free);
    assert_eq!(free.bytes(), held - TABLE_BYTES);
}

#[test]
fn a_number_one_table_away_is_not_mistaken() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    cache.insert(7, &[1, 2, 3], 0, &mut free);
    assert!(cache.get(7 + ENTRIES as u64, 0).is_none());
}

#[test]
fn a_late_packet_is_kept_too() {
    let (mut cache, mut free) = (PacketCache::new(), Pages::default());
    cache.insert(10, &[10; 20], 0, &mut free);
    cache.insert(9, &[9; 20], 0, &mut free);
    assert_eq!(cache.get(9, 0).unwrap(), [9; 20]);
    assert_eq!(cache.get(10, 0).unwrap(), [10; 20]);
}

/// Steps of number and time, lengths: loss, reordering, pauses and floods.
fn arrivals() -> impl Strategy<Value = Vec<(i64, usize, u64)>> {
    let step = prop_oneof![8 => Just(1_i64), 1 => -3..1_i64, 1 => 2..600_i64];
    let pause_ns = prop_oneof![8 => 0..8 * MS, 1 => Just(0), 1 => 0..1_500 * MS];
    prop::collection::vec((step, 1..=1_500_usize, pause_ns), 1..1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_served_is_what_was_kept_and_nothing_recent_is_missing(arrivals in arrivals()) {
        let (mut cache, mut free) = (PacketCache::new(), Pages::default());
        let (mut sequence, mut now_ns) = (1_000_u64, 0);
        let mut came: Vec<(u64, usize, u64)> = Vec::new();
        for (step, len, pause_ns) in arrivals {
            sequence = sequence.saturating_add_signed(step);
            now_ns += pause_ns;
            cache.insert(sequence, &packet(sequence, len), now_ns, &mut free);
            came.push((sequence, len, now_ns));
        }
        let (mut younger_bytes, mut recent_bytes) = (0, 0);
        let mut places = std::collections::HashMap::new();
        for (number, len, at_ns) in came.into_iter().rev() {
            let is_recent = now_ns - at_ns <= KEPT_NS;
            younger_bytes += len;
            recent_bytes += if is_recent { len } else { 0 };
            let holder = *places.entry(index_of(number)).or_insert(number);
            let served = cache.get(number, now_ns);
            if holder != number {
                prop_assert!(served.is_none(), "a later one took its place");
                continue;
            }
            // A page may be left with no room for the longest packet.
            let fits = younger_bytes <= (MAX_PAGES - 1) * (PAGE_BYTES - 1_500);
            prop_assert!(served.is_some() || !is_recent || !fits);
            if let Some(served) = served {
                prop_assert_eq!(served, packet(number, served.len()));
            }
        }
        let pages = (cache.bytes() - TABLE_BYTES) / PAGE_BYTES;
        prop_assert!(pages <= MAX_PAGES.min(recent_bytes / (PAGE_BYTES - 1_500) + 2));
    }
}
