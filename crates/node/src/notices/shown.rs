use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_law::Reason;
use comity_law::gate::{Judged, Screen};
use comity_law::notice::{ActName, Addendum, Checklist, Clock, Colour, Duty, Ending, Event, Form, Notice, State};
use comity_stix::person::{NameKind, Person};
use comity_stix::{Doc, ObjectId};
use serde_json::json;

use super::file::{File, NoticeNo, NoticeText, Released};
use crate::{Act, Ctx, Node, NodeError};

/// A notice in a list.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    /// Its number.
    pub no: NoticeNo,
    /// Its colour.
    pub colour: Colour,
    /// To all members or to chosen ones.
    pub form: Form,
    /// Where it stands.
    pub state: State,
    /// The name of the person, where there is one.
    pub name: String,
    /// When it was drafted.
    pub drafted: Timestamp,
    /// What somebody owes.
    pub duties: Vec<Duty>,
    /// What falls due next.
    pub next: Option<Clock>,
}

/// A notice with everything that whoever works on it needs.
#[derive(Clone, Debug)]
pub struct NoticeShown {
    /// As in a list.
    pub row: NoticeRow,
    /// What it says.
    pub text: NoticeText,
    /// What it must say, and whether it does.
    pub checklist: Checklist,
    /// What the gate answers, and why.
    pub screen: Screen,
    /// What must be on record before it can be published, where a version is under review.
    pub due: Option<Reason>,
    /// How much has happened to it, for [`crate::Said::seen`].
    pub happened: usize,
    /// What people judged of it.
    pub judged: Judged,
    /// Everything that happened to it.
    pub events: Vec<Event>,
    /// What happened elsewhere.
    pub addenda: Vec<Addendum>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// The version that is in force, and until when.
    pub in_force: Option<(u32, Timestamp)>,
    /// Whether its source wishes an extract to be shown to the public.
    pub wishes_extract: bool,
    /// Whether an extract is published now: never of what is not in force.
    pub extract: bool,
    /// What went out last, which is not what is being written where it is amended.
    pub released: Option<NoticeReleased>,
    /// The object of the person it was drafted from.
    pub from: Option<ObjectId>,
    /// The case.
    pub case: Option<String>,
    /// To whom it was released.
    pub released_to: BTreeSet<OrgName>,
    /// What whoever asks may do to it now.
    pub possible: Vec<ActName>,
}

/// A notice as it went out.
#[derive(Clone, Debug)]
pub struct NoticeReleased {
    /// The notice.
    pub notice: Notice,
    /// The other names of the person.
    pub aliases: Vec<String>,
}

impl Node {
    /// The notices of this organisation that whoever asks may see, what is due first, then the newest.
    ///
    /// # Errors
    /// When whoever asks may neither write nor review notices, or the store cannot be read.
    pub fn notices(&self, ctx: &Ctx) -> Result<Vec<NoticeRow>, NodeError> {
        self.may_see_notices(ctx, json!({"notices": true}))?;
        let now = ctx.now();
        let mut rows: Vec<NoticeRow> = self.notice_files(ctx)?.iter().filter_map(|file| row(file, now)).collect();
        rows.sort_by_key(|row| (row.duties.is_empty(), std::cmp::Reverse(row.drafted)));
        Ok(rows)
    }

    /// One notice.
    ///
    /// # Errors
    /// As [`Self::notices`], and when there is none of this number for whoever asks.
    pub fn notice(&self, ctx: &Ctx, no: NoticeNo) -> Result<NoticeShown, NodeError> {
        self.may_see_notices(ctx, json!({"notice": no}))?;
        let file = self.notice_file(ctx, no)?;
        self.show_notice(ctx, file)
    }

    pub(super) fn may_see_notices(&self, ctx: &Ctx, subject: serde_json::Value) -> Result<(), NodeError> {
        let act = if self.would_allow(ctx, Act::ReviewNotices)? { Act::ReviewNotices } else { Act::Notices };
        self.may(ctx, act, subject)
    }

    pub(super) fn show_notice(&self, ctx: &Ctx, file: File) -> Result<NoticeShown, NodeError> {
        let now = ctx.now();
        let lifecycle = file.lifecycle(now);
        let (checklist, screen) = self.screen(ctx, &file, &lifecycle)?;
        let is_under_review = lifecycle.at(now).is_under_review();
        let due = is_under_review.then(|| file.due(&screen, &lifecycle)).flatten();
        let possible = self.possible(ctx, &lifecycle, file.screened(&screen, &lifecycle), due.as_ref())?;
        let out = lifecycle.in_force(now);
        Ok(NoticeShown {
            row: row(&file, now).ok_or(NodeError::Stage)?,
            checklist,
            screen,
            due,
            possible,
            happened: file.happened(),
            judged: file.judged,
            addenda: lifecycle.addenda().to_vec(),
            ending: lifecycle.ending(now),
            wishes_extract: lifecycle.head().is_some_and(|head| head.extract),
            extract: out.as_ref().is_some_and(|out| out.extract),
            in_force: out.map(|out| (out.version, out.valid_until)),
            released: file.released.as_ref().and_then(released),
            released_to: file.released.map(|released| released.to).unwrap_or_default(),
            text: file.text,
            events: file.events,
            from: file.from,
            case: file.case,
        })
    }
}

fn released(released: &Released) -> Option<NoticeReleased> {
    let notice = Notice::read(released.notice.as_bytes()).ok()?;
    let person = released.subject.as_ref().and_then(|subject| {
        let doc = Doc::parse(subject.as_bytes(), DEPTH).ok()?;
        Person::read(doc.root())
    });
    let aliases = person.iter().flat_map(|person| &person.names).filter(|name| name.what.kind == NameKind::Alias);
    Some(NoticeReleased { notice, aliases: aliases.map(|name| name.what.name.clone()).collect() })
}

fn row(file: &File, now: Timestamp) -> Option<NoticeRow> {
    let lifecycle = file.lifecycle(now);
    let head = lifecycle.head()?;
    let identity = &file.text.facts.identity;
    let name: Vec<&str> = identity.forename.iter().chain(&identity.family_name).map(String::as_str).collect();
    Some(NoticeRow {
        no: file.no,
        colour: head.colour,
        form: head.form,
        state: lifecycle.state(now)?,
        name: name.join(" "),
        drafted: head.drafted,
        duties: lifecycle.duties(now),
        next: lifecycle.next_clock(now),
    })
}

/// How deep what this node wrote is nested.
const DEPTH: usize = 32;
