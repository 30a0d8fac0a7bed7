use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use comity_base::{Limits, OrgName, Timestamp};
use comity_node::{Budget, Demands, LedgerTerms, PeerKind, Purpose, RightsTerms, Says};
use serde::{Deserialize, Serialize};

use crate::engine::without_password;
use crate::mirror::MirrorConfig;
use crate::provider::ProviderConfig;
use crate::trace::TracesConfig;

/// The node's configuration: `comity.toml`, then environment variables, then flags, each stronger
/// than the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who runs this node.
    pub(crate) node: NodeConfig,
    /// Where the log is kept.
    #[serde(default)]
    pub(crate) store: StoreConfig,
    /// How others reach this node.
    #[serde(default)]
    pub(crate) network: NetworkConfig,
    /// Where its people log in besides here.
    #[serde(default)]
    pub(crate) provider: ProviderConfig,
    /// Who may see what, besides the rules of the program.
    #[serde(default)]
    pub(crate) policy: PolicyConfig,
    /// What a purpose demands of whoever asks under it.
    #[serde(default)]
    pub(crate) purpose: PurposeConfig,
    /// How much one account may ask for.
    #[serde(default)]
    pub(crate) budget: Budget,
    /// The desk that answers people about their own data.
    #[serde(default)]
    pub(crate) rights: RightsConfig,
    /// How long the ledger's entries say what they are about.
    #[serde(default)]
    pub(crate) ledger: LedgerTerms,
    /// Whose ledgers are copied.
    #[serde(default)]
    pub(crate) mirror: MirrorConfig,
    /// How long backups can be read.
    #[serde(default)]
    pub(crate) backup: BackupConfig,
    /// Where traces go.
    #[serde(default)]
    pub(crate) traces: TracesConfig,
    /// How things come in.
    #[serde(default)]
    pub(crate) intake: IntakeConfig,
    /// What foreign input may cost.
    #[serde(default)]
    pub(crate) limits: LimitsConfig,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeConfig {
    /// The organisation's short name. Data of this owner is the node's own.
    pub(crate) organisation: OrgName,
    /// Its full name.
    pub(crate) name: String,
    /// The country whose law applies, ISO 3166 alpha-2.
    pub(crate) country: String,
    /// What it is in the network: member, partner or hub. Default: member. Peers may treat it as something else.
    #[serde(default = "member")]
    pub(crate) kind: PeerKind,
}

const fn member() -> PeerKind {
    PeerKind::Member
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkConfig {
    /// Where `comity serve` listens for peers and their tools, over TLS; `off` listens nowhere. Default: 0.0.0.0:7443.
    pub(crate) listen: String,
    /// The address under which others reach it, as it stands in invitations. Default: https://, this machine's name,
    /// and the port it listens on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// A certificate chain of a public authority (PEM), for tools that cannot pin the node's own. With `key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<PathBuf>,
    /// The private key for it (PEM), readable by the node's account only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<PathBuf>,
    /// Most requests a second of one key, and half of what one organisation may; 0 counts nothing. Default 500.
    pub(crate) requests_a_second: u32,
    /// Most new connections a second of one address; 0 counts nothing. Default 100.
    pub(crate) connections_a_second: u32,
    /// Seconds between being told to stop, when `/ready` says no, and taking no more connections. Default 0.
    pub(crate) drain_seconds: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        let comity_web::Limits { requests_a_second, connections_a_second, .. } = comity_web::Limits::default();
        Self {
            listen: "0.0.0.0:7443".to_owned(),
            url: None,
            certificate: None,
            key: None,
            requests_a_second,
            connections_a_second,
            drain_seconds: 0,
        }
    }
}

impl NetworkConfig {
    /// What connections may cost.
    pub(crate) fn limits(&self) -> comity_web::Limits {
        let (requests_a_second, connections_a_second) = (self.requests_a_second, self.connections_a_second);
        comity_web::Limits { requests_a_second, connections_a_second, ..comity_web::Limits::default() }
    }

    /// The address others reach, when there is one.
    pub(crate) fn address(&self) -> Option<String> {
        if self.url.is_some() || self.listen == "off" {
            return self.url.clone();
        }
        let port = self.listen.rsplit(':').next().unwrap_or("7443");
        let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        let name = if name.trim().is_empty() { "localhost" } else { name.trim() };
        Some(format!("https://{name}:{port}"))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// `embedded`: in this folder, one process writes. Or the address of a PostgreSQL database, for any number of
    /// processes. Default: embedded.
    pub(crate) address: String,
    /// The password for that address. Better given by the environment (COMITY_STORE_PASSWORD or PGPASSWORD) than
    /// written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
    /// Most connections of one process. Default 8.
    pub(crate) connections: usize,
    /// Seconds a lost connection or a conflict is tried again before a command fails. Default 30.
    pub(crate) patience_seconds: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { address: EMBEDDED.to_owned(), password: None, connections: 8, patience_seconds: 30 }
    }
}

/// The store in the node's own folder.
pub(crate) const EMBEDDED: &str = "embedded";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyConfig {
    /// A file with rules of this node's own law, in Cedar (docs/policy.md), beside this file. Default: none. They can
    /// only forbid. Read when a process starts; every process of the node is given the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rules: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PurposeConfig {
    /// Purposes under which nothing is answered without the number of a case (`--case`). Default: prosecution.
    pub(crate) case: Vec<Purpose>,
    /// Purposes under which nothing is answered without a reason in words (`--why`). Default: data-protection.
    pub(crate) reason: Vec<Purpose>,
}

impl Default for PurposeConfig {
    fn default() -> Self {
        let Demands { case, reason } = Demands::default();
        Self { case, reason }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RightsConfig {
    /// Where the desk keeps its requests: `embedded`, in the folder `rights`, or the address of a PostgreSQL database of
    /// its own. Default: embedded.
    pub(crate) store: String,
    /// Calendar months for an answer about access. Default 4.
    pub(crate) access_months: u16,
    /// Calendar months for an answer about correction or deletion. Default 9.
    pub(crate) deletion_months: u16,
    /// Days an owner of data has to say what it wants. Default 30.
    pub(crate) consult_days: u16,
    /// What an owner is taken to want that says nothing about correction or deletion: `delete` or `keep`. Default:
    /// delete.
    pub(crate) silence: Says,
    /// Where somebody who does not agree can go: it stands in every answer.
    pub(crate) authority: String,
}

impl Default for RightsConfig {
    fn default() -> Self {
        let RightsTerms { access_months, deletion_months, consult_days, silence, authority } = RightsTerms::default();
        Self { store: EMBEDDED.to_owned(), access_months, deletion_months, consult_days, silence, authority }
    }
}

impl RightsConfig {
    /// What the law gives, as it is set here.
    pub(crate) fn terms(&self) -> RightsTerms {
        let Self { access_months, deletion_months, consult_days, silence, authority, .. } = self.clone();
        RightsTerms { access_months, deletion_months, consult_days, silence, authority }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BackupConfig {
    /// A folder, on another medium than backups are, for the keys of backups, each of which is destroyed after `days`.
    /// Default: none, the key of each is in it, sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keys: Option<PathBuf>,
    /// Days a backup can be read where its key is kept apart. Default 35.
    pub(crate) days: u16,
}

impl Default for BackupConfig {
    fn default() -> Self {
        Self { keys: None, days: 35 }
    }
}

impl BackupConfig {
    /// Where keys of backups are kept apart, for the node in a folder.
    pub(crate) fn folder(&self, node: &Path) -> Option<PathBuf> {
        self.keys.as_ref().map(|keys| node.join(keys))
    }

    /// The same, and until when the key of one that is made now counts.
    pub(crate) fn apart(&self, node: &Path, now: Timestamp) -> Option<(PathBuf, Timestamp)> {
        let until = now.as_micros().saturating_add(i64::from(self.days) * 86_400_000_000);
        self.folder(node).map(|folder| (folder, Timestamp::from_micros(until)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IntakeConfig {
    /// Set aside objects that break a MUST of the specification. Default: false, they are kept with a warning.
    pub(crate) strict: bool,
    /// Threads that read objects. Default: one for each core, at most 8. More than cores only costs memory.
    pub(crate) workers: usize,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { strict: false, workers: cores.min(8) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// Largest single object or document, in MiB. Default 64. Each reader may hold one of this size in memory.
    pub(crate) item_mib: usize,
    /// Most levels of nesting. Default 64.
    pub(crate) depth: usize,
    /// Most an archive may unfold to, in GiB. Default 64.
    pub(crate) unfolded_gib: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { item_mib: 64, depth: 64, unfolded_gib: 64 }
    }
}

impl Config {
    pub(crate) const FILE: &'static str = "comity.toml";

    /// Reads the file in a node's folder and lays the environment over it.
    pub(crate) fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(Self::FILE);
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut table: toml::Table = text.parse().with_context(|| format!("{} is not valid TOML", path.display()))?;
        // A variable that is no text is none of ours, or is told as what it cannot be.
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        overlay(&mut table, std::env::vars_os().filter_map(text))?;
        table
            .try_into()
            .with_context(|| format!("{} or the environment holds a setting that is not known", path.display()))
    }

    /// Every setting as it is in force, by a name like `network.listen`; what opens something is not told.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let sections = toml::Table::try_from(self).unwrap_or_default();
        let mut all = Vec::new();
        for (section, settings) in sections {
            for (name, value) in settings.as_table().into_iter().flatten() {
                let told = match value {
                    _ if matches!(name.as_str(), "password" | "secret") => HIDDEN.to_owned(),
                    toml::Value::String(text) => without_password(text),
                    other => other.to_string(),
                };
                all.push((format!("{section}.{name}"), told));
            }
        }
        all
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            item_bytes: self.limits.item_mib.saturating_mul(1 << 20),
            depth: self.limits.depth,
            unfolded_bytes: self.limits.unfolded_gib.saturating_mul(1 << 30),
            ..Limits::default()
        }
    }

    /// The rules of this node's own law, as they are written.
    pub(crate) fn own_rules(&self, folder: &Path) -> anyhow::Result<Option<String>> {
        let Some(file) = &self.policy.rules else { return Ok(None) };
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path);
        let why =
            || format!("reading the rules of this node's own law, {}; without them nothing is decided", path.display());
        text.map(Some).with_context(why)
    }

    /// The file as `init` writes it, with every setting explained.
    pub(crate) fn text(node: &NodeConfig, store: &str) -> anyhow::Result<String> {
        let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
        if node.country.len() != 2 || !node.country.bytes().all(|b| b.is_ascii_uppercase()) {
            bail!("{:?} is not a country code; use two letters, like EE", node.country);
        }
        Ok(format!(
            "# Configuration of one Comity node. Environment variables win over this file
# (COMITY_INTAKE_STRICT=true), flags win over both.

[node]
# The organisation's short name, its full name, and the country whose law applies.
organisation = {}
name = {}
country = {}
# What it is in the network: member (a police bureau), partner (a private organisation) or hub.
kind = {}

[store]
# Where the log is kept: \"embedded\" in this folder, where one process writes, or a PostgreSQL database for any
# number of processes: postgres://user@host/database?schema=ee. The password belongs into the environment:
# COMITY_STORE_PASSWORD.
address = {}
# Most connections of one process.
# connections = 8
# Seconds a lost connection or a conflict is tried again before a command fails.
# patience_seconds = 30
{SETTINGS}",
            quote(node.organisation.as_str()),
            quote(&node.name),
            quote(&node.country),
            quote(node.kind.name()),
            quote(store),
        ))
    }
}

/// The settings that are the same in every new node.
const SETTINGS: &str = "
[network]
# Where `comity serve` listens for peers and their tools, over TLS; \"off\" listens nowhere.
listen = \"0.0.0.0:7443\"
# The address under which others reach it, as it stands in invitations.
# url = \"https://node.example:7443\"
# A certificate chain of a public authority and its key (PEM), for tools that cannot pin the node's own.
# certificate = \"tls/chain.pem\"
# key = \"tls/key.pem\"
# Most requests a second of one key (twice as many of one organisation), and new connections of one address; 0 counts
# nothing.
requests_a_second = 500
connections_a_second = 100
# Seconds between being told to stop, when /ready says no, and taking no more connections: for a load balancer.
drain_seconds = 0

[provider]
# An OpenID Connect provider of this organisation, where its people may log in (docs/accounts.md). It calls this node by
# `client`, its secret belongs into the environment (COMITY_PROVIDER_SECRET) or a file. It must say that one of these
# methods was used (amr), or came to one of these contexts (acr).
# issuer = \"https://login.police.example\"
# name = \"Police log-in\"
# client = \"comity\"
# secret_file = \"provider-secret\"
# pin = \"sha256/...\"
amr = [\"mfa\"]
# acr = []
# Hours since somebody last showed there who they are.
most_hours = 12

[policy]
# Rules of this node's own law, in Cedar (docs/policy.md), beside this file. They can only forbid.
# rules = \"rules.cedar\"

[purpose]
# Purposes under which nothing is answered without the number of a case (--case), or a reason in words (--why):
# prevention, investigation, prosecution, protection, data-protection.
case = [\"prosecution\"]
reason = [\"data-protection\"]

[budget]
# Values and objects that one account may ask for within an hour of the clock: a person, and a program.
person = 100000
program = 10000000
# Values that a person may screen besides: lists of which they learn who knows them, and are shown no object.
screening = 2000000

[rights]
# The desk that answers people about their own data (docs/rights.md). Where somebody who does not agree can go:
# authority = \"Data Protection Inspectorate, Tallinn\"
# Calendar months for an answer about access, and about correction or deletion.
access_months = 4
deletion_months = 9
# Days an owner of data has to say what it wants, and what its silence means: \"delete\" or \"keep\".
consult_days = 30
silence = \"delete\"
# Where requests are kept: \"embedded\" in the folder `rights`, or a PostgreSQL database of its own.
# store = \"embedded\"

[ledger]
# Years after which nobody learns any more whom or what an entry of the ledger was about, and who did what. The
# entries themselves, and every proof, remain. As long after the last that was done to them, questions, messages, hits of
# searches, and notices that are over say nothing of anybody any more.
subject_years = 3
years = 10

[mirror]
# Peers whose ledgers this node copies as a whole and checks, so that they can neither hide nor change what they signed
# for; \"*\" for all of them. Most the copies of one peer may take, in GiB, and minutes between two looks.
peers = []
gib = 20
minutes = 30

[backup]
# A folder, on another medium than backups are, for the keys of backups; each is destroyed after so many days, and then
# nobody reads that backup any more, wherever copies of it lie. Without it the key of each is in it, sealed.
# keys = \"/media/keys/ee\"
days = 35

[traces]
# Where an OpenTelemetry collector takes traces of how long what took (OTLP over HTTP): on this machine, or https. They
# hold no values, no contents and nobody's name. Of a hundred requests, so many are traced.
# endpoint = \"http://127.0.0.1:4318\"
percent = 100

[intake]
# true sets aside objects that break a MUST of the specification; false keeps them with a warning.
strict = false
# Threads that read objects; by default one for each core.
# workers = 2

[limits]
# Largest single object or document, in MiB.
item_mib = 64
# Most levels of nesting in JSON.
depth = 64
# Most an archive may unfold to, in GiB.
unfolded_gib = 64
";

/// `COMITY_SECTION_KEY=value` becomes `section.key`, read as TOML where it is, as text otherwise.
fn overlay(table: &mut toml::Table, variables: impl Iterator<Item = (String, String)>) -> anyhow::Result<()> {
    for (name, value) in variables {
        let Some(path) = name.strip_prefix("COMITY_") else { continue };
        let Some((section, key)) = path.split_once('_') else { continue };
        let section = section.to_ascii_lowercase();
        if !matches!(
            section.as_str(),
            "node"
                | "store"
                | "network"
                | "provider"
                | "policy"
                | "purpose"
                | "budget"
                | "rights"
                | "ledger"
                | "mirror"
                | "backup"
                | "traces"
                | "intake"
                | "limits"
        ) {
            continue;
        }
        let parsed =
            format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut parsed| parsed.remove("value"));
        let entry = table.entry(section.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let Some(entry) = entry.as_table_mut() else { bail!("[{section}] in {} is not a table", Config::FILE) };
        entry.insert(key.to_ascii_lowercase(), parsed.unwrap_or(toml::Value::String(value)));
    }
    Ok(())
}

/// Stands for what is not told.
const HIDDEN: &str = "***";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_settings_opens_nothing() {
        let mut config: Config = toml::from_str(&Config::text(&node(), EMBEDDED).unwrap()).unwrap();
        config.store.address = "postgres://ee:winter@db/x".to_owned();
        config.store.password = Some("winter".to_owned());
        config.provider.secret = Some("winter".to_owned());
        config.rights.store = "postgres://desk:winter@db/y".to_owned();
        let told = config.told();
        let of = |name: &str| told.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(of("network.listen"), Some("0.0.0.0:7443"));
        assert_eq!(of("limits.item_mib"), Some("64"));
        assert_eq!(of("store.address"), Some("postgres://ee@db/x"));
        assert_eq!((of("store.password"), of("provider.secret")), (Some(HIDDEN), Some(HIDDEN)));
        assert!(!format!("{told:?}").contains("winter"), "{told:?}");
    }

    fn node() -> NodeConfig {
        NodeConfig {
            organisation: OrgName::parse("ee").unwrap(),
            name: "A \"unit\"".into(),
            country: "EE".into(),
            kind: PeerKind::Member,
        }
    }

    #[test]
    fn the_written_file_reads_back_with_its_defaults() {
        let table: toml::Table = Config::text(&node(), EMBEDDED).unwrap().parse().unwrap();
        let config: Config = table.try_into().unwrap();
        assert_eq!(
            config,
            Config {
                purpose: PurposeConfig::default(),
                provider: ProviderConfig::default(),
                budget: Budget::default(),
                traces: TracesConfig::default(),
                mirror: MirrorConfig::default(),
                rights: RightsConfig::default(),
                ledger: LedgerTerms::default(),
                backup: BackupConfig::default(),
                node: node(),
                store: StoreConfig::default(),
                network: NetworkConfig::default(),
                policy: PolicyConfig::default(),
                intake: IntakeConfig::default(),
                limits: LimitsConfig::default()
            }
        );
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let mut table: toml::Table = Config::text(&node(), EMBEDDED).unwrap().parse().unwrap();
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let variables = [
            set("COMITY_INTAKE_STRICT", "true"),
            set("COMITY_LIMITS_ITEM_MIB", "8"),
            set("COMITY_DATA", "x"),
            set("COMITY_NODE_NAME", "B"),
        ];
        overlay(&mut table, variables.into_iter()).unwrap();
        let config: Config = table.try_into().unwrap();
        assert!(config.intake.strict);
        assert_eq!(config.limits.item_mib, 8);
        assert_eq!(config.node.name, "B");
    }

    #[test]
    fn a_setting_nobody_knows_is_refused() {
        let mut table: toml::Table = Config::text(&node(), EMBEDDED).unwrap().parse().unwrap();
        overlay(&mut table, [("COMITY_INTAKE_STRIKT".to_owned(), "true".to_owned())].into_iter()).unwrap();
        assert!(table.try_into::<Config>().is_err());
    }
}
