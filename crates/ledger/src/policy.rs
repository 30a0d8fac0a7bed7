use std::collections::HashMap;
use std::fmt;

use crate::{KeyKind, Note, NoteVerifier};

/// Which logs are believed, and which witnesses must have countersigned (C2SP tlog-policy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<(NoteVerifier, Option<String>)>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// What the policy calls it.
    pub name: String,
    /// Its key.
    pub key: NoteVerifier,
    /// Where it is asked, when that is said.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    needed: usize,
    members: Vec<Member>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// Who countersigned a checkpoint, as a policy sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The witnesses whose cosignatures are good, as the policy names them.
    pub witnesses: Vec<String>,
    /// Whether they are enough.
    pub meets_quorum: bool,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", if *line == 0 { String::new() } else { format!("line {line}: ") })]
pub struct PolicyError {
    /// Which line, from 1; 0 when it is about the whole.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// When it is not one, or has more than 256 logs, witnesses or groups.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let mut reader = Reader { names: HashMap::new(), used: Vec::new(), quorums: 0, policy: Self::none() };
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            reader.line(line).map_err(|what| PolicyError { line: at + 1, what })?;
        }
        if reader.quorums != 1 {
            return Err(PolicyError { line: 0, what: "a policy has exactly one quorum line" });
        }
        Ok(reader.policy)
    }

    /// The policy that believes no log and asks for no witness.
    fn none() -> Self {
        Self { logs: Vec::new(), witnesses: Vec::new(), groups: Vec::new(), quorum: None }
    }

    /// The key of a log, by its origin.
    pub fn log(&self, origin: &str) -> Option<&NoteVerifier> {
        self.logs.iter().map(|(key, _)| key).find(|key| key.name() == origin)
    }

    /// Every log that is believed.
    pub fn logs(&self) -> impl Iterator<Item = &NoteVerifier> {
        self.logs.iter().map(|(key, _)| key)
    }

    /// Every witness.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Who countersigned this checkpoint, and whether they are enough. Cosignatures that do not fit count as absent.
    pub fn cosigned(&self, checkpoint: &Note) -> Cosigned {
        let good: Vec<bool> =
            self.witnesses.iter().map(|witness| matches!(checkpoint.verify(&witness.key), Ok(Some(_)))).collect();
        let witnesses = self.witnesses.iter().zip(&good).filter(|(_, good)| **good).map(|(w, _)| w.name.clone());
        Cosigned { witnesses: witnesses.collect(), meets_quorum: self.is_met(&good) }
    }

    fn is_met(&self, good: &[bool]) -> bool {
        // A group refers to what stands above it only.
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let met = group.members.iter().filter(|member| member.is_met(good, &groups)).count();
            groups.push(met >= group.needed);
        }
        self.quorum.is_none_or(|member| member.is_met(good, &groups))
    }
}

impl Member {
    fn is_met(self, witnesses: &[bool], groups: &[bool]) -> bool {
        match self {
            Self::Witness(at) => witnesses.get(at).is_some_and(|met| *met),
            Self::Group(at) => groups.get(at).is_some_and(|met| *met),
        }
    }
}

struct Reader {
    names: HashMap<Vec<u8>, Member>,
    used: Vec<Member>,
    quorums: usize,
    policy: Policy,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), &'static str> {
        if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
            return Err("there is a control character in it");
        }
        let words: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key, url @ ..] if url.len() < 2 => self.log(key, url.first().copied()),
            [b"witness", name, key, url @ ..] if url.len() < 2 => self.witness(name, key, url.first().copied()),
            [b"group", name, needed, members @ ..] => self.group(name, needed, members),
            [b"quorum", name] => self.quorum(name),
            _ => Err("expected log, witness, group or quorum with what belongs to it"),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), &'static str> {
        let key = verifier(key, KeyKind::Log)?;
        if self.policy.logs.iter().any(|(known, _)| known.key() == key.key()) {
            return Err("this log's key is listed twice");
        }
        self.policy.logs.push((key, url.map(text)));
        within(self.policy.logs.len())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), &'static str> {
        let key = verifier(key, KeyKind::Cosigner)?;
        if self.policy.witnesses.iter().any(|known| known.key.key() == key.key()) {
            return Err("this witness's key is listed twice");
        }
        self.name(name, Member::Witness(self.policy.witnesses.len()))?;
        self.policy.witnesses.push(PolicyWitness { name: text(name), key, url: url.map(text) });
        within(self.policy.witnesses.len())
    }

    fn group(&mut self, name: &[u8], needed: &[u8], members: &[&[u8]]) -> Result<(), &'static str> {
        let mut found = Vec::new();
        for member in members {
            let member = *self.names.get(*member).ok_or("no witness or group above has this name")?;
            if self.used.contains(&member) {
                return Err("a witness or group is a member of one group only");
            }
            self.used.push(member);
            found.push(member);
        }
        let needed = match needed {
            b"all" => found.len(),
            b"any" => 1,
            number => {
                let number = std::str::from_utf8(number).ok().and_then(crate::checkpoint::decimal);
                number.and_then(|number| usize::try_from(number).ok()).ok_or("expected all, any or a number")?
            }
        };
        if needed == 0 || needed > found.len() {
            return Err("a group needs at least one of its members and at most all");
        }
        self.name(name, Member::Group(self.policy.groups.len()))?;
        self.policy.groups.push(Group { name: text(name), needed, members: found });
        within(self.policy.groups.len())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), &'static str> {
        self.quorums += 1;
        if name != b"none" {
            self.policy.quorum = Some(*self.names.get(name).ok_or("no witness or group above has this name")?);
        }
        Ok(())
    }

    fn name(&mut self, name: &[u8], member: Member) -> Result<(), &'static str> {
        if name == b"none" {
            return Err("nothing can be called none");
        }
        match self.names.insert(name.to_owned(), member) {
            None => Ok(()),
            Some(_) => Err("this name is taken"),
        }
    }
}

/// The policy as a text that reads back as the same.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Option<String>| url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        for (key, at) in &self.logs {
            writeln!(f, "log {key}{}", url(at))?;
        }
        for witness in &self.witnesses {
            writeln!(f, "witness {} {}{}", witness.name, witness.key, url(&witness.url))?;
        }
        for group in &self.groups {
            let members: Vec<_> = group.members.iter().map(|member| self.called(*member)).collect();
            writeln!(f, "group {} {} {}", group.name, group.needed, members.join(" "))?;
        }
        writeln!(f, "quorum {}", self.quorum.map_or("none", |member| self.called(member)))
    }
}

impl Policy {
    fn called(&self, member: Member) -> &str {
        match member {
            Member::Witness(at) => self.witnesses.get(at).map_or("none", |witness| &witness.name),
            Member::Group(at) => self.groups.get(at).map_or("none", |group| &group.name),
        }
    }
}

fn verifier(text: &[u8], kind: KeyKind) -> Result<NoteVerifier, &'static str> {
    let key = std::str::from_utf8(text).ok().and_then(|text| text.parse::<NoteVerifier>().ok());
    key.filter(|key| key.kind() == kind).ok_or("not a key of the kind that belongs here")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn within(count: usize) -> Result<(), &'static str> {
    if count <= MOST { Ok(()) } else { Err("a policy has at most 256 logs, witnesses and groups each") }
}

const MOST: usize = 256;
