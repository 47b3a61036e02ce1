//! The names of custom fields, so that a lead's facts can be read by people and models. Best effort.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::client::{Call, CloseClient};
use super::json::Fields;
use crate::runtime::clock::after;

/// How long a schema is used before it is read again.
const KEPT: Duration = Duration::from_mins(10);
/// How long a failure to read it is remembered.
const FAILURE_KEPT: Duration = Duration::from_mins(1);
/// Types whose values are ids or not meant to be seen.
const OPAQUE_TYPES: &[&str] = &["user", "contact", "custom_object", "hidden"];

/// Field ids and their labels; none for a field that is not shown.
type Labels = BTreeMap<String, Option<String>>;

/// What is known of one object type, and until when.
type Known = (Timestamp, Arc<Labels>);

/// The schemas read so far, by object type.
#[derive(Clone, Default)]
pub(super) struct Schemas(Arc<Mutex<HashMap<&'static str, Known>>>);

impl CloseClient {
    /// The labels of the custom fields of `lead` or `contact`. Empty when Close does not tell.
    pub(super) async fn custom_labels(&self, object_type: &'static str) -> Arc<Labels> {
        let now = self.clock().now();
        let known = self.schemas().0.lock().unwrap_or_else(PoisonError::into_inner).get(object_type).cloned();
        if let Some((_, labels)) = known.filter(|(until, _)| *until > now) {
            return labels;
        }
        let call = Call::get(format!("custom_field_schema/{object_type}"), "read the names of custom fields");
        let (labels, kept) = match self.read(call).await {
            Ok(schema) => (read_labels(Fields::of(&schema)), KEPT),
            Err(error) => {
                tracing::debug!("custom fields go without their labels: {error}");
                (Labels::new(), FAILURE_KEPT)
            }
        };
        let labels = Arc::new(labels);
        let entry = (after(now, kept), labels.clone());
        self.schemas().0.lock().unwrap_or_else(PoisonError::into_inner).insert(object_type, entry);
        labels
    }
}

fn read_labels(schema: Fields<'_>) -> Labels {
    let fields = if schema.value("fields").is_some() { schema.list("fields") } else { schema.list("data") };
    let read = |field: &Value| {
        let field = Fields::of(field);
        let opaque = field.text("type").is_some_and(|kind| OPAQUE_TYPES.contains(&kind.as_str()));
        Some((field.text("id")?, field.text("name").filter(|_| !opaque)))
    };
    fields.iter().filter_map(read).collect()
}

/// The custom fields of a lead or contact by label: `custom.cf_…` keys, or else the older map by name under `custom`.
pub(super) fn custom_fields(object: Fields<'_>, labels: &Labels) -> Vec<(String, String)> {
    let labelled = object.entries().filter_map(|(key, value)| {
        let label = labels.get(key.strip_prefix("custom.")?)?.clone()?;
        Some((label, shown(value)?))
    });
    let mut found: Vec<(String, String)> = labelled.collect();
    if labels.is_empty() {
        let by_name = object.object("custom").entries();
        found.extend(by_name.filter_map(|(name, value)| Some((name.clone(), shown(value)?))));
    }
    found.sort();
    found
}

/// A custom field's value in words; none for what only Close understands.
fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Array(items) => items.iter().filter_map(shown).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Object(_) => return None,
    };
    let is_id = ["user_", "cont_", "lead_", "custobj_"].iter().any(|prefix| text.starts_with(prefix));
    (!text.is_empty() && !is_id).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::get;
    use http::StatusCode;
    use serde_json::json;

    use super::super::client::tests::{client_for, drive};
    use super::*;

    #[test]
    fn fields_are_shown_by_label_and_ids_are_not() {
        let schema = json!({"fields": [{"id":"cf_1","name":"Industry","type":"text"},
            {"id":"cf_2","name":"Owner","type":"user"}, {"id":"cf_3","name":"Days","type":"choices"}]});
        let labels = read_labels(Fields::of(&schema));
        let lead = json!({"custom.cf_1":"Bakery","custom.cf_2":"user_9","custom.cf_3":["Mon","Wed"],
            "custom.cf_unknown":"x","custom":{"Industry":"Bakery"}});
        let wanted = vec![("Days".into(), "Mon, Wed".into()), ("Industry".into(), "Bakery".into())];
        assert_eq!(custom_fields(Fields::of(&lead), &labels), wanted);
        let by_name = vec![("Industry".to_owned(), "Bakery".to_owned())];
        assert_eq!(custom_fields(Fields::of(&lead), &Labels::new()), by_name);
    }

    #[tokio::test]
    async fn a_schema_is_read_once_in_ten_minutes_and_may_fail() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let handler = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { r#"{"fields":[{"id":"cf_1","name":"Industry"}]}"# }
        };
        let router = Router::new()
            .route("/api/v1/custom_field_schema/lead/", get(handler))
            .route("/api/v1/custom_field_schema/contact/", get(|| async { StatusCode::FORBIDDEN }));
        let (client, time) = client_for(router);
        client.custom_labels("lead").await;
        time.advance(Duration::from_secs(599));
        assert_eq!(client.custom_labels("lead").await.len(), 1);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        time.advance(Duration::from_secs(2));
        client.custom_labels("lead").await;
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        assert!(drive(&client, &time, client.custom_labels("contact")).await.is_empty());
    }
}
