use clap::{Args as ClapArgs, Subcommand};
use comity_base::OrgName;
use comity_stix::Kind;

#[derive(Debug, ClapArgs)]
pub(crate) struct CollectionArgs {
    #[command(subcommand)]
    pub(crate) action: CollectionAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CollectionAction {
    /// Save a query: TAXII clients, lists and streams find what it holds as a collection of its own.
    Save(Box<SaveArgs>),
    /// List the saved queries.
    List,
    /// Take a saved query away.
    Remove {
        /// Its name.
        name: OrgName,
    },
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity collection save botnet-addresses --type indicator --kind ipv4 --word botnet --reader lab-north
  comity collection save from-finland --owner fi-police --title \"What Finland says\"

Every option that is given must be met; of several values of one option, one must. A reader finds in the
collection what it may see anyway: it opens nothing.")]
pub(crate) struct SaveArgs {
    /// Its name in addresses, like botnet-addresses.
    pub(crate) name: OrgName,
    /// What people call it. Readers see it.
    #[arg(long, default_value = "")]
    pub(crate) title: String,
    /// Whose tools find it, besides this organisation's own.
    #[arg(long = "reader", value_name = "ORG")]
    pub(crate) readers: Vec<OrgName>,
    /// A type of object: indicator, malware, report.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// A kind of value that the object holds: ipv4, domain, sha256.
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    pub(crate) kinds: Vec<Kind>,
    /// Whose it is.
    #[arg(long = "owner", value_name = "ORG")]
    pub(crate) owners: Vec<OrgName>,
    /// A word in its labels.
    #[arg(long = "word", value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// The least confidence, 0 to 100.
    #[arg(long, value_name = "LEAST", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) confidence: Option<u8>,
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("the kinds are {}", names.join(", "))
    })
}
