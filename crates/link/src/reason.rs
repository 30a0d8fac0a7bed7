use std::collections::BTreeMap;

use comity_stix::Kind;
use serde::Serialize;

use crate::{Path, Rarity};

/// Why a shared value counts as much as it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// A name for programs that does not change: `rare`, `held-by-many`, `listed`.
    pub code: &'static str,
    /// The same for people, in English sentences.
    pub text: String,
    /// What the text is made of, for translation: `kind`, `value`, `cases`, `owners`, `objects`,
    /// `total-objects`, `list`, `via`, `steps`.
    pub args: BTreeMap<&'static str, String>,
    /// Bits of evidence it adds.
    pub bits: f64,
}

/// One shared value as it is told.
pub(crate) struct Told<'t> {
    pub(crate) kind: Kind,
    pub(crate) text: &'t str,
    pub(crate) rarity: &'t Rarity,
    pub(crate) path: &'t Path,
    /// The list it stands on, and whether only its host does.
    pub(crate) list: Option<(&'t str, bool)>,
    pub(crate) bits: f64,
}

impl Told<'_> {
    pub(crate) fn reason(&self) -> Reason {
        let (code, tail) = self.tail();
        let text = format!("{} the {} {}{tail}", self.head(), self.kind.title(), shown(self.kind, self.text));
        Reason { code, text, args: self.args(), bits: self.bits }
    }

    fn head(&self) -> String {
        match self.path {
            Path::Direct => "Both hold".to_owned(),
            Path::InPattern => "Both name, at least one of them in a detection pattern,".to_owned(),
            Path::InText => "Both mention, at least one of them in running text,".to_owned(),
            Path::Neighbour { steps: 1, via } => format!("Both lead in one step, through {via}, to"),
            Path::Neighbour { steps, via } => format!("Both lead in {steps} steps, through {via}, to"),
        }
    }

    fn tail(&self) -> (&'static str, String) {
        let Rarity { owners, cases, .. } = self.rarity;
        match self.list {
            Some((list, false)) => ("listed", format!(", but it stands on the list '{list}', so it counts little.")),
            Some((list, true)) => {
                ("host-listed", format!(", but its host stands on the list '{list}', so it counts less."))
            }
            None if *cases <= 1 => ("rare", "; no third case is known to hold it.".to_owned()),
            None if *cases <= 4 => ("rare", format!("; only {cases} cases hold it.")),
            None if *owners > 2 => ("held-by-many", format!("; {cases} cases of {owners} organisations hold it.")),
            None => ("held-by-many", format!("; {cases} cases hold it.")),
        }
    }

    fn args(&self) -> BTreeMap<&'static str, String> {
        let rarity = self.rarity;
        let mut args = BTreeMap::from([
            ("kind", self.kind.name().to_owned()),
            ("value", shown(self.kind, self.text)),
            ("cases", rarity.cases.to_string()),
            ("owners", rarity.owners.to_string()),
            ("objects", rarity.objects.to_string()),
            ("total-objects", rarity.total_objects.to_string()),
        ]);
        if let Some((list, _)) = self.list {
            args.insert("list", list.to_owned());
        }
        if let Path::Neighbour { steps, via } = self.path {
            args.insert("via", via.clone());
            args.insert("steps", steps.to_string());
        }
        args
    }
}

/// A value in a sentence: a card by its last digits, anything long by its beginning.
fn shown(kind: Kind, text: &str) -> String {
    if kind == Kind::Card {
        return format!("ending in {}", text.rsplit_once(':').map_or("", |(_, last)| last));
    }
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Most characters of a value in a sentence; a SHA-512 fits.
const LONGEST: usize = 130;
