//! How the programs here begin and end: one document in, one out, or a sentence and exit status 2.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;

use crate::generator::Milestone;

/// Runs a program over the document on standard input.
pub fn run<T: Serialize>(name: &str, work: impl FnOnce(&str) -> Result<T, String>) -> ExitCode {
    let mut document = String::new();
    let read = std::io::stdin().read_to_string(&mut document);
    let outcome = read
        .map_err(|error| format!("standard input could not be read: {error}"))
        .and_then(|_| work(&document));
    end(name, outcome)
}

/// Says what a program found, or why it found nothing, and with which status it ends.
pub fn end<T: Serialize>(name: &str, outcome: Result<T, String>) -> ExitCode {
    match outcome {
        Ok(outcome) => {
            say(&serde_json::json!({ "outcome": outcome }));
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{name}: {sentence}");
            ExitCode::from(FAILED)
        }
    }
}

/// Tells whoever drives the program how far it is.
pub fn tell(milestone: Milestone) {
    let name = match milestone {
        Milestone::Connected => "connected",
        Milestone::Measuring => "measuring",
        Milestone::Measured => "measured",
    };
    say(&serde_json::json!({ "milestone": name }));
}

/// One line on standard output, flushed at its end. When nobody reads it any more, the run ends by itself.
pub fn say(document: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{document}");
}

const FAILED: u8 = 2;
