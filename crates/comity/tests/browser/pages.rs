//! How every page of the desk looks and reads, in every language, direction and theme.

use std::path::{Path, PathBuf};

use super::WRONG;
use super::common::Desk;
use super::driver::Browser;
use super::tour::Tour;

/// What is looked for in every page beside [`WRONG`]: texts that were cut off, and words that are missing.
const CUT: &str = r#"
const wrong = [];
for (const e of document.querySelectorAll("h1, h2, h3, th, td, dt, dd, label, summary, button, .button, .mark, .rail a span, .tabs a, p")) {
  if (!e.getClientRects().length || e.closest("details:not([open]) > :not(summary), .unseen, dialog, .find, .raw")) continue;
  const s = getComputedStyle(e);
  if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && s.overflowX !== "auto" && s.display !== "inline" && s.textOverflow !== "ellipsis") wrong.push(`cut: ${e.tagName} ${e.textContent.trim().slice(0, 60)} ${e.scrollWidth}>${e.clientWidth}`);
}
if (/\b(kind|property|policy|way|entry|role|purpose|strength|fact|said|says|sexed|status|held|grade|basis|tells|listed|script|zone|aim|textmark|gatedeed|gatestep|message|abuse)-[a-z0-9]/.test(document.querySelector("main").innerText.replace(/[\w-]+--[\w-]+|property-extension/g, ""))) wrong.push("a message without words");
return wrong;
"#;

#[test]
fn every_page_of_the_desk_is_readable_for_everybody() {
    let desk = Desk::new();
    let Some(tour) = Tour::begin(&desk) else { return };
    let browser = &tour.browser;
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/axe/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).ok();
    if axe.is_none() {
        println!("skipped: no rules of accessibility here (`./test` installs them into target/axe where there is npm)");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    let mut wrong = Vec::new();
    for (page, path) in tour.pages() {
        for language in ["en", "fr", "es", "ar", "de"] {
            browser.size(1366, 768);
            let mark = if path.contains('?') { '&' } else { '?' };
            browser.open(&tour.ee.url(&format!("{path}{mark}lang={language}")));
            for (theme, scheme, contrast) in
                [("dark", "dark", "no-preference"), ("contrast", "light", "more"), ("light", "light", "no-preference")]
            {
                browser.theme(scheme, contrast);
                let name = format!("desk-{page}-{language}-{theme}");
                browser.screenshot(&folder.join(format!("{name}.png")));
                let mut found = findings(browser, WRONG);
                found.extend(findings(browser, CUT));
                // The rules know nothing of languages but the direction they are written in.
                if let Some(axe) = axe.as_ref().filter(|_| matches!(language, "en" | "ar")) {
                    found.extend(violations(browser, axe));
                }
                wrong.extend(found.into_iter().map(|found| format!("{name}: {found}")));
            }
            browser.size(360, 740);
            let narrow = findings(browser, WRONG);
            wrong.extend(narrow.into_iter().map(|found| format!("desk-{page}-{language}-360: {found}")));
            if language == "en" || language == "ar" {
                browser.screenshot(&folder.join(format!("desk-{page}-{language}-360.png")));
            }
        }
    }
    wrong.extend(posters(&tour, &folder));
    let complaints: Vec<String> =
        browser.complaints().into_iter().filter(|line| !line.contains("status of 404")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    println!("screenshots: {}", folder.display());
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

/// Posters that do not print on one page.
fn posters(tour: &Tour, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    tour.browser.size(1366, 768);
    for (page, path) in tour.posters() {
        for language in ["en", "fr", "es", "ar", "de"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            tour.browser.open(&tour.ee.url(&format!("{path}{mark}lang={language}")));
            tour.browser.until("the styles", "return document.styleSheets.length > 0");
            let pdf = tour.browser.print();
            std::fs::write(folder.join(format!("desk-{page}-{language}.pdf")), &pdf).unwrap();
            let pages = String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
            if pages != 1 {
                wrong.push(format!("{page}-{language} prints on {pages} pages"));
            }
        }
    }
    wrong
}

pub(crate) fn findings(browser: &Browser, script: &str) -> Vec<String> {
    browser.run(script).as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// What breaks a rule of axe-core on the page.
fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    if browser.run("return !window.axe") == true {
        browser.run(axe);
    }
    let script = "const told = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((r) => told(r.violations.map((v) => \
                  `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(' | ')}`)));";
    browser.wait_for(script).as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}
