//! Tasks: what a person at Close is told to do, and whom a lead belongs to.

use http::Method;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::client::{Call, CloseClient, path_id};
use super::error::CloseError;
use super::json::Fields;
use super::sms::listed;
use crate::runtime::upstream::CallKind;

const LIST: &str = "list the lead's tasks at Close";
/// Close's own default for `_limit`.
const PAGE_SIZE: usize = 100;
/// Pages read of one lead's tasks, at most.
const PAGES_MAX: usize = 20;

/// A task to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The lead it is about.
    pub lead_id: String,
    /// The user (`user_…`) who is to do it; without one Close gives it to the key's own user.
    pub assigned_to: Option<String>,
    /// What is to be done.
    pub text: String,
    /// The day by which.
    pub due: Date,
}

/// A task as Close holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// `task_…`.
    pub id: String,
    /// What is to be done.
    pub text: String,
    /// Somebody says that it is done.
    pub is_complete: bool,
    /// When it was made.
    pub date_created: Option<Timestamp>,
}

/// Whom a lead belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `user_…`.
    pub user_id: String,
    /// The first name, if Close tells it.
    pub first_name: Option<String>,
}

impl CloseClient {
    /// Makes a task for a person; no lead sees it.
    ///
    /// # Errors
    /// [`CloseError`]. Its outcome `Unknown` means that the task may exist: find it with [`CloseClient::tasks_of_lead`].
    pub async fn create_task(&self, task: &NewTask) -> Result<Task, CloseError> {
        const DURING: &str = "make the task at Close";
        let mut body =
            json!({ "_type": "lead", "lead_id": task.lead_id, "text": task.text, "date": task.due.to_string() });
        if let Some(user) = &task.assigned_to {
            body["assigned_to"] = Value::String(user.clone());
        }
        let answer = self.write(Call::write(Method::POST, "task", Some(body), DURING)).await;
        let answer = answer.map_err(|error| error.without(&task.text))?;
        read_task(&answer).ok_or_else(|| CloseError::Unreadable {
            during: DURING,
            reason: "no task with an id".to_owned(),
            kind: CallKind::Write,
        })
    }

    /// A task; none when Close does not have it (any more).
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn get_task(&self, id: &str) -> Result<Option<Task>, CloseError> {
        const DURING: &str = "read a task from Close";
        let found = self.find(Call::get(format!("task/{}", path_id(id, DURING)?), DURING)).await?;
        Ok(found.as_ref().and_then(read_task))
    }

    /// Deletes a task; one that is not there (any more) counts as deleted.
    ///
    /// # Errors
    /// [`CloseError`]. Deleting again is always safe.
    pub async fn delete_task(&self, id: &str) -> Result<(), CloseError> {
        const DURING: &str = "delete a task at Close";
        let path = format!("task/{}", path_id(id, DURING)?);
        match self.write_unread(Call::write(Method::DELETE, path, None, DURING)).await {
            Err(CloseError::Missing { .. }) => Ok(()),
            ended => ended,
        }
    }

    /// The tasks that people or programs gave to others about a lead, done ones included: somebody may have done one a
    /// moment ago.
    ///
    /// # Errors
    /// [`CloseError`], also when the lead has more tasks than are read; nothing was changed.
    pub async fn tasks_of_lead(&self, lead_id: &str) -> Result<Vec<Task>, CloseError> {
        let mut found = Vec::new();
        for page in 0..PAGES_MAX {
            let call = Call::get("task", LIST)
                .with("_type", "lead")
                .with("lead_id", lead_id)
                .with("_order_by", "-date_created")
                .with("_limit", PAGE_SIZE.to_string())
                .with("_skip", (page * PAGE_SIZE).to_string());
            let answer = self.read(call).await?;
            let fields = Fields::of(&answer);
            let data = listed(fields, LIST)?;
            found.extend(data.iter().filter_map(read_task));
            if !fields.flag("has_more").unwrap_or(data.len() >= PAGE_SIZE) || data.is_empty() {
                return Ok(found);
            }
        }
        let reason = format!("the lead has more than {} tasks", PAGES_MAX * PAGE_SIZE);
        Err(CloseError::Unreadable { during: LIST, reason, kind: CallKind::Read })
    }

    /// Whom a lead belongs to. Close knows no owner of a lead by itself: it is whom the custom field `field` (its name or its
    /// `cf_…` id) names, or else whoever has an open opportunity with the lead. None when neither is there.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn owner_of_lead(&self, lead_id: &str, field: Option<&str>) -> Result<Option<Owner>, CloseError> {
        const DURING: &str = "read the lead's owner from Close";
        let Some(lead) = self.find(Call::get(format!("lead/{}", path_id(lead_id, DURING)?), DURING)).await? else {
            return Ok(None);
        };
        let lead = Fields::of(&lead);
        if let Some(field) = field
            && let Some(user_id) = self.named_by(lead, field).await
        {
            let first_name = self.first_name_of(&user_id).await;
            return Ok(Some(Owner { user_id, first_name }));
        }
        let opportunities = lead.list("opportunities").iter().map(Fields::of);
        let open = opportunities.filter(|o| !matches!(o.text("status_type").as_deref(), Some("won" | "lost")));
        let owners =
            open.filter_map(|o| Some((o.time("date_created"), user_id(o.value("user_id")?)?, o.text("user_name"))));
        Ok(owners.max_by_key(|(made, ..)| *made).map(|(_, user_id, name)| {
            let first_name = name.and_then(|name| name.split_whitespace().next().map(str::to_owned));
            Owner { user_id, first_name }
        }))
    }

    /// The user in a lead's custom field.
    async fn named_by(&self, lead: Fields<'_>, field: &str) -> Option<String> {
        if let Some(user) = lead.value(&format!("custom.{field}")).and_then(user_id) {
            return Some(user);
        }
        let call = Call::get("custom_field_schema/lead", "read the names of custom fields");
        let schema = match self.read(call).await {
            Ok(schema) => schema,
            Err(error) => {
                tracing::debug!("the lead's owner is not looked up by its field: {error}");
                return None;
            }
        };
        let is_it = |known: &Fields<'_>| known.text("name").is_some_and(|name| name.eq_ignore_ascii_case(field));
        let id = Fields::of(&schema).list("fields").iter().map(Fields::of).find(is_it)?.text("id")?;
        lead.value(&format!("custom.{id}")).and_then(user_id)
    }

    /// The first name of a user; none when Close does not tell.
    async fn first_name_of(&self, user_id: &str) -> Option<String> {
        const DURING: &str = "read a user's name from Close";
        let path = format!("user/{}", path_id(user_id, DURING).ok()?);
        let user = self.find(Call::get(path, DURING)).await.ok()??;
        Fields::of(&user).text("first_name")
    }
}

/// A user's id: the value itself, the first of several, or an object's `id`.
fn user_id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()).filter(|id| id.starts_with("user_")),
        Value::Array(several) => several.iter().find_map(user_id),
        Value::Object(user) => user.get("id").and_then(user_id),
        _ => None,
    }
}

fn read_task(value: &Value) -> Option<Task> {
    let fields = Fields::of(value);
    Some(Task {
        id: fields.text("id")?,
        text: fields.raw_text("text").unwrap_or_default(),
        is_complete: fields.flag("is_complete").unwrap_or(false),
        date_created: fields.time("date_created"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::routing::{get, post};
    use axum::{Json, Router};

    use super::super::client::tests::client_for;
    use super::*;

    #[tokio::test]
    async fn a_task_is_written_with_the_documented_fields_only() {
        let seen = Arc::new(Mutex::new(Value::Null));
        let kept = seen.clone();
        let make = move |Json(body): Json<Value>| {
            *kept.lock().expect("no panic held it") = body;
            async { Json(json!({"id": "task_1", "text": "Call", "is_complete": false})) }
        };
        let (client, _) = client_for(Router::new().route("/api/v1/task/", post(make)));
        let due: Date = "2026-12-01".parse().expect("a day");
        let task = NewTask { lead_id: "lead_1".to_owned(), assigned_to: None, text: "Call".to_owned(), due };
        assert_eq!(client.create_task(&task).await.expect("made").id, "task_1");
        let wanted = json!({"_type": "lead", "lead_id": "lead_1", "text": "Call", "date": "2026-12-01"});
        assert_eq!(*seen.lock().expect("no panic held it"), wanted);
    }

    #[tokio::test]
    async fn an_owner_is_whom_the_field_names_or_who_has_the_newest_open_opportunity() {
        let lead = json!({"id": "lead_1", "custom.cf_1": "user_field", "opportunities": [
            {"user_id": "user_old", "status_type": "active", "date_created": "2026-01-01T00:00:00+00:00"},
            {"user_id": "user_new", "user_name": "Robin Reyes", "status_type": "active",
                "date_created": "2026-02-01T00:00:00+00:00"},
            {"user_id": "user_won", "status_type": "won", "date_created": "2026-03-01T00:00:00+00:00"}]});
        let schema = json!({"fields": [{"id": "cf_1", "name": "Lead Owner", "type": "user"}]});
        let router = Router::new()
            .route("/api/v1/lead/lead_1/", get(move || async { Json(lead) }))
            .route("/api/v1/custom_field_schema/lead/", get(move || async { Json(schema) }))
            .route("/api/v1/user/user_field/", get(|| async { Json(json!({"first_name": "Sam"})) }));
        let (client, _) = client_for(router);
        let owner = async |field| client.owner_of_lead("lead_1", field).await.expect("read").expect("an owner");
        let sam = Owner { user_id: "user_field".to_owned(), first_name: Some("Sam".to_owned()) };
        assert_eq!(owner(Some("lead owner")).await, sam);
        assert_eq!(owner(Some("cf_1")).await, sam);
        let robin = Owner { user_id: "user_new".to_owned(), first_name: Some("Robin".to_owned()) };
        assert_eq!(owner(None).await, robin);
        assert_eq!(owner(Some("Account manager")).await, robin, "a field that the lead does not have");
        assert_eq!(client.owner_of_lead("lead_gone", None).await.expect("read"), None);
    }
}
