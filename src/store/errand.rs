//! Several statements at once. SQLite works on a thread of its own, and waking it costs as much as a short query: asked together,
//! it is woken once. PostgreSQL takes one statement at a time.

use std::borrow::Cow;

use futures_util::TryStreamExt as _;
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Either, Executor as _};

use super::dialect::Engine;
use super::error::StoreError;
use super::row::one_row;
use super::writer::Tx;

/// A question. PostgreSQL refuses parameters that a statement does not name, so it says how many it uses: the first so many.
#[derive(Clone, Copy)]
pub(super) struct Question {
    pub(super) sql: &'static str,
    pub(super) parameters: usize,
}

/// What a question is asked with.
#[derive(Clone, Copy)]
pub(super) enum Parameter<'a> {
    Text(&'a str),
    Int(i64),
}

/// A statement that finds nothing: it writes, or begins or ends something. Its outcome is only looked at.
pub(super) struct Statement {
    sql: &'static str,
    given: Vec<Value>,
    /// What it does, if it must change one row.
    changes_one: Option<&'static str>,
}

/// What a statement is given.
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

/// The ways to write a value.
macro_rules! value {
    ($($kind:ident: |$given:ident: $type:ty| $value:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($given: $type) -> Self {
                Self::$kind($value)
            }
        })*
    };
}
value! {
    Text: |text: &str| Some(text.to_owned());
    Text: |text: &String| Some(text.clone());
    Text: |text: String| Some(text);
    Text: |text: Option<&str>| text.map(str::to_owned);
    Text: |text: Option<String>| text;
    Int: |number: i64| Some(number);
    Int: |number: Option<i64>| number;
}

impl Statement {
    /// `sql` names its parameters `$1` and on, in the order they are given.
    pub(super) fn new(sql: &'static str) -> Self {
        Self { sql, given: Vec::new(), changes_one: None }
    }

    /// Its next parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.given.push(value.into());
        self
    }

    /// It must change one row: `what` it does is told if it does not.
    pub(super) fn changes_one(mut self, what: &'static str) -> Self {
        self.changes_one = Some(what);
        self
    }

    /// Runs inside a transaction, before whatever is asked or run there next. What goes wrong may be told only then, or by the
    /// commit.
    pub(super) async fn run_in(self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.run(self).await
    }

    /// Runs at once.
    pub(super) async fn run(mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let done = self.bind_to(sqlx::query(self.sql)).execute(connection).await?;
        self.look_at(&done)
    }

    /// Gives away what it is given.
    fn bind_to<'q>(&mut self, mut query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        for value in self.given.drain(..) {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
            };
        }
        query
    }

    fn look_at(&self, done: &AnyQueryResult) -> Result<(), StoreError> {
        self.changes_one.map_or(Ok(()), |what| one_row(done, what))
    }

    /// Its text, with parameters that come after `given` others.
    fn numbered_from(&self, given: usize) -> Cow<'_, str> {
        if given == 0 || self.given.is_empty() {
            return Cow::Borrowed(self.sql);
        }
        let mut parts = self.sql.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            let number = part.strip_suffix(rest).and_then(|number| number.parse::<usize>().ok());
            text.push('$');
            text += &number.map_or_else(String::new, |number| (number + given).to_string());
            text += rest;
        }
        Cow::Owned(text)
    }
}

/// Asks in order, on one connection. Returns the rows that each question found.
pub(super) async fn ask<const N: usize>(
    connection: &mut AnyConnection,
    engine: Engine,
    questions: [Question; N],
    parameters: &[Parameter<'_>],
) -> Result<[Vec<AnyRow>; N], StoreError> {
    match engine {
        Engine::Sqlite => ask_between(connection, (Vec::new(), &[]), questions, parameters).await,
        Engine::Postgres => {
            let mut found = Vec::with_capacity(N);
            for question in questions {
                let used = parameters.get(..question.parameters).unwrap_or(parameters);
                found.push(bound(sqlx::query(question.sql), used).fetch_all(&mut *connection).await?);
            }
            found.try_into().map_err(|_| unanswered())
        }
    }
}

/// Asks SQLite, with statements `before` the questions and `after` them, in the same errand.
pub(super) async fn ask_between<const N: usize>(
    connection: &mut AnyConnection,
    (mut before, after): (Vec<Statement>, &[&str]),
    questions: [Question; N],
    parameters: &[Parameter<'_>],
) -> Result<[Vec<AnyRow>; N], StoreError> {
    let mut found = Vec::with_capacity(before.len() + N + after.len());
    if before.is_empty() && N == 0 && after.is_empty() {
        return found.try_into().map_err(|_| unanswered());
    }
    let sql =
        joined(&before, parameters.len(), questions.iter().map(|question| question.sql).chain(after.iter().copied()));
    let mut query = bound(sqlx::query(AssertSqlSafe(sql)), parameters);
    for statement in &mut before {
        query = statement.bind_to(query);
    }
    let mut rows = Vec::new();
    let mut answers = connection.fetch_many(query);
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Right(row) => rows.push(row),
            Either::Left(done) => {
                if let Some(statement) = before.get(found.len()) {
                    statement.look_at(&done)?;
                }
                found.push(std::mem::take(&mut rows));
            }
        }
    }
    let answered: Vec<Vec<AnyRow>> = found.into_iter().skip(before.len()).take(N).collect();
    answered.try_into().map_err(|_| unanswered())
}

/// One text of all statements. SQLite numbers the parameters of the whole: a statement's come after the `given` ones of
/// the questions and those of the statements before it.
fn joined<'a>(before: &'a [Statement], mut given: usize, questions: impl Iterator<Item = &'a str>) -> String {
    let mut statements: Vec<Cow<'a, str>> = Vec::with_capacity(before.len() + 4);
    for statement in before {
        statements.push(statement.numbered_from(given));
        given += statement.given.len();
    }
    statements.extend(questions.map(Cow::Borrowed));
    statements.join("; ")
}

fn unanswered() -> StoreError {
    StoreError::inconsistent("not every question was answered")
}

fn bound<'q>(mut query: Query<'q, Any, AnyArguments>, parameters: &[Parameter<'q>]) -> Query<'q, Any, AnyArguments> {
    for parameter in parameters {
        query = match *parameter {
            Parameter::Text(text) => query.bind(text),
            Parameter::Int(number) => query.bind(number),
        };
    }
    query
}
