//! What of the relay's asks reaches the camera.

use super::*;

#[test]
fn what_a_camera_is_asked_for_is_passed_on_as_long_as_it_lasts() {
    let text = json!({ "type": "encodings", "track": "t-1", "keeps": "motion", "encodings": [
        { "rid": "h", "active": true, "max_bitrate_bps": 450_000, "scale": 2.0 },
        { "rid": "m", "active": false }] })
    .to_string();
    let ask = |rid: &str, active, most_bps| Ask {
        rid: rid.into(),
        active,
        most_bps,
    };
    let asked = Step::Obey(vec![ask("h", true, Some(450_000)), ask("m", false, None)]);
    assert_eq!(
        told(State::Consulting, &text),
        (State::Consulting, vec![asked.clone()])
    );
    assert!(told(State::Over, &text).1.is_empty());
    let (mut visavis, mut steps) = (at(State::PublishingCamera), Vec::new());
    visavis.handle_text_untrusted(&text, &mut steps);
    assert!(steps.is_empty(), "whose it is shows with the next message");
    visavis.handle_text_untrusted(PUBLISHED, &mut steps);
    assert_eq!(steps, [asked]);
}

#[test]
fn what_a_microphone_is_asked_for_is_not_the_cameras() {
    let text = r#"{"type":"encodings","track":"t-2","encodings":[{"rid":"","active":true,"max_bitrate_bps":24000}]}"#;
    assert!(told(State::Consulting, text).1.is_empty());
    let (mut visavis, mut steps) = (at(State::PublishingCamera), Vec::new());
    visavis.handle_text_untrusted(text, &mut steps);
    visavis.handle_text_untrusted(PUBLISHED, &mut steps);
    assert!(steps.is_empty(), "{steps:?}");
}
