use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, bail};
use comity_base::Timestamp;
use comity_node::{Act, Authority, Follow, FollowKind, FollowProgress, FollowSecret};
use comity_tls::Pin;
use serde_json::json;

use crate::args::{AccessArgs, Args, FollowAction, FollowAddArgs, FollowArgs, FollowPushArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::follows::{self, Follows, Halt, Next, Runner};
use crate::output::{grouped, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &FollowArgs) -> anyhow::Result<Code> {
    match &command.action {
        FollowAction::Add(add) => follow(desk, args, add)?,
        FollowAction::Push(push) => push_to(desk, args, push)?,
        FollowAction::List => list(desk, args)?,
        FollowAction::Pause { name } => pause(desk, args, name, true)?,
        FollowAction::Resume { name } => pause(desk, args, name, false)?,
        FollowAction::Remove { name } => {
            let place = desk.open(args, Access::Settings)?;
            let follow = place.node.remove_follow(&place.ctx, name)?;
            desk.say(format_args!("{} is forgotten. What came in stays.", follow.name))?;
        }
        FollowAction::Run { name } => return run_now(desk, args, name),
    }
    Ok(Code::Done)
}

fn follow(desk: &Desk, args: &Args, add: &FollowAddArgs) -> anyhow::Result<()> {
    let (kind, url) = match (&add.taxii, &add.misp_feed, &add.misp) {
        (Some(url), ..) => (FollowKind::Taxii, url),
        (_, Some(url), _) => (FollowKind::MispFeed, url),
        (.., Some(url)) => (FollowKind::Misp, url),
        _ => bail!("name a server with --taxii, --misp-feed or --misp"),
    };
    let place = desk.open(args, Access::Settings)?;
    let about = About { name: &add.name, kind, organisation: &add.source, url };
    let follow = Follow { from: add.from, ..setting(desk, &place, &about, &add.access)? };
    if kind == FollowKind::Misp && follow.secret == FollowSecret::None {
        bail!("a MISP answers nobody without a key; name the file that holds it with --token-file");
    }
    place.node.add_follow(&place.ctx, &follow)?;
    told(desk, args, &follow)
}

fn push_to(desk: &Desk, args: &Args, push: &FollowPushArgs) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    place.node.known_peer(&push.to)?;
    let about = About { name: &push.name, kind: FollowKind::Push, organisation: &push.to, url: &push.taxii };
    let follow = setting(desk, &place, &about, &push.access)?;
    place.node.add_follow(&place.ctx, &follow)?;
    told(desk, args, &follow)
}

/// What is set up, but for how.
struct About<'a> {
    name: &'a str,
    kind: FollowKind,
    organisation: &'a comity_base::OrgName,
    url: &'a str,
}

fn setting(desk: &Desk, place: &Place, about: &About<'_>, access: &AccessArgs) -> anyhow::Result<Follow> {
    for pin in &access.pin {
        pin.parse::<Pin>().with_context(|| format!("--pin {pin}"))?;
    }
    let ca = access.ca.as_deref().map(|path| absolute(desk, path)).transpose()?;
    Ok(Follow {
        name: about.name.to_owned(),
        kind: about.kind,
        organisation: about.organisation.clone(),
        url: follows::plain_address(about.url)?,
        root: access.root.clone(),
        collection: access.collection.clone(),
        every_seconds: access.every.as_secs(),
        from: None,
        secret: secret(desk, access)?,
        ca,
        pins: access.pin.clone(),
        allow_private: access.allow_private,
        paused: false,
        since: place.ctx.now(),
    })
}

/// Where the secret is; that it can be read is seen now rather than at night.
fn secret(desk: &Desk, access: &AccessArgs) -> anyhow::Result<FollowSecret> {
    let secret = match (&access.user, &access.password_file, &access.token_file, &access.header) {
        (Some(user), Some(path), ..) => FollowSecret::Basic { user: user.clone(), place: absolute(desk, path)? },
        (_, _, Some(path), _) => FollowSecret::Token { place: absolute(desk, path)? },
        (.., Some(header)) => {
            let split = header.split_once('=').context("--header must look like X-API-Key=FILE")?;
            FollowSecret::Header { name: split.0.to_owned(), place: absolute(desk, Path::new(split.1))? }
        }
        _ => FollowSecret::None,
    };
    match &secret {
        FollowSecret::Basic { place, .. } | FollowSecret::Token { place } | FollowSecret::Header { place, .. } => {
            follows::secret(place)?;
        }
        FollowSecret::None => {}
    }
    Ok(secret)
}

/// A path as the serving process finds it.
fn absolute(desk: &Desk, path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().context("the path is not UTF-8")?;
    if text.starts_with("env:") {
        return Ok(text.to_owned());
    }
    let whole = desk.path(path);
    let whole = std::fs::canonicalize(&whole).with_context(|| format!("reading {}", path.display()))?;
    Ok(whole.to_str().context("the path is not UTF-8")?.to_owned())
}

fn told(desk: &Desk, args: &Args, follow: &Follow) -> anyhow::Result<()> {
    if args.json {
        return desk.line(follow);
    }
    let (name, url, org) = (&follow.name, &follow.url, &follow.organisation);
    let what = match follow.kind {
        FollowKind::Push => {
            format!("{name} pushes to {url} what {org} may see; what was pushed CANNOT be recalled there")
        }
        _ => format!("{name} follows {url}; what is new there comes in as {org}'s"),
    };
    desk.say(format_args!("{what}.\n`comity serve` does it from now on; try it now with `comity follow run {name}`."))
}

fn pause(desk: &Desk, args: &Args, name: &str, paused: bool) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    let follow = place.node.pause_follow(&place.ctx, name, paused)?;
    desk.say(format_args!("{} {}.", follow.name, if paused { "rests" } else { "goes on" }))
}

fn list(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    let now = place.ctx.now();
    let mut rows = Vec::new();
    place.may(Act::Follows)?;
    for follow in place.node.follows()? {
        let (_, progress) = place.node.follow_progress(&follow)?;
        if args.json {
            desk.line(&record(&follow, &progress))?;
        } else {
            rows.push(row(&follow, &progress, now));
        }
    }
    if args.json {
        return Ok(());
    }
    if rows.is_empty() {
        return desk.say("Nothing is followed. `comity follow add --help` shows how.");
    }
    desk.table(&["name", "what", "last success", "objects", "next", "failures", "trouble"], rows)
}

/// What is told of one: not where the machine stands, which concerns nobody.
fn record(follow: &Follow, progress: &FollowProgress) -> serde_json::Value {
    json!({
        "name": follow.name, "kind": follow.kind, "organisation": follow.organisation, "url": follow.url,
        "collection": follow.collection, "every_seconds": follow.every_seconds, "paused": follow.paused,
        "last_success": progress.last_success, "last_new": progress.last_new, "objects": progress.objects,
        "unchanged": progress.unchanged, "set_aside": progress.set_aside, "failures": progress.failures,
        "next_due": progress.next_due, "trouble": progress.trouble, "trouble_since": progress.trouble_since,
        "notices": progress.notices,
    })
}

fn row(follow: &Follow, progress: &FollowProgress, now: Timestamp) -> Vec<String> {
    let way = if follow.kind == FollowKind::Push { "to" } else { "as" };
    let what = format!("{} {way} {}", follow.kind.name(), follow.organisation);
    let success = progress.last_success.map_or_else(|| "never".to_owned(), |when| when.to_string());
    let aside =
        if progress.set_aside > 0 { format!(", {} set aside", grouped(progress.set_aside)) } else { String::new() };
    let next = match follow.paused {
        true => "rests".to_owned(),
        false if progress.next_due <= now => "now".to_owned(),
        false => progress.next_due.to_string(),
    };
    let trouble = progress.trouble.clone().or_else(|| progress.notices.last().cloned()).unwrap_or_default();
    let objects = format!("{}{aside}", grouped(progress.objects));
    vec![follow.name.clone(), what, success, objects, next, progress.failures.to_string(), printable(&trouble)]
}

/// One round, now.
fn run_now(desk: &Desk, args: &Args, name: &str) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    place.may(Act::Follows)?;
    place.node.known_follow(name)?;
    // What comes in, comes in as it was set up.
    let ctx = place.ctx.acting_as(&place.ctx.actor, Authority::node());
    let stop = desk.stop()?;
    let (strict, node) = (place.config.intake.strict, &place.node);
    let follows = Follows { desk, node, ctx: &ctx, turns: None, line: None, strict, stop: &stop };
    let mut runner = Runner::new(follows, name)?.by_hand();
    let mut overtaken = 0;
    loop {
        match runner.step(None) {
            Ok(Next::Now) => {}
            Ok(Next::At(_)) | Err(Halt::Stopped) => break,
            Ok(Next::Gone) => bail!("{name} was removed in the meantime"),
            Err(Halt::Overtaken) if overtaken < 5 => overtaken += 1,
            Err(Halt::Overtaken) => bail!("the serving process follows {name} at this very moment; look at its list"),
            Err(Halt::Broken(error)) => return Err(error),
        }
    }
    let progress = runner.progress()?;
    drop(runner);
    let stopped = stop.load(Ordering::Relaxed);
    place.node.settle_deliveries()?;
    place.close()?;
    if let Some(trouble) = &progress.trouble {
        bail!("{name}: {trouble}. It is tried again at {}", progress.next_due);
    }
    Ok(if stopped { Code::Partly } else { Code::Done })
}
