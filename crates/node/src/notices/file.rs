use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use comity_base::{OrgName, Timestamp};
use comity_law::Reason;
use comity_law::gate::{Judged, Screen};
use comity_law::notice::{Caution, Colour, Contact, Event, Facts, Lifecycle, Notice, Screened};
use comity_stix::label::Need;
use comity_stix::{Label, ObjectId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Ctx, Node, NodeError};

/// What a notice says, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticeText {
    /// The facts its checklist asks for.
    pub facts: Facts,
    /// Other names of the person.
    pub aliases: Vec<String>,
    /// What officers must beware of.
    pub caution: BTreeSet<Caution>,
    /// Whom to call.
    pub contact: Contact,
    /// The members a diffusion goes to.
    pub addressees: BTreeSet<OrgName>,
}

/// The number of a notice: the UUID of its STIX object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct NoticeNo(pub Uuid);

/// A notice of this organisation as it is kept, before and after it was published.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) no: NoticeNo,
    /// The object of the person it was drafted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<ObjectId>,
    /// The case, as the organisation numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) case: Option<String>,
    /// What whoever reads the draft must have: what the person's object asks for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) need: BTreeSet<Need>,
    pub(super) text: NoticeText,
    #[serde(default)]
    pub(super) judged: Judged,
    pub(super) events: Vec<Event>,
    /// What was released last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) released: Option<Released>,
    /// The text of that, as reviewers put it out: an amendment is written beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) out: Option<NoticeText>,
    /// When it was forgotten what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// Objects as they were released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Released {
    /// The notice, as JSON.
    pub(super) notice: String,
    /// The person it is about, with what others need to find them and nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<String>,
    /// To whom.
    pub(super) to: BTreeSet<OrgName>,
    /// The `modified` of both.
    pub(super) modified: Timestamp,
}

impl NoticeNo {
    /// The id of the STIX object.
    ///
    /// # Errors
    /// Never: the type is a name that an id can have.
    pub fn object(self) -> Result<ObjectId, NodeError> {
        ObjectId::new(Notice::TYPE, self.0).map_err(|error| NodeError::Refused(error.to_string()))
    }

    /// The id of the person as released with it.
    pub(super) fn subject(self) -> Result<ObjectId, NodeError> {
        let uuid = Uuid::new_v5(&self.0, b"subject");
        ObjectId::new("identity", uuid).map_err(|error| NodeError::Refused(error.to_string()))
    }
}

impl fmt::Display for NoticeNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for NoticeNo {
    type Err = String;

    /// A number, or the id of the object.
    fn from_str(text: &str) -> Result<Self, String> {
        let bare = text.strip_prefix(Notice::TYPE).and_then(|rest| rest.strip_prefix("--")).unwrap_or(text);
        Uuid::parse_str(bare).map(Self).map_err(|_| format!("{text:?} is not the number of a notice"))
    }
}

impl From<NoticeNo> for String {
    fn from(no: NoticeNo) -> Self {
        no.to_string()
    }
}

impl TryFrom<String> for NoticeNo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl File {
    /// When what it says was changed last.
    pub(super) fn changed(&self) -> Timestamp {
        self.events
            .iter()
            .rfind(|event| event.act.changes_text())
            .map_or(Timestamp::from_micros(i64::MIN), |event| event.at)
    }

    /// How much has happened to it: events and judgements.
    pub(super) fn happened(&self) -> usize {
        self.events.len() + self.judged.categories.len() + self.judged.factors.len()
    }

    /// What the gate answers, and when it was judged last.
    pub(super) fn screened(&self, screen: &Screen, lifecycle: &Lifecycle) -> Screened {
        let judged = self.judged.last(screen.at, |person| lifecycle.had_a_hand(person));
        Screened { judged, ..screen.screened() }
    }

    /// What must be on record before it is published, judged of the text as it is by somebody who had no hand in it.
    pub(super) fn due(&self, screen: &Screen, lifecycle: &Lifecycle) -> Option<Reason> {
        screen.due(&self.judged, self.changed(), |person| lifecycle.had_a_hand(person))
    }

    /// What is out: the text as it was published, whatever has been written since.
    pub(super) fn put_out(&self) -> NoticeText {
        self.out.clone().unwrap_or_else(|| self.text.clone())
    }

    /// Where it stands by its events.
    pub(super) fn lifecycle(&self, now: Timestamp) -> Lifecycle {
        Lifecycle::fold(&self.events, now).lifecycle
    }
}

impl Node {
    /// A notice of this organisation that whoever asks may see.
    pub(super) fn notice_file(&self, ctx: &Ctx, no: NoticeNo) -> Result<File, NodeError> {
        let unknown = || NodeError::UnknownObject(format!("{}--{no}", Notice::TYPE));
        let file: File = self.setting(&key(no))?.ok_or_else(unknown)?;
        if file.forgotten.is_none() && sees(ctx, &file) { Ok(file) } else { Err(unknown()) }
    }

    /// Every notice of this organisation that whoever asks may see.
    pub(super) fn notice_files(&self, ctx: &Ctx) -> Result<Vec<File>, NodeError> {
        let mut all: Vec<File> = self.settings(FILES)?;
        all.retain(|file| file.forgotten.is_none() && sees(ctx, file));
        Ok(all)
    }

    /// The colours of this organisation's notices in force about a person, by the object that was released with the notice, the notice
    /// itself or the object it was drafted from; nothing where it was released with none.
    pub(crate) fn colours_about(&self, about: &ObjectId, now: Timestamp) -> Result<Option<Vec<Colour>>, NodeError> {
        let (mut in_force, mut is_of_notice) = (Vec::new(), false);
        for file in self.settings::<File>(FILES)?.iter().filter(|file| file.released.is_some()) {
            let is_released = file.no.subject()? == *about || file.no.object()? == *about;
            is_of_notice |= is_released;
            let lifecycle = file.lifecycle(now);
            if (is_released || file.from.as_ref() == Some(about)) && lifecycle.in_force(now).is_some() {
                in_force.extend(lifecycle.head().map(|head| head.colour));
            }
        }
        Ok((is_of_notice || !in_force.is_empty()).then_some(in_force))
    }
}

/// Whether whoever asks has what the person's own object asks for. What was published is for everybody here.
fn sees(ctx: &Ctx, file: &File) -> bool {
    let label = Label { need: file.need.clone(), ..Label::defaults(ctx.organisation.clone()) };
    file.released.is_some() || ctx.authority.meets(&label)
}

pub(super) fn key(no: NoticeNo) -> String {
    format!("{FILES}{no}")
}

pub(super) const FILES: &str = "notice/";
