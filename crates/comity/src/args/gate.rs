use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use comity_law::notice::Ground;
use comity_node::GateNo;

use super::judgement::JudgementArgs;
use super::notice::ground;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity gate list                                          # what waits for a reviewer, what came, what was reported
  comity gate show 5d0a...                                  # what was found in it, and what it lacks
  comity gate facts 5d0a... --print > facts.json ; comity gate facts 5d0a... --with facts.json --why \"as in the file\"
  comity gate judge 5d0a... --category serious-ordinary-crime --why \"fraud with large damage\"
  comity gate judge 5d0a... --factor politician,journalist,activist,refugee,conflict-between-states,source-identity \
      --factor position-of-others,obligations,context --finding clears --why \"read the file\"
  comity gate pass 5d0a... --why \"checked against the file\"
  comity gate report 91c2... --why \"it hunts a refugee\" > report.json ; comity verify report.json --signer 9f3c...

Whoever wrote a message cannot review it, and what the gate refuses nobody can pass (docs/gate.md).")]
pub(crate) struct GateArgs {
    #[command(subcommand)]
    pub(crate) action: GateAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GateAction {
    /// List messages under review, messages that came, and reports of abuse.
    List,
    /// Show a message under review, a message that came, or a report.
    Show {
        /// Its number.
        no: GateNo,
    },
    /// Fill in what the checklists of what a message asks demand: print it as JSON, change that, and give it back.
    Facts(GateFactsArgs),
    /// Record what kind of offence a message is about, and what must be weighed.
    Judge(GateJudgeArgs),
    /// Agree that a message is sent; when as many did as the gate demands, it is.
    Pass(GateWhyArgs),
    /// Refuse a message: it is never sent.
    Refuse(GateRefuseArgs),
    /// Report a message that came, and write the report as a file that anybody can check; without --why, write one that was made.
    Report(GateReportArgs),
    /// Decide that a report is right: the message was abuse.
    Uphold(GateWhyArgs),
    /// Decide that a report is not.
    Reject(GateWhyArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GateFactsArgs {
    /// Its number.
    pub(crate) no: GateNo,
    /// Print the facts as JSON.
    #[arg(long, conflicts_with = "with")]
    pub(crate) print: bool,
    /// A file with the facts.
    #[arg(long, value_name = "FILE", required_unless_present = "print")]
    pub(crate) with: Option<PathBuf>,
    /// Why. It goes on record.
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GateJudgeArgs {
    /// Its number.
    pub(crate) no: GateNo,
    #[command(flatten)]
    pub(crate) judgement: JudgementArgs,
    /// Why. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GateWhyArgs {
    /// Its number.
    pub(crate) no: GateNo,
    /// Why. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GateRefuseArgs {
    /// Its number.
    pub(crate) no: GateNo,
    /// On which ground: article-2, article-3, threshold, incomplete, other.
    #[arg(long, value_parser = ground, value_name = "GROUND")]
    pub(crate) ground: Ground,
    /// Why. It goes on record.
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GateReportArgs {
    /// The number of the message, or of a report.
    pub(crate) no: GateNo,
    /// Why it should not have been sent. It goes on record, to its sender, and to every hub.
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}
