//! The organisation's phone numbers, and who the API key belongs to.

use super::client::{Call, CloseClient};
use super::error::CloseError;
use super::json::Fields;
use super::sms::listed;
use crate::runtime::upstream::CallKind;

const PAGE_SIZE: usize = 100;

/// What kind of number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberKind {
    /// Close's own; the only kind that can text.
    Internal,
    /// A number of another carrier, for calls only.
    External,
    /// A number made up of others.
    Virtual,
    /// A kind this program does not know.
    Other(String),
}

/// One of the organisation's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// `phon_…`.
    pub id: String,
    /// E.164.
    pub number: String,
    /// The name people gave it.
    pub label: Option<String>,
    /// What kind of number it is.
    pub kind: NumberKind,
    /// Whether it can text; none when Close does not say.
    pub sms_enabled: Option<bool>,
}

impl PhoneNumber {
    /// True unless Close says that this number cannot text.
    #[must_use]
    pub fn can_text(&self) -> bool {
        self.sms_enabled != Some(false) && !matches!(self.kind, NumberKind::External)
    }
}

/// The user whose rights the API key has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// `user_…`.
    pub user_id: String,
    /// First and last name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// `orga_…`.
    pub organization_id: Option<String>,
    /// The organisation's name.
    pub organization_name: Option<String>,
}

impl CloseClient {
    /// Every number of the organisation.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn list_phone_numbers(&self) -> Result<Vec<PhoneNumber>, CloseError> {
        const DURING: &str = "list the phone numbers at Close";
        let mut numbers: Vec<PhoneNumber> = Vec::new();
        let mut skip = 0;
        loop {
            let call =
                Call::get("phone_number", DURING).with("_limit", PAGE_SIZE.to_string()).with("_skip", skip.to_string());
            let page = self.read(call).await?;
            let fields = Fields::of(&page);
            let data = listed(fields, DURING)?;
            let before = numbers.len();
            for number in data.iter().filter_map(|value| read_number(Fields::of(value))) {
                if numbers.iter().all(|known| known.id != number.id) {
                    numbers.push(number);
                }
            }
            skip += data.len();
            if !fields.flag("has_more").unwrap_or(data.len() >= PAGE_SIZE) || numbers.len() == before {
                return Ok(numbers);
            }
        }
    }

    /// Who the API key belongs to.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn me(&self) -> Result<Me, CloseError> {
        const DURING: &str = "read who the Close API key belongs to";
        let value = self.read(Call::get("me", DURING)).await?;
        read_me(Fields::of(&value)).ok_or_else(|| CloseError::Unreadable {
            during: DURING,
            reason: "no user with an id".to_owned(),
            kind: CallKind::Read,
        })
    }
}

fn read_number(fields: Fields<'_>) -> Option<PhoneNumber> {
    let kind = fields.text("type").unwrap_or_default();
    Some(PhoneNumber {
        id: fields.text("id")?,
        number: fields.text("number")?,
        label: fields.text("label"),
        kind: match kind.as_str() {
            "internal" => NumberKind::Internal,
            "external" => NumberKind::External,
            "virtual" => NumberKind::Virtual,
            _ => NumberKind::Other(kind),
        },
        sms_enabled: fields.flag("sms_enabled"),
    })
}

fn read_me(fields: Fields<'_>) -> Option<Me> {
    let membership = fields.list("memberships").first().map(Fields::of);
    let organization = fields.list("organizations").first().map(Fields::of);
    let names = [fields.text("first_name"), fields.text("last_name")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(Me {
        user_id: fields.text("id")?,
        name: Some(name).filter(|name| !name.is_empty()),
        email: fields.text("email"),
        organization_id: organization
            .and_then(|organization| organization.text("id"))
            .or_else(|| membership.and_then(|membership| membership.text("organization_id"))),
        organization_name: organization.and_then(|organization| organization.text("name")),
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::{any, get};
    use serde_json::json;

    use super::super::client::tests::client_for;
    use super::*;

    #[tokio::test]
    async fn numbers_that_can_text_are_told_from_those_that_cannot() {
        let page = json!({"has_more": false, "data": [
            {"id":"phon_1","number":"+14155550100","label":"Sales","type":"internal","sms_enabled":true,
             "supports_sms_to_countries":["US","CA"],"is_group_number":true,"user_id":null},
            {"id":"phon_2","number":"+14155550101","label":"","type":"external","sms_enabled":false},
            {"id":"phon_3","number":"+14155550102","type":"new"}]})
        .to_string();
        let router = Router::new().route("/api/v1/phone_number/", get(move || async move { page }));
        let (client, _time) = client_for(router);
        let numbers = client.list_phone_numbers().await.expect("numbers");
        let can_text: Vec<_> = numbers.iter().map(PhoneNumber::can_text).collect();
        assert_eq!(can_text, [true, false, true]);
        assert_eq!(numbers[2].kind, NumberKind::Other("new".to_owned()));
    }

    #[tokio::test]
    async fn the_keys_owner_is_read() {
        let me = json!({"id":"user_1","first_name":"Bruce","last_name":"Wayne","email":"bruce@example.com",
            "memberships":[{"user_id":"user_1","organization_id":"orga_1","role_id":"admin"}],
            "organizations":[{"id":"orga_1","name":"Wayne Enterprises","lead_statuses":[]}]})
        .to_string();
        let (client, _time) = client_for(Router::new().fallback(any(move || async move { me })));
        let me = client.me().await.expect("a user");
        assert_eq!(me.name.as_deref(), Some("Bruce Wayne"));
        assert_eq!(me.organization_id.as_deref(), Some("orga_1"));
    }
}
