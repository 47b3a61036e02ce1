//! Live updates: the desk learns that something changed and fetches its page anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

use super::edge::Slot;
use super::{App, Shared};
use crate::runtime::{Clock, Tasks};
use crate::store::Store;

/// How often another process's changes are looked for; our own are known at once.
const LOOK: Duration = Duration::from_secs(1);

/// The newest revision of what the desk shows.
pub(super) struct Live {
    revision: watch::Receiver<i64>,
}

impl Live {
    /// Starts watching the store for as long as `app.tasks` run.
    pub(super) fn start(app: &App) -> Self {
        let (tell, revision) = watch::channel(0);
        let (store, clock) = (app.store.clone(), app.clock.clone());
        let stopping = app.tasks.stopping();
        app.tasks.spawn(async move {
            tokio::select! {
                () = stopping => {}
                () = watch_store(&store, &clock, &tell) => {}
            }
        });
        Self { revision }
    }
}

async fn watch_store(store: &Store, clock: &Clock, tell: &watch::Sender<i64>) {
    let mut changed = store.changed();
    loop {
        // With no page open nothing is asked of the database.
        if tell.receiver_count() > 1 {
            match store.revision().await {
                Ok(newest) => {
                    tell.send_if_modified(|known| std::mem::replace(known, newest) != newest);
                }
                Err(error) => tracing::warn!(%error, "cannot look for changes to show on the desk"),
            }
        }
        tokio::select! {
            told = changed.changed() => if told.is_err() { return },
            () = clock.sleep(LOOK) => {}
        }
    }
}

/// `GET /desk/events`: `changed` with the newest revision, at once and after every change.
pub(super) async fn events(
    State(site): Shared,
    request: Request,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let live = request.extensions().get::<Slot>().map(Slot::live);
    let revision = site.live.revision.clone();
    let tasks: Tasks = site.app.tasks.clone();
    let site = Arc::clone(&site);
    let stream =
        stream::unfold((revision, tasks, true, site, live), |(mut revision, tasks, first, site, live)| async move {
            if !first {
                tokio::select! {
                    // An open stream would hold up the end of the process.
                    () = tasks.stopping() => return None,
                    told = revision.changed() => told.ok()?,
                }
            }
            let newest = *revision.borrow_and_update();
            Some((Ok(Event::default().event("changed").data(newest.to_string())), (revision, tasks, false, site, live)))
        });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("still here"))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, BodyDataStream};
    use axum::http::Request;
    use futures_util::StreamExt;
    use tower::ServiceExt;

    use super::super::testing::Desk;

    async fn next(stream: &mut BodyDataStream) -> Option<String> {
        let frame = stream.next().await?.expect("an open stream");
        Some(String::from_utf8_lossy(&frame).into_owned())
    }

    #[tokio::test]
    async fn an_open_page_hears_of_every_change_and_the_end() {
        let mut desk = Desk::open().await;
        let request = Request::get("/desk/events").header("host", "localhost").body(Body::empty()).expect("a request");
        let answer = desk.router.clone().oneshot(request).await.expect("a router always answers");
        let mut stream = answer.into_body().into_data_stream();
        assert!(next(&mut stream).await.is_some_and(|first| first.starts_with("event: changed")));
        desk.seed("Dana", "Hello?", "Hi Dana!").await;
        assert!(next(&mut stream).await.is_some_and(|changed| changed.starts_with("event: changed")));
        desk.app.tasks.stop();
        while next(&mut stream).await.is_some() {}
    }
}
