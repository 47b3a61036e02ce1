//! `task/` and `activity/note/`: what a rep is told to do, and what is written down.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::state::{Origin, State};
use super::{CloseSim, field_error, general_error, list_page, refusal};
use crate::sim::wire::{Params, Refusal, answer, difference, object_of, text, text_at};

pub(super) fn routes() -> Router<CloseSim> {
    Router::new()
        .route("/task/", get(list).post(create))
        .route("/task/{id}/", get(one).put(update).delete(delete))
        .route("/activity/note/", get(list_notes).post(create_note))
        .route("/activity/note/{id}/", get(one_note))
}

async fn list(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let matches = |task: &&Value| {
        params.iter().all(|(key, wanted)| match key.as_str() {
            "_type" | "lead_id" | "assigned_to" | "id" => task[key] == wanted.as_str(),
            "_type__in" => wanted.split(',').any(|kind| task["_type"] == kind),
            "id__in" => wanted.split(',').any(|id| task["id"] == id),
            "is_complete" => task["is_complete"] == (wanted == "true"),
            _ => true,
        })
    };
    // Without a type, Close lists the tasks people made.
    let typed = params.contains_key("_type") || params.contains_key("_type__in");
    let shown = |task: &&Value| typed || task["_type"] == "lead";
    let found = sim.locked(|state| state.tasks.iter().filter(matches).filter(shown).cloned().collect());
    Ok(answer(200, &list_page(found, &params)?))
}

async fn one(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.tasks.iter().find(|task| task["id"] == id.as_str()).cloned());
    found.map(|task| answer(200, &task)).ok_or_else(|| refusal(404, "Task not found."))
}

async fn create(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    let given = Value::Object(given);
    let kind = text_at(&given, "_type").unwrap_or_else(|| "lead".to_owned());
    if !["lead", "outgoing_call"].contains(&kind.as_str()) {
        return Err(field_error("_type", "Only lead and outgoing_call tasks can be created."));
    }
    sim.locked(|state| {
        if !state.leads.iter().any(|lead| lead["id"] == given["lead_id"]) {
            return Err(field_error("lead_id", "This lead does not exist."));
        }
        let (id, date) = (state.id("task"), state.date());
        let assigned_to = text_at(&given, "assigned_to").or_else(|| origin.user_id.clone());
        let task = json!({
            "_type": kind, "id": id, "organization_id": state.organization_id, "lead_id": given["lead_id"],
            "contact_id": given["contact_id"], "assigned_to": assigned_to, "text": given["text"],
            "date": given["date"], "due_date": given["date"], "is_complete": false, "is_dateless": given["date"].is_null(),
            "object_type": null, "object_id": null, "view": "inbox", "created_by": origin.user_id,
            "updated_by": origin.user_id, "date_created": date, "date_updated": date,
        });
        state.tasks.push(task.clone());
        state.record(("task.lead", "created"), &task, json!({}), &origin);
        Ok(answer(200, &task))
    })
}

async fn update(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    sim.locked(|state| {
        let date = state.date();
        let task = state.tasks.iter_mut().find(|task| task["id"] == id.as_str());
        let task = task.ok_or_else(|| refusal(404, "Task not found."))?;
        let before = task.clone();
        for (key, value) in
            given.iter().filter(|(key, _)| ["is_complete", "text", "date", "assigned_to"].contains(&key.as_str()))
        {
            task[key] = value.clone();
        }
        task["date_updated"] = json!(date);
        let after = task.clone();
        let (_, previous) = difference(&before, &after);
        let kind = format!("task.{}", text(&after, "_type"));
        state.record((&kind, "updated"), &after, previous, &origin);
        Ok(answer(200, &after))
    })
}

async fn delete(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
) -> Result<Response, Refusal> {
    sim.locked(|state| {
        let place = state.tasks.iter().position(|task| task["id"] == id.as_str());
        let task = state.tasks.remove(place.ok_or_else(|| refusal(404, "Task not found."))?);
        let kind = format!("task.{}", text(&task, "_type"));
        state.record((&kind, "deleted"), &task, json!({}), &origin);
        Ok(answer(200, &json!({})))
    })
}

impl CloseSim {
    /// A user says in Close that a task is done; false when it is unknown.
    pub fn rep_completes_task(&self, user: &str, id: &str) -> bool {
        self.locked(|state| {
            let date = state.date();
            let Some(task) = state.tasks.iter_mut().find(|task| task["id"] == id) else { return false };
            task["is_complete"] = json!(true);
            task["date_updated"] = json!(date);
            let after = task.clone();
            let origin = Origin { user_id: Some(user.to_owned()), ..Origin::default() };
            state.record(("task.lead", "completed"), &after, json!({ "is_complete": false }), &origin);
            true
        })
    }
}

/// The inbox item that an inbound text makes.
pub(super) fn add_incoming_sms(state: &mut State, object: &Value) {
    let (id, date) = (state.id("noti"), state.date());
    let task = json!({
        "_type": "incoming_sms", "id": id, "organization_id": state.organization_id, "lead_id": object["lead_id"],
        "contact_id": object["contact_id"], "assigned_to": object["user_id"], "object_type": "sms",
        "object_id": object["id"], "text": object["text"], "local_phone": object["local_phone"],
        "remote_phone": object["remote_phone"], "date": date, "due_date": date, "is_complete": false,
        "view": "inbox", "created_by": null, "updated_by": null, "date_created": date, "date_updated": date,
    });
    state.tasks.push(task.clone());
    state.record(("task.incoming_sms", "created"), &task, json!({}), &Origin::default());
}

async fn list_notes(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let lead = params.get("lead_id");
        let matching =
            state.notes.iter().filter(|n| lead.is_none_or(|ids| ids.split(',').any(|id| n["lead_id"] == id)));
        matching.cloned().collect()
    });
    Ok(answer(200, &list_page(found, &params)?))
}

async fn one_note(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.notes.iter().find(|note| note["id"] == id.as_str()).cloned());
    found.map(|note| answer(200, &note)).ok_or_else(|| refusal(404, "Note not found."))
}

async fn create_note(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    let given = Value::Object(given);
    sim.locked(|state| {
        if !state.leads.iter().any(|lead| lead["id"] == given["lead_id"]) {
            return Err(field_error("lead_id", "This lead does not exist."));
        }
        Ok(answer(200, &add_note(state, &given, &origin)))
    })
}

/// Adds a note to a lead, with its event.
pub(super) fn add_note(state: &mut State, given: &Value, origin: &Origin) -> Value {
    let (id, date) = (state.id("acti"), state.date());
    let user = text_at(given, "user_id").or_else(|| origin.user_id.clone());
    let note = text_at(given, "note").unwrap_or_default();
    let html = text_at(given, "note_html").unwrap_or_else(|| format!("<p>{note}</p>"));
    let note = json!({
        "_type": "Note", "id": id, "organization_id": state.organization_id, "lead_id": given["lead_id"],
        "contact_id": given["contact_id"], "user_id": user, "users": [], "note": note, "note_html": html,
        "title": given["title"], "pinned": given["pinned"] == true, "attachments": [], "activity_at": date,
        "created_by": origin.user_id, "updated_by": origin.user_id, "date_created": date, "date_updated": date,
    });
    state.notes.push(note.clone());
    state.record(("activity.note", "created"), &note, json!({}), origin);
    note
}
