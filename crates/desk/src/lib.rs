//! Pages for people with a browser: how they log in, and what counts for them. Other rooms add pages to it.
//!
//! Nothing on a page comes from elsewhere, nothing runs that is not a file of this program, and everything can be read
//! without scripts; passkeys alone need one.

#![expect(clippy::unused_self, reason = "templates call methods of what they show")]

mod about;
mod address;
mod assets;
mod desk;
mod encounters;
mod enrol;
mod find;
mod forms;
mod gallery;
mod gate;
mod graph;
mod hits;
mod intake;
mod language;
mod ledger;
mod live;
mod locale;
mod login;
mod me;
mod network;
mod notices;
mod object;
mod objects;
mod parts;
mod passkeys;
mod person;
mod provider;
mod reply;
mod screening;
mod search;
mod shelf;
mod shell;
mod situation;
mod why;

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

pub use self::desk::Desk;
use self::language::Words;
use self::reply::Trouble;

/// The paths of the pages.
pub fn routes<S: Clone + Send + Sync + 'static>(desk: Desk) -> Router<S> {
    Router::new()
        .route("/desk", get(situation::page))
        .route("/desk/me", get(me::me))
        .route("/desk/why", post(why::set))
        .route("/desk/density", post(why::density))
        .route("/desk/find", get(find::page))
        .route("/desk/objects", get(objects::page))
        .route("/desk/object/{id}", get(object::page))
        .route("/desk/object/{id}/raw", get(object::raw))
        .route("/desk/screening", get(screening::page).post(screening::run))
        .route("/desk/screening/{id}", get(screening::result))
        .route("/desk/screening/{id}/table", get(screening::table))
        .route("/desk/intake", get(intake::page).post(intake::begin))
        .route("/desk/intake/draft/{id}", get(intake::draft).post(intake::change))
        .route("/desk/intake/draft/{id}/commit", post(intake::commit))
        .route("/desk/intake/{batch}", get(intake::batch))
        .route("/desk/intake/{batch}/undo", post(intake::undo))
        .route("/desk/hits", get(hits::page))
        .route("/desk/hits/{key}", get(hits::one).post(hits::decide))
        .route("/desk/questions", post(hits::answer))
        .route("/desk/graph", get(graph::page))
        .route("/desk/graph/file", get(graph::file))
        .route("/desk/object/{id}/share", get(object::share).post(object::relabel))
        .route("/desk/object/{id}/recall", get(object::recall_page).post(object::recall))
        .route("/desk/network", get(network::page))
        .route("/desk/network/propose", post(network::propose))
        .route("/desk/network/agreement/{id}", get(network::agreement).post(network::agreement_act))
        .route("/desk/network/{name}", get(network::peer))
        .route("/desk/ledger", get(ledger::entries))
        .route("/desk/ledger/witnesses", get(ledger::witnesses).post(ledger::verify))
        .route("/desk/ledger/accounts", get(ledger::accounts).post(ledger::account_add))
        .route("/desk/ledger/accounts/{name}", post(ledger::account_act))
        .route("/desk/ledger/keeping", get(ledger::keeping))
        .route("/desk/ledger/settings", get(ledger::settings))
        .route("/gallery", get(gallery::page))
        .route(live::PATH, get(live::live))
        .route("/about", get(about::page))
        .route("/desk/login", get(login::page).post(login::by_password))
        .route("/desk/passkey/ask", post(passkeys::ask))
        .route("/desk/passkey", post(passkeys::log_in))
        .route("/desk/enrol", get(enrol::page).post(enrol::by_password))
        .route("/desk/enrol/ask", post(enrol::ask))
        .route("/desk/enrol/passkey", post(enrol::by_passkey))
        .route("/desk/provider", get(provider::begin).post(provider::enrol))
        .route("/desk/provider/back", get(provider::back))
        .route("/desk/passkeys/ask", post(passkeys::ask_to_add))
        .route("/desk/passkeys", post(passkeys::add))
        .route("/desk/passkeys/remove", post(me::remove_passkey))
        .route("/desk/password", post(me::change_password))
        .route("/desk/sessions/end", post(me::end_sessions))
        .route("/desk/logout", post(login::log_out))
        .route("/desk/assets/{name}", get(assets::asset))
        .merge(about_persons())
        .layer(middleware::from_fn(guard))
        .with_state(desk)
}

/// The paths of the pages on which persons are searched for, notices written, and hits of searches followed.
fn about_persons() -> Router<Desk> {
    Router::new()
        .route("/desk/search", get(search::page).post(search::run))
        .route("/desk/search/{id}", get(search::result))
        .route("/desk/search/{id}/hit", post(encounters::open))
        .route("/desk/search-hits", get(encounters::page))
        .route("/desk/search-hits/asked", post(encounters::answer))
        .route("/desk/search-hits/{no}", get(encounters::one).post(encounters::act))
        .route("/desk/gate", get(gate::page))
        .route("/desk/gate/{no}", get(gate::one))
        .route("/desk/gate/{no}/facts", post(gate::fill))
        .route("/desk/gate/{no}/judge", post(gate::judge))
        .route("/desk/gate/{no}/deed", post(gate::act))
        .route("/desk/gate/{no}/proof", get(gate::proof))
        .route("/desk/notices", get(notices::page).post(notices::begin))
        .route("/desk/notices/review", get(notices::review))
        .route("/desk/notices/statistics", get(notices::statistics))
        .route("/desk/notices/statistics/table", get(notices::table))
        .route("/desk/notices/{no}", get(notices::one))
        .route("/desk/notices/{no}/text", post(notices::save))
        .route("/desk/notices/{no}/check", post(notices::check))
        .route("/desk/notices/{no}/deed", post(notices::act))
        .route("/desk/notices/{no}/judge", post(notices::judge))
        .route("/desk/notices/{no}/poster", get(notices::poster))
}

/// What changes something must come from a page of this node: whatever another site makes a browser send is not done.
async fn guard(request: Request, next: Next) -> Response {
    let words = Words::of(request.headers(), request.uri().query());
    let mut response = if request.method() == Method::GET || is_from_here(&request) {
        next.run(request).await
    } else {
        Trouble::Elsewhere.plain(words)
    };
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Browsers say of a request which site made it (Fetch Metadata); those that do not, say its origin.
fn is_from_here(request: &Request) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let host = request.uri().authority().map(Authority::as_str).or_else(|| text("host"));
    match (text("origin"), host) {
        (Some(origin), Some(host)) => origin.strip_prefix("https://") == Some(host),
        _ => false,
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' blob:; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn from(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::post("/desk/login").header("host", "node.example:7443");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_from_here(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn only_a_page_of_this_node_changes_something() {
        assert!(from(&[("sec-fetch-site", "same-origin")]));
        assert!(from(&[("origin", "https://node.example:7443")]));
        for other in ["cross-site", "same-site", "none"] {
            assert!(!from(&[("sec-fetch-site", other), ("origin", "https://node.example:7443")]), "{other}");
        }
        for other in
            ["https://node.example", "http://node.example:7443", "https://node.example:7443.evil.example", "null"]
        {
            assert!(!from(&[("origin", other)]), "{other}");
        }
        assert!(!from(&[]), "who says nothing is not believed");
    }
}
