//! No panic reaches a client: it is logged, counted, and answered with a 500.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::error::{Failure, Wanted};

/// Answers 500 where a handler panicked. Nothing is left half done by it: every change is one transaction of the store.
pub(super) async fn caught(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let wanted = Wanted::of(&request);
    if let Ok(response) = AssertUnwindSafe(next.run(request)).catch_unwind().await {
        return response;
    }
    tracing::error!(path, "a handler panicked; this is a bug in Rapport");
    metrics::counter!("rapport_panics_total").increment(1);
    wanted.render(Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong in Rapport itself. Reload the page to see how things stand; the log says more.",
    ))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let router = Router::new().route("/", get(|| async { panic!("boom") as () })).layer(from_fn(caught));
        let answer = router.oneshot(Request::new(Body::empty())).await.expect("a router always answers");
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
