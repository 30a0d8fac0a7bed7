use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_node::intake::{Draft, DraftFile, DraftSeer, DraftValue, Preview};
use comity_node::{Marked, Peer};
use comity_stix::Value;

use super::super::forms::Upload;
use super::super::language::Words;
use super::super::parts::{Foreign, Meter, Owner, reason};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shelf::Shelved as _;
use super::super::shell::Shell;
use super::drafts::{Kept, State as Stage};
use super::label::LabelForm;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftPage {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    label: LabelForm,
    files: Vec<(Foreign, String)>,
    kinds: Vec<(String, String)>,
    objects: u64,
    values: Vec<ValueRow>,
    values_total: u64,
    rejected: Vec<(String, Foreign)>,
    rejected_total: u64,
    notices: Vec<Foreign>,
    failed: Vec<(Foreign, Foreign)>,
    seers: Vec<SeerRow>,
    /// The text with what was found in it, where it is one text.
    text: Vec<Piece>,
    also: String,
    is_text: bool,
}

#[derive(Template)]
#[template(path = "bringing.html")]
struct Bringing {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    meter: Meter,
    objects: u64,
}

/// A value of a draft, with whether it is left out.
struct ValueRow {
    /// Its number in the form.
    key: String,
    kind: String,
    value: Foreign,
    count: String,
    owners: Vec<Owner>,
    lists: Vec<Foreign>,
    is_out: bool,
}

/// Who would be given a draft.
pub(crate) struct SeerRow {
    pub(crate) who: Owner,
    pub(crate) all: bool,
    pub(crate) none: bool,
    pub(crate) admitted: u64,
    reasons: Vec<Foreign>,
    pub(crate) can_recall: bool,
}

/// A part of a text: plain, or a value.
struct Piece {
    text: String,
    /// The kind of value it is.
    mark: Option<String>,
}

/// Takes what was put in as a draft, and goes to it.
pub(crate) async fn begin(State(desk): State<Desk>, person: Person, form: Upload) -> Response {
    let shell = Shell::of(&desk, &person, "intake");
    let words = shell.words;
    let label = match LabelForm::read(&form, desk.site().organisation()) {
        Ok(label) => label,
        Err(why) => return Trouble::Refused(why).page(shell),
    };
    let mut files: Vec<DraftFile> =
        form.files("file").map(|(name, bytes)| DraftFile { name: name.to_owned(), bytes: bytes.into() }).collect();
    let text = form.text("text");
    let said = Some(form.text("title").trim().to_owned()).filter(|title| !title.is_empty());
    if !text.trim().is_empty() {
        let title = said.clone().unwrap_or_else(|| words.say("pasted-text"));
        files.push(DraftFile {
            name: format!("{}.txt", title.replace(['/', '\\'], "-")),
            bytes: text.into_bytes().into(),
        });
    }
    if files.is_empty() {
        return Trouble::Refused(words.say("nothing-put-in")).page(shell);
    }
    // Of several documents each is called by its own name.
    let marked = Marked { title: said.filter(|_| files.len() == 1), ..Marked::default() };
    let draft = Draft { owner: label.owner.clone(), files, label, marked };
    let kept = desk.drafts().keep(Kept::new(&person.ctx.actor, shell.now, draft));
    Redirect::to(&format!("/desk/intake/draft/{}", kept.id)).into_response()
}

/// Shows a draft, or how far it is.
pub(crate) async fn draft(State(desk): State<Desk>, Path(id): Path<String>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "intake");
    match desk.drafts().find(&id, &person.ctx.actor, shell.now) {
        Some(kept) => told(&desk, person, shell, &kept).await,
        None => Trouble::NotFound.page(shell),
    }
}

async fn told(desk: &Desk, person: Person, shell: Shell, kept: &Arc<Kept>) -> Response {
    let words = shell.words;
    let stage = kept.state.lock().clone();
    match stage {
        Stage::Going => {
            let done = kept.bytes.load(Ordering::Relaxed) * 100 / (kept.size() as u64).max(1);
            let meter = Meter::plain(u8::try_from(done.min(100)).unwrap_or(100));
            let objects = kept.objects.load(Ordering::Relaxed);
            let page = Bringing { id: kept.id.clone(), meter, objects, trouble: String::new(), words, shell };
            shown(&page, None, words)
        }
        Stage::Done(Some(batch)) => Redirect::to(&format!("/desk/intake/{batch}")).into_response(),
        Stage::Done(None) => Redirect::to("/desk/intake").into_response(),
        Stage::Failed(trouble) => trouble.page(shell),
        Stage::Open => {
            let (ctx, draft) = (person.ctx.clone(), kept.draft.lock().clone());
            let looked = draft.clone();
            match work(desk, move |node| Ok((node.preview(&ctx, &looked)?, node.peers()?))).await {
                Ok((preview, peers)) => shown(&preview_page(kept, &draft, &preview, &peers, shell), None, words),
                Err(trouble) => trouble.page(shell),
            }
        }
    }
}

fn preview_page(kept: &Kept, draft: &Draft, preview: &Preview, peers: &[Peer], shell: Shell) -> DraftPage {
    let words = shell.words;
    let text = text_of(draft);
    let out = draft.marked.not.iter().map(|value| value_row(value, None, &shell));
    let pairs = |all: &[(String, String)]| all.iter().map(|(a, b)| (Foreign::line(a), Foreign::lines(b))).collect();
    DraftPage {
        id: kept.id.clone(),
        label: LabelForm::of(&draft.label, peers, &shell),
        files: draft
            .files
            .iter()
            .map(|file| (Foreign::line(&file.name), words.counted("bytes-long", file.bytes.len() as u64)))
            .collect(),
        kinds: preview.kinds.iter().map(|(kind, count)| (words.kind(kind), words.count(*count))).collect(),
        objects: preview.kinds.values().sum(),
        values: preview.values.iter().map(|one| value_row(&one.value, Some(one), &shell)).chain(out).collect(),
        values_total: preview.values_total,
        rejected: preview.rejected.iter().map(|(at, why)| (words.count(*at), Foreign::lines(why))).collect(),
        rejected_total: preview.rejected_total,
        notices: preview.notices.iter().map(|text| Foreign::lines(text)).collect(),
        failed: pairs(&preview.failed),
        seers: preview.seers.iter().map(|seer| seer_row(seer, &shell)).collect(),
        is_text: text.is_some(),
        text: text.map_or_else(Vec::new, |text| pieces(text, &shell, draft)),
        also: draft
            .marked
            .also
            .iter()
            .map(|value| format!("{}:{}", value.kind().name(), value.text()))
            .collect::<Vec<_>>()
            .join("\n"),
        trouble: String::new(),
        words,
        shell,
    }
}

fn value_row(value: &Value, seen: Option<&DraftValue>, shell: &Shell) -> ValueRow {
    ValueRow {
        key: key(value),
        kind: shell.words.value_kind(Some(value.kind()), value.kind().name()),
        value: Foreign::line(&value.display()),
        count: seen.map_or_else(String::new, |seen| shell.words.count(seen.count)),
        owners: seen.map_or_else(Vec::new, |seen| seen.owners.iter().map(|owner| shell.owner(owner)).collect()),
        lists: seen.map_or_else(Vec::new, |seen| seen.lists.iter().map(|list| Foreign::line(list)).collect()),
        is_out: seen.is_none(),
    }
}

fn key(value: &Value) -> String {
    format!("{}:{}", value.kind().name(), value.text())
}

pub(crate) fn seer_row(seer: &DraftSeer, shell: &Shell) -> SeerRow {
    SeerRow {
        who: shell.owner(&seer.recipient),
        all: seer.admitted == seer.total && seer.total > 0,
        none: seer.admitted == 0,
        admitted: seer.admitted,
        reasons: seer.reasons.iter().take(6).map(|one| reason(one, shell.words)).collect(),
        can_recall: seer.can_recall,
    }
}

/// The text of a draft that is one text.
fn text_of(draft: &Draft) -> Option<&str> {
    let [file] = draft.files.as_slice() else { return None };
    let is_text =
        std::path::Path::new(&file.name).extension().is_some_and(|end| end == "txt") && file.bytes.len() < MARKED;
    std::str::from_utf8(&file.bytes).ok().filter(|_| is_text)
}

/// A text as pieces, with what was found in it marked.
fn pieces(text: &str, shell: &Shell, draft: &Draft) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = 0;
    let values = shell.values();
    let _ = comity_formats::text::scan(text, values, &mut |spot| {
        // A host inside a URL is marked with it.
        if spot.start >= at && !draft.marked.not.contains(&spot.value) {
            let plain =
                |from: usize, to: usize| Foreign::lines(text.get(from..to).unwrap_or_default()).plain().to_owned();
            out.push(Piece { text: plain(at, spot.start), mark: None });
            out.push(Piece {
                text: plain(spot.start, spot.end),
                mark: Some(shell.words.value_kind(Some(spot.kind), spot.kind.name())),
            });
            at = spot.end;
        }
        if out.len() < PIECES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    out.push(Piece { text: Foreign::lines(text.get(at..).unwrap_or_default()).plain().to_owned(), mark: None });
    out
}

/// Changes what is said of a draft, and shows it again.
pub(crate) async fn change(State(desk): State<Desk>, Path(id): Path<String>, person: Person, form: Upload) -> Response {
    let shell = Shell::of(&desk, &person, "intake");
    let Some(kept) = desk.drafts().find(&id, &person.ctx.actor, shell.now) else {
        return Trouble::NotFound.page(shell);
    };
    match apply(&desk, &kept, &form, &shell) {
        Ok(()) => Redirect::to(&format!("/desk/intake/draft/{id}")).into_response(),
        Err(why) => Trouble::Refused(why).page(shell),
    }
}

fn apply(desk: &Desk, kept: &Kept, form: &Upload, shell: &Shell) -> Result<(), String> {
    let label = LabelForm::read(form, desk.site().organisation())?;
    let values = shell.values();
    // Values are told by what was shown; those that are not checked among them are left out.
    let checked: BTreeSet<&str> = form.all("keep").collect();
    let read = |text: &str| {
        let (kind, text) = text.split_once(':')?;
        values.parse(comity_stix::Kind::from_name(kind)?, text).ok()
    };
    let not = form.all("value").filter(|value| !checked.contains(value)).filter_map(read).collect();
    let mut also = Vec::new();
    for line in form.text("also").lines().map(str::trim).filter(|line| !line.is_empty()).take(ALSO) {
        let guessed = values.guess(line);
        if guessed.is_empty() {
            return Err(shell.words.text("no-value", "text", line));
        }
        also.extend(guessed);
    }
    let mut draft = kept.draft.lock();
    draft.owner = label.owner.clone();
    draft.label = label;
    draft.marked = Marked { not, also, ..draft.marked.clone() };
    Ok(())
}

/// Brings a draft in; it goes on when nobody waits for it.
pub(crate) async fn commit(State(desk): State<Desk>, Path(id): Path<String>, person: Person, form: Upload) -> Response {
    let shell = Shell::of(&desk, &person, "intake");
    let Some(kept) = desk.drafts().find(&id, &person.ctx.actor, shell.now) else {
        return Trouble::NotFound.page(shell);
    };
    if form.text("stop") == "yes" {
        kept.stop.store(true, Ordering::Relaxed);
        return Redirect::to(&format!("/desk/intake/draft/{id}")).into_response();
    }
    if let Err(why) = apply(&desk, &kept, &form, &shell) {
        return Trouble::Refused(why).page(shell);
    }
    let begins = {
        let mut state = kept.state.lock();
        let begins = matches!(*state, Stage::Open | Stage::Failed(_));
        if begins {
            *state = Stage::Going;
        }
        begins
    };
    if begins {
        let (going, draft, ctx, theirs) =
            (Arc::clone(&kept), kept.draft.lock().clone(), person.ctx.clone(), desk.clone());
        let done = tokio::spawn(async move {
            let told = Arc::clone(&going);
            let brought =
                work(&theirs, move |node| node.bring_in(&ctx, &draft, &told.stop, &|progress| told.tell(progress)))
                    .await;
            *going.state.lock() = match brought {
                Ok(report) => Stage::Done(report.batch.map(|batch| batch.id)),
                Err(trouble) => Stage::Failed(trouble),
            };
        });
        // What is short is done when the page comes back.
        drop(tokio::time::timeout(SHORT, done).await);
    }
    Redirect::to(&format!("/desk/intake/draft/{id}")).into_response()
}

impl SeerRow {
    pub(crate) fn reasons(&self) -> &[Foreign] {
        &self.reasons
    }
}

/// Bytes of a text that is shown with its values marked.
const MARKED: usize = 200 << 10;
/// Pieces of a text that are marked.
const PIECES: usize = 4_000;
/// Values that are added by hand.
const ALSO: usize = 500;
/// How long a page waits for what is brought in.
const SHORT: Duration = Duration::from_secs(2);
