//! Phones that must not be texted (`never-after-stop`).

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Store;
use super::errand::Statement;
use super::error::StoreError;
use super::lane::{EventKind, Source, State, Suppression};
use super::load::read_suppression;
use super::row::{Columns, clean, clean_opt, ms};
use super::writer::Tx;

/// The act by which a person stops a phone.
const SUPPRESS: &str = "suppress";
/// The rule of such a stop.
const BY_HAND: &str = "admin";

impl Suppression {
    /// A person has said so, not the lead: [`Store::wishes_to_stop`] tells who, and why.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.rule == BY_HAND
    }
}

impl Store {
    /// Whether and why a phone must not be texted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppression(&self, phone: &str) -> Result<Option<Suppression>, StoreError> {
        let mut connection = self.reader().await?;
        self.suppression_within(&mut connection, phone).await
    }

    /// Every phone that must not be texted, the newest stop first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppressions(&self) -> Result<Vec<Suppression>, StoreError> {
        let rows = sqlx::query(
            "select phone, rule, activity_id, since from suppression where org = $1 and lifted_at is null \
             order by since desc, phone",
        )
        .bind(self.org())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(read_suppression).collect()
    }

    /// [`Store::suppress`] at the wish of a person, who is kept with the reason.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn suppress_by_hand(&self, phone: &str, by: &str, reason: &str) -> Result<(), StoreError> {
        let stop =
            Suppression { phone: phone.to_owned(), rule: BY_HAND.to_owned(), activity_id: None, since: self.now() };
        let mut tx = self.write().await?;
        self.suppress_within(&mut tx, &stop, None).await?;
        self.note_act(&mut tx, None, SUPPRESS, by, &format!("{phone}: {reason}")).await?;
        self.publish(tx, phone).await
    }

    /// By whom and why phones were stopped by hand, as [`Store::suppress_by_hand`] keeps it; of each phone the newest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wishes_to_stop(&self) -> Result<HashMap<String, String>, StoreError> {
        let rows = sqlx::query(
            "select body from event where org = $1 and source = $2 and kind = $3 and conversation_id is null \
             order by occurred_at, event_id",
        )
        .bind(self.org())
        .bind(Source::Desk.as_str())
        .bind(EventKind::Noted.as_str())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let mut wishes = HashMap::new();
        for row in &rows {
            let body = row.json("body")?;
            let part = |name: &str| body[name].as_str().unwrap_or_default();
            if part("act") == SUPPRESS
                && let Some((phone, reason)) = part("detail").split_once(": ")
            {
                wishes.insert(phone.to_owned(), format!("by {}: {reason}", part("by")));
            }
        }
        Ok(wishes)
    }

    /// What the lead with this phone has texted since, to whichever number of ours.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lead_texts_since(&self, phone: &str, since: Timestamp) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "select m.text from message m join conversation c on c.org = m.org and c.id = m.conversation_id \
             where c.org = $1 and c.their_number = $2 and m.author = 'lead' and m.at > $3",
        )
        .bind(self.org())
        .bind(clean(phone))
        .bind(ms(since))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|row| row.text("text")).collect()
    }

    /// Stops every text to a phone: what waits or is queued in any of its conversations is withdrawn. Done again, it
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn suppress(&self, suppression: &Suppression) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.suppress_within(&mut tx, suppression, None).await?;
        self.publish(tx, &suppression.phone).await
    }

    /// Allows texts to a phone again; the record stays. False if nothing stood in the way. What was withdrawn stays
    /// withdrawn.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn lift_suppression(&self, phone: &str, by: &str, reason: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let lifted = self.lift_within(&mut tx, phone, by, reason).await?;
        if lifted {
            self.note_act(&mut tx, None, "lift_suppression", by, &format!("{phone}: {reason}")).await?;
        }
        self.publish(tx, phone).await?;
        Ok(lifted)
    }

    pub(super) async fn suppression_within(
        &self,
        connection: &mut AnyConnection,
        phone: &str,
    ) -> Result<Option<Suppression>, StoreError> {
        let row = sqlx::query(
            "select phone, rule, activity_id, since from suppression where org = $1 and phone = $2 and lifted_at is null",
        )
        .bind(self.org())
        .bind(clean(phone))
        .fetch_optional(connection)
        .await?;
        row.as_ref().map(read_suppression).transpose()
    }

    /// [`Store::suppress`] inside a transaction that may hold the conversation `held`, which it leaves to its holder.
    pub(super) async fn suppress_within(
        &self,
        tx: &mut Tx,
        suppression: &Suppression,
        held: Option<&str>,
    ) -> Result<(), StoreError> {
        Statement::new(
            "insert into suppression (org, id, phone, rule, activity_id, since) values ($1, $2, $3, $4, $5, $6) \
             on conflict do nothing",
        )
        .bind(self.org())
        .bind(self.new_id("sup"))
        .bind(clean(&suppression.phone))
        .bind(clean(&suppression.rule))
        .bind(clean_opt(suppression.activity_id.as_deref()))
        .bind(ms(suppression.since))
        .run_in(tx)
        .await?;
        // Said again, the newer word counts: a START between the two lifts nothing. What a carrier holds stays so.
        Statement::new(
            "update suppression set since = case when since < $3 then $3 else since end, \
             rule = case when $6 = 1 then $4 else rule end, \
             activity_id = case when $6 = 1 then $5 else activity_id end \
             where org = $1 and phone = $2 and lifted_at is null and (since < $3 or $6 = 1)",
        )
        .bind(self.org())
        .bind(clean(&suppression.phone))
        .bind(ms(suppression.since))
        .bind(clean(&suppression.rule))
        .bind(clean_opt(suppression.activity_id.as_deref()))
        .bind(i64::from(suppression.is_held_by_carrier()))
        .run_in(tx)
        .await?;
        let reason = suppression.sentence();
        for (id, _) in self.conversations_with(tx, &suppression.phone).await? {
            if held != Some(id.as_str()) {
                self.set_state(tx, &id, State::OptedOut, &reason).await?;
                self.ring(tx, &id).await?;
            }
            self.withdraw(tx, &id, &reason).await?;
        }
        Ok(())
    }

    pub(super) async fn lift_within(
        &self,
        tx: &mut Tx,
        phone: &str,
        by: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let lifted = sqlx::query(
            "update suppression set lifted_at = $3, lifted_by = $4, lifted_reason = $5 \
             where org = $1 and phone = $2 and lifted_at is null",
        )
        .bind(self.org())
        .bind(clean(phone))
        .bind(ms(self.now()))
        .bind(clean(by))
        .bind(clean(reason))
        .execute(tx.connection().await?)
        .await?;
        sqlx::query(
            "update conversation set state = 'quiet', reason = $3, state_at = $4, updated_at = $4 \
             where org = $1 and their_number = $2 and state = 'opted_out'",
        )
        .bind(self.org())
        .bind(clean(phone))
        .bind(clean(&format!("The opt-out was lifted by {by}: {reason}")))
        .bind(ms(self.now()))
        .execute(tx.connection().await?)
        .await?;
        Ok(lifted.rows_affected() > 0)
    }
}
