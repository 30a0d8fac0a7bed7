use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use comity_base::Timestamp;
use comity_node::{Ctx, Node, Opening, Person, RightsDesk, RightsRequest, Sender, Waiting};
use comity_store::Store;
use comity_web::Status;

use crate::args::{Args, RightsAction, RightsDeskArgs};
use crate::config::Config;
use crate::desk::Desk;
use crate::engine::Engine;
use crate::exit::Code;
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &RightsDeskArgs) -> anyhow::Result<Code> {
    let access = match &command.action {
        RightsAction::List { .. } | RightsAction::Show { .. } | RightsAction::Letter { .. } => Access::Read,
        RightsAction::Block { .. } | RightsAction::Decide { .. } | RightsAction::Run => Access::Write,
        _ => Access::Settings,
    };
    let place = desk.open(args, access)?;
    // Asked before the store is opened, so that nobody else learns whether there is one.
    place.may(comity_node::Act::Rights)?;
    let folder = desk.path(&Place::folder(args)).into_owned();
    let Some(store) = own_store(&folder, &place.config, &place.node, access)? else {
        desk.note("comity: no request has come yet");
        return Ok(Code::Done);
    };
    let rights = place.node.rights_desk(store, place.config.rights.terms());
    act(desk, args, &place, &rights, &command.action)?;
    Ok(Code::Done)
}

fn act(desk: &Desk, args: &Args, place: &Place, rights: &RightsDesk<'_>, action: &RightsAction) -> anyhow::Result<()> {
    let ctx = &place.ctx;
    let request = match action {
        RightsAction::List { all } => return list(desk, args, &rights.requests(ctx, *all)?, ctx.now()),
        RightsAction::Letter { number } => {
            let sender = Sender { organisation: place.config.node.name.clone() };
            return desk.say(rights.letter(ctx, number, &sender)?.trim_end());
        }
        RightsAction::Run => return rights.run(ctx)?.iter().try_for_each(|done| desk.say(done)),
        RightsAction::Open { .. } => rights.open(ctx, &opening(action)?)?,
        RightsAction::Show { number } => rights.request(ctx, number)?,
        RightsAction::Admit { number } => rights.admit(ctx, number)?,
        RightsAction::Refuse { number } => rights.refuse(ctx, number)?,
        RightsAction::Find { number, what } => rights.find(ctx, number, what)?,
        RightsAction::Block { number, objects } => rights.block(ctx, number, objects)?,
        RightsAction::Consult { number, owner } => rights.consult(ctx, number, owner)?,
        RightsAction::Reply { number, owner, says } => rights.reply(ctx, number, owner, (*says).into())?,
        RightsAction::Decide { number, outcome, quiet } => rights.decide(ctx, number, (*outcome).into(), *quiet)?,
    };
    if args.json { desk.line(&request) } else { show(desk, &request, ctx.now()) }
}

fn opening(action: &RightsAction) -> anyhow::Result<Opening> {
    let RightsAction::Open { kind, name, born, contact, about, language, received } = action else {
        anyhow::bail!("that opens no request");
    };
    let person = Person {
        name: name.clone(),
        born: born.clone(),
        contact: contact.clone(),
        about: about.clone(),
        language: (*language).into(),
    };
    Ok(Opening { kind: (*kind).into(), person, received: *received })
}

/// The desk's own store, apart from the log. Whoever only reads makes none.
fn own_store(folder: &Path, config: &Config, node: &Node, access: Access) -> anyhow::Result<Option<Arc<dyn Store>>> {
    let folder = folder.join(FOLDER);
    let engine = Engine { address: config.rights.store.clone(), store: config.store.clone() };
    if engine.is_embedded() && access == Access::Read && !folder.exists() {
        return Ok(None);
    }
    let store = engine.open(&folder, node.fingerprinter(), &folder.join("derived"), access);
    store.map(Some).context("opening the rights desk's own store")
}

/// Tells, and counts for `/metrics`, how many requests are past their day or wait for owners whose time is over: numbers
/// and nothing else.
pub(super) fn watch(desk: &Desk, (folder, config): (&Path, &Config), (node, ctx): (&Node, &Ctx), status: &Status) {
    let look = || -> anyhow::Result<Waiting> {
        let Some(store) = own_store(folder, config, node, Access::Read)? else { return Ok(Waiting::default()) };
        Ok(node.rights_desk(store, config.rights.terms()).waiting(ctx.now())?)
    };
    match look() {
        Ok(Waiting { open, overdue, silent }) => {
            status.rights_overdue(overdue as u64);
            if overdue + silent > 0 {
                drop(desk.say(format_args!(
                    "RIGHTS DESK: of {open} requests {overdue} are OVERDUE, and {silent} wait for owners whose time is over: \
                     `comity rights list` and `comity rights run`, for those of the desk."
                )));
            }
        }
        Err(error) => desk.error(&error.context("looking for overdue requests of the rights desk")),
    }
}

fn list(desk: &Desk, args: &Args, requests: &[RightsRequest], now: Timestamp) -> anyhow::Result<()> {
    if args.json {
        return requests.iter().try_for_each(|request| desk.line(request));
    }
    if requests.is_empty() {
        return desk.say("No request waits.");
    }
    let row = |request: &RightsRequest| {
        vec![
            request.number.clone(),
            request.kind.name().to_owned(),
            printable(&request.person.name),
            day(request.received),
            state(request),
            due(request, now),
        ]
    };
    desk.table(&["number", "asks", "who", "received", "state", "due"], requests.iter().map(row))
}

fn show(desk: &Desk, request: &RightsRequest, now: Timestamp) -> anyhow::Result<()> {
    desk.say(format_args!(
        "Request {} for {} of {}, received on {}: {}. {}",
        request.number,
        request.kind.name(),
        printable(&request.person.name),
        day(request.received),
        state(request),
        due(request, now)
    ))?;
    if !request.found.is_empty() {
        let row = |object: &comity_node::FoundObject| {
            vec![
                object.id.to_string(),
                object.owner.to_string(),
                printable(&object.name),
                object.state.name().to_owned(),
                object.given.iter().map(comity_base::OrgName::as_str).collect::<Vec<_>>().join(", "),
            ]
        };
        desk.table(&["object", "owner", "name", "state", "given to"], request.found.iter().map(row))?;
    }
    for event in &request.events {
        desk.say(format_args!("{}  {}: {}", event.at, printable(&event.by), printable(&event.what)))?;
    }
    Ok(())
}

fn state(request: &RightsRequest) -> String {
    request.outcome.map_or_else(|| request.stage.name().to_owned(), |outcome| format!("decided, {}", outcome.name()))
}

fn due(request: &RightsRequest, now: Timestamp) -> String {
    match request.due {
        Some(due) if request.is_overdue(now) => format!("OVERDUE since {}", day(due)),
        Some(due) if request.is_open() => format!("due on {}", day(due)),
        _ => String::new(),
    }
}

fn day(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// The folder of the desk's own store, in the node's.
pub(crate) const FOLDER: &str = "rights";
