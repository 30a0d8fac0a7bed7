//! Pages for people: what a browser is told and keeps, who comes in, and what another site cannot do with it.

use comity_crypto::passkey::soft::SoftPasskey;
use comity_crypto::{TotpSecret, Zeroizing};
use comity_node::{NewAccount, RightsChange, Role};

use super::common::*;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36";
const PASSWORD: &str = "a quiet winter morning";

/// A node with an account that has been invited, a browser on one of its pages, and the code of the invitation.
fn invited() -> (Host, Client, Zeroizing<String>) {
    let host = Host::new();
    let ctx = host.ctx();
    let account =
        |name: &str, full_name: &str| NewAccount { name: name.into(), full_name: full_name.into(), system: None };
    host.node
        .add_first_account(&ctx, &NewAccount { system: Some("uid:1".into()), ..account("first", "First") })
        .unwrap();
    host.node.add_account(&ctx, &account("mari", "Mari <script>alert(1)</script> \u{202e}Tamm")).unwrap();
    let give = RightsChange { give: [Role::Analyst].into_iter().collect(), ..RightsChange::default() };
    host.node.change_rights(&host.acting_as("second"), "mari", &give).unwrap();
    let code = host.node.invite_account(&ctx, "mari").unwrap();
    let browser = host.stranger().with("User-Agent", AGENT).with("Sec-Fetch-Site", "same-origin");
    (host, browser, code)
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&").into_bytes()
}

fn post(browser: &Client, path: &str, fields: &[(&str, &str)]) -> Reply {
    browser.post(path, "application/x-www-form-urlencoded", &form(fields))
}

fn html(reply: &Reply) -> String {
    assert!(reply.header("content-type").unwrap().starts_with("text/html"), "{}", reply.text());
    String::from_utf8(reply.body.clone()).unwrap()
}

/// The browser once it keeps the cookie of the session that a reply begins.
fn logged_in(browser: &Client, reply: &Reply) -> Client {
    let cookies = reply.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("__Host-comity=")).unwrap();
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    browser.with("Cookie", cookie.split(';').next().unwrap())
}

/// Sets up a password; returns a way to the code that an authenticator shows now.
fn enrolled(host: &Host, browser: &Client, code: &str) -> impl Fn() -> String {
    let page =
        html(&post(browser, "/desk/enrol", &[("account", "mari"), ("invitation", code), ("password", PASSWORD)]));
    let secret = page.split("<code dir=\"ltr\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(page.matches("<li><code>").count(), 10, "recovery codes");
    assert!(page.contains("<svg class=\"qr\""));
    let five = |letter: u8| if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
    let bits: Vec<String> = secret.bytes().map(|letter| format!("{:05b}", five(letter))).collect();
    let bits = bits.concat();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    let seconds = u64::try_from(host.now().as_micros() / 1_000_000).unwrap();
    move || format!("{:06}", TotpSecret::from_bytes(&bytes).code(seconds / 30))
}

#[test]
fn every_page_is_strict_and_in_the_language_that_is_wanted() {
    let (_host, browser, _) = invited();
    for (path, words) in [("/desk/login", "Log in"), ("/desk/enrol", "Set up your log-in")] {
        let reply = browser.get(path);
        assert!(reply.status == 200 && html(&reply).contains(words));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("http"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let page = html(&reply);
        assert!(
            !page.contains("onclick") && !page.contains("style=\"") && !page.contains("<script>"),
            "nothing inline"
        );
        for code in ["en", "fr", "es", "ar", "de"] {
            let page = html(&browser.get(&format!("{path}?lang={code}")));
            let direction = if code == "ar" { "rtl" } else { "ltr" };
            assert!(page.contains(&format!("<html lang=\"{code}\" dir=\"{direction}\">")), "{code}");
        }
        assert!(html(&browser.with("Accept-Language", "fr-CA,en;q=0.5").get(path)).contains("lang=\"fr\""));
    }
    assert!(browser.get("/desk/assets/passkey.js").header("content-type").unwrap().starts_with("text/javascript"));
    assert_eq!(browser.get("/desk/assets/..%2f..%2fkeys").status, 404);
    let reply = browser.get("/desk/me");
    assert_eq!((reply.status, reply.header("location")), (303, Some("/desk/login")), "first one logs in");
}

#[test]
fn a_password_and_a_code_open_the_door_for_this_browser() {
    let (host, browser, code) = invited();
    let short = post(&browser, "/desk/enrol", &[("account", "mari"), ("invitation", &code), ("password", "short")]);
    assert!(short.status == 422 && html(&short).contains("The password needs at least"));
    let easy = [("account", "mari"), ("invitation", &*code), ("password", "passwordpassword")];
    let easy = post(&browser, "/desk/enrol", &easy);
    assert!(easy.status == 422 && html(&easy).contains("tried first"), "{}", easy.text());
    let code = enrolled(&host, &browser, &code);
    let wrong = post(&browser, "/desk/login", &[("account", "mari"), ("password", "wrong"), ("code", &code())]);
    assert!(wrong.status == 401 && html(&wrong).contains("Nothing more is said"));
    assert!(!html(&wrong).contains("wrong\""), "what was typed does not come back");
    let reply = post(&browser, "/desk/login", &[("account", "mari"), ("password", PASSWORD), ("code", &code())]);
    assert_eq!((reply.status, reply.header("location")), (303, Some("/desk")), "{}", reply.text());
    let here = logged_in(&browser, &reply);
    let page = html(&here.get("/desk/me"));
    assert!(page.contains("Analyst") && page.contains("Chrome"), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;"), "names are text: {page}");
    assert_eq!(
        here.with("User-Agent", "curl").get("/desk/me").status,
        303,
        "the cookie opens nothing in another browser"
    );
    let out = post(&here, "/desk/logout", &[]);
    assert_eq!(out.header("location"), Some("/desk/login"));
    assert_eq!(here.get("/desk/me").status, 303, "the session is over, whoever kept the cookie");
}

#[test]
fn another_site_can_do_nothing_with_a_browser_that_is_logged_in() {
    let (host, browser, code) = invited();
    let code = enrolled(&host, &browser, &code);
    let reply = post(&browser, "/desk/login", &[("account", "mari"), ("password", PASSWORD), ("code", &code())]);
    let here = logged_in(&browser, &reply);
    for path in ["/desk/logout", "/desk/sessions/end", "/desk/passkeys/remove", "/desk/passkeys/ask", "/desk/login"] {
        for site in ["cross-site", "same-site"] {
            let refused = post(&here.with("Sec-Fetch-Site", site), path, &[("id", "x")]);
            assert_eq!(refused.status, 403, "{path} from {site}: {}", refused.text());
        }
        let foreign = here.without("Sec-Fetch-Site").with("Origin", "https://evil.example");
        assert_eq!(post(&foreign, path, &[]).status, 403);
        assert_eq!(post(&here.without("Sec-Fetch-Site"), path, &[]).status, 403);
    }
    assert_eq!(here.get("/desk/me").status, 200, "and is still logged in");
}

#[test]
fn a_passkey_is_set_up_shown_and_removed() {
    let (host, browser, code) = invited();
    let json = |browser: &Client, path: &str, said: &serde_json::Value| {
        browser.post(path, "application/json", said.to_string().as_bytes())
    };
    let device = SoftPasskey::new("https://localhost").unwrap();
    let mut said = serde_json::json!({"account": "mari", "invitation": *code, "label": "a <b>key</b>"});
    let guessed = json(&browser, "/desk/enrol/ask", &serde_json::json!({"account": "mari", "invitation": "guessed"}));
    assert_eq!(guessed.status, 401);
    said["answer"] = device.add(&json(&browser, "/desk/enrol/ask", &said).json()).into();
    assert_eq!(json(&browser, "/desk/enrol/passkey", &said).json()["to"], "/desk/login");
    assert_eq!(json(&browser, "/desk/enrol/passkey", &said).status, 401, "once");
    let mut device = device;
    let asked = json(&browser, "/desk/passkey/ask", &serde_json::json!({})).json();
    let answer = serde_json::json!({"answer": device.show(&asked)});
    let reply = json(&browser, "/desk/passkey", &answer);
    assert_eq!(reply.json()["to"], "/desk", "{}", reply.text());
    let here = logged_in(&browser, &reply);
    assert_eq!(json(&browser, "/desk/passkey", &answer).status, 401, "an answer counts once");
    let page = html(&here.get("/desk/me"));
    assert!(page.contains("a &#60;b&#62;key") && page.contains("passkey"), "{page}");
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Whoever finds the browser open a while later changes nothing about how she logs in.
    host.pass(16 * 60 * 1_000);
    for path in ["/desk/passkeys/ask", "/desk/passkeys", "/desk/passkeys/remove"] {
        let late = post(&here, path, &[("id", &id)]);
        let said = String::from_utf8_lossy(&late.body);
        assert!(late.status == 401 && said.contains("quarter of an hour"), "{path}: {said}");
    }
    let asked = json(&browser, "/desk/passkey/ask", &serde_json::json!({})).json();
    let reply = json(&browser, "/desk/passkey", &serde_json::json!({"answer": device.show(&asked)}));
    let here = logged_in(&browser, &reply);
    assert_eq!(post(&here, "/desk/passkeys/remove", &[("id", &id)]).status, 303);
    assert!(html(&here.get("/desk/me")).contains("You have no passkey yet"));
    for body in ["", "{}", "[", "null", "{\"answer\":1}", &"x".repeat(200_000)] {
        let reply = browser.post("/desk/passkey", "application/json", body.as_bytes());
        assert!((400..=500).contains(&reply.status), "{}", reply.text());
    }
    host.node.check().unwrap();
}

#[test]
fn a_file_of_the_pages_is_sent_once() {
    let (_host, browser, _) = invited();
    let first = browser.get("/desk/assets/desk.css");
    assert_eq!(first.status, 200);
    let tag = first.header("etag").unwrap();
    let again = browser.with("If-None-Match", tag).get("/desk/assets/desk.css");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(browser.with("If-None-Match", "\"other\"").get("/desk/assets/desk.css").body, first.body);
}
