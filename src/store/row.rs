//! Reading columns: one way to turn what both engines hold into our types.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::StoreError;

/// Text from outside as both engines keep it: PostgreSQL takes no U+0000, and one such character in a lead's text must not
/// keep the conversation from being stored.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// [`clean`], if there is any.
pub(super) fn clean_opt(text: Option<&str>) -> Option<String> {
    text.map(clean)
}

/// Typed columns by name.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn text_opt(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn int(&self, column: &str) -> Result<i64, StoreError>;
    fn int_opt(&self, column: &str) -> Result<Option<i64>, StoreError>;

    fn small(&self, column: &str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| StoreError::inconsistent(format!("{column} is out of range")))
    }

    fn at(&self, column: &str) -> Result<Timestamp, StoreError> {
        instant(self.int(column)?)
    }

    fn at_opt(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        self.int_opt(column)?.map(instant).transpose()
    }

    fn json(&self, column: &str) -> Result<serde_json::Value, StoreError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|error| StoreError::inconsistent(format!("{column} is not JSON: {error}")))
    }

    /// A name from a closed list, read by `parse`.
    fn name<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let name = self.text(column)?;
        parse(&name).ok_or_else(|| StoreError::inconsistent(format!("{column} is {name:?}, which is not known")))
    }

    /// A name from a closed list, or nothing.
    fn name_opt<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        if self.text_opt(column)?.is_none() { Ok(None) } else { self.name(column, parse).map(Some) }
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn text_opt(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn int_opt(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

pub(super) fn instant(at_ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreError::inconsistent(format!("{at_ms} is no instant")))
}

/// An instant as it is kept: UTC milliseconds.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// [`ms`] of an instant that may be missing.
pub(super) fn ms_opt(at: Option<Timestamp>) -> Option<i64> {
    at.map(ms)
}

/// Rows or values as the one parameter that a statement for many takes.
pub(super) fn as_json(rows: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::inconsistent(format!("rows are no JSON: {error}")))
}

/// Fails unless exactly one row was changed.
pub(super) fn one_row(result: &sqlx::any::AnyQueryResult, what: &str) -> Result<(), StoreError> {
    match result.rows_affected() {
        1 => Ok(()),
        rows => Err(StoreError::inconsistent(format!("{what}: {rows} rows changed instead of one"))),
    }
}
