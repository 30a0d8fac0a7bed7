use std::fmt;
use std::num::ParseIntError;
use std::time::Duration;

use comity_base::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    BadSeed, BadSignature, Fingerprinter, NoRandomness, PublicKey, Signature, SigningKey, base64url, hex, hmac_sha256,
    random_bytes, unbase64url, unhex,
};

/// The ring of one node's keys: the master key from which the keys of the indexes and of keyed hashes are derived,
/// the signing key with all that came before it, and the keys for TLS.
///
/// The master key never changes. Of a signing key that was succeeded only the public half is kept, which is all it
/// takes to verify what it signed.
#[derive(Clone)]
pub struct NodeKeys {
    master: Zeroizing<[u8; 32]>,
    signing: SigningKey,
    created: Option<Timestamp>,
    /// Newest first.
    former: Vec<Former>,
    /// Newest first.
    tls: Vec<TlsSecret>,
}

/// A signing key's public half and the time it was in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The key.
    pub key: PublicKey,
    /// When it was made, where that was written down.
    pub created: Option<Timestamp>,
    /// When another took its place; none for the key in use.
    pub retired: Option<Timestamp>,
}

/// The statement by which a signing key hands over to the next, signed with both.
///
/// A peer that trusts the old key and finds [`check`](Self::check) in order may trust the new one instead. It does
/// not help against someone who stole the old key: that takes a new introduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// The key that was in use.
    pub old: PublicKey,
    /// The key that is in use from then on.
    pub new: PublicKey,
    /// When.
    pub at: Timestamp,
    /// The statement signed with the old key.
    pub signature_by_old: Signature,
    /// The statement signed with the new key, which shows that whoever hands over holds it.
    pub signature_by_new: Signature,
}

/// A certificate with its private key, both DER; opaque here.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsSecret {
    /// The certificate (X.509).
    pub certificate_der: Vec<u8>,
    /// The private key (PKCS #8).
    pub private_key_der: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
}

/// A key could not be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no randomness.
    #[error("making a new key: {0}")]
    NoRandomness(#[from] NoRandomness),
    /// The stored form is damaged.
    #[error("the key file is damaged{}", .0.map(|line| format!(" in line {line}")).unwrap_or_default())]
    Damaged(Option<usize>),
    /// The stored form is of a later version.
    #[error("the key file was written by a later version of this program")]
    Later,
    /// A stored seed is not a usable key.
    #[error(transparent)]
    BadSeed(#[from] BadSeed),
}

#[derive(Clone)]
struct Former {
    created: Option<Timestamp>,
    succession: Succession,
}

impl NodeKeys {
    /// New random keys, without any for TLS, made at a time nobody wrote down.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self::new(Zeroizing::new(random_bytes()?), SigningKey::generate()?))
    }

    /// New random keys, without any for TLS.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate_at(now: Timestamp) -> Result<Self, KeyError> {
        Ok(Self { created: Some(now), ..Self::generate()? })
    }

    fn new(master: Zeroizing<[u8; 32]>, signing: SigningKey) -> Self {
        Self { master, signing, created: None, former: Vec::new(), tls: Vec::new() }
    }

    /// The signing key in use.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing
    }

    /// The public half of the signing key in use.
    pub fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }

    /// Every signing key this node ever used, newest first: what one of them signed stays verifiable.
    pub fn public_keys(&self) -> Vec<KeyRecord> {
        let current = KeyRecord { key: self.public_key(), created: self.created, retired: None };
        let former = self.former.iter().map(|former| KeyRecord {
            key: former.succession.old,
            created: former.created,
            retired: Some(former.succession.at),
        });
        std::iter::once(current).chain(former).collect()
    }

    /// How each signing key handed over to the next, newest first: the way from any old key to the one in use.
    pub fn successions(&self) -> Vec<Succession> {
        self.former.iter().map(|former| former.succession).collect()
    }

    /// Puts a new signing key in the place of the present one, whose private half is gone afterwards.
    ///
    /// # Errors
    /// When the operating system gives no randomness; nothing is changed then.
    pub fn rotate_signing(&mut self, now: Timestamp) -> Result<Succession, KeyError> {
        let new = SigningKey::generate()?;
        let succession = Succession::new(&self.signing, &new, now);
        self.former.insert(0, Former { created: self.created, succession });
        self.signing = new;
        self.created = Some(now);
        Ok(succession)
    }

    /// The keys for TLS, newest first. Peers may meet any of them and should be told the pins of all.
    pub fn tls(&self) -> &[TlsSecret] {
        &self.tls
    }

    /// The key for TLS to present at a moment: the newest that peers had this long a notice of, otherwise the oldest.
    pub fn tls_to_present(&self, now: Timestamp, notice: Duration) -> Option<&TlsSecret> {
        let notice = i64::try_from(notice.as_micros()).unwrap_or(i64::MAX);
        let known = |secret: &&TlsSecret| now.as_micros().saturating_sub(secret.created.as_micros()) >= notice;
        self.tls.iter().find(known).or(self.tls.last())
    }

    /// Adds a key for TLS as the newest. Only the newest few are kept.
    pub fn add_tls(&mut self, secret: TlsSecret) {
        self.tls.insert(0, secret);
        self.tls.truncate(MOST_TLS);
    }

    /// Puts one key for TLS in the place of all, without notice: when another may have got hold of the old one.
    pub fn replace_tls(&mut self, secret: TlsSecret) {
        self.tls = vec![secret];
    }

    /// The text form, which is all secrets of the node in the clear: to be [sealed](crate::seal) before it is kept.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for all of it at once: text that grows leaves copies of secrets behind.
        let tls = self.tls.iter().map(|secret| secret.certificate_der.len() + secret.private_key_der.len());
        let room = 512 * (1 + self.former.len()) + tls.map(|bytes| 128 + 2 * bytes).sum::<usize>();
        let mut text = Zeroizing::new(String::with_capacity(room));
        push_line(&mut text, &[VERSION]);
        push_line(&mut text, &["master", &Zeroizing::new(hex(&*self.master))]);
        push_line(&mut text, &["signing", &Zeroizing::new(hex(self.signing.seed())), &moment(self.created)]);
        for Former { created, succession } in &self.former {
            let Succession { old, at, signature_by_old, signature_by_new, .. } = succession;
            let old = [old.to_string(), moment(*created), moment(Some(*at))];
            let by = [signature_by_old.to_string(), signature_by_new.to_string()];
            push_line(&mut text, &["former", &old[0], &old[1], &old[2], &by[0], &by[1]]);
        }
        for secret in &self.tls {
            let private = Zeroizing::new(base64url(&secret.private_key_der));
            let created = moment(Some(secret.created));
            push_line(&mut text, &["tls", &created, &base64url(&secret.certificate_der), &private]);
        }
        text
    }

    /// Reads [`Self::to_text`], and the form of the first version: two lines, the signing seed and the master key.
    ///
    /// # Errors
    /// When the text is damaged or of a later version.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(VERSION) {
            return Reader::read(text);
        }
        if text.starts_with("comity-keys-") {
            return Err(KeyError::Later);
        }
        let mut lines = text.lines();
        let mut key = |line| {
            let key = lines.next().and_then(|line| unhex(line.trim()));
            key.map(Zeroizing::new).ok_or(KeyError::Damaged(Some(line)))
        };
        let (seed, master) = (key(1)?, key(2)?);
        Ok(Self::new(master, SigningKey::from_seed(&seed)?))
    }

    /// The node's fingerprint maker for its derived indexes.
    pub fn fingerprinter(&self) -> Fingerprinter {
        let derived = self.derive("index fingerprints");
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(derived) {
            *to = from;
        }
        Fingerprinter::new(key)
    }

    /// A key for one named use.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(&*self.master, purpose.as_bytes())
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKeys(secret)")
    }
}

impl Succession {
    fn new(old: &SigningKey, new: &SigningKey, at: Timestamp) -> Self {
        let statement = Self::statement(&old.public_key(), &new.public_key(), at);
        Self {
            old: old.public_key(),
            new: new.public_key(),
            at,
            signature_by_old: old.sign(HANDS_OVER, &statement),
            signature_by_new: new.sign(TAKES_OVER, &statement),
        }
    }

    /// Whether both keys signed this.
    ///
    /// # Errors
    /// When either did not, or when nothing is handed over.
    pub fn check(&self) -> Result<(), BadSignature> {
        if self.old == self.new {
            return Err(BadSignature);
        }
        let statement = Self::statement(&self.old, &self.new, self.at);
        self.old.verify(HANDS_OVER, &statement, &self.signature_by_old)?;
        self.new.verify(TAKES_OVER, &statement, &self.signature_by_new)
    }

    /// Both keys and the time in microseconds, big-endian.
    fn statement(old: &PublicKey, new: &PublicKey, at: Timestamp) -> Vec<u8> {
        [&old.0[..], &new.0[..], &at.as_micros().to_be_bytes()[..]].concat()
    }
}

impl fmt::Debug for TlsSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsSecret(secret, created {})", self.created)
    }
}

impl Drop for TlsSecret {
    fn drop(&mut self) {
        self.private_key_der.zeroize();
    }
}

fn push_line(text: &mut String, fields: &[&str]) {
    for (index, field) in fields.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { " " });
        text.push_str(field);
    }
    text.push('\n');
}

/// Reads the lines of the text form, each a name and its fields.
#[derive(Default)]
struct Reader {
    master: Option<Zeroizing<[u8; 32]>>,
    signing: Option<(SigningKey, Option<Timestamp>)>,
    former: Vec<Former>,
    tls: Vec<TlsSecret>,
}

impl Reader {
    fn read(text: &str) -> Result<NodeKeys, KeyError> {
        let mut reader = Self::default();
        for (index, line) in text.lines().enumerate() {
            let known = if index == 0 { (line == VERSION).then_some(()) } else { reader.line(line) };
            if known.is_none() {
                // `comity-keys-v20` begins like ours.
                return Err(if index == 0 { KeyError::Later } else { KeyError::Damaged(Some(index + 1)) });
            }
        }
        let (Some(master), Some((signing, created))) = (reader.master, reader.signing) else {
            return Err(KeyError::Damaged(None));
        };
        Ok(NodeKeys { master, signing, created, former: reader.former, tls: reader.tls })
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let fields: Vec<&str> = line.split(' ').collect();
        match fields.as_slice() {
            ["master", key] if self.master.is_none() => self.master = Some(Zeroizing::new(unhex(key)?)),
            ["signing", seed, created] if self.signing.is_none() => {
                let seed = Zeroizing::new(unhex(seed)?);
                self.signing = Some((SigningKey::from_seed(&seed).ok()?, unmoment(created).ok()?));
            }
            ["former", old, created, at, by_old, by_new] => self.former(old, created, at, [by_old, by_new])?,
            ["tls", created, certificate, private] => self.tls.push(TlsSecret {
                certificate_der: unbase64url(certificate)?,
                private_key_der: unbase64url(private)?,
                created: unmoment(created).ok()??,
            }),
            _ => return None,
        }
        Some(())
    }

    /// A former key handed over to the one in the line before it.
    fn former(&mut self, old: &str, created: &str, at: &str, signatures: [&str; 2]) -> Option<()> {
        let new = match self.former.last() {
            Some(former) => former.succession.old,
            None => self.signing.as_ref()?.0.public_key(),
        };
        let [signature_by_old, signature_by_new] = signatures.map(|text| text.parse().ok());
        let succession = Succession {
            old: old.parse().ok()?,
            new,
            at: unmoment(at).ok()??,
            signature_by_old: signature_by_old?,
            signature_by_new: signature_by_new?,
        };
        succession.check().ok()?;
        self.former.push(Former { created: unmoment(created).ok()?, succession });
        Some(())
    }
}

/// Microseconds since 1970, or `-`.
fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.as_micros().to_string())
}

fn unmoment(text: &str) -> Result<Option<Timestamp>, ParseIntError> {
    if text == "-" { Ok(None) } else { text.parse().map(|micros| Some(Timestamp::from_micros(micros))) }
}

const VERSION: &str = "comity-keys-v2";
const HANDS_OVER: &str = "key-succession/old";
const TAKES_OVER: &str = "key-succession/new";
const MOST_TLS: usize = 4;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\
                       202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_793_000_000_000_000 + seconds * 1_000_000)
    }

    fn tls(name: u8, created: Timestamp) -> TlsSecret {
        TlsSecret { certificate_der: vec![name; 300], private_key_der: vec![name, 1], created }
    }

    #[test]
    fn the_first_form_is_read_and_gives_the_same_keys() {
        let keys = NodeKeys::from_text(OLD).unwrap();
        // What the first version printed for these two lines.
        assert_eq!(keys.public_key().to_string(), "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
        assert_eq!(
            hex(&keys.derive("card hashes")),
            "d468a620d018a28a997bc8d946591df7fb8f5ae467317674d39e58b37436af44"
        );
        assert_eq!(keys.fingerprinter().key_id(), 0x5dc0_77a2_aa60_6d77);
        assert_eq!(keys.public_keys(), [KeyRecord { key: keys.public_key(), created: None, retired: None }]);
        assert!(keys.tls().is_empty());
        let again = NodeKeys::from_text(&keys.to_text()).unwrap();
        assert_eq!(again.to_text(), keys.to_text());
        assert_eq!(again.fingerprinter().key_id(), keys.fingerprinter().key_id());
    }

    #[test]
    fn keys_survive_their_text_form() {
        let mut keys = NodeKeys::generate_at(at(0)).unwrap();
        keys.add_tls(tls(1, at(0)));
        for turn in 1..4 {
            keys.rotate_signing(at(turn)).unwrap();
            keys.add_tls(tls(2, at(turn)));
        }
        let text = keys.to_text();
        let again = NodeKeys::from_text(&text).unwrap();
        assert_eq!(again.to_text(), text);
        assert_eq!(again.public_keys(), keys.public_keys());
        assert_eq!(again.successions(), keys.successions());
        assert_eq!(again.tls(), keys.tls());
        assert_eq!(keys.derive("a"), again.derive("a"));
        assert_ne!(keys.derive("a"), keys.derive("b"));
    }

    #[test]
    fn damaged_text_is_refused_with_its_line() {
        let mut keys = NodeKeys::generate_at(at(0)).unwrap();
        keys.rotate_signing(at(1)).unwrap();
        keys.add_tls(tls(1, at(0)));
        let text = keys.to_text();
        let refused = |text: &str| NodeKeys::from_text(text).unwrap_err();
        assert_eq!(refused("zz"), KeyError::Damaged(Some(1)));
        assert_eq!(refused(OLD.lines().next().unwrap()), KeyError::Damaged(Some(2)));
        assert_eq!(refused("comity-keys-v3\n"), KeyError::Later);
        assert_eq!(refused("comity-keys-v20\n"), KeyError::Later);
        for (index, line) in text.lines().enumerate().skip(1) {
            let with = |line: &str| {
                text.lines()
                    .enumerate()
                    .map(|(at, old)| if at == index { line } else { old })
                    .collect::<Vec<_>>()
                    .join("\n")
                    + "\n"
            };
            for bad in
                [format!("{line} "), format!("x{line}"), line.rsplit_once(' ').unwrap().0.to_owned(), String::new()]
            {
                assert_eq!(refused(&with(&bad)), KeyError::Damaged(Some(index + 1)), "{bad}");
            }
        }
        assert_eq!(refused(text.lines().take(2).collect::<Vec<_>>().join("\n").as_str()), KeyError::Damaged(None));
        // A former key that did not hand over is none of ours.
        let mut other = NodeKeys::generate_at(at(0)).unwrap();
        other.rotate_signing(at(1)).unwrap();
        let theirs = other.to_text();
        let foreign = theirs.lines().find(|line| line.starts_with("former")).unwrap();
        let mixed: String =
            text.lines().map(|l| if l.starts_with("former") { foreign } else { l }).collect::<Vec<_>>().join("\n");
        assert_eq!(refused(&mixed), KeyError::Damaged(Some(4)));
    }

    #[test]
    fn a_chain_of_successions_leads_to_the_key_in_use() {
        let mut keys = NodeKeys::generate_at(at(0)).unwrap();
        let (first, fingerprints) = (keys.public_key(), keys.fingerprinter().key_id());
        let signature = keys.signing_key().sign("a", b"statement");
        for turn in 1..=3 {
            let succession = keys.rotate_signing(at(turn)).unwrap();
            assert_eq!(succession.new, keys.public_key());
            assert_eq!(keys.successions()[0], succession);
        }
        let mut trusted = first;
        for succession in keys.successions().iter().rev() {
            succession.check().unwrap();
            assert_eq!(succession.old, trusted);
            trusted = succession.new;
        }
        assert_eq!(trusted, keys.public_key());
        let records = keys.public_keys();
        assert_eq!(records.len(), 4);
        assert_eq!(records[3], KeyRecord { key: first, created: Some(at(0)), retired: Some(at(1)) });
        assert_eq!(records[0].retired, None);
        records[3].key.verify("a", b"statement", &signature).unwrap();
        assert_eq!(keys.fingerprinter().key_id(), fingerprints);
        assert!(!keys.to_text().contains(&hex(&[0; 32])));
    }

    #[test]
    fn a_succession_counts_only_as_it_was_signed() {
        let mut keys = NodeKeys::generate_at(at(0)).unwrap();
        let good = keys.rotate_signing(at(1)).unwrap();
        let json = serde_json::to_string(&good).unwrap();
        assert_eq!(serde_json::from_str::<Succession>(&json).unwrap(), good);
        assert!(json.contains("\"at\":\"2026-"), "{json}");
        let thief = SigningKey::generate().unwrap();
        let statement = Succession::statement(&good.old, &thief.public_key(), good.at);
        let bad = [
            Succession { at: at(2), ..good },
            Succession { new: good.old, ..good },
            Succession { old: good.new, new: good.old, ..good },
            Succession { signature_by_old: good.signature_by_new, signature_by_new: good.signature_by_old, ..good },
            // Someone without the old key.
            Succession { new: thief.public_key(), signature_by_new: thief.sign(TAKES_OVER, &statement), ..good },
            Succession::new(&thief, &thief, at(1)),
        ];
        for succession in bad {
            assert_eq!(succession.check(), Err(BadSignature), "{succession:?}");
        }
    }

    #[test]
    fn a_new_tls_key_is_presented_when_peers_had_notice() {
        let week = Duration::from_hours(7 * 24);
        let later = |seconds: i64| at(7 * 86_400 + seconds);
        let mut keys = NodeKeys::generate_at(at(0)).unwrap();
        assert!(keys.tls_to_present(at(0), week).is_none());
        let shown = |keys: &NodeKeys, now| keys.tls_to_present(now, week).unwrap().private_key_der[0];
        keys.add_tls(tls(1, at(0)));
        assert_eq!(shown(&keys, at(0)), 1, "the only one is presented at once");
        keys.add_tls(tls(2, at(100)));
        assert_eq!([shown(&keys, at(100)), shown(&keys, later(99)), shown(&keys, later(100))], [1, 1, 2]);
        keys.add_tls(tls(3, later(50)));
        assert_eq!([shown(&keys, later(99)), shown(&keys, later(100))], [1, 2]);
        for _ in 0..9 {
            keys.add_tls(tls(4, later(60)));
        }
        assert_eq!(keys.tls().len(), MOST_TLS);
        keys.replace_tls(tls(5, later(60)));
        assert_eq!(shown(&keys, later(60)), 5);
        assert_eq!(keys.tls().len(), 1);
    }

    #[test]
    fn secrets_are_not_shown() {
        let keys = NodeKeys::from_text(OLD).unwrap();
        let shown = format!("{keys:?} {:?} {:?}", keys.signing_key(), tls(7, at(0)));
        assert!(!shown.contains("0405"), "{shown}");
        assert!(!shown.contains("7, 7"), "{shown}");
    }

    proptest! {
        #[test]
        fn anything_may_be_given_for_a_key_file(text: String, lines in prop::collection::vec("(master|signing|former|tls)( [0-9a-f-]{0,66}){0,6}", 0..6)) {
            drop(NodeKeys::from_text(&text));
            let like = format!("{VERSION}\n{}", lines.join("\n"));
            prop_assert!(NodeKeys::from_text(&like).is_err());
        }
    }
}
