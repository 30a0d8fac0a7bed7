use clap::{Args as ClapArgs, Subcommand};
use comity_base::Timestamp;
use comity_stix::ObjectId;

use super::day::day;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity retention plan                       # what must be gone today, and what should be looked at
  comity retention plan --by 2027-06-30
  comity retention run
  comity retention hold indicator--... --why \"order of the Tallinn court, 4-26-117\"

A serving process ends retention by itself once a day. Data ends by its label (`retain_until`) or by the
agreement it came under (`retention_days`), whichever is earlier.")]
pub(crate) struct RetentionArgs {
    #[command(subcommand)]
    pub(crate) action: RetentionAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionAction {
    /// Show what must be gone, and personal data that ends within six months after that.
    Plan {
        /// By this day; otherwise by now.
        #[arg(long, value_name = "DAY", value_parser = day)]
        by: Option<Timestamp>,
    },
    /// Erase what must be gone by now. It cannot be undone.
    Run {
        /// The clock is right, although it went further than usual since this node was last used.
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Keep an object however long its label lets it live (--why).
    Hold {
        /// The object.
        object: ObjectId,
    },
    /// Lift a hold (--why).
    Lift {
        /// The object.
        object: ObjectId,
    },
    /// List what is held.
    Holds,
}
