use comity_base::Timestamp;
use comity_crypto::{KeyRecord, NodeKeys, Succession};
use comity_tls::{Identity, Pin};
use serde::Serialize;

use crate::args::{Args, KeysAction, KeysArgs, RotateArgs};
use crate::clock;
use crate::config::Config;
use crate::desk::Desk;
use crate::exit::Code;
use crate::keys::{self, NOTICE, Opened, Source};
use crate::place::Place;

pub(crate) fn run(desk: &Desk, args: &Args, command: &KeysArgs) -> anyhow::Result<Code> {
    let folder = Place::node_folder(args)?;
    match &command.action {
        None => show(desk, args, &keys::open(&folder)?)?,
        Some(KeysAction::Rotate(how)) if how.tls => rotate_tls(desk, args, how)?,
        Some(KeysAction::Rotate(_)) => rotate_signing(desk, args)?,
        Some(KeysAction::Seal { with }) => seal(desk, args, with.as_deref())?,
    }
    Ok(Code::Done)
}

/// What may be known of a node's keys.
#[derive(Serialize)]
struct Shown {
    public_key: comity_crypto::PublicKey,
    fingerprint: String,
    created: Option<Timestamp>,
    former: Vec<KeyRecord>,
    successions: Vec<Succession>,
    tls: Vec<ShownTls>,
    sealed: bool,
    /// What opened them.
    unlock: Option<String>,
}

#[derive(Serialize)]
struct ShownTls {
    pin: Pin,
    created: Timestamp,
    /// When the certificate ends; peers that know the pin do not mind.
    valid_until: Timestamp,
    /// Whether this is the one that is shown to others now.
    presented: bool,
}

impl Shown {
    fn of(Opened { keys, with }: &Opened, now: Timestamp) -> anyhow::Result<Self> {
        let mut records = keys.public_keys().into_iter();
        Ok(Self {
            public_key: keys.public_key(),
            fingerprint: keys.public_key().fingerprint(),
            created: records.next().and_then(|current| current.created),
            former: records.collect(),
            successions: keys.successions(),
            tls: tls(keys, now)?,
            sealed: with.is_some(),
            unlock: with.as_ref().map(Source::to_string),
        })
    }
}

fn tls(keys: &NodeKeys, now: Timestamp) -> anyhow::Result<Vec<ShownTls>> {
    let presented = keys.tls_to_present(now, NOTICE);
    let shown = keys.tls().iter().map(|secret| {
        let identity = Identity::from_secret(secret)?;
        Ok(ShownTls {
            pin: identity.pin(),
            created: secret.created,
            valid_until: identity.validity()?.until,
            presented: presented == Some(secret),
        })
    });
    shown.collect()
}

fn show(desk: &Desk, args: &Args, opened: &Opened) -> anyhow::Result<()> {
    let shown = Shown::of(opened, clock::system()())?;
    if args.json {
        return desk.line(&shown);
    }
    desk.say(format_args!("Public key   {}", shown.public_key))?;
    desk.say(format_args!("Fingerprint  {}", shown.fingerprint))?;
    desk.say(format_args!("In use since {}", when(shown.created)))?;
    for former in &shown.former {
        desk.say(format_args!(
            "Before it    {} from {} to {}",
            former.key,
            when(former.created),
            when(former.retired)
        ))?;
    }
    for tls in &shown.tls {
        let state = if tls.presented { "presented now" } else { "not presented now; peers should know it" };
        desk.say(format_args!(
            "TLS pin      {} from {}, {state}; certificate valid until {}",
            tls.pin, tls.created, tls.valid_until
        ))?;
    }
    if shown.tls.is_empty() {
        desk.say("TLS pin      none; make one with `comity keys rotate --tls`")?;
    }
    match &shown.unlock {
        Some(unlock) => desk.say(format_args!("Sealed, and opened with {unlock}")),
        None => desk.say(NOT_SEALED),
    }
}

fn rotate_signing(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let now = clock::system()();
    let (succession, _) = keys::change(&Place::node_folder(args)?, |keys| Ok(keys.rotate_signing(now)?))?;
    if args.json {
        return desk.line(&succession);
    }
    desk.say(format_args!(
        "The signing key is now {}\nFingerprint  {}\n\
         The old key signed that the new one takes its place, and what it signed before stays valid.\n{RESTART}",
        succession.new,
        succession.new.fingerprint()
    ))
}

fn rotate_tls(desk: &Desk, args: &Args, how: &RotateArgs) -> anyhow::Result<()> {
    let (folder, now) = (Place::node_folder(args)?, clock::system()());
    let organisation = Config::load(&folder)?.node.organisation;
    let identity = keys::new_tls(organisation.as_str(), &how.host, now)?;
    let (tls, _) = keys::change(&folder, |keys| {
        if how.now {
            keys.replace_tls(identity.to_secret(now));
        } else {
            keys.add_tls(identity.to_secret(now));
        }
        tls(keys, now)
    })?;
    if args.json {
        return tls.iter().try_for_each(|tls| desk.line(tls));
    }
    desk.say(format_args!("The new TLS key has the pin {}", identity.pin()))?;
    if tls.iter().any(|tls| tls.presented && tls.pin == identity.pin()) {
        desk.say(format_args!("It is presented from now on. Peers that do not know it yet must be told.\n{RESTART}"))
    } else {
        desk.say(format_args!(
            "It is presented in {} days; until then the one before is, and peers have time to learn the new one.\n{RESTART}",
            NOTICE.as_secs() / 86_400
        ))
    }
}

fn seal(desk: &Desk, args: &Args, with: Option<&std::path::Path>) -> anyhow::Result<()> {
    let folder = Place::node_folder(args)?;
    let told = if let Some(path) = with {
        keys::reseal(&folder, &desk.path(path))?;
        format!(
            "The keys are sealed with the secret in {0}, and nothing else opens them any more. From now on, set \
             COMITY_UNLOCK_FILE={0}, or COMITY_UNLOCK to the passphrase.",
            path.display()
        )
    } else if let Some(source) = keys::open(&folder)?.with {
        format!(
            "The keys are sealed already, and open with {source}. To seal them with another secret, name its file with --with."
        )
    } else {
        let now = clock::system()();
        let organisation = Config::load(&folder)?.node.organisation;
        let ((), source) = keys::change(&folder, |keys| {
            if keys.tls().is_empty() {
                keys.add_tls(keys::new_tls(organisation.as_str(), &[], now)?.to_secret(now));
            }
            Ok(())
        })?;
        sealed(Some(&source))
    };
    if args.json {
        return desk.line(&serde_json::json!({"sealed": true}));
    }
    desk.say(told)
}

/// What people should know about the keys of a node that were made or sealed just now.
pub(crate) fn sealed(with: Option<&Source>) -> String {
    match with {
        Some(Source::Beside(path)) => format!(
            "The keys are sealed, but {} beside them opens them: only moving it to another disk or into a credential \
             store, and naming it with COMITY_UNLOCK_FILE, makes that worth something.",
            path.display()
        ),
        Some(with) => {
            format!("The keys are sealed, and only {with} opens them: keep a copy of that in a safe place too.")
        }
        None => NOT_SEALED.to_owned(),
    }
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "a time that was not written down".to_owned(), |at| at.to_string())
}

const RESTART: &str = "Processes that serve this node use it after they are started again.";
const NOT_SEALED: &str = "NOT SEALED: whoever reads the file has the keys; seal them with `comity keys seal`.";
