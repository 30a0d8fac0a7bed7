use clap::{Args as ClapArgs, Subcommand};
use comity_node::{Act, Role};
use comity_stix::label::Clearance;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity account add mari --name \"Mari Tamm\"
  comity account grant mari --role analyst --unit cyber --clearance secret --on-case 2041
  comity account invite mari                 # a code with which Mari sets up her log-in: comity enrol mari
  comity account add splunk --name \"Splunk in the duty room\" ; comity account grant splunk --role service
  comity account add-key splunk --may look,hits --days 90

Roles: officer, analyst, supervisor, legal-reviewer, data-protection-officer, rights-desk, auditor, operator, service.
Who adds an account does not give it its rights, and nobody gives rights to themselves, while there is
another supervisor. docs/accounts.md says what each role may do.")]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    pub(crate) action: AccountAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountAction {
    /// List accounts.
    List,
    /// Add an account. It can do nothing until somebody else gives it a role.
    Add {
        /// Its name: lower-case letters, digits, dots and hyphens.
        account: String,
        /// The person's name, or what the program is.
        #[arg(long)]
        name: String,
        /// The account of the operating system that is this person: uid:1001.
        #[arg(long, value_name = "uid:N")]
        system: Option<String>,
    },
    /// Give rights.
    Grant(RightsArgs),
    /// Take rights.
    Revoke(RightsArgs),
    /// Let an account act no longer. Its sessions and keys count no more.
    Suspend {
        /// The account.
        account: String,
    },
    /// Let a suspended account act again.
    Restore {
        /// The account.
        account: String,
    },
    /// Make a code with which somebody sets up their log-in, once, within three days.
    Invite {
        /// The account.
        account: String,
    },
    /// List sessions, one's own or those of another account, or end them.
    Sessions {
        /// The account; one's own when left out.
        account: Option<String>,
        /// End all of them.
        #[arg(long)]
        end: bool,
    },
    /// Make an API key, for oneself or an account one added. It is shown once.
    AddKey {
        /// For whom it acts.
        account: String,
        /// What it may do, of what the account may: look,show,hits.
        #[arg(long, required = true, value_delimiter = ',', value_name = "ACT")]
        may: Vec<Act>,
        /// What it is for.
        #[arg(long, default_value = "")]
        note: String,
        /// Days it counts, at most 366.
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// List API keys, without the secrets.
    Keys {
        /// The account; one's own when left out.
        account: Option<String>,
    },
    /// Take an API key back.
    RevokeKey {
        /// Its number.
        id: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RightsArgs {
    /// The account.
    pub(crate) account: String,
    /// A role.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<Role>,
    /// A unit.
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: Vec<String>,
    /// A case.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) on_case: Vec<String>,
    /// The level it is cleared for from now on: none, restricted, confidential, secret, top-secret.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) clearance: Option<Clearance>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LoginArgs {
    /// The account.
    pub(crate) account: String,
}
