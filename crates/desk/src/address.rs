use axum::http::Uri;

/// Where the page stands that somebody looks at: the address they opened, without the language, or of a page that answers a form
/// the one that shows the same. Whoever opens it anew is answered, with scripts or without.
pub(super) fn of(uri: &Uri) -> String {
    let mut address = page(uri.path());
    let is_kept = |pair: &&str| !pair.is_empty() && !pair.starts_with("lang=");
    let query: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(is_kept).collect();
    if !query.is_empty() {
        address.push('?');
        address.push_str(&query.join("&"));
    }
    address
}

/// The page that a form is on, by where it is sent; an address that answers by itself is its own.
fn page(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match *parts {
        ["desk", "questions" | "why" | "density" | "logout"] => "/desk".to_owned(),
        ["desk", "password"] | ["desk", "passkeys", "remove"] | ["desk", "sessions", "end"] => "/desk/me".to_owned(),
        ["desk", "network", "propose"] => "/desk/network".to_owned(),
        ["desk", "ledger", "accounts", _] => "/desk/ledger/accounts".to_owned(),
        ["desk", "search-hits", "asked"] => "/desk/search-hits".to_owned(),
        ["desk", part @ ("notices" | "gate"), no, "text" | "facts" | "check" | "judge" | "deed"] => {
            format!("/desk/{part}/{no}")
        }
        ["desk", "search", id, "hit"] => format!("/desk/search/{id}"),
        ["desk", "intake", batch, "undo"] => format!("/desk/intake/{batch}"),
        ["desk", "intake", "draft", id, "commit"] => format!("/desk/intake/draft/{id}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every route of the desk, with whether it answers whoever opens it.
    fn routes() -> Vec<(String, bool)> {
        let text = include_str!("lib.rs");
        let routes = text.split(".route(\"").skip(1).filter_map(|part| part.split_once("\", "));
        let answers = |rest: &str| rest.split('\n').next().unwrap_or_default().contains("get(");
        routes.map(|(path, rest)| (path.to_owned(), answers(rest))).collect()
    }

    #[test]
    fn every_page_that_answers_a_form_has_an_address_that_can_be_opened() {
        let all = routes();
        assert!(all.len() > 50, "{}", all.len());
        let is_of_a_script = |path: &str| path.contains("/passkey") || path.starts_with("/desk/enrol/");
        for (path, _) in all.iter().filter(|(path, opens)| !opens && !is_of_a_script(path)) {
            let page = page(path);
            assert!(all.iter().any(|(known, opens)| *opens && *known == page), "{path} stands on {page}");
        }
    }

    #[test]
    fn the_address_keeps_what_the_page_shows_and_not_its_language() {
        let of = |text: &str| of(&text.parse().unwrap());
        assert_eq!(of("/desk/hits?state=open&lang=ar&page=2"), "/desk/hits?state=open&page=2");
        assert_eq!(of("/desk?lang=de"), "/desk");
        assert_eq!(of("/desk/notices/1f/text"), "/desk/notices/1f");
        assert_eq!(of("/desk/gate/1f/deed?lang=fr"), "/desk/gate/1f");
    }
}
