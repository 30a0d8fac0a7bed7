use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use comity_base::Timestamp;
use comity_law::Country;
use comity_law::gate::{Category, FactorKind, Finding};
use comity_law::notice::{AddendumKind, Colour, Form, Ground, Outcome, Part};
use comity_node::{NoticeDeed, NoticeNo};

use super::day::day;
use super::judgement::JudgementArgs;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity notice draft red --from identity--3f6c...          # or --from case-2041
  comity notice edit 7c1e... --print > notice.json ; comity notice edit 7c1e... --with notice.json
  comity notice check 7c1e...                               # what it lacks, and what the gate answers
  comity notice submit 7c1e... --why \"complete\"
  comity notice review                                      # what waits for a reviewer
  comity notice judge 7c1e... --category serious-ordinary-crime --why \"fraud with large damage\"
  comity notice judge 7c1e... --factor politician,journalist,activist,refugee,conflict-between-states,source-identity \
      --factor position-of-others,obligations,context --finding clears --why \"read the file\"
  comity notice review 7c1e... --publish 2027-11-26 --why \"checked against the file\"
  comity notice amend 7c1e... --changes caution,contact --with notice.json --why \"armed; another number\"

Whoever wrote a notice cannot submit it, and whoever wrote or submitted it cannot review it (docs/notices.md).")]
pub(crate) struct NoticeArgs {
    #[command(subcommand)]
    pub(crate) action: NoticeAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NoticeAction {
    /// Begin a notice: red, blue, green, yellow, black, orange, purple, silver, un-special.
    Draft(NoticeDraftArgs),
    /// List this organisation's notices, what is due first.
    List,
    /// Show one, with everything that happened to it.
    Show {
        /// Its number.
        no: NoticeNo,
    },
    /// Say what it lacks and what the gate answers.
    Check {
        /// Its number.
        no: NoticeNo,
    },
    /// Write what it says: print it as JSON, change that, and give it back.
    Edit(NoticeEditArgs),
    /// Record what kind of offence it is about, and what must be weighed.
    Judge(NoticeJudgeArgs),
    /// Hand it to review: somebody who did not write it.
    Submit(NoticeWhyArgs),
    /// Review: show what waits, or say what becomes of one.
    Review(NoticeReviewArgs),
    /// Answer what reviewers asked.
    Answer(NoticeWhyArgs),
    /// Take it back.
    Withdraw(NoticeWhyArgs),
    /// Say why it must be kept longer.
    Justify(NoticeWhyArgs),
    /// Begin a new version beside the one in force: which parts change, and its text. It goes out once it was reviewed.
    Amend(NoticeAmendArgs),
    /// Tell what happened elsewhere: extradition-refused, protection-granted, not-acted-on, news.
    Addendum(NoticeAddendumArgs),
    /// Say that its purpose is achieved: arrested, located, identified, informed, asset-located, threat-over, delisted; each
    /// ends some colours.
    Execute(NoticeExecuteArgs),
    /// Count what was issued, refused and cancelled, by year, source and colour.
    Statistics,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeDraftArgs {
    /// Its colour.
    #[arg(value_parser = colour)]
    pub(crate) colour: Colour,
    /// The person: the id of an identity, of something that holds one, or case-NUMBER.
    #[arg(long, value_name = "FROM")]
    pub(crate) from: Option<String>,
    /// To chosen members instead of all.
    #[arg(long)]
    diffusion: bool,
    /// The owner wishes an extract to be shown to the public.
    #[arg(long)]
    pub(crate) extract: bool,
}

impl NoticeDraftArgs {
    pub(crate) fn form(&self) -> Form {
        if self.diffusion { Form::Diffusion } else { Form::Notice }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeEditArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    /// Print what it says as JSON.
    #[arg(long, conflicts_with = "with")]
    pub(crate) print: bool,
    /// A file with what it is to say.
    #[arg(long, value_name = "FILE", required_unless_present = "print")]
    pub(crate) with: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeJudgeArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    /// Why. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeWhyArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    /// Why. It goes on record.
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "a flag for each deed, of which one is given")]
pub(crate) struct NoticeReviewArgs {
    /// Its number; without one, what waits is shown.
    #[arg(requires = "deed")]
    pub(crate) no: Option<NoticeNo>,
    /// Begin to review it.
    #[arg(long, group = "deed")]
    take_up: bool,
    /// Ask its source: so many days to answer, 1 to 90. The question is --why.
    #[arg(long, group = "deed", value_name = "DAYS")]
    ask: Option<u16>,
    /// Agree, where the gate demands several reviewers.
    #[arg(long, group = "deed")]
    concur: bool,
    /// Publish it; it holds to the end of this day, at most five years.
    #[arg(long, group = "deed", value_name = "DATE", value_parser = day)]
    publish: Option<Timestamp>,
    /// With an extract for the public, where its owner wishes one.
    #[arg(long, requires = "publish")]
    extract: bool,
    /// Refuse it: article-2, article-3, threshold, incomplete, other.
    #[arg(long, group = "deed", value_parser = ground, value_name = "GROUND")]
    refuse: Option<Ground>,
    /// Block it while there is doubt.
    #[arg(long, group = "deed")]
    suspend: bool,
    /// End the doubt.
    #[arg(long, group = "deed")]
    lift: bool,
    /// End it: article-2, article-3, threshold, incomplete, other.
    #[arg(long, group = "deed", value_parser = ground, value_name = "GROUND")]
    cancel: Option<Ground>,
    /// Keep it to the end of this day, after looking again.
    #[arg(long, group = "deed", value_name = "DATE", value_parser = day)]
    keep: Option<Timestamp>,
    /// Why. It goes on record.
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}

impl NoticeReviewArgs {
    pub(crate) fn deed(&self) -> Option<NoticeDeed> {
        let plain = [
            (self.take_up, NoticeDeed::TakeUp),
            (self.concur, NoticeDeed::Concur),
            (self.suspend, NoticeDeed::Suspend),
            (self.lift, NoticeDeed::Lift),
        ];
        let given = [
            self.ask.map(NoticeDeed::Ask),
            self.publish.map(|valid_until| NoticeDeed::Publish { valid_until, extract: self.extract }),
            self.refuse.map(NoticeDeed::Refuse),
            self.cancel.map(NoticeDeed::Cancel),
            self.keep.map(NoticeDeed::ReExamine),
        ];
        let plain = plain.into_iter().find_map(|(is_said, deed)| is_said.then_some(deed));
        plain.or_else(|| given.into_iter().flatten().next())
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeAmendArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    /// What changes: identity, status, offence, penalty, warrant, assurances, sought, account, assets, caution, addressees, extract,
    /// contact, translation.
    #[arg(long, required = true, value_delimiter = ',', value_parser = part)]
    pub(crate) changes: Vec<Part>,
    /// A file with what the new version is to say, as `edit --print` writes it; without one, `edit` writes it.
    #[arg(long, value_name = "FILE")]
    pub(crate) with: Option<PathBuf>,
    /// Why. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeAddendumArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    /// What happened.
    #[arg(value_parser = addendum)]
    pub(crate) what: AddendumKind,
    /// Where.
    #[arg(long, value_parser = country, value_name = "CC")]
    pub(crate) country: Country,
    /// More of it. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NoticeExecuteArgs {
    /// Its number.
    pub(crate) no: NoticeNo,
    /// How.
    #[arg(value_parser = outcome)]
    pub(crate) outcome: Outcome,
    /// Where.
    #[arg(long, value_parser = country, value_name = "CC")]
    pub(crate) country: Country,
    /// More of it. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

macro_rules! word {
    ($($function:ident $kind:ident;)*) => {
        $(pub(super) fn $function(text: &str) -> Result<$kind, String> {
            let found = $kind::ALL.iter().copied().find(|one| one.name() == text);
            found.ok_or_else(|| {
                let known: Vec<&str> = $kind::ALL.iter().map(|one| one.name()).collect();
                format!("{text:?} is none of {}", known.join(", "))
            })
        })*
    };
}

word! {
    colour Colour;
    category Category;
    factor FactorKind;
    finding Finding;
    ground Ground;
    part Part;
    addendum AddendumKind;
    outcome Outcome;
}

pub(super) fn country(text: &str) -> Result<Country, String> {
    Country::parse(&text.to_ascii_uppercase()).map_err(|error| error.to_string())
}
