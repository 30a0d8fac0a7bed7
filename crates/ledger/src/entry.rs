use std::fmt;

use comity_crypto::{Sha256, sha256};

use crate::{Hash, leaf_hash};

/// One entry of our log: what kind of thing happened in which minute, and three commitments to what it was.
///
/// Nothing in it tells about a person. Whoever holds the [`Opening`] of one of its groups can show what was written;
/// without the salt, 256 random bits, nobody can even test a guess, so that destroying the opening erases what was
/// written while every proof over the entry stays good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What happened.
    pub kind: EntryKind,
    /// When, in minutes since 1970.
    pub minute: u32,
    /// Nobody can guess it; of what crossed a border, the same in the logs of both sides.
    pub handle: Handle,
    /// Who or what it was about; who did it, in which role; what was done, and why.
    pub commitments: [Hash; 3],
}

/// What ties the entries of two logs about one crossing together, and says nothing else.
pub type Handle = [u8; 32];

/// A group of fields of an entry, which is opened and erased as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Who or what it was about: names, objects, values, questions.
    Subject = 0,
    /// Who did it: account, role, organisation.
    Actor = 1,
    /// What was done, why, and with which outcome.
    Content = 2,
}

/// The salts and contents of an entry's groups; without those that were erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    groups: [Option<Opened>; 3],
}

/// One group of an entry in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Random.
    pub salt: [u8; 32],
    /// What was written: JSON.
    pub said: Vec<u8>,
}

/// Not an entry of ours, or not its opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// It is no entry that this version knows.
    #[error("not an entry of a Comity ledger")]
    Entry,
    /// It is no opening.
    #[error("not the opening of an entry")]
    Opening,
    /// What is shown is not what was written.
    #[error("the {0} shown is not what the entry commits to")]
    Mismatch(Group),
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What an entry is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EntryKind { $($(#[$doc])* $name = $code,)* }

        impl EntryKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A batch was taken in.
    Intake = 1, "intake";
    /// A page or file was given to somebody who has no log: a tool, an officer with a file.
    Release = 2, "release";
    /// Somebody of this organisation read or searched.
    Query = 3, "query";
    /// Something was decided: an agreement, a hit, an undo.
    Decision = 4, "decision";
    /// A step of a notice or request.
    Notice = 5, "notice";
    /// Something given was called back, or a recall was carried out.
    Recall = 6, "recall";
    /// A receipt was given or came in.
    Receipt = 7, "receipt";
    /// Somebody came in, went out or was not let in.
    Login = 8, "log-in";
    /// A role, an account or a key changed.
    Role = 9, "role change";
    /// A rule, a policy or a setting changed.
    Rule = 10, "rule change";
    /// A page of another node was taken: the other half of what was sent.
    Taken = 11, "taken";
    /// Something asked for was refused.
    Refusal = 12, "refusal";
    /// Content, or a group of an earlier entry, was erased.
    Erasure = 13, "erasure";
    /// The node itself: begun, moved, backed up, restored.
    Node = 14, "node";
    /// A page was given to another node, whose log has the other half under the same handle.
    Sent = 15, "sent";
}

impl Entry {
    /// The entry over this opening, which must be complete: an absent group is committed to as an empty one whose salt
    /// nobody has.
    pub fn new(kind: EntryKind, minute: u32, handle: Handle, opening: &Opening) -> Self {
        let commitments = Group::ALL.map(|group| opening.commitment(group).unwrap_or_default());
        Self { kind, minute, handle, commitments }
    }

    /// Its bytes, as they stand in the log.
    pub fn to_bytes(&self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        let parts: [&[u8]; 7] = [
            MAGIC,
            &[self.kind as u8],
            &self.minute.to_be_bytes(),
            &self.handle,
            &self.commitments[0],
            &self.commitments[1],
            &self.commitments[2],
        ];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let bytes: &[u8; ENTRY] = bytes.try_into().map_err(|_| EntryError::Entry)?;
        let rest = bytes.strip_prefix(MAGIC).ok_or(EntryError::Entry)?;
        let (kind, rest) = rest.split_first().ok_or(EntryError::Entry)?;
        let kind = EntryKind::from_code(*kind).ok_or(EntryError::Entry)?;
        let (minute, rest) = rest.split_first_chunk::<4>().ok_or(EntryError::Entry)?;
        let (hashes, []) = rest.as_chunks::<32>() else { return Err(EntryError::Entry) };
        let [handle, subject, actor, content] = hashes else { return Err(EntryError::Entry) };
        let commitments = [*subject, *actor, *content];
        Ok(Self { kind, minute: u32::from_be_bytes(*minute), handle: *handle, commitments })
    }

    /// The hash of its leaf.
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.to_bytes())
    }

    /// Checks that every group that is shown is what this entry commits to.
    ///
    /// # Errors
    /// [`EntryError::Mismatch`] for the first that is not.
    pub fn check(&self, opening: &Opening) -> Result<(), EntryError> {
        for (group, commitment) in Group::ALL.into_iter().zip(self.commitments) {
            if opening.commitment(group).is_some_and(|shown| shown != commitment) {
                return Err(EntryError::Mismatch(group));
            }
        }
        Ok(())
    }
}

impl Group {
    /// Every group, in the order of an entry's commitments.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Actor, Self::Content];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Actor => "actor",
            Self::Content => "content",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Opening {
    /// The opening that says this under these salts.
    pub fn new(salts: [[u8; 32]; 3], said: [Vec<u8>; 3]) -> Self {
        let [s, a, c] = salts;
        let [subject, actor, content] = said;
        let opened = |salt, said| Some(Opened { salt, said });
        Self { groups: [opened(s, subject), opened(a, actor), opened(c, content)] }
    }

    /// What a group says; none when it was erased.
    pub fn group(&self, group: Group) -> Option<&Opened> {
        self.groups.get(group as usize).and_then(Option::as_ref)
    }

    /// Sets a group, or takes it away for good.
    pub fn set(&mut self, group: Group, opened: Option<Opened>) {
        if let Some(place) = self.groups.get_mut(group as usize) {
            *place = opened;
        }
    }

    fn commitment(&self, group: Group) -> Option<Hash> {
        let opened = self.group(group)?;
        let mut hash = Sha256::new();
        hash.update(OPEN);
        hash.update(&[group as u8]);
        hash.update(&opened.salt);
        hash.update(&sha256(&opened.said));
        Some(hash.finish())
    }

    /// Its bytes as a node keeps them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for group in &self.groups {
            let Some(opened) = group else {
                bytes.push(0);
                continue;
            };
            bytes.push(1);
            bytes.extend_from_slice(&opened.salt);
            let length = u32::try_from(opened.said.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&opened.said);
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; nothing at all is an opening of which everything was erased.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut opening = Self::default();
        if bytes.is_empty() {
            return Ok(opening);
        }
        let mut rest = bytes;
        for place in &mut opening.groups {
            (*place, rest) = read_group(rest).ok_or(EntryError::Opening)?;
        }
        if rest.is_empty() { Ok(opening) } else { Err(EntryError::Opening) }
    }
}

fn read_group(bytes: &[u8]) -> Option<(Option<Opened>, &[u8])> {
    match bytes.split_first()? {
        (0, rest) => Some((None, rest)),
        (1, rest) => {
            let (salt, rest) = rest.split_first_chunk::<32>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (said, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
            Some((Some(Opened { salt: *salt, said: said.to_vec() }), rest))
        }
        _ => None,
    }
}

/// The length of every entry, in bytes.
pub const ENTRY: usize = 13 + 1 + 4 + 32 + 3 * 32;
const MAGIC: &[u8; 13] = b"comity-leaf/1";
const OPEN: &[u8; 13] = b"comity-open/1";
