//! What is on record: entries, who countersigns them, and who may do what.

mod accounts;
mod entries;
mod keeping;
mod settings;
mod witnesses;

pub(super) use self::accounts::{act as account_act, add as account_add, page as accounts};
pub(super) use self::entries::page as entries;
pub(super) use self::keeping::page as keeping;
pub(super) use self::settings::page as settings;
pub(super) use self::witnesses::{page as witnesses, verify};

use super::language::Words;

/// The pages of this part: what each is called, its address, and whether it is this.
pub(super) struct Tabs(Vec<(String, &'static str, bool)>);

impl Tabs {
    fn of(here: &str, words: Words) -> Self {
        let tab = |(name, to): &(&str, &'static str)| (words.say(&format!("ledger-{name}")), *to, *name == here);
        Self(TABS.iter().map(tab).collect())
    }

    pub(super) fn all(&self) -> &[(String, &'static str, bool)] {
        &self.0
    }
}

const TABS: [(&str, &str); 5] = [
    ("entries", "/desk/ledger"),
    ("witnesses", "/desk/ledger/witnesses"),
    ("accounts", "/desk/ledger/accounts"),
    ("keeping", "/desk/ledger/keeping"),
    ("settings", "/desk/ledger/settings"),
];
