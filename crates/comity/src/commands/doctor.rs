use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use comity_base::Timestamp;
use comity_node::{Act, Client};
use comity_tls::{Identity, client_config_pinned};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::args::{Args, DoctorArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::network;
use crate::place::{Access, Place};

/// What one check found.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    /// Who would notice.
    client: &'static str,
    /// What was tried.
    what: String,
    /// Whether it works.
    well: bool,
    /// What was found, or what to do.
    said: String,
}

/// A request that some client makes, and what it must be answered with.
struct Play {
    client: &'static str,
    what: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    status: u16,
    kind: &'static str,
}

const TAXII: &str = "application/taxii+json;version=2.1";

/// What the clients of `docs/network.md` do first, each in its own way. `KEY` and `BASIC` stand for the secret.
const PLAYS: &[Play] = &[
    play("taxii2-client", "discovery, with Basic", "/taxii2/", &[("authorization", "BASIC"), ("accept", TAXII)], TAXII),
    play("taxii2-client", "API root", "/taxii2/root/", &[("authorization", "BASIC"), ("accept", TAXII)], TAXII),
    play(
        "Microsoft Sentinel",
        "collections of the API root",
        "/taxii2/root/collections/",
        &[("authorization", "BASIC")],
        TAXII,
    ),
    play(
        "Elastic",
        "objects with Bearer, an odd Accept",
        "/taxii2/root/collections/everything/objects?limit=10",
        &[("authorization", "Bearer KEY"), ("accept", "application/json, */*;q=0.1")],
        TAXII,
    ),
    play(
        "OpenCTI",
        "objects without a limit",
        "/taxii2/root/collections/everything/objects/?added_after=2020-01-01T00:00:00.000Z",
        &[("authorization", "Bearer KEY")],
        TAXII,
    ),
    play(
        "Cortex XSOAR",
        "manifest with Token",
        "/taxii2/root/collections/everything/manifest/?limit=5",
        &[("authorization", "Token KEY")],
        TAXII,
    ),
    play(
        "MISP",
        "objects with a raw key after basic, an empty next",
        "/taxii2/root/collections/everything/objects/?limit=5&next=",
        &[("authorization", "basic KEY")],
        TAXII,
    ),
    play("Splunk", "collections with an API key", "/taxii2/root/collections", &[("x-api-key", "KEY")], TAXII),
    play("a firewall", "a list of addresses", "/lists/all/ipv4.txt", &[("authorization", "BASIC")], "text/plain"),
    play("a reference set", "a table of domains", "/lists/all/domain.csv", &[("authorization", "BASIC")], "text/csv"),
    play("a script", "lines of JSON", "/ndjson/all", &[("authorization", "Bearer KEY")], "application/x-ndjson"),
    play("PyMISP", "version", "/servers/getVersion", &[("authorization", "KEY")], "application/json"),
    play("PyMISP", "who am I", "/users/view/me", &[("authorization", "KEY")], "application/json"),
    play("a MISP", "feed manifest", "/misp/feed/manifest.json", &[("authorization", "KEY")], "application/json"),
    Play {
        client: "a stranger",
        what: "nothing, and is told how to show itself",
        path: "/taxii2/",
        headers: &[],
        status: 401,
        kind: TAXII,
    },
    Play {
        client: "a TAXII 2.0 client",
        what: "is told to fall back",
        path: "/taxii2/",
        headers: &[("authorization", "BASIC"), ("accept", "application/vnd.oasis.taxii+json; version=2.0")],
        status: 406,
        kind: TAXII,
    },
];

const fn play(
    client: &'static str,
    what: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    kind: &'static str,
) -> Play {
    Play { client, what, path, headers, status: 200, kind }
}

pub(crate) fn run(desk: &Desk, args: &Args, _: &DoctorArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    place.may(Act::Operate)?;
    let identity = network::open_identity(&Place::folder(args), &place.config)?;
    let mut findings = of_certificate(&place, &identity)?;
    findings.extend(of_clients(&place, &identity)?);
    findings.extend(of_peers(&place)?);
    drop(place);
    let ill = findings.iter().filter(|finding| !finding.well).count();
    for finding in &findings {
        if args.json {
            desk.line(finding)?;
        } else {
            let mark = if finding.well { "ok  " } else { "FAIL" };
            desk.say(format_args!("{mark} {}: {}. {}", finding.client, finding.what, finding.said))?;
        }
    }
    if !args.json {
        desk.say(format_args!("{} checks, {ill} failed.", findings.len()))?;
    }
    Ok(if ill == 0 { Code::Done } else { Code::Failed })
}

fn of_certificate(place: &Place, identity: &Identity) -> anyhow::Result<Vec<Finding>> {
    let until = identity.validity()?.until;
    let days = (until.as_micros() - place.ctx.now().as_micros()) / 86_400_000_000;
    let said = if days < 30 {
        format!("It ends on {until}: renew it with `comity keys rotate --tls`, or bring a new chain.")
    } else {
        format!("It is good for {days} days.")
    };
    Ok(vec![Finding { client: "every tool", what: "the certificate".into(), well: days >= 30, said }])
}

/// Plays every client against this node, with a secret that counts for a few minutes.
fn of_clients(place: &Place, identity: &Identity) -> anyhow::Result<Vec<Finding>> {
    let url = place.config.network.address().context("the node listens nowhere: set `listen` under [network]")?;
    let soon = Timestamp::from_micros(place.ctx.now().as_micros() + 300_000_000);
    let (node, ctx) = (&place.node, &place.ctx);
    let (credential, secret) = node.add_probe(ctx, soon)?;
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(client_config_pinned(None, &[identity.pin()])?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()?;
    let found = network::wait(async {
        let mut found = Vec::new();
        for play in PLAYS {
            found.push(play.perform(&http, &url, &secret).await);
        }
        found
    });
    node.end_probe(ctx, &credential.id)?;
    found
}

impl Play {
    async fn perform(&self, http: &reqwest::Client, url: &str, secret: &str) -> Finding {
        let (well, said) = match self.ask(http, url, secret).await {
            Ok(()) => (true, "Answered as it expects.".to_owned()),
            Err(error) => (false, format!("{error:#}.")),
        };
        Finding { client: self.client, what: format!("{} ({})", self.what, self.path), well, said }
    }

    async fn ask(&self, http: &reqwest::Client, url: &str, secret: &str) -> anyhow::Result<()> {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("doctor:{secret}"));
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            let value = value.replace("BASIC", &format!("Basic {basic}")).replace("KEY", secret);
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value)?);
        }
        let address = format!("{}{}", url.trim_end_matches('/'), self.path);
        let reply =
            http.get(&address).headers(headers).send().await.with_context(|| format!("nobody answers at {url}"))?;
        let kind =
            reply.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        if reply.status().as_u16() != self.status {
            bail!("the answer is {}, and {} was expected", reply.status(), self.status);
        }
        if !kind.starts_with(self.kind) {
            bail!("the answer is of type {kind:?}, and {:?} was expected", self.kind);
        }
        if self.kind == TAXII && self.status == 200 {
            let body: serde_json::Value = serde_json::from_slice(&reply.bytes().await?)?;
            let has = |name: &str, fits: fn(&serde_json::Value) -> bool| body.get(name).is_some_and(fits);
            let whole = has("objects", serde_json::Value::is_array) && has("more", serde_json::Value::is_boolean);
            if self.path.contains("/objects") && !whole {
                bail!("the envelope lacks `objects` or `more`");
            }
        }
        Ok(())
    }
}

fn of_peers(place: &Place) -> anyhow::Result<Vec<Finding>> {
    let now = place.ctx.now();
    let mut found = Vec::new();
    for peer in place.node.peers()?.into_iter().filter(|peer| peer.client == Client::Node && peer.vouched_by.is_none())
    {
        let owed = place.node.overdue(&peer.name, now)?.len();
        let waiting = place.node.outbox(&peer.name)?.len();
        let trouble = place.node.trouble(&peer.name)?;
        let well = owed == 0 && trouble.is_none();
        let said = match trouble {
            Some(trouble) => format!("Since {}: {}", trouble.since, crate::output::printable(&trouble.text)),
            None => format!("{waiting} messages wait, {owed} receipts are overdue."),
        };
        found.push(Finding { client: "a peer", what: format!("the exchange with {}", peer.name), well, said });
    }
    Ok(found)
}
