//! `rapport suppression`: the phones that must not be texted (`never-after-stop`).

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::BY;
use super::assemble::open_store;
use super::output::say;
use crate::config::Config;
use crate::sms::{Phone, PhoneError};
use crate::store::{Store, Suppression};

/// The phones that must not be texted, in the whole organisation.
#[derive(Debug, Subcommand)]
pub enum Suppressions {
    /// Every phone, the newest stop first: since when, by which rule, and the text that said so, or who and why.
    List,
    /// Stop every text to a phone, as somebody asked by other means.
    Add(Wish),
    /// Allow texts to a phone again that was stopped by mistake, or whose owner asked for it by other means.
    Lift(Wish),
}

/// Which phone, and why.
#[derive(Debug, Args)]
pub struct Wish {
    /// The phone, with its country: +1 520 555 0142.
    phone: String,
    /// Why. It is kept with your wish.
    #[arg(long)]
    reason: String,
}

impl Suppressions {
    /// Runs the command.
    ///
    /// # Errors
    /// When the phone cannot be read, no reason is given, or the database cannot be used.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let store = open_store(config).await?;
        match self {
            Self::List => list(&store).await,
            Self::Add(wish) => wish.add(&store).await,
            Self::Lift(wish) => wish.lift(&store).await,
        }
    }
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let all = store.suppressions().await?;
    if all.is_empty() {
        say!("No phone is stopped.")?;
    }
    let wishes = store.wishes_to_stop().await?;
    for stop in &all {
        let wish = wishes.get(&stop.phone).filter(|_| stop.is_by_hand());
        let cause = wish.or(stop.activity_id.as_ref()).map_or("-", String::as_str);
        let Suppression { phone, since, rule, .. } = stop;
        say!("{phone}  since {since}  {rule}  {cause}")?;
    }
    Ok(())
}

impl Wish {
    async fn add(&self, store: &Store) -> anyhow::Result<()> {
        // A stop for a number that nobody has would look done, and the lead would be texted on.
        let (phone, reason) = (self.phone(Phone::parse_typed)?, self.reason()?);
        store.suppress_by_hand(&phone, BY, reason).await?;
        say!("Nothing is sent to {phone} any more.")?;
        Ok(())
    }

    async fn lift(&self, store: &Store) -> anyhow::Result<()> {
        let (phone, reason) = (self.phone(Phone::parse)?, self.reason()?);
        let Some(stop) = store.suppression(&phone).await? else { bail!("{phone} is not stopped: nothing was changed") };
        if !store.lift_suppression(&phone, BY, reason).await? {
            bail!("somebody else has lifted the stop of {phone} just now");
        }
        let carrier = if stop.is_held_by_carrier() {
            " The carrier holds the stop as well: it delivers nothing until the lead texts START."
        } else {
            ""
        };
        say!("{phone} may be texted again. What was withdrawn stays withdrawn.{carrier}")?;
        Ok(())
    }

    fn phone(&self, read: fn(&str) -> Result<Phone, PhoneError>) -> anyhow::Result<String> {
        let phone = read(&self.phone).with_context(|| format!("{:?} cannot be read as a phone", self.phone))?;
        Ok(phone.to_string())
    }

    fn reason(&self) -> anyhow::Result<&str> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            bail!("say why with --reason: whoever reads the records must understand it");
        }
        Ok(reason)
    }
}
