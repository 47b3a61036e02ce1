//! What people do: leads text, reps type and send, workflows send, carriers refuse. And what a test asks afterwards.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::state::{Origin, SentText, State};
use super::{CloseSim, sms, task};
use crate::sim::wire::{text, zoned};

/// What Twilio answers for a recipient who opted out; Close's own wording is not published.
const OPTED_OUT: &str = "21610: The message cannot be sent because the recipient has opted out.";
/// Twilio's default keywords: the whole text must be one of them.
const STOP_WORDS: [&str; 6] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"];
const START_WORDS: [&str; 3] = ["START", "YES", "UNSTOP"];

impl CloseSim {
    /// A person at `from` texts our number `to`; returns the activity's id.
    pub fn lead_texts(&self, from: &str, to: &str, text: &str) -> String {
        self.receive(from, to, text, &json!([]))
    }

    /// A person texts with pictures, given as `(file name, content type)`.
    pub fn lead_texts_media(&self, from: &str, to: &str, text: &str, media: &[(&str, &str)]) -> String {
        let attachment = |(filename, content_type): &(&str, &str)| {
            let media_id = self.locked(|state| state.id("media"));
            let url = format!("https://app.close.com/go/sms/media/{media_id}/");
            json!({ "filename": filename, "content_type": content_type, "media_id": media_id, "size": 15148,
                    "thumbnail_url": format!("{url}thumbnail/"), "url": url })
        };
        let attachments: Value = media.iter().map(attachment).collect();
        self.receive(from, to, text, &attachments)
    }

    fn receive(&self, from: &str, to: &str, text: &str, attachments: &Value) -> String {
        let carrier_stops = self.0.carrier_stops.load(Ordering::Relaxed);
        self.locked(|state| {
            let owner = state.number(to).map(|number| number["user_id"].clone()).unwrap_or_default();
            let given = members(json!({
                "status": "inbox", "local_phone": to, "remote_phone": from, "text": text, "user_id": owner,
                "attachments": attachments,
            }));
            if carrier_stops {
                obey(state, from, text);
            }
            let object = state.new_text(&given, &Origin::default());
            let object = state.add_text(object, &Origin::default());
            task::add_incoming_sms(state, &object);
            id_of(&object)
        })
    }

    /// A rep writes to a lead in Close and sends; returns the activity's id.
    pub fn rep_sends(&self, user: &str, to_lead_number: &str, from: &str, text: &str) -> String {
        self.leaves_as(user, &json!({ "local_phone": from, "remote_phone": to_lead_number, "text": text }))
    }

    /// A workflow sends a text in the name of its owner; returns the activity's id.
    pub fn workflow_sends(&self, user: &str, to_lead_number: &str, from: &str, text: &str) -> String {
        let sequence = self.locked(|state| (state.id("seq"), state.id("sub")));
        self.leaves_as(
            user,
            &json!({
                "local_phone": from, "remote_phone": to_lead_number, "text": text, "sequence_id": sequence.0,
                "sequence_name": "New lead follow-up", "sequence_subscription_id": sequence.1,
            }),
        )
    }

    fn leaves_as(&self, user: &str, given: &Value) -> String {
        let id = self.locked(|state| {
            let origin = by_user(state, user);
            let mut given = members(given.clone());
            given.insert("status".into(), json!("outbox"));
            let object = state.new_text(&given, &origin);
            let object = state.add_text(object, &origin);
            sms::queue(state, &object, 0, &origin);
            id_of(&object)
        });
        self.settle_outbox();
        id
    }

    /// A rep starts to type: Close saves a draft with the half-typed text. Returns the activity's id.
    pub fn rep_types_draft(&self, user: &str, to_lead_number: &str, from: &str, text: &str) -> String {
        self.locked(|state| {
            let origin = by_user(state, user);
            let given = members(json!({
                "status": "draft", "local_phone": from, "remote_phone": to_lead_number, "text": text,
            }));
            let object = state.new_text(&given, &origin);
            id_of(&state.add_text(object, &origin))
        })
    }

    /// A rep goes on typing in a draft; false when there is no such draft.
    pub fn rep_edits_draft(&self, user: &str, id: &str, text: &str) -> bool {
        self.edit_draft(user, id, |object| object["text"] = json!(text)).is_some()
    }

    /// A rep sends a draft, also one made through the API; false when there is no such draft.
    pub fn rep_sends_draft(&self, user: &str, id: &str) -> bool {
        let Some(object) = self.edit_draft(user, id, |object| object["status"] = json!("outbox")) else { return false };
        self.locked(|state| {
            let origin = by_user(state, user);
            sms::queue(state, &object, 0, &origin);
        });
        self.settle_outbox();
        true
    }

    /// A rep takes back a text that has not left yet: it is a draft again. False when it has left (Close docs, "Update an SMS
    /// activity").
    pub fn rep_pulls_back(&self, user: &str, id: &str) -> bool {
        self.locked(|state| {
            state.text_by_id(id).filter(|object| object["status"] == "outbox")?;
            let origin = by_user(state, user);
            state.change_text(id, "updated", &origin, |object| object["status"] = json!("draft"))
        })
        .is_some()
    }

    /// A rep throws a draft away; false when there is no such draft.
    pub fn rep_discards_draft(&self, user: &str, id: &str) -> bool {
        self.locked(|state| {
            let draft = |object: &Value| object["id"] == id && object["status"] == "draft";
            let Some(place) = state.texts.iter().position(draft) else { return false };
            let object = state.texts.remove(place);
            let origin = by_user(state, user);
            state.record(("activity.sms", "deleted"), &object, json!({}), &origin);
            true
        })
    }

    fn edit_draft(&self, user: &str, id: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        self.locked(|state| {
            state.text_by_id(id).filter(|object| object["status"] == "draft")?;
            let origin = by_user(state, user);
            state.change_text(id, "updated", &origin, edit)
        })
    }

    /// An earlier text of a conversation, outbound or inbound, without events: it was there before anyone listened.
    pub fn add_history(&self, number: &str, ours: &str, (inbound, text): (bool, &str), at: Timestamp) -> String {
        self.locked(|state| {
            let origin = if inbound { Origin::default() } else { by_first_user(state) };
            let given = members(json!({
                "status": if inbound { "inbox" } else { "sent" }, "local_phone": ours, "remote_phone": number,
                "text": text, "date_created": zoned(at), "activity_at": zoned(at),
            }));
            let object = state.new_text(&given, &origin);
            state.texts.push(object.clone());
            id_of(&object)
        })
    }

    /// A note on a lead, by the first user.
    pub fn add_note(&self, lead_id: &str, note: &str) {
        self.locked(|state| {
            let origin = by_first_user(state);
            task::add_note(state, &json!({ "lead_id": lead_id, "note": note }), &origin);
        });
    }

    /// A user puts a text of an unknown sender under a lead; false when there is no such text.
    pub fn rep_files_text(&self, user: &str, id: &str, lead_id: &str, contact_id: &str) -> bool {
        self.locked(|state| {
            let origin = by_user(state, user);
            let filed = state.change_text(id, "updated", &origin, |object| {
                object["lead_id"] = json!(lead_id);
                object["contact_id"] = json!(contact_id);
            });
            filed.is_some()
        })
    }

    /// Every text to `number` ends in an error as after an opt-out (Twilio 21610), and its contact shows
    /// `outbound_sms_blocked`.
    pub fn block_number(&self, number: &str) {
        self.locked(|state| block(state, number, true));
    }

    /// Every text to `number` ends in an error with this message.
    pub fn fail_number(&self, number: &str, message: &str) {
        self.locked(|state| state.failing.insert(number.to_owned(), message.to_owned()));
    }

    /// The carrier says later that a text which had left was not delivered. Nobody is told: there is no event.
    pub fn bounce(&self, id: &str, message: &str) {
        self.locked(|state| {
            if let Some(object) = state.texts.iter_mut().find(|text| text["id"] == id) {
                object["status"] = json!("error");
                object["error_message"] = json!(message);
            }
        });
    }

    /// Texts to `number` go through again.
    pub fn unblock_number(&self, number: &str) {
        self.locked(|state| block(state, number, false));
    }

    /// Every text that really left through the outbox, whoever put it there, in order.
    pub fn texts_sent(&self) -> Vec<SentText> {
        self.locked(|state| state.sent.clone())
    }

    /// Every text that was put into the outbox or scheduled, whether it left or not, in order.
    pub fn texts_attempted(&self) -> Vec<SentText> {
        self.locked(|state| state.attempted.clone())
    }

    /// The drafts there are now.
    pub fn drafts(&self) -> Vec<Value> {
        self.locked(|state| state.texts.iter().filter(|text| text["status"] == "draft").cloned().collect())
    }

    /// The SMS of this id; null when there is none.
    pub fn activity(&self, id: &str) -> Value {
        self.locked(|state| state.text_by_id(id).cloned().unwrap_or_default())
    }

    /// All texts between a lead's number and ours, oldest first.
    pub fn thread(&self, number: &str, ours: &str) -> Vec<Value> {
        let of_pair = |t: &&Value| t["remote_phone"] == number && t["local_phone"] == ours;
        let mut found: Vec<Value> = self.locked(|state| state.texts.iter().filter(of_pair).cloned().collect());
        found.sort_by(|a, b| text(a, "date_created").cmp(text(b, "date_created")));
        found
    }

    /// All leads with their contacts' ids, in the order they were added.
    pub fn leads(&self) -> Vec<Value> {
        self.locked(|state| state.leads.clone())
    }

    /// The contacts of a lead.
    pub fn contacts(&self, lead_id: &str) -> Vec<Value> {
        self.locked(|state| state.contacts.iter().filter(|contact| contact["lead_id"] == lead_id).cloned().collect())
    }

    /// The event log, oldest first.
    pub fn events(&self) -> Vec<Value> {
        self.locked(|state| state.events.iter().map(|event| event.body.clone()).collect())
    }

    /// The tasks, inbox items included.
    pub fn tasks(&self) -> Vec<Value> {
        self.locked(|state| state.tasks.clone())
    }

    /// The notes, oldest first.
    pub fn notes(&self) -> Vec<Value> {
        self.locked(|state| state.notes.clone())
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn id_of(object: &Value) -> String {
    text(object, "id").to_owned()
}

/// A change made in Close's own window: a request, but no API key.
fn by_user(state: &State, user: &str) -> Origin {
    Origin {
        user_id: Some(user.to_owned()),
        request_id: Some(state.id("req")),
        method: Some("POST".to_owned()),
        path: Some("/api/v1/activity/sms/".to_owned()),
        api_key_id: None,
    }
}

fn by_first_user(state: &State) -> Origin {
    let user = state.users.first().map(|user| text(user, "id").to_owned()).unwrap_or_default();
    by_user(state, &user)
}

fn block(state: &mut State, number: &str, blocked: bool) {
    if blocked {
        state.failing.insert(number.to_owned(), OPTED_OUT.to_owned());
    } else {
        state.failing.remove(number);
    }
    let phones = state.contacts.iter_mut().filter_map(|contact| contact["phones"].as_array_mut()).flatten();
    for phone in phones.filter(|phone| phone["phone"] == number) {
        phone["outbound_sms_blocked"] = json!(blocked);
    }
}

fn obey(state: &mut State, from: &str, text: &str) {
    let word = text.trim().to_uppercase();
    if STOP_WORDS.contains(&word.as_str()) {
        block(state, from, true);
    } else if START_WORDS.contains(&word.as_str()) {
        block(state, from, false);
    }
}
