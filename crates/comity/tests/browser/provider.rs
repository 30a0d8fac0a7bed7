use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use comity_base::Timestamp;
use comity_tls::make_identity;

use super::Serving;
use super::common::Desk;
use super::driver::Browser;
use super::station::at;

/// An identity provider that others made (`tools/oidc`), with people who say their own names.
struct IdentityProvider {
    child: Child,
    /// What a node must be told of it.
    settings: String,
    pin: String,
}

impl IdentityProvider {
    /// Where it is installed, when it is.
    fn folder() -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oidc");
        if folder.join("node_modules/oidc-provider").is_dir() {
            return Some(folder);
        }
        println!("skipped: no identity provider here (`./test` installs it into target/oidc where there is npm)");
        None
    }

    fn start(folder: &Path, desk: &Desk, node: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let day = |day: i64| Timestamp::from_micros(day * 86_400_000_000);
        let identity = make_identity("login", &["localhost".to_owned()], day(0), day(40_000)).unwrap();
        let secret = identity.to_secret(day(0));
        let key = desk.write("login.key", pem("PRIVATE KEY", &secret.private_key_der));
        let certificate = desk.write("login.pem", pem("CERTIFICATE", &secret.certificate_der));
        let (word, back) = ("said to nobody: + & %", format!("{node}/desk/provider/back"));
        desk.write("ee/provider-secret", word);
        let mut child = Command::new("node")
            .current_dir(folder)
            .arg("provider.mjs")
            .arg(port.to_string())
            .args([&key, &certificate])
            .args([word, &back])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.is_ok_and(|line| line.starts_with("listening"))));
        // It goes on printing, and must not wait for somebody to read.
        std::thread::spawn(move || lines.for_each(drop));
        let settings = format!(
            "issuer = \"https://localhost:{port}\"\nname = \"Politsei SSO\"\npin = \"{}\"\nsecret_file = \"provider-secret\"",
            identity.pin()
        );
        Self { child, settings, pin: comity_crypto::base64(&identity.pin().0) }
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn pem(of: &str, der: &[u8]) -> String {
    format!("-----BEGIN {of}-----\n{}\n-----END {of}-----\n", comity_crypto::base64(der))
}

/// Says who sits there, at the provider.
fn say_who(browser: &Browser, name: &str, two_factors: bool) {
    browser.until("the provider asks", "return document.querySelector('input[name=name]') !== null");
    browser.type_in("input[name=name]", name);
    if two_factors {
        browser.click("input[name=two]");
    }
    browser.click("form button");
}

#[test]
fn somebody_comes_in_by_the_organisations_own_identity_provider() {
    let Some(folder) = IdentityProvider::folder() else { return };
    let mut provider = None;
    let node = Serving::with(|desk, url| provider.insert(IdentityProvider::start(&folder, desk, url)).settings.clone());
    let provider = provider.unwrap();
    let pins = format!("{},{}", node.pin, provider.pin);
    let Some(browser) = Browser::start(&pins) else { return };
    let refused = |browser: &Browser, told: &str| {
        browser
            .until(told, "return !!document.getElementById('trouble') && !document.getElementById('trouble').hidden");
        assert!(browser.text().contains(told), "{told}: {}", browser.text());
    };
    // Nobody is let in whom nobody invited, whatever the provider says.
    browser.open(&format!("{}/desk/login", node.url));
    browser.click("a[href='/desk/provider']");
    say_who(&browser, "4711", true);
    refused(&browser, "That is not right");
    // With an invitation, what the provider calls her is linked to her account.
    let invited = Browser::start(&pins).unwrap();
    invited.open(&format!("{}/desk/enrol?account=mari", node.url));
    invited.type_in("#invitation", "guessed");
    invited.click("button[formaction='/desk/provider']");
    refused(&invited, "That is not right");
    invited.type_in("#invitation", &node.invitation());
    invited.click("button[formaction='/desk/provider']");
    say_who(&invited, "4711", true);
    invited.until("she is in", &at("/desk"));
    invited.open(&format!("{}/desk/me", node.url));
    let text = invited.text();
    assert!(text.contains("Mari Tamm") && text.contains("identity provider"), "{text}");
    // She comes in again with what the provider remembers of her.
    invited.click("form[action='/desk/logout'] button");
    invited.until("she is out", &at("/desk/login"));
    invited.click("a[href='/desk/provider']");
    invited.until("she is in again", &at("/desk"));
    // One factor is not enough here.
    let weak = Browser::start(&pins).unwrap();
    weak.open(&format!("{}/desk/login?lang=de", node.url));
    weak.click("a[href='/desk/provider']");
    say_who(&weak, "4711", false);
    refused(&weak, "zwei Faktoren");
    // Somebody says no there.
    let no = Browser::start(&pins).unwrap();
    no.open(&format!("{}/desk/login", node.url));
    no.click("a[href='/desk/provider']");
    no.until("the provider asks", "return document.querySelector('input[name=name]') !== null");
    no.click("form button[name=no]");
    refused(&no, "did not say who you are");
    // What another browser was sent back with opens nothing in this one.
    no.open(&format!("{}/desk/provider/back?code=stolen&state=stolen", node.url));
    refused(&no, "no answer to what this browser asked");
    let audit = node.desk.ok(&["audit", "--limit", "100"]);
    for told in ["identity provider linked", "logged in"] {
        assert!(audit.contains(told), "{told}: {audit}");
    }
    assert!(!audit.contains("4711"), "what the provider calls somebody is in no record: {audit}");
}
