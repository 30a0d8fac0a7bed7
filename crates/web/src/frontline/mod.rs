//! For border systems of one's own organisation, and for airlines: is this person, is this document looked for? One call, one
//! answer; whole lists as a stream. Described in `openapi.json`.

mod answer;
mod ask;
mod copy;
mod document;
mod screen;
mod search;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use comity_http::{Acting, Problem, Site, arrived_by_key};

/// The paths of the frontline.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/frontline/v1/search", post(search::search))
        .route("/frontline/v1/screen", post(screen::screen))
        .route("/frontline/v1/document", post(document::document))
        .route("/frontline/v1/copy", get(copy::copy))
        .route("/frontline/v1/openapi.json", get(openapi))
}

/// A program of this organisation, by its API key.
pub(crate) struct Program(pub(crate) Acting);

impl FromRequestParts<Site> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        arrived_by_key(parts)?.map(Self).ok_or_else(unknown)
    }
}

fn unknown() -> Problem {
    let detail = "show the API key of a program of this organisation as Bearer; `comity account key` makes one with the scope \
                  `search`";
    Problem { detail: detail.to_owned(), ..Problem::unauthorized() }
}

/// The description, for whoever builds a client. It says nothing of what is here.
async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("openapi.json")).into_response()
}
