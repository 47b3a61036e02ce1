//! The phone of the demo's page, over the simulated Close.

use async_trait::async_trait;
use serde_json::Value;

use super::page::{DemoLead, DemoText, Phone};
use crate::sim::CloseSim;
use crate::sim::close::OUR_NUMBER;

/// Texts worth trying, as any lead.
const SUGGESTIONS: &[&str] =
    &["What does it cost?", "Sounds expensive", "Can we talk this week?", "Are you a bot?", "Get me a person", "STOP"];

/// Texts as a lead through the simulated Close.
pub(super) struct SimulatedPhone {
    close: CloseSim,
    model_note: String,
    desk_url: String,
}

impl SimulatedPhone {
    pub(super) fn new(close: CloseSim, model_note: String, desk_url: String) -> Self {
        Self { close, model_note, desk_url }
    }

    fn contact(&self, lead_id: &str) -> Option<Value> {
        self.close.contacts(lead_id).into_iter().next()
    }

    fn number(&self, lead_id: &str) -> Option<String> {
        Some(self.contact(lead_id)?["phones"][0]["phone"].as_str()?.to_owned())
    }
}

#[async_trait]
impl Phone for SimulatedPhone {
    async fn leads(&self) -> Vec<DemoLead> {
        let leads = self.close.leads();
        let described = leads.iter().filter_map(|lead| {
            let id = lead["id"].as_str()?;
            let contact = self.contact(id)?;
            let company = lead["name"].as_str().unwrap_or_default();
            let title = contact["title"].as_str().unwrap_or("contact");
            Some(DemoLead {
                id: id.to_owned(),
                name: contact["name"].as_str()?.to_owned(),
                about: format!("{title}, {company}"),
                suggestions: SUGGESTIONS.iter().map(|text| (*text).to_owned()).collect(),
            })
        });
        described.collect()
    }

    async fn thread(&self, lead_id: &str) -> Option<Vec<DemoText>> {
        let number = self.number(lead_id)?;
        let texts = self.close.thread(&number, OUR_NUMBER);
        // A phone shows what arrived: drafts and texts on their way are Close's business.
        let arrived = texts.iter().filter(|text| matches!(text["status"].as_str(), Some("inbox" | "sent")));
        Some(arrived.filter_map(shown).collect())
    }

    async fn text(&self, lead_id: &str, text: &str) -> Result<(), String> {
        let number = self.number(lead_id).ok_or("There is no such lead.")?;
        self.close.lead_texts(&number, OUR_NUMBER, text);
        Ok(())
    }

    fn model_note(&self) -> String {
        self.model_note.clone()
    }

    fn desk_url(&self) -> String {
        self.desk_url.clone()
    }
}

fn shown(text: &Value) -> Option<DemoText> {
    Some(DemoText {
        id: text["id"].as_str()?.to_owned(),
        mine: text["direction"] == "inbound",
        text: text["text"].as_str().unwrap_or_default().to_owned(),
        at: text["date_created"].as_str()?.parse().ok()?,
    })
}
