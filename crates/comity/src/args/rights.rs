use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use comity_base::{OrgName, Timestamp};
use comity_node::{Language, Outcome, RightsKind, Says};

use super::day::day;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity rights open deletion --name \"A. Person\" --born 1980-01-31 --contact \"Law office X, Tallinn\" --language fr
  comity rights admit 2026-1                    # it is certain who asks: the clock runs
  comity rights find 2026-1 AB1234567 person@example.com
  comity rights block 2026-1                    # nobody sees what was found, until it is decided
  comity rights consult 2026-1 --owner us-secret-service
  comity rights reply 2026-1 --owner us-secret-service --says delete
  comity rights decide 2026-1 deleted --why \"no ground to keep it\"
  comity rights letter 2026-1

For accounts with the role rights-desk, and nobody else. Requests are kept in a store of their own, sealed; the
ledger says that something was decided, and of whom not. docs/rights.md says how it works.")]
pub(crate) struct RightsDeskArgs {
    #[command(subcommand)]
    pub(crate) action: RightsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RightsAction {
    /// Enter a request of somebody about their own data.
    Open {
        /// What they ask.
        #[arg(value_enum)]
        kind: KindArg,
        /// Their name.
        #[arg(long)]
        name: String,
        /// The day they were born, as they say.
        #[arg(long, value_name = "DAY")]
        born: Option<String>,
        /// Where the answer goes.
        #[arg(long)]
        contact: String,
        /// What they say it is about.
        #[arg(long, default_value = "")]
        about: String,
        /// The language of the answer.
        #[arg(long, value_enum, default_value = "en")]
        language: LanguageArg,
        /// The day it came; today when left out.
        #[arg(long, value_name = "DAY", value_parser = day)]
        received: Option<Timestamp>,
    },
    /// List requests that wait, those with the nearest end first.
    List {
        /// The ended ones too.
        #[arg(long)]
        all: bool,
    },
    /// Show a request with everything that was done.
    Show {
        /// Its number.
        number: String,
    },
    /// Find a request admissible: it is certain who asks. The clock runs from now.
    Admit {
        /// Its number.
        number: String,
    },
    /// Find a request not admissible (--why).
    Refuse {
        /// Its number.
        number: String,
    },
    /// Look for everything that is held about the person, whoever may see it.
    Find {
        /// Its number.
        number: String,
        /// Values of any kind, or ids of objects.
        #[arg(required = true)]
        what: Vec<String>,
    },
    /// Hide what was found from everybody, at once, until it is decided. Those it was given to are told to delete it.
    Block {
        /// Its number.
        number: String,
        /// Only these objects; all that was found when left out.
        objects: Vec<String>,
    },
    /// Note that an owner of data was asked what it wants.
    Consult {
        /// Its number.
        number: String,
        /// The owner.
        #[arg(long, value_name = "ORG")]
        owner: OrgName,
    },
    /// Note what an owner said.
    Reply {
        /// Its number.
        number: String,
        /// The owner.
        #[arg(long, value_name = "ORG")]
        owner: OrgName,
        /// What it wants.
        #[arg(long, value_enum)]
        says: SaysArg,
    },
    /// Decide, and carry it out. Deleting cannot be undone.
    Decide {
        /// Its number.
        number: String,
        /// What.
        #[arg(value_enum)]
        outcome: OutcomeArg,
        /// Answer with what everybody is answered, and do not say what was done.
        #[arg(long)]
        quiet: bool,
    },
    /// Print what is to be written to whoever asked, as things stand.
    Letter {
        /// Its number.
        number: String,
    },
    /// Count silence of owners that did not answer in time, and carry out what follows from it.
    Run,
}

macro_rules! words {
    ($(#[$doc:meta])* $arg:ident for $of:ty { $($(#[$one:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, ValueEnum)]
        pub(crate) enum $arg {
            $($(#[$one])* $variant,)*
        }

        impl From<$arg> for $of {
            fn from(arg: $arg) -> Self {
                match arg {
                    $($arg::$variant => Self::$variant,)*
                }
            }
        }
    };
}

words! {
    /// What is asked.
    KindArg for RightsKind {
        /// To know what is held.
        Access,
        /// That it be corrected.
        Correction,
        /// That it be deleted.
        Deletion,
    }
}

words! {
    /// A language of answers.
    LanguageArg for Language {
        /// English.
        En,
        /// French.
        Fr,
        /// Spanish.
        Es,
        /// Arabic.
        Ar,
        /// German.
        De,
    }
}

words! {
    /// What an owner wants.
    SaysArg for Says {
        /// It may be told.
        Disclose,
        /// It must not be told.
        Withhold,
        /// It stays.
        Keep,
        /// It goes.
        Delete,
    }
}

words! {
    /// What is decided.
    OutcomeArg for Outcome {
        /// Nothing is held.
        Nothing,
        /// The person is told what is held.
        Disclosed,
        /// Something may be held, and is not told.
        Withheld,
        /// It was corrected.
        Corrected,
        /// It is deleted, here and where it was given.
        Deleted,
        /// It stays.
        Kept,
    }
}
