//! A real browser, driven by the WebDriver protocol over a plain socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A browser with one window. It ends with this.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// Where its tools for developers listen.
    pub(crate) tools: u16,
    profile: tempfile::TempDir,
}

const CHROMIUM: &str = "/usr/bin/chromium";
const DRIVER: &str = "/usr/bin/chromedriver";
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Starts one, when there is one on this machine; it trusts the certificate with this key alone.
    pub(crate) fn start(pin: &str) -> Option<Self> {
        if !Path::new(CHROMIUM).exists() || !Path::new(DRIVER).exists() {
            println!("skipped: no browser here (Debian packages chromium and chromium-driver)");
            return None;
        }
        let mut driver =
            Command::new(DRIVER).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let started = lines
            .find_map(|line| Some(line.ok()?.split("successfully on port ").nth(1)?.trim_end_matches('.').to_owned()));
        let port = started.unwrap().parse().unwrap();
        // It goes on printing, and must not wait for somebody to read.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), tools: 0, profile };
        let args = [
            "--headless".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            format!("--user-data-dir={}", browser.profile.path().display()),
            format!("--ignore-certificate-errors-spki-list={pin}"),
        ];
        let options = json!({"binary": CHROMIUM, "args": args});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"}, "goog:chromeOptions": options}}});
        let made = browser.send("POST", "/session", &wanted);
        browser.session.push_str(made["sessionId"].as_str().unwrap());
        let tools = made["capabilities"]["goog:chromeOptions"]["debuggerAddress"].as_str().unwrap();
        browser.tools = tools.rsplit(':').next().unwrap().parse().unwrap();
        browser.size(1366, 768);
        Some(browser)
    }

    /// A device of its own that shows passkeys, whose owner always consents.
    pub(crate) fn plug_in_device(&self) {
        let device = json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true});
        self.post("/webauthn/authenticator", &device);
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    pub(crate) fn type_in(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Empties a field.
    pub(crate) fn clear(&self, css: &str) {
        let element = self.element(css);
        self.post(&format!("/element/{element}/clear"), &json!({}));
    }

    pub(crate) fn click(&self, css: &str) {
        let element = self.element(css);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    pub(crate) fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// The page as it stands.
    pub(crate) fn source(&self) -> String {
        let said = self.send("GET", &format!("/session/{}/source", self.session), &Value::Null);
        said.as_str().unwrap_or_default().to_owned()
    }

    /// What a script on the page returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What a script on the page hands to its last argument, once it does.
    pub(crate) fn wait_for(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// Presses keys one after the other, as on a keyboard: once the page shows, since a browser passes over what is pressed
    /// before.
    pub(crate) fn press(&self, keys: &str) {
        self.until("it shows", "return performance.getEntriesByName('first-paint').length > 0");
        let press = |key: char| {
            [json!({"type": "keyDown", "value": key.to_string()}), json!({"type": "keyUp", "value": key.to_string()})]
        };
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// Presses one key while another is held.
    pub(crate) fn press_with(&self, held: char, key: char) {
        self.until("it shows", "return performance.getEntriesByName('first-paint').length > 0");
        let of = |kind: &str, key: char| json!({"type": kind, "value": key.to_string()});
        let actions = [of("keyDown", held), of("keyDown", key), of("keyUp", key), of("keyUp", held)];
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// Runs pages without their scripts, or with them again.
    pub(crate) fn scripts(&self, on: bool) {
        let params = json!({"value": !on});
        self.post("/goog/cdp/execute", &json!({"cmd": "Emulation.setScriptExecutionDisabled", "params": params}));
    }

    /// What the browser complained of since it was last asked: what a policy stopped, what failed to load.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let said = self.post("/se/log", &json!({"type": "browser"}));
        let grave = said.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        grave.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until a script on the page returns true.
    pub(crate) fn until(&self, what: &str, script: &str) {
        let began = Instant::now();
        while self.run(script) != true {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}: {}", self.text());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// As whom the system shows pages: `light` or `dark`, and whether with more contrast.
    pub(crate) fn theme(&self, scheme: &str, contrast: &str) {
        let features =
            json!([{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-contrast", "value": contrast}]);
        let params = json!({"features": features});
        self.post("/goog/cdp/execute", &json!({"cmd": "Emulation.setEmulatedMedia", "params": params}));
    }

    pub(crate) fn size(&self, width: u32, height: u32) {
        let params = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.post("/goog/cdp/execute", &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": params}));
    }

    pub(crate) fn screenshot(&self, file: &Path) {
        let said = self.send("GET", &format!("/session/{}/screenshot", self.session), &Value::Null);
        std::fs::write(file, comity_crypto::unbase64(said.as_str().unwrap()).unwrap()).unwrap();
    }

    /// The page as it is printed on A4, in PDF.
    pub(crate) fn print(&self) -> Vec<u8> {
        let said = self.post("/print", &json!({"background": false, "page": {"width": 21.0, "height": 29.7}}));
        comity_crypto::unbase64(said.as_str().unwrap()).unwrap()
    }

    fn element(&self, css: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": css}));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}{path}", self.session), body)
    }

    /// What the driver answers. A page that is leaving for another may show nothing to whoever looks: the look is repeated, since it
    /// changes nothing, and a script answers nothing, for whoever ran it to decide.
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let is_look = path.ends_with("/screenshot") || path.ends_with("/source") || path.ends_with("/print");
        let began = Instant::now();
        loop {
            let said = self.ask(method, path, body);
            let is_leaving = said.to_string().contains("aborted by navigation");
            if is_leaving && path.ends_with("/execute/sync") {
                return Value::Null;
            }
            if is_leaving && is_look && began.elapsed() < Duration::from_mins(1) {
                continue;
            }
            assert!(said["value"]["error"].is_null(), "{method} {path} {body}: {said}");
            return said["value"].clone();
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{text}",
            self.port,
            text.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
