//! `rapport demo`, as a newcomer starts it.

use crate::support::outside::Outside;
use crate::support::program::Workshop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_from_the_phone_is_answered() {
    let outside = Outside::new().await;
    let workshop = Workshop::new("");
    let demo = workshop.start(&["demo", "--port", "0", "--auto"]);
    let page_url = demo.address();
    let (status, page) = outside.get(&page_url).await;
    assert_eq!(status, 200);
    assert!(page.contains("scripted"), "the page says what answers");
    let lead = page.split("lead_").nth(1).expect("a lead on the page");
    let lead: String = lead.chars().take_while(char::is_ascii_alphanumeric).collect();
    let phone = format!("{page_url}/phone/lead_{lead}");
    let (_, before) = outside.get(&phone).await;

    let (status, _) = outside.post_json(&phone, serde_json::json!({ "text": "What does it cost?" })).await;
    assert!(status < 300, "{status}");

    let texts = |json: &str| serde_json::from_str::<Vec<serde_json::Value>>(json).expect("a thread").len();
    outside.until("the reply on the phone", async || texts(&outside.get(&phone).await.1) >= texts(&before) + 2).await;
    let (_, after) = outside.get(&phone).await;
    let reply = serde_json::from_str::<Vec<serde_json::Value>>(&after).expect("a thread").pop().expect("a reply");
    assert_eq!(reply["mine"], false);
    assert!(reply["text"].as_str().expect("words").contains('$'), "it answers the question: {reply}");
    assert_eq!(demo.terminate(), Some(0));
}
