//! The desk's pages and actions, over a real database.

use std::time::Duration;

use axum::http::StatusCode;

use super::super::DeskSettings;
use super::super::testing::Desk;
use crate::store::DraftState;

async fn draft_state(desk: &Desk, id: &str) -> DraftState {
    desk.app.store.draft(id).await.expect("reads").expect("is there").state
}

#[tokio::test]
async fn an_empty_desk_says_what_will_appear() {
    let page = Desk::open().await.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("When a lead texts, the reply that Rapport proposes appears here"), "{}", page.body);
}

#[tokio::test]
async fn what_waits_is_listed_with_who_what_and_why() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("Dana <Whitfield>", "Does it work with our panels?", "Yes, it does.").await;
    let page = desk.get("/").await;
    for part in [
        "Dana &#60;Whitfield&#62;",
        "Does it work with our panels?",
        "Draft waiting",
        "The first answer to a new person is held.",
        &format!("/conversations/{id}"),
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_conversation_shows_the_thread_and_why_the_draft_waits() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("Dana", "Does it work with our panels?", "Yes, it does.").await;
    let page = desk.get(&format!("/conversations/{id}")).await;
    for part in [
        "role=\"log\"",
        "Waits because:",
        "Yes, it does.",
        "13 characters · 1 segment",
        "product question",
        "82 %",
        "gpt-5-mini",
        "$0.0012",
        "Nobody has answered this person before.",
        "1 check had nothing to say.",
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
}

#[tokio::test]
async fn approving_goes_back_to_the_page_and_a_second_time_is_refused_in_words() {
    let mut desk = Desk::open().await;
    let (id, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let first = desk.post(&format!("/drafts/{draft}/approve"), "").await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    assert_eq!(first.header("location"), format!("/conversations/{id}?done=approved"));
    assert_eq!(draft_state(&desk, &draft).await, DraftState::Approved);

    let second = desk.post(&format!("/drafts/{draft}/approve"), "").await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("This draft was already approved by Desk. Nothing was changed."), "{}", second.body);
    let thread = desk.app.store.thread(&id).await.expect("reads").expect("is there");
    assert_eq!(thread.effects.len(), 1, "never-twice");
}

#[tokio::test]
async fn an_edit_is_what_is_sent_with_the_line_ends_of_a_person() {
    let mut desk = Desk::open().await;
    let (id, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let answer = desk.post(&format!("/drafts/{draft}/edit"), "text=Hi+Dana,%0D%0Asee+you+soon+").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let thread = desk.app.store.thread(&id).await.expect("reads").expect("is there");
    assert_eq!(thread.effects[0].text, "Hi Dana,\nsee you soon");
}

#[tokio::test]
async fn a_refused_edit_keeps_what_was_typed() {
    let mut desk = Desk::open().await;
    let (_, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    desk.post(&format!("/drafts/{draft}/reject"), "reason=too+short").await;
    assert_eq!(draft_state(&desk, &draft).await, DraftState::Rejected);
    let answer = desk.post(&format!("/drafts/{draft}/edit"), "text=My+own+words").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Your text, not sent") && answer.body.contains("My own words"), "{}", answer.body);
}

#[tokio::test]
async fn an_edit_with_a_placeholder_is_refused_and_kept() {
    let mut desk = Desk::open().await;
    let (_, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let answer = desk.post(&format!("/drafts/{draft}/edit"), "text=Sure%2C+{slot:1}+works").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("The text has {slot:1} in it, and the lead would read just that."), "{}", answer.body);
    assert!(answer.body.contains(">Sure, {slot:1} works</textarea>"), "{}", answer.body);
    assert_eq!(draft_state(&desk, &draft).await, DraftState::Waiting);
}

#[tokio::test]
async fn a_draft_that_still_names_a_placeholder_is_not_approved_as_it_is() {
    let mut desk = Desk::open().await;
    let (_, draft) = desk.seed("Dana", "When?", "How about {slot:9}?").await;
    let answer = desk.post(&format!("/drafts/{draft}/approve"), "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert_eq!(draft_state(&desk, &draft).await, DraftState::Waiting);
}

#[tokio::test]
async fn a_refused_wish_and_a_refused_reason_come_back_in_their_own_boxes() {
    let mut desk = Desk::open().await;
    let (_, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let long = "a".repeat(1_001);
    let wish = desk.post(&format!("/drafts/{draft}/regenerate"), &format!("instruction={long}")).await;
    assert!(wish.body.contains(&format!("Thursday\">{long}</textarea>")), "{}", wish.body);
    let reason = desk.post(&format!("/drafts/{draft}/reject"), &format!("reason={long}")).await;
    assert!(reason.body.contains(&format!("name=\"reason\" rows=\"2\">{long}</textarea>")), "{}", reason.body);
    desk.post(&format!("/drafts/{draft}/reject"), "").await;
    let late = desk.post(&format!("/drafts/{draft}/regenerate"), "instruction=Shorter,+please").await;
    assert!(late.body.contains("Your text, not sent") && late.body.contains("Shorter, please"), "{}", late.body);
}

#[tokio::test]
async fn whatever_waits_can_be_reached_and_is_counted() {
    let mut desk = Desk::open().await;
    for n in 1..=103 {
        desk.seed(&format!("Lead no. {n:03}"), "Hello?", "Hi!").await;
        desk.time.advance(Duration::from_secs(1));
    }
    let (first, second) = (desk.get("/").await.body, desk.get("/?page=2").await.body);
    for page in [&first, &second] {
        assert!(page.contains("Waiting for you <span class=\"count\">103</span>"), "{page}");
    }
    assert!(first.contains("1–100 of 103") && first.contains("href=\"/?page=2\"") && first.contains("Lead no. 103"));
    assert!(second.contains("101–103 of 103") && second.contains("href=\"/?page=1\""), "{second}");
    assert!(second.contains("Lead no. 001") && !second.contains("Lead no. 004") && !first.contains("Lead no. 003"));
    assert!(second.contains("data-page=\"/?page=2\""), "live updates stay on the page");
    let third = desk.get("/?page=3").await.body;
    assert!(third.contains("What waits stands on the pages before this one."), "{third}");
    assert_eq!(desk.get("/?page=0").await.status, StatusCode::OK);
    assert_eq!(desk.get("/?page=99999999999999999999").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_was_just_done_is_told_for_as_long_as_it_is_true() {
    let mut desk = Desk::open().await;
    let (id, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let page = format!("/conversations/{id}?done=approved");
    assert!(!desk.get(&page).await.body.contains("Approved."), "nothing was approved");
    desk.post(&format!("/drafts/{draft}/approve"), "").await;
    assert!(desk.get(&page).await.body.contains("Approved. Rapport is sending it."));
    desk.post(&format!("/conversations/{id}/take-over"), "").await;
    let taken = desk.get(&page).await.body;
    assert!(!taken.contains("Rapport is sending it.") && taken.contains("Hand back"), "{taken}");
}

#[tokio::test]
async fn a_name_or_a_text_that_runs_the_other_way_leaves_the_rest_in_its_order() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("\u{202e}Dana", "Is it \u{202e}true?", "Yes.").await;
    let list = desk.get("/").await.body;
    assert!(list.contains("<bdi>Dana</bdi> <bdi class=\"number\">(202) 555-0111</bdi>"), "{list}");
    assert!(list.contains("<span class=\"snippet\" dir=\"auto\">Is it true?</span>"), "{list}");
    let page = desk.get(&format!("/conversations/{id}")).await.body;
    assert!(page.contains("<p class=\"text\" dir=\"auto\">Is it"), "{page}");
}

#[tokio::test]
async fn an_outage_of_the_database_is_told_without_its_words_and_with_a_way_on() {
    let desk = Desk::open().await;
    desk.app.store.close().await;
    let page = desk.get("/conversations/conv_1?done=mode").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("cannot reach its database") && !page.body.contains("pool"), "{}", page.body);
    assert!(page.body.contains("href=\"/conversations/conv_1?done=mode\">Try again</a>"), "{}", page.body);
    let request = axum::http::Request::post("/drafts/draft_1/edit")
        .header("host", "localhost:8787")
        .header("sec-fetch-site", "same-origin")
        .header("referer", "http://localhost:8787/conversations/conv_1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from("text=My+own+words"))
        .expect("a request");
    let page = desk.send(request).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("href=\"/conversations/conv_1\">Back to the conversation</a>"), "{}", page.body);
}

#[tokio::test]
async fn a_client_that_asks_for_json_gets_the_refusal_as_json() {
    let desk = Desk::open().await;
    let request = axum::http::Request::post("/drafts/draft_none/approve")
        .header("host", "localhost")
        .header("accept", "application/json")
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = desk.send(request).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.body.starts_with("{\"error\":"), "{}", answer.body);
}

#[tokio::test]
async fn another_sites_page_cannot_approve() {
    let mut desk = Desk::open().await;
    let (_, draft) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let request = axum::http::Request::post(format!("/drafts/{draft}/approve"))
        .header("host", "localhost:8787")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .body(axum::body::Body::empty())
        .expect("a request");
    assert_eq!(desk.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(draft_state(&desk, &draft).await, DraftState::Waiting);
}

#[tokio::test]
async fn pausing_needs_a_reason_and_is_shown_on_every_page_until_resumed() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let without = desk.post("/pause", "reason=+").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.post("/pause", "reason=wrong+prices").await.status, StatusCode::SEE_OTHER);
    for path in ["/".to_owned(), format!("/conversations/{id}")] {
        let page = desk.get(&path).await;
        assert!(page.body.contains("Rapport is paused.") && page.body.contains("wrong prices"), "{}", page.body);
    }
    assert_eq!(desk.post("/resume", &named(&desk).await).await.status, StatusCode::SEE_OTHER);
    assert!(!desk.get("/").await.body.contains("Rapport is paused."));
}

/// The pause that the desk shows, as its form names it.
async fn named(desk: &Desk) -> String {
    let page = desk.get("/").await.body;
    let (_, field) = page.split_once(r#"name="since" value=""#).expect("a pause to lift");
    format!("since={}", field.split_once('"').expect("a value").0)
}

#[tokio::test]
async fn a_page_from_before_the_last_pause_does_not_lift_it() {
    let desk = Desk::open().await;
    desk.post("/pause", "reason=wrong+prices").await;
    let seen = named(&desk).await;
    desk.time.advance(Duration::from_secs(90));
    desk.post("/pause", "reason=wrong+names+too").await;
    let late = desk.post("/resume", &seen).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("paused anew meanwhile (wrong names too"), "{}", late.body);
    for unnamed in ["", "since=", "since=yesterday", "since=9223372036854775807"] {
        assert_eq!(desk.post("/resume", unnamed).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{unnamed}");
    }
    assert!(desk.get("/").await.body.contains("Rapport is paused."));
    assert_eq!(desk.post("/resume", &named(&desk).await).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.post("/resume", &seen).await.status, StatusCode::SEE_OTHER, "nothing is left to lift");
}

#[tokio::test]
async fn the_exact_prompt_is_shown_as_text_and_never_as_markup() {
    let mut desk = Desk::open().await;
    desk.seed("Dana", "Hello?", "Hi Dana!").await;
    let page = desk.get("/turns/turn_1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("&#60;lead&#62;Does it work with &#60;b&#62;solar"), "{}", page.body);
    assert!(page.body.contains("812 of 4000 tokens"), "{}", page.body);
}

#[tokio::test]
async fn the_count_while_typing_is_the_one_on_the_air() {
    let desk = Desk::open().await;
    let plain = desk.post("/desk/segments", &format!("text={}", "a".repeat(161))).await;
    assert!(plain.body.contains("161 characters · 2 segments"), "{}", plain.body);
    // U+00E1 is outside the GSM alphabet (3GPP TS 23.038): 71 characters no longer fit the 70 of one UCS-2 text.
    let accented = desk.post("/desk/segments", &format!("text=%C3%A1{}", "a".repeat(70))).await;
    assert!(accented.body.contains("71 characters · 2 segments"), "{}", accented.body);
    assert!(accented.body.contains("only 70 characters"), "{}", accented.body);
    // A phone types U+2019 for an apostrophe; it is sent as a plain one.
    let curly = desk.post("/desk/segments", &format!("text=%E2%80%99{}", "a".repeat(70))).await;
    assert!(curly.body.contains("71 characters · 1 segment\""), "{}", curly.body);
}

#[tokio::test]
async fn unknown_pages_say_so() {
    let desk = Desk::open().await;
    for path in ["/nothing-here", "/conversations/conv_none", "/turns/turn_none"] {
        let page = desk.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("<h1>Not here</h1>"), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn nothing_runs_on_the_page_that_is_not_ours() {
    let desk = Desk::open().await;
    let page = desk.get("/").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("default-src 'none'"), "{policy}");
    assert!(!page.body.contains("<script>") && !page.body.contains(" style=") && !page.body.contains(" onclick="));
    assert_eq!(page.header("x-frame-options"), "SAMEORIGIN");
    let script =
        page.body.split('"').find(|part| part.starts_with("/assets/") && part.contains(".js")).expect("a script");
    let script = desk.get(script).await;
    assert_eq!(script.status, StatusCode::OK);
    assert!(script.header("cache-control").contains("immutable"));
}

/// The page's main part, with what differs between builds and runs left out.
fn stable(page: &str, conversation: &str) -> String {
    let start = page.find("<main").expect("a main part");
    page[start..].replace(conversation, "conv_1").lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn only_the_origins_in_the_settings_may_show_the_desk_in_a_frame() {
    let frame_origins = vec!["http://127.0.0.1:8808".to_owned()];
    let desk = Desk::with(DeskSettings { frame_origins, ..DeskSettings::default() }).await;
    let page = desk.get("/").await;
    assert!(page.header("content-security-policy").ends_with("frame-ancestors 'self' http://127.0.0.1:8808"));
    assert_eq!(page.header("x-frame-options"), "", "it cannot name an origin");
}

#[tokio::test]
async fn the_list_looks_like_this() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("Dana", "Does it work with our panels?", "Yes, it does.").await;
    insta::assert_snapshot!(stable(&desk.get("/").await.body, &id));
}

#[tokio::test]
async fn the_conversation_looks_like_this() {
    let mut desk = Desk::open().await;
    let (id, _) = desk.seed("Dana", "Does it work with our panels?", "Yes, it does.").await;
    insta::assert_snapshot!(stable(&desk.get(&format!("/conversations/{id}")).await.body, &id));
}

#[tokio::test]
async fn one_text_is_judged_on_the_desk_as_rapport_try_judges_a_list() {
    let desk = Desk::open().await;
    let form = desk.get("/try").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(desk.get("/").await.body.contains("href=\"/try\""), "the desk leads there");
    let stop = desk.post("/try", "text=pls+take+me+off+ur+list").await;
    for part in ["<span class=\"tag stop\">Stop</span>", "opt out", "23 characters · 1 segment", "GSM-7", "tokens"] {
        assert!(stop.body.contains(part), "{part} in {}", stop.body);
    }
    let reply = desk.post("/try", "text=It%E2%80%99s+only+%2499%2C+guaranteed.&heard=How+much+is+it%3F").await;
    for part in ["invented number:", "$99", "Sent as:", "It&#39;s only $99, guaranteed.", "the lead's text above"] {
        assert!(reply.body.contains(part), "{part} in {}", reply.body);
    }
    let fine = desk.post("/try", "text=What+matters+most+to+you%3F").await;
    assert!(fine.body.contains("No check has anything against it."), "{}", fine.body);
    assert!(fine.body.contains("No stop"), "{}", fine.body);
}

#[tokio::test]
async fn hours_are_tried_for_a_number_and_mistakes_are_told_with_what_was_typed() {
    let desk = Desk::open().await;
    // 2018-12-08, a Saturday, 05:17 in Denver.
    let night = desk.post("/try", "text=Hi&phone=%2B13035550142&zone=America%2FDenver").await;
    for part in ["Waits", "America/Denver", "datetime=\"2018-12-08T17:00:00Z\""] {
        assert!(night.body.contains(part), "{part} in {}", night.body);
    }
    for (form, words) in [
        ("text=+", "There is no text to try."),
        (&format!("text={}", "a".repeat(10_001)), "at most 10000 characters"),
        ("text=Hi&phone=nobody", "The phone number:"),
        ("text=Hi&phone=%2B13035550142&zone=Denver", "is not a time zone such as America/Denver"),
    ] {
        let refused = desk.post("/try", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.body.contains(words), "{words} in {}", refused.body);
    }
    assert!(desk.post("/try", "text=Hi+there&phone=nobody").await.body.contains(">Hi there</textarea>"));
}

#[tokio::test]
async fn trying_a_text_keeps_nothing_and_shows_it_as_text() {
    let desk = Desk::open().await;
    let revision = desk.app.store.revision().await.expect("reads");
    let page = desk.post("/try", "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(page.body.contains("&#60;script&#62;") && !page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(desk.app.store.revision().await.expect("reads"), revision);
    assert!(desk.app.store.conversations(10).await.expect("reads").is_empty());
}

#[tokio::test]
async fn trying_a_text_needs_the_password_like_every_page() {
    let password = Some(secrecy::SecretString::from("open sesame"));
    let desk = Desk::with(DeskSettings { password, ..DeskSettings::default() }).await;
    assert_eq!(desk.get("/try").await.status, StatusCode::SEE_OTHER, "sign in first");
    assert_eq!(desk.post("/try", "text=Hi").await.status, StatusCode::UNAUTHORIZED);
}
