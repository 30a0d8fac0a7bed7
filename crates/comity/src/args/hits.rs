use std::str::FromStr;

use clap::{Args as ClapArgs, Subcommand};
use comity_base::OrgName;
use comity_law::hit::{HitOutcome, Measure, Refutal, SecondIdentifier};
use comity_node::SearchHitNo;
use comity_node::hits::{HitKey, HitState, HitVerdict};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity hits --limit 5
  comity hits --queue --state open --country FI

Without --queue everything is looked for anew. The queue shows what people have not decided yet, and what they have;
`comity hit KEY` shows one of it.")]
pub(crate) struct HitsArgs {
    /// Most hits shown.
    #[arg(long, default_value_t = 20, value_parser = super::at_least_one)]
    pub(crate) limit: usize,
    /// Fewest points of a hit, 0 to 100.
    #[arg(long, default_value_t = 0)]
    pub(crate) least: u8,
    /// Most shared values weighed, the rarest first.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) values: usize,
    /// Show the queue: each hit with its key and what was said of it.
    #[arg(long, conflicts_with = "values")]
    pub(crate) queue: bool,
    /// Of the queue: in this state only, open, asked, confirmed or dismissed.
    #[arg(long, requires = "queue")]
    pub(crate) state: Option<HitState>,
    /// Of the queue: with a side of this organisation only.
    #[arg(long, requires = "queue", value_name = "ORG")]
    pub(crate) owner: Option<OrgName>,
    /// Of the queue: whose other side is of this country only.
    #[arg(long, requires = "queue", value_name = "CC")]
    pub(crate) country: Option<String>,
    /// Of the queue: after the last row of another page, as that page says.
    #[arg(long, requires = "queue", value_name = "PLACE", allow_hyphen_values = true)]
    pub(crate) after: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  comity hit 0f3c...                                   # everything about a hit of two cases
  comity hit 0f3c... --confirm --note \"the same gang\"
  comity hit 0f3c... --ask \"Who paid for this server? Case 4-26-117.\"
  comity search \"Jaan Tamm\" --open-hit identity--3f6c...   # opens a hit of a search
  comity hit list                                      # hits of searches, and what others ask to confirm
  comity hit check 7be1... photo --same --why \"the same face\"
  comity hit confirm fi-police/7be1... locate --why \"it is him\"
  comity hit close 7be1... let-go --why \"no answer\"

A question goes to the node of whoever owns the other side. It tells them which object of theirs is meant, your words and
your organisation, and nothing else. Of a hit of a search, the question has no words."
)]
pub(crate) struct HitArgs {
    /// The hit's key, as `comity hits --queue` shows it.
    #[arg(required = true)]
    pub(crate) key: Option<HitKey>,
    /// It is the same matter.
    #[arg(long, group = "verdict")]
    confirm: bool,
    /// It is not, or leads nowhere.
    #[arg(long, group = "verdict")]
    dismiss: bool,
    /// Ask its owner, in these words.
    #[arg(long, group = "verdict", value_name = "TEXT")]
    ask: Option<String>,
    /// It is open again.
    #[arg(long, group = "verdict")]
    reopen: bool,
    /// Why, for colleagues here.
    #[arg(long, requires = "verdict", default_value = "")]
    pub(crate) note: String,
    #[command(subcommand)]
    pub(crate) action: Option<HitAction>,
}

/// What is done with hits of searches.
#[derive(Debug, Subcommand)]
pub(crate) enum HitAction {
    /// List hits of searches, what waits first, and what other bureaus ask to confirm.
    List,
    /// Show one, with everything that happened to it; one of another bureau, as it is known here.
    Show {
        /// Its number, or BUREAU/NUMBER of one elsewhere.
        no: HitOf,
    },
    /// Compare a second identifier: fingerprints, photo, document, dna.
    Check {
        /// Its number.
        no: SearchHitNo,
        /// What was compared.
        #[arg(value_parser = identifier)]
        with: SecondIdentifier,
        /// It is the same person; without this it is another, and the hit is refuted.
        #[arg(long)]
        same: bool,
        /// Why. It goes on record.
        #[arg(long)]
        why: String,
    },
    /// Ask its owner to confirm it: 8 hours when urgent, otherwise three days.
    Ask {
        /// Its number.
        no: SearchHitNo,
        /// Somebody waits.
        #[arg(long)]
        urgent: bool,
        /// Why. It goes on record here.
        #[arg(long)]
        why: String,
    },
    /// As its owner: it is the one. One of another bureau is BUREAU/NUMBER.
    Confirm {
        /// Its number, or BUREAU/NUMBER of one elsewhere.
        no: HitOf,
        /// What is asked for: arrest, discreet-check, locate, seize-document, question.
        #[arg(value_parser = measure)]
        measure: Measure,
        /// Why. It goes on record, and to whoever asked.
        #[arg(long)]
        why: String,
    },
    /// It is another person, the notice is over, or nothing is asked. One of another bureau is BUREAU/NUMBER.
    Refute {
        /// Its number, or BUREAU/NUMBER of one elsewhere.
        no: HitOf,
        /// other-person, notice-over, nothing-asked.
        #[arg(value_parser = refutal)]
        because: Refutal,
        /// Why. It goes on record, and to whoever asked.
        #[arg(long)]
        why: String,
    },
    /// Tell of an answer that did not come in time.
    Escalate {
        /// Its number.
        no: SearchHitNo,
        /// To whom, and why. It goes on record.
        #[arg(long)]
        why: String,
    },
    /// Say what was done: arrested, checked-discreetly, located, document-seized, questioned, let-go.
    Close {
        /// Its number.
        no: SearchHitNo,
        /// What was done.
        #[arg(value_parser = outcome)]
        outcome: HitOutcome,
        /// The order of this country's own authorities that it rests on.
        #[arg(long, value_name = "REFERENCE")]
        order: Option<String>,
        /// Why. It goes on record.
        #[arg(long)]
        why: String,
    },
}

/// A hit here, or one of another bureau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HitOf {
    /// Of a search here.
    Here(SearchHitNo),
    /// Of a search elsewhere, which that bureau asks to confirm.
    Elsewhere(OrgName, SearchHitNo),
}

impl FromStr for HitOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((from, no)) = text.split_once('/') else { return Ok(Self::Here(text.parse()?)) };
        let from = OrgName::parse(from).map_err(|error| error.to_string())?;
        Ok(Self::Elsewhere(from, no.parse()?))
    }
}

macro_rules! word {
    ($($function:ident $kind:ident;)*) => {
        $(fn $function(text: &str) -> Result<$kind, String> {
            let found = $kind::ALL.iter().copied().find(|one| one.name() == text);
            found.ok_or_else(|| {
                let known: Vec<&str> = $kind::ALL.iter().map(|one| one.name()).collect();
                format!("{text:?} is none of {}", known.join(", "))
            })
        })*
    };
}

word! {
    identifier SecondIdentifier;
    measure Measure;
    refutal Refutal;
    outcome HitOutcome;
}

impl HitArgs {
    /// What is said of the hit, when something is.
    pub(crate) fn verdict(&self) -> Option<HitVerdict> {
        if let Some(text) = &self.ask {
            return Some(HitVerdict::Ask(text.clone()));
        }
        let said = [
            (self.confirm, HitVerdict::Confirm),
            (self.dismiss, HitVerdict::Dismiss),
            (self.reopen, HitVerdict::Reopen),
        ];
        said.into_iter().find_map(|(is_said, verdict)| is_said.then_some(verdict))
    }
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity questions
  comity questions --answer fi-police/4be1... \"It is rented by the man of our case 77; call us.\"")]
pub(crate) struct QuestionsArgs {
    /// Answer a question of another organisation, once: who asked, the question's id, and the words that go there.
    #[arg(long, num_args = 2, value_names = ["FROM/ID", "TEXT"])]
    pub(crate) answer: Vec<String>,
}
