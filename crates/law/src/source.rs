//! Where the rules come from. The addresses are those of public pages that were read; what is only known from general
//! knowledge is marked as not verified, and every reason shows it.

use serde::Serialize;

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The article or section; `Comity` where it is a rule of this program and no claim about the law.
    pub rule: &'static str,
    /// The page it was read on; empty for rules of this program.
    pub address: &'static str,
    /// Whether the rule was checked against a public text. People are shown when it was not.
    pub verified: bool,
}

impl Source {
    /// A rule that was read in a public text.
    pub const fn read(rule: &'static str, address: &'static str) -> Self {
        Self { rule, address, verified: true }
    }

    /// A rule from general knowledge, not checked against the primary text.
    pub const fn unverified(rule: &'static str, address: &'static str) -> Self {
        Self { rule, address, verified: false }
    }

    /// A rule of this program, stricter than or beside the law.
    pub const fn house() -> Self {
        Self { rule: "Comity", address: "", verified: true }
    }
}

/// The map of the chapters of INTERPOL's Rules on the Processing of Data (RPD).
pub(crate) const RPD: &str = "https://euextraditionlaw.com/interpol-rules-of-procedure/";
/// How long data are kept, and the question six months before.
pub(crate) const RETENTION: &str = "https://ngm.com.au/interpol-data-retention";
/// The provisional record and the review aimed at within 24 hours.
pub(crate) const GLOSSARY: &str = "http://friedman.legal/practice-areas/red-notice/interpol-glossary/";
/// The first silver notice: purpose, what it may not do.
pub(crate) const SILVER: &str = "https://www.mishcon.com/news/interpol-publishes-the-first-silver-notice-targeting-criminal-assets-the-future-of-financial-crime-enforcement";
/// Public extracts only with the source's consent; UN notices always.
pub(crate) const CONSENT: &str = "https://avocat-extradition-teissedre.com/en/notice-rouge-interpol-extradition";
/// Threshold of two years and exclusions.
pub(crate) const THRESHOLD: &str = "https://nrivision.com/how-to-remove-an-interpol-red-notice/7862";
/// What is published of notices, and the fields of UN notices.
pub(crate) const EXTRACT: &str = "https://github.com/bundesAPI/interpol-api";
/// Judicial data as they are asked for in practice.
pub(crate) const PRACTICE: &str = "https://internationalextraditionblog.com/2011/01/05/interpols-red-notice/";
/// How red notices are checked before publication.
pub(crate) const SCREENING: &str = "https://rednoticetrack.com/interpol-red-notices-before-publication";
/// Diffusions, and that they may go round before anybody checked them.
pub(crate) const DIFFUSIONS: &str = "https://www.rednoticelawjournal.com/2021/04/interpol-red-notices-and-diffusions-the-difference-between-the-two-and-why-it-matters/";
/// A red notice alone is no ground to arrest in the USA.
pub(crate) const USA: &str = "https://ministryofcyberaffairs.com/news/how-to-prepare-a-interpol-red-notice-request-step-by-step-guide-for-police-d5ea09ea-2e6c-41be-8ae8-e1b41f55fb58";
/// What European travel checks ask of INTERPOL, and that abuse of alerts was argued over.
pub(crate) const TRAVEL: &str =
    "https://digit.site36.net/2022/02/07/access-through-europol-and-databases-eu-decides-against-control-of-interpol/";
