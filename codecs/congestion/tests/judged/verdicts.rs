//! Every captured trace, judged: one line each with `cargo test -p congestion --test judged -- --nocapture`.

use std::fs;
use std::path::PathBuf;

use crate::judging::Verdict;
use crate::theirs::Losses;
use crate::trace::Trace;
use crate::{ours, theirs};

/// The captured traces by name.
fn traces() -> Vec<(String, Trace)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/feedback");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, Trace::read(&fs::read_to_string(path).unwrap()))
        })
        .collect()
}

#[test]
fn ours_and_an_independent_libwebrtc_are_as_near_on_what_browsers_told_as_is_known() {
    let traces = traces();
    let mut apart = Vec::new();
    for (name, trace) in &traces {
        let ours = ours::said(trace);
        let against = |losses| {
            let theirs = theirs::rates(trace, losses);
            Verdict::all(&trace.capacity, trace.ends_us(), &ours, &theirs)
        };
        let judged = against(judged_with(trace));
        assert!(!judged.is_empty(), "{name} allows no judgement");
        let told = words(&against(Losses::Told));
        println!(
            "| `{name}` | {} | {} | {told} |",
            trace.link,
            words(&judged)
        );
        for (place, verdict) in judged.iter().enumerate() {
            if !verdict.agrees() {
                apart.push((name.as_str(), place, verdict.difference()));
            }
        }
    }
    assert!(
        traces.len() >= FEWEST_TRACES,
        "{} traces are too few",
        traces.len()
    );
    // Where they have come to agree the list has to tell; where they differ they must not differ otherwise.
    let of = |(name, place, _): (&str, usize, i64)| (name.to_owned(), place);
    let known = APART
        .iter()
        .flat_map(|(name, verdicts, _)| verdicts.iter().map(|(place, by)| (*name, *place, *by)));
    assert_eq!(
        apart.iter().copied().map(of).collect::<Vec<_>>(),
        known.clone().map(of).collect::<Vec<_>>()
    );
    for (found, expected) in apart.iter().zip(known) {
        let moved = found.2.abs_diff(expected.2);
        assert!(moved <= MOST_MOVED, "{found:?} instead of {expected:?}");
    }
}

/// What a link loses of its own is not told: no sender that obeys libwebrtc would have sent as much.
fn judged_with(trace: &Trace) -> Losses {
    if trace.link.contains("loss") {
        Losses::Untold
    } else {
        Losses::Told
    }
}

fn words(verdicts: &[Verdict]) -> String {
    let lines: Vec<String> = verdicts.iter().map(line).collect();
    lines.join("; ")
}

fn line(verdict: &Verdict) -> String {
    let mark = if verdict.agrees() { "" } else { " **apart**" };
    match verdict {
        Verdict::Steady {
            ours_bps,
            theirs_bps,
        } => {
            let (ours_kbps, theirs_kbps) = (ours_bps / 1_000, theirs_bps / 1_000);
            let more = *ours_bps as f64 / *theirs_bps as f64 * 100.0 - 100.0;
            format!("{ours_kbps} / {theirs_kbps} kbit/s, {more:+.0} %{mark}")
        }
        Verdict::Step {
            ours_us,
            theirs_us,
            sent_us,
        } => {
            let ms = |us: &Option<u64>| us.map_or("never".into(), |us| (us / 1_000).to_string());
            let (ours, theirs, sent) = (ms(ours_us), ms(theirs_us), ms(sent_us));
            format!("down {ours} / {theirs} ms{mark} (sent: {sent})")
        }
    }
}

/// As many were asked for.
const FEWEST_TRACES: usize = 20;

/// By how much a difference that is known may move, in percent or milliseconds.
const MOST_MOVED: u64 = 10;

/// A trace; which of its verdicts are apart, and by how much (percent for a rate, ms for a step); and why.
type Known = (&'static str, &'static [(usize, i64)], &'static str);

/// Where the two disagree.
const APART: &[Known] = &[
    ("down_0800k_0300k_80ms_deep", &[(0, 18)], ON_PURPOSE),
    ("down_1000k_0500k_50ms", &[(0, 25)], ON_PURPOSE),
    (
        "down_2000k_0700k_60ms_loss_2",
        &[(0, 77), (2, -307)],
        "the link was not full before the step, and what Chromium sent through it came without a queue; ours sees \
         the step 7 ms more than 300 earlier",
    ),
    ("down_2000k_1000k_10ms_shallow", &[(1, 28)], ON_PURPOSE),
    (
        "down_2500k_0500k_100ms",
        &[(1, -41)],
        "after the step libwebrtc allows 0.8 of 0.5 Mbit/s, which nobody sends",
    ),
    (
        "down_up_2000k_0600k_60ms",
        &[(0, 26), (3, -422)],
        "the rate as on purpose; and ours sees the step 0.4 s earlier",
    ),
    ("jitter_1500k_50ms", &[(0, 22)], ON_PURPOSE),
    ("loss_2_1000k_60ms", &[(0, 16)], ON_PURPOSE),
    (
        "outage_1500k_60ms",
        &[(0, 23), (1, 16)],
        "as on purpose; without that 26 and 15.1 % remained of one span when it was last tried",
    ),
    ("steady_0200k_40ms", &[(0, 17)], ON_PURPOSE),
    (
        "steady_0500k_10ms",
        &[(0, 77)],
        "libwebrtc uses half of a short path whose queue holds a tenth of a second",
    ),
    ("steady_1000k_50ms", &[(0, 21)], ON_PURPOSE),
    (
        "steady_2000k_50ms_shallow",
        &[(0, -15)],
        "libwebrtc allows 2.4 of 2 Mbit/s, whose queue holds too little to be seen; ours goes by what arrives \
         while packets wait",
    ),
    (
        "up_0300k_1000k_150ms",
        &[(1, 26)],
        "after the step ours sees all of it at once, by a burst",
    ),
];

/// Tried without both differences (`aimd`, docs/adaptation.md "Judged by another"), they agree.
const ON_PURPOSE: &str = "libwebrtc falls to 0.85, and at slopes behind which no packet waits; ours \
     to 0.92, and not at these";
