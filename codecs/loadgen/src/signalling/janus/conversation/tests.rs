#![expect(
    clippy::indexing_slicing,
    reason = "indexing JSON gives null for what is missing, and null fails the test"
)]

use proptest::prelude::*;

use super::*;

fn said(step: Option<&Turn>) -> Value {
    match step {
        Some(Turn::Say(words)) => serde_json::from_str(words).expect("JSON"),
        other => panic!("nothing was said: {other:?}"),
    }
}

fn hear(conversation: &mut Conversation, told: &Value) -> Vec<Turn> {
    conversation
        .handle_text_untrusted(&told.to_string())
        .expect("well-formed")
}

fn event(transaction: Option<&str>, data: &Value, sdp: Option<&str>) -> Value {
    let mut told = json!({ "janus": "event", "plugindata": { "data": data } });
    if let Some(transaction) = transaction {
        told["transaction"] = transaction.into();
    }
    if let Some(sdp) = sdp {
        told["jsep"] = json!({ "sdp": sdp });
    }
    told
}

/// As far as its own offer.
fn at_the_door() -> Conversation {
    let mut conversation = Conversation::new("r", "me", "vp8");
    assert_eq!(conversation.keep_alive(), None);
    let words = conversation.begin();
    assert_eq!(said(Some(&Turn::Say(words)))["janus"], "create");
    let told = json!({ "janus": "success", "transaction": "1", "data": { "id": 5 } });
    let steps = hear(&mut conversation, &told);
    assert_eq!(said(steps.first())["session_id"], 5);
    let told = json!({ "janus": "success", "transaction": "2", "data": { "id": 6 } });
    let steps = hear(&mut conversation, &told);
    let request = said(steps.first());
    assert_eq!(
        (&request["body"]["request"], &request["handle_id"]),
        (&json!("create"), &json!(6))
    );
    conversation
}

fn inside(publishers: &Value) -> (Conversation, Vec<Turn>) {
    let mut conversation = at_the_door();
    let exists = json!({ "error_code": ROOM_EXISTS });
    let told = json!({ "janus": "success", "transaction": "3", "plugindata": { "data": exists } });
    assert_eq!(hear(&mut conversation, &told), [Turn::Offer]);
    conversation.publish("offer");
    let data = json!({ "videoroom": "joined", "publishers": publishers });
    let steps = hear(&mut conversation, &event(Some("4"), &data, Some("answer")));
    assert_eq!(steps.first(), Some(&Turn::Answered("answer".into())));
    (conversation, steps)
}

#[test]
fn who_finds_others_asks_for_all_of_them_at_once() {
    let (mut conversation, steps) = inside(&json!([{ "id": "a" }, { "id": "b" }]));
    assert_eq!(said(steps.get(1))["janus"], "attach");
    let told = json!({ "janus": "success", "transaction": "5", "data": { "id": 7 } });
    let steps = hear(&mut conversation, &told);
    let request = said(steps.first());
    assert_eq!(request["handle_id"], 7);
    assert_eq!(
        request["body"]["streams"],
        json!([{ "feed": "a" }, { "feed": "b" }])
    );
    let steps = hear(
        &mut conversation,
        &event(Some("6"), &json!({}), Some("theirs")),
    );
    assert_eq!(steps, [Turn::Offered("theirs".into())]);
    assert!(conversation.accept("ours").contains("\"start\""));
}

#[test]
fn who_comes_while_something_is_under_way_is_asked_for_afterwards() {
    let (mut conversation, steps) = inside(&json!([]));
    assert_eq!(steps.len(), 1);
    let comes = |id: &str| event(None, &json!({ "publishers": [{ "id": id }] }), None);
    assert_eq!(
        said(hear(&mut conversation, &comes("a")).first())["janus"],
        "attach"
    );
    assert_eq!(hear(&mut conversation, &comes("b")), []);
    let told = json!({ "janus": "success", "transaction": "5", "data": { "id": 7 } });
    hear(&mut conversation, &told);
    assert_eq!(hear(&mut conversation, &comes("c")), []);
    hear(
        &mut conversation,
        &event(Some("6"), &json!({}), Some("theirs")),
    );
    conversation.accept("ours");
    let steps = hear(&mut conversation, &event(Some("7"), &json!({}), None));
    let request = said(steps.first());
    assert_eq!(
        request["body"],
        json!({ "request": "subscribe", "streams": [{ "feed": "c" }] })
    );
}

#[test]
fn a_keep_alive_is_no_reply_to_wait_for() {
    let mut conversation = at_the_door();
    let words = conversation.keep_alive().expect("there is a session");
    assert!(words.contains("\"4\""));
    let told = json!({ "janus": "ack", "transaction": "4" });
    assert_eq!(hear(&mut conversation, &told), []);
    let told = json!({ "janus": "success", "transaction": "3", "plugindata": { "data": {} } });
    assert_eq!(hear(&mut conversation, &told), [Turn::Offer]);
}

#[test]
fn what_is_refused_or_senseless_has_a_word() {
    let fails = |told: &str| {
        let failed = at_the_door().handle_text_untrusted(told);
        failed.expect_err("a failure").word().to_owned()
    };
    for (told, word) in [
        (
            r#"{"janus":"success","transaction":"3","plugindata":{"data":{"error_code":421}}}"#,
            "janus_421",
        ),
        (
            r#"{"janus":"error","transaction":"3","error":{"code":458}}"#,
            "janus_458",
        ),
        (r#"{"janus":"timeout"}"#, "hung_up"),
        ("{}", MALFORMED),
        ("no", MALFORMED),
    ] {
        assert_eq!(fails(told), word, "{told}");
    }
}

#[test]
fn another_s_error_is_no_reply() {
    let told = r#"{"janus":"error","transaction":"2","error":{"code":458}}"#;
    assert_eq!(at_the_door().handle_text_untrusted(told), Ok(vec![]));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s)(\\PC{0,80}|\\{\"janus\":\"(event|success)\",\"transaction\":\"3\",.{0,80}\\})") {
        let _ = at_the_door().handle_text_untrusted(&text);
    }
}
