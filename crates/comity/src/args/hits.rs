use clap::Args as ClapArgs;
use comity_base::OrgName;
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
    #[arg(long, default_value_t = 20)]
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
    #[arg(long, requires = "queue", value_name = "PLACE")]
    pub(crate) after: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity hit 0f3c...                                   # everything about it
  comity hit 0f3c... --confirm --note \"the same gang\"
  comity hit 0f3c... --ask \"Who paid for this server? Case 4-26-117.\"
  comity hit 0f3c... --reopen

A question goes to the node of whoever owns the other side. It tells them which object of theirs is meant, your words and
your organisation, and nothing else.")]
pub(crate) struct HitArgs {
    /// The hit's key, as `comity hits --queue` shows it.
    pub(crate) key: HitKey,
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
