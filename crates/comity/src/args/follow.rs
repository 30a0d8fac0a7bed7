use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args as ClapArgs, Subcommand};
use comity_base::{OrgName, Timestamp};

use super::day::begin_of;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity follow add cisa --as us-cisa --taxii https://taxii.example/taxii2/ --collection ais --user ee --password-file /etc/comity/cisa
  comity follow add circl --as circl --misp-feed https://www.circl.lu/doc/misp/feed-osint/ --every 1h --from 2026-01-01
  comity follow add lab --as lab-north --misp https://misp.lab.example/ --token-file /etc/comity/lab
  comity follow push to-lab --to lab-north --taxii https://taxii.lab.example/ --token-file env:LAB_TOKEN
  comity follow run circl
  comity follow list

`comity serve` follows and pushes by itself. A secret is read from its file (or env:VARIABLE) whenever it is used, and
never kept in the store.")]
pub(crate) struct FollowArgs {
    #[command(subcommand)]
    pub(crate) action: FollowAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FollowAction {
    /// Follow a TAXII collection, a MISP feed or a MISP: what is new there comes in as an organisation's.
    Add(FollowAddArgs),
    /// Push what one organisation may see to a TAXII collection of theirs. What was pushed CANNOT be recalled there.
    Push(FollowPushArgs),
    /// List what is followed and pushed to, and how it does.
    List,
    /// Let one rest.
    Pause {
        /// What it is called.
        name: String,
    },
    /// Let one go on.
    Resume {
        /// What it is called.
        name: String,
    },
    /// Forget one. What came in stays.
    Remove {
        /// What it is called.
        name: String,
    },
    /// Do one round now, and say what is done.
    Run {
        /// What it is called.
        name: String,
    },
}

#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("server").required(true))]
pub(crate) struct FollowAddArgs {
    /// What to call it.
    pub(crate) name: String,
    /// Whose data it is: the source's short name.
    #[arg(long = "as", value_name = "ORG")]
    pub(crate) source: OrgName,
    /// A TAXII 2.1 server: its discovery, an API root, or the host alone.
    #[arg(long, value_name = "URL", group = "server")]
    pub(crate) taxii: Option<String>,
    /// A MISP feed: the folder that holds manifest.json.
    #[arg(long, value_name = "URL", group = "server", conflicts_with_all = ["root", "collection"])]
    pub(crate) misp_feed: Option<String>,
    /// A MISP, asked for what it published; --token-file holds the key.
    #[arg(long, value_name = "URL", group = "server", conflicts_with_all = ["root", "collection"])]
    pub(crate) misp: Option<String>,
    /// Begin with what is newer than this: a date or a date-time.
    #[arg(long, value_name = "DATE", value_parser = begin_of)]
    pub(crate) from: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct FollowPushArgs {
    /// What to call it.
    pub(crate) name: String,
    /// To whom: only what this organisation may see leaves, and it is accounted for.
    #[arg(long, value_name = "ORG")]
    pub(crate) to: OrgName,
    /// Their TAXII 2.1 server.
    #[arg(long, value_name = "URL")]
    pub(crate) taxii: String,
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// How a server is reached.
#[derive(Debug, ClapArgs)]
pub(crate) struct AccessArgs {
    /// The API root, by address or path, when discovery does not lead to it.
    #[arg(long, value_name = "ROOT")]
    pub(crate) root: Option<String>,
    /// The collection, by id, title or alias; not needed where there is one only.
    #[arg(long, value_name = "ID|TITLE|ALIAS")]
    pub(crate) collection: Option<String>,
    /// From the begin of one round to the next: 30s, 15m, 6h, 1d.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = span)]
    pub(crate) every: Duration,
    /// The user name, with --password-file.
    #[arg(long, requires = "password_file")]
    pub(crate) user: Option<String>,
    /// The file with the password, or env:VARIABLE.
    #[arg(long, value_name = "FILE", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
    /// The file with a token, or env:VARIABLE: Bearer for TAXII, the key of a MISP.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "header"])]
    pub(crate) token_file: Option<PathBuf>,
    /// A header of the server's own, and the file with its whole value, or env:VARIABLE.
    #[arg(long, value_name = "NAME=FILE", conflicts_with = "user")]
    pub(crate) header: Option<String>,
    /// A file with the authorities to trust (PEM), instead of those this machine trusts.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The pin of the server's TLS key (sha256/...), instead of authorities: what `comity keys` shows there.
    #[arg(long, value_name = "PIN", conflicts_with = "ca")]
    pub(crate) pin: Vec<String>,
    /// The server may stand in a private network or on this machine.
    #[arg(long)]
    pub(crate) allow_private: bool,
}

/// A span of time as people write it.
fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} must look like 30s, 15m, 6h or 1d");
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    match number.checked_mul(seconds) {
        Some(seconds @ 1..=31_536_000) => Ok(Duration::from_secs(seconds)),
        _ => Err("it must lie between a second and a year".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(span("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(span("1d"), Ok(Duration::from_hours(24)));
        for wrong in ["", "15", "m", "0s", "-5m", "1.5h", "400d", "99999999999999999999d", "5 m"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
