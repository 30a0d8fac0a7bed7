use std::path::PathBuf;
use std::time::Duration;

use comity_store::StoreError;
use tokio_postgres::config::{Host, SslMode};

/// How a store in PostgreSQL is opened; [`Options::parse`] reads an address.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) config: tokio_postgres::Config,
    /// The schema that holds the store's tables. Default `comity`. Several nodes may share a database.
    pub schema: String,
    /// Whether the connection is encrypted and the server's certificate checked against its name.
    pub is_tls: bool,
    /// A file of certificates (PEM) to trust instead of the system's.
    pub root_certificates: Option<PathBuf>,
    /// A folder for the index of ids, which this process alone writes. It may be deleted at any time.
    pub cache: PathBuf,
    /// Whether `cache` belongs to this process; when not, it is read and the rest is kept in memory.
    pub owns_cache: bool,
    /// Who this process is, for people: `ingest on host 7`.
    pub process: String,
    /// Most connections. Default 8. Each costs the server some megabytes.
    pub connections: usize,
    /// The longest one statement may take. Default 60 s.
    pub statement_time: Duration,
    /// How long lost connections and conflicts are tried again before the call fails. Default 30 s.
    pub patience: Duration,
    /// How long a process may be silent before others take over what it left. Default 6 s, which moves work
    /// within 10. Shorter lets a loaded machine lose its open batches.
    pub silence: Duration,
}

impl Options {
    /// Reads an address: `postgres://user@host:5432/database?schema=ee&sslmode=verify-full&sslrootcert=ca.pem`.
    ///
    /// `sslmode` is `disable` or `verify-full`; `require` and `verify-ca` are taken as `verify-full`. Where
    /// nothing is said, a server on this machine is reached in the clear and any other one verified.
    ///
    /// # Errors
    /// When the address cannot be read; the text never repeats a password.
    pub fn parse(address: &str, cache: PathBuf) -> Result<Self, StoreError> {
        let (base, query) = address.split_once('?').unwrap_or((address, ""));
        let (mut ours, mut theirs) = (Ours::default(), Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "schema" => ours.schema = Some(value.to_owned()),
                "sslmode" => ours.mode = Some(value.to_owned()),
                "sslrootcert" => ours.root = Some(PathBuf::from(decoded(value))),
                _ => theirs.push(pair),
            }
        }
        let rest = if theirs.is_empty() { base.to_owned() } else { format!("{base}?{}", theirs.join("&")) };
        // The driver's error names the parameter, never the value.
        let config: tokio_postgres::Config =
            rest.parse().map_err(|error| StoreError::engine(format!("read its address (like {EXAMPLE})"), error))?;
        let schema = ours.schema.unwrap_or_else(|| "comity".to_owned());
        if !is_identifier(&schema) {
            return Err(refused(format!(
                "the schema {schema:?} is no plain name; use small letters, digits and underscores"
            )));
        }
        let is_tls = encrypted(ours.mode.as_deref(), &config)?;
        Ok(Self {
            config,
            schema,
            is_tls,
            root_certificates: ours.root,
            cache,
            owns_cache: true,
            process: format!("process {}", std::process::id()),
            connections: 8,
            statement_time: Duration::from_mins(1),
            patience: Duration::from_secs(30),
            silence: Duration::from_secs(6),
        })
    }

    /// Uses this password when the address holds none.
    pub fn password(&mut self, password: &str) {
        if self.config.get_password().is_none() {
            self.config.password(password);
        }
    }

    /// The configuration of one connection, with the settings every statement relies on.
    pub(crate) fn connection(&self) -> tokio_postgres::Config {
        let mut config = self.config.clone();
        let statement = self.statement_time.as_millis();
        // A process that freezes in the middle of a transaction must not hold locks for longer than its silence.
        // Every statement has its index: a plan made while a table was small must not scan it once it is large,
        // and planning the same statement again for each call would cost more than running it.
        let mut options = format!(
            "-c search_path={} -c statement_timeout={statement} -c lock_timeout={} \
             -c idle_in_transaction_session_timeout={} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
             -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c timezone=UTC",
            self.schema,
            statement / 2,
            (self.silence / 2).as_millis().max(500),
        );
        if let Some(theirs) = config.get_options() {
            options = format!("{theirs} {options}");
        }
        config.options(&options);
        config.application_name(format!("comity: {}", self.process));
        config.ssl_mode(if self.is_tls { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(crate::lanes::CONNECT);
        config.tcp_user_timeout(Duration::from_secs(15));
        config.keepalives_idle(Duration::from_secs(10));
        config
    }

    /// Where the server is, for people, without user or password.
    pub(crate) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let one = |(at, host): (usize, &Host)| {
            let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(path) => format!("{} port {port}", path.display()),
            }
        };
        let hosts: Vec<_> = self.config.get_hosts().iter().enumerate().map(one).collect();
        format!("{}/{} schema {}", hosts.join(","), self.config.get_dbname().unwrap_or("?"), self.schema)
    }
}

#[derive(Default)]
struct Ours {
    schema: Option<String>,
    mode: Option<String>,
    root: Option<PathBuf>,
}

fn encrypted(mode: Option<&str>, config: &tokio_postgres::Config) -> Result<bool, StoreError> {
    let local = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    match mode {
        None => Ok(!config.get_hosts().iter().all(local)),
        Some("disable") => Ok(false),
        Some("require" | "verify-ca" | "verify-full") => Ok(true),
        Some(other) => Err(refused(format!(
            "sslmode={other} would let whoever sits in between choose; use disable or verify-full"
        ))),
    }
}

fn is_identifier(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let mut bytes = name.bytes();
    name.len() <= 60 && bytes.next().is_some_and(plain) && bytes.all(|byte| plain(byte) || byte.is_ascii_digit())
}

/// Percent-encoded text (RFC 3986 section 2.1); what is not encoded stays.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = code.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            out.push(byte);
            rest = more.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = more;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn refused(reason: String) -> StoreError {
    StoreError::engine("be opened", reason)
}

const EXAMPLE: &str = "postgres://user@host:5432/database";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> Result<Options, StoreError> {
        Options::parse(address, PathBuf::from("x"))
    }

    #[test]
    fn an_address_reads_with_its_own_parameters() {
        let options =
            parse("postgres://u:p@db.example:5433/d?schema=ee_2&sslrootcert=%2Fca%20x.pem&sslmode=verify-full");
        let options = options.unwrap();
        assert_eq!(options.schema, "ee_2");
        assert!(options.is_tls);
        assert_eq!(options.root_certificates, Some(PathBuf::from("/ca x.pem")));
        assert_eq!(options.place(), "db.example:5433/d schema ee_2");
    }

    #[test]
    fn only_a_server_on_this_machine_is_reached_in_the_clear_unasked() {
        for (address, is_tls) in [
            ("postgres://u@localhost/d", false),
            ("postgres://u@127.0.0.1/d", false),
            ("postgres://u@%2Fvar%2Frun/d", false),
            ("postgres://u@db.example/d", true),
            ("postgres://u@10.0.0.1/d", true),
            ("postgres://u@localhost,db.example/d", true),
            ("postgres://u@db.example/d?sslmode=disable", false),
            ("postgres://u@localhost/d?sslmode=require", true),
        ] {
            assert_eq!(parse(address).unwrap().is_tls, is_tls, "{address}");
        }
        assert!(parse("postgres://u@h/d?sslmode=prefer").unwrap_err().to_string().contains("verify-full"));
    }

    #[test]
    fn a_wrong_address_is_refused_without_its_password() {
        for address in ["postgres://u:secret@h:port/d", "postgres://u:secret@h/d?wrong=1", "mysql://u:secret@h"] {
            assert!(!parse(address).unwrap_err().to_string().contains("secret"), "{address}");
        }
        for schema in ["", "Big", "a-b", "1a", "a\"; DROP"] {
            assert!(parse(&format!("postgres://u@h/d?schema={schema}")).is_err(), "{schema}");
        }
    }
}
