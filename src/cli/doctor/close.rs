//! Close: the key, the numbers, the subscription.

use super::super::assemble::{self, World};
use super::{Health, Line, bad, good};
use crate::close::numbers::PhoneNumber;
use crate::close::subscriptions::{Subscription, SubscriptionStatus};
use crate::config::Config;
use crate::engine::subscriptions::CLOSE_SUBSCRIPTION;
use crate::store::Store;

const WEBHOOK: &str = "webhook";

pub(super) async fn lines(config: &Config, world: &World, store: Option<&Store>) -> Vec<Line> {
    let client = match assemble::close_client(config, world) {
        Ok(client) => client,
        Err(error) => return vec![bad("close key", &error)],
    };
    let me = match client.me().await {
        Ok(me) => me,
        Err(error) => return vec![bad("close key", &error.into())],
    };
    let organisation = me.organization_name.unwrap_or_else(|| "its organisation".to_owned());
    let mut lines = vec![good("close key", format!("accepted, for {organisation}"))];
    lines.push(match client.list_phone_numbers().await {
        Ok(numbers) => number(config, &numbers),
        Err(error) => bad("number", &error.into()),
    });
    lines.push(match client.list_subscriptions().await {
        Ok(subscriptions) => {
            let keys = KnownKeys::read(config, store).await;
            Line { what: WEBHOOK, health: webhook(config.server.public_url.as_deref(), &subscriptions, &keys) }
        }
        Err(error) => bad(WEBHOOK, &error.into()),
    });
    lines
}

fn number(config: &Config, numbers: &[PhoneNumber]) -> Line {
    let textable: Vec<&PhoneNumber> = numbers.iter().filter(|number| number.can_text()).collect();
    let missing = config.close.numbers.iter().find(|wanted| !textable.iter().any(|number| number.number == **wanted));
    let health = if let Some(missing) = missing {
        Health::Bad(format!(
            "close.numbers names {missing}, which is not a number of this organisation that can text: correct it, or \
             enable texting for it in Close (Settings → Phone & Voicemail)"
        ))
    } else if textable.is_empty() {
        Health::Bad("no number of this organisation can text: rent one in Close (Settings → Phone & Voicemail)".into())
    } else {
        let wanted = &config.close.numbers;
        let (answered, left): (Vec<&str>, Vec<&str>) = textable
            .iter()
            .map(|number| number.number.as_str())
            .partition(|number| wanted.is_empty() || wanted.iter().any(|wanted| wanted == number));
        let left = match left.as_slice() {
            [] => String::new(),
            left => format!("; close.numbers leaves out {}: texts to it are not answered", left.join(", ")),
        };
        Health::Good(format!("can text: {}{left}", answered.join(", ")))
    };
    Line { what: "number", health }
}

/// Which signature keys are at hand.
#[derive(Debug, Default)]
struct KnownKeys {
    /// One stands in the configuration; which subscription it belongs to cannot be known.
    configured: bool,
    kept: Kept,
}

/// The subscription whose key `rapport webhooks sync` keeps.
#[derive(Debug, Default)]
enum Kept {
    /// The database cannot be read.
    #[default]
    Unread,
    Nothing,
    For(String),
}

impl KnownKeys {
    async fn read(config: &Config, store: Option<&Store>) -> Self {
        let kept = match store {
            Some(store) => match store.setting(CLOSE_SUBSCRIPTION).await {
                Ok(Some(subscription)) => Kept::For(subscription),
                Ok(None) => Kept::Nothing,
                Err(_) => Kept::Unread,
            },
            None => Kept::Unread,
        };
        Self { configured: !config.close.webhook_key.is_empty(), kept }
    }

    /// Whether a subscription's key is among them. None when the database would have to say it.
    fn fit(&self, subscription: &Subscription) -> Option<bool> {
        if self.configured {
            return Some(true);
        }
        match &self.kept {
            Kept::Unread => None,
            Kept::Nothing => Some(false),
            Kept::For(kept) => Some(*kept == subscription.id),
        }
    }
}

/// Whether Close tells this Rapport of texts, and can be believed.
fn webhook(public_url: Option<&str>, subscriptions: &[Subscription], keys: &KnownKeys) -> Health {
    const SYNC: &str = "run `rapport webhooks sync`";
    const PATH: &str = "/webhooks/close";
    let Some(public_url) = public_url else {
        let here = subscriptions.iter().find(|s| s.url.ends_with(PATH) && keys.fit(s) != Some(false));
        return match here {
            Some(subscription) if subscription.status == SubscriptionStatus::Active => Health::Good(format!(
                "Close sends to {}; server.public_url is not set, so whether that is here is not known",
                subscription.url
            )),
            _ => Health::Bad(format!(
                "server.public_url is not set: write the https address at which Close reaches Rapport, then {SYNC}"
            )),
        };
    };
    let wanted = format!("{public_url}{PATH}");
    let Some(subscription) = subscriptions.iter().find(|subscription| subscription.url == wanted) else {
        let elsewhere = subscriptions.iter().find(|subscription| subscription.url.ends_with(PATH));
        return Health::Bad(match elsewhere {
            Some(other) => format!("Close sends to {}, not to {wanted} (server.public_url): {SYNC}", other.url),
            None => format!("Close has no subscription that sends to {wanted}: {SYNC}"),
        });
    };
    if subscription.status != SubscriptionStatus::Active {
        let why = subscription.pause_reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        return Health::Bad(format!("Close has paused the subscription{why}: {SYNC}"));
    }
    let is_known = keys.fit(subscription);
    if is_known == Some(false) {
        return Health::Bad(format!(
            "there is a subscription, but its key is not known, so every webhook is refused: {SYNC}, or set \
             close.webhook_key"
        ));
    }
    let missing = subscription.missing_events();
    if !missing.is_empty() {
        let names: Vec<String> =
            missing.iter().map(|event| format!("{} {}", event.object_type, event.action)).collect();
        return Health::Bad(format!("the subscription does not tell of {}: {SYNC}", names.join(", ")));
    }
    match &subscription.latest_error {
        _ if is_known.is_none() => Health::Absent(format!(
            "Close sends to {wanted}; whether the key is known is not known without the database"
        )),
        Some(error) => Health::Warning(format!("Close sends to {wanted}, but its last failure there was: {error}")),
        None => Health::Good(format!("Close sends to {wanted}, and the key is known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close::numbers::NumberKind;
    use crate::close::subscriptions::wanted_events;

    const HERE: &str = "https://rapport.example";

    fn subscription(url: &str) -> Subscription {
        Subscription {
            id: "whsub_1".to_owned(),
            url: url.to_owned(),
            status: SubscriptionStatus::Active,
            events: wanted_events(),
            signature_key: None,
            health_status: None,
            latest_error: None,
            pause_reason: None,
        }
    }

    fn ours() -> Subscription {
        subscription("https://rapport.example/webhooks/close")
    }

    fn kept() -> KnownKeys {
        KnownKeys { configured: false, kept: Kept::For("whsub_1".to_owned()) }
    }

    fn complaint(subscriptions: &[Subscription], keys: &KnownKeys) -> String {
        match webhook(Some(HERE), subscriptions, keys) {
            Health::Bad(words) | Health::Warning(words) => words,
            other => panic!("expected a complaint, not {other:?}"),
        }
    }

    #[test]
    fn a_number_to_which_texts_are_not_answered_is_told_as_such() {
        let textable = |number: &str| PhoneNumber {
            id: "phon_1".to_owned(),
            number: number.to_owned(),
            label: None,
            kind: NumberKind::Internal,
            sms_enabled: Some(true),
        };
        let told = |toml: &str| {
            let config = Config::parse(Some(toml), std::path::Path::new("rapport.toml"), std::iter::empty());
            let line = number(&config.expect("valid"), &[textable("+13035550100"), textable("+16475550101")]);
            let Health::Good(words) = line.health else { panic!("{line:?}") };
            words
        };
        assert_eq!(told(""), "can text: +13035550100, +16475550101");
        assert_eq!(
            told("[close]\nnumbers = [\"+16475550101\"]"),
            "can text: +16475550101; close.numbers leaves out +13035550100: texts to it are not answered"
        );
    }

    #[test]
    fn a_subscription_that_works_is_good() {
        assert!(matches!(webhook(Some(HERE), &[ours()], &kept()), Health::Good(_)));
    }

    #[test]
    fn a_key_that_an_unreachable_database_may_hold_is_no_second_failure() {
        let unread = KnownKeys::default();
        for public_url in [Some(HERE), None] {
            let health = webhook(public_url, &[ours()], &unread);
            assert!(!matches!(health, Health::Bad(_) | Health::Warning(_)), "{health:?}");
        }
        let paused = Subscription { status: SubscriptionStatus::Paused, ..ours() };
        assert!(complaint(&[paused], &unread).contains("paused"), "what Close says is told all the same");
    }

    #[test]
    fn a_subscription_to_an_older_address_does_not_count() {
        // A tunnel that was started anew has another address.
        let words = complaint(&[subscription("https://old.example/webhooks/close")], &kept());
        assert!(words.contains("https://old.example") && words.contains("webhooks sync"), "{words}");
    }

    #[test]
    fn every_way_in_which_texts_would_be_missed_is_told() {
        let paused = Subscription {
            status: SubscriptionStatus::Paused,
            pause_reason: Some("too many failures".to_owned()),
            ..ours()
        };
        assert!(complaint(&[paused], &kept()).contains("too many failures"));
        let another_key = KnownKeys { configured: false, kept: Kept::For("whsub_0".to_owned()) };
        assert!(complaint(&[ours()], &another_key).contains("key is not known"));
        let half = Subscription { events: wanted_events().split_off(1), ..ours() };
        assert!(complaint(&[half], &kept()).contains("activity.sms created"));
        assert!(complaint(&[], &kept()).contains("no subscription"));
        let failing = Subscription { latest_error: Some("status 502".to_owned()), ..ours() };
        assert!(complaint(&[failing], &kept()).contains("status 502"));
    }
}
