use comity_node::{Act, SavedQuery};

use crate::args::{Args, CollectionAction, CollectionArgs, SaveArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &CollectionArgs) -> anyhow::Result<Code> {
    match &command.action {
        CollectionAction::Save(save) => keep(desk, args, save)?,
        CollectionAction::List => list(desk, args)?,
        CollectionAction::Remove { name } => {
            let place = desk.open(args, Access::Settings)?;
            place.node.remove_query(&place.ctx, name)?;
            desk.say(format_args!("The collection {name} is gone. What it held stays."))?;
        }
    }
    Ok(Code::Done)
}

fn keep(desk: &Desk, args: &Args, save: &SaveArgs) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    let query = SavedQuery {
        readers: save.readers.iter().cloned().collect(),
        types: save.types.iter().cloned().collect(),
        kinds: save.kinds.iter().copied().collect(),
        owners: save.owners.iter().cloned().collect(),
        words: save.words.iter().cloned().collect(),
        confidence: save.confidence,
        ..SavedQuery::new(&place.ctx, save.name.clone(), &save.title)
    };
    place.node.save_query(&place.ctx, &query)?;
    if args.json {
        return desk.line(&query);
    }
    let readers = if query.readers.is_empty() {
        "this organisation's own tools".to_owned()
    } else {
        format!("this organisation's own tools and those of {}", listed(&query.readers))
    };
    desk.say(format_args!(
        "Saved. It is the TAXII collection {0}, the lists /lists/{0}/KIND.txt and the stream /stream/{0}, for {readers}.",
        query.name
    ))
}

fn list(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Collections)?;
    let queries = place.node.saved_queries()?;
    if args.json {
        return queries.iter().try_for_each(|query| desk.line(query));
    }
    if queries.is_empty() {
        return desk.say("No query is saved. `comity collection save --help` shows how.");
    }
    let rows = queries.iter().map(|query| {
        vec![query.name.to_string(), query.title.clone(), asked(query), listed(&query.readers), query.by.clone()]
    });
    desk.table(&["collection", "title", "holds", "readers", "saved by"], rows.collect::<Vec<_>>())
}

/// What a query asks for, as it was written.
fn asked(query: &SavedQuery) -> String {
    let kinds = query.kinds.iter().map(|kind| kind.name());
    let parts = [
        ("type", query.types.iter().map(String::as_str).collect::<Vec<_>>()),
        ("kind", kinds.collect()),
        ("owner", query.owners.iter().map(comity_base::OrgName::as_str).collect()),
        ("word", query.words.iter().map(String::as_str).collect()),
    ];
    let part = |(name, words): &(&str, Vec<&str>)| format!("{name} {}", words.join(" or "));
    let mut said: Vec<String> = parts.iter().filter(|(_, words)| !words.is_empty()).map(part).collect();
    said.extend(query.confidence.map(|least| format!("confidence {least} or more")));
    said.join(", ")
}

fn listed<'a>(names: impl IntoIterator<Item = &'a comity_base::OrgName>) -> String {
    names.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
