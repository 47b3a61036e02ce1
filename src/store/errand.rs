//! Several questions at once. SQLite works on a thread of its own, and waking it costs as much as a short query: asked together,
//! it is woken once. PostgreSQL takes one statement at a time.

use futures_util::TryStreamExt as _;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Either, Executor as _};

use super::dialect::Engine;
use super::error::StoreError;

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

/// Asks in order, on one connection. Returns the rows that each question found.
pub(super) async fn ask<const N: usize>(
    connection: &mut AnyConnection,
    engine: Engine,
    questions: [Question; N],
    parameters: &[Parameter<'_>],
) -> Result<[Vec<AnyRow>; N], StoreError> {
    match engine {
        Engine::Sqlite => ask_between(connection, (&[], &[]), questions, parameters).await,
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

/// Asks SQLite, with statements that find nothing `before` and `after` the questions, in the same errand.
pub(super) async fn ask_between<const N: usize>(
    connection: &mut AnyConnection,
    (before, after): (&[&str], &[&str]),
    questions: [Question; N],
    parameters: &[Parameter<'_>],
) -> Result<[Vec<AnyRow>; N], StoreError> {
    let statements: Vec<&str> =
        before.iter().copied().chain(questions.map(|question| question.sql)).chain(after.iter().copied()).collect();
    let mut found = Vec::with_capacity(statements.len());
    if statements.is_empty() {
        return found.try_into().map_err(|_| unanswered());
    }
    let mut rows = Vec::new();
    let mut answers = connection.fetch_many(bound(sqlx::query(AssertSqlSafe(statements.join("; "))), parameters));
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Right(row) => rows.push(row),
            Either::Left(_) => found.push(std::mem::take(&mut rows)),
        }
    }
    let answered: Vec<Vec<AnyRow>> = found.into_iter().skip(before.len()).take(N).collect();
    answered.try_into().map_err(|_| unanswered())
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
