use std::str::FromStr as _;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, sha256};
use comity_law::gate::{ABUSE_CONTEXT, AbuseFile, AbuseReport, MessageKind};
use comity_law::notice::Attested;
use comity_ledger::Handle;
use comity_stix::ObjectId;
use comity_store::{Change, Put, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::GateNo;
use super::came::Came;
use super::leaving::Gone;
use crate::exchange::{Body, MESSAGE, Signed, refused};
use crate::settings::Write;
use crate::{Act, Client, Ctx, Deed, Node, NodeError, Peer, PeerKind};

/// What was decided about a report, at the node that sent the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbuseVerdict {
    /// Whether it was abuse.
    pub upheld: bool,
    /// Who decided, by account.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// A report of abuse: made here, against this organisation, or as a hub is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbuseShown {
    /// Its number, the same at every node.
    pub no: GateNo,
    /// Who received the message and reports it.
    pub by: OrgName,
    /// Who there, by account.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
    /// Who sent the message.
    pub against: OrgName,
    /// What kind of text it is.
    pub kind: MessageKind,
    /// The object the message is about, where it says so itself or it is known here.
    pub about: Option<ObjectId>,
    /// The words.
    pub text: String,
    /// When they were written.
    pub written: Timestamp,
    /// The number of the message.
    pub message: GateNo,
    /// What was decided.
    pub verdict: Option<AbuseVerdict>,
}

/// A report as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    pub(super) shown: AbuseShown,
    /// What was signed, and by whom.
    pub(super) signed: Attested,
    /// When its words were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

impl Node {
    /// Reports a message that came: its signed bytes, the reason and who reports go to its sender's node and to every hub.
    ///
    /// # Errors
    /// When whoever asks may neither review nor send messages, gives no reason, there is no such message for them, or it was
    /// reported already.
    pub fn report_message(&self, ctx: &Ctx, no: &GateNo, why: &str) -> Result<AbuseShown, NodeError> {
        self.may_see_messages(ctx, json!({"message": no, "report": true}))?;
        let got = self.got(ctx, no)?;
        let said = AbuseReport {
            by: ctx.organisation.clone(),
            who: ctx.actor.clone(),
            at: ctx.now(),
            why: why.trim().to_owned(),
            against: got.from.clone(),
            message: got.message.clone(),
        };
        let json = said.to_json();
        AbuseReport::read(json.as_bytes()).map_err(|error| NodeError::Refused(error.to_string()))?;
        let signature = self.signer.sign(ABUSE_CONTEXT, json.as_bytes()).to_string();
        let signed = Attested { said: json, key: self.signer.public_key().to_string(), signature };
        let about = (got.kind, Some(got.about), got.text, got.at);
        let report = Report { shown: shown(&said, about), signed: signed.clone(), forgotten: None };
        self.announce(ctx)?;
        let mut writes = vec![Write::of(report_key(&report.shown.no), None, &report)?];
        writes.extend(self.tell_of_abuse(ctx, &got.from, &Body::Abuse { report: signed })?);
        let deed = report.deed("abuse reported");
        match self.write_with(ctx, &writes, deed) {
            Ok(()) => Ok(report.shown),
            Err(NodeError::Store(StoreError::Changed(_))) => {
                Err(NodeError::Refused(format!("it was reported already, under {}", report.shown.no)))
            }
            Err(error) => Err(error),
        }
    }

    /// The reports of abuse: made here, against this organisation, and those this hub is told of; what is not decided first,
    /// then the newest.
    ///
    /// # Errors
    /// When whoever asks may neither review nor send messages, or the store cannot be read.
    pub fn abuse_reports(&self, ctx: &Ctx) -> Result<Vec<AbuseShown>, NodeError> {
        self.may_see_messages(ctx, json!({"reports": true}))?;
        let mut all = Vec::new();
        for report in self.settings::<Report>(REPORT)? {
            if self.sees_report(ctx, &report)? {
                all.push(report.shown);
            }
        }
        all.sort_by_key(|shown| (shown.verdict.is_some(), std::cmp::Reverse(shown.at)));
        let shown: Vec<String> = all.iter().map(|shown| shown.no.to_string()).collect();
        self.record(ctx, Deed::query("abuse reports", json!({"shown": shown})))?;
        Ok(all)
    }

    /// One of them, by its number or by that of the message.
    ///
    /// # Errors
    /// As [`Self::abuse_reports`], and when there is none of this number for whoever asks.
    pub fn abuse_report(&self, ctx: &Ctx, no: &GateNo) -> Result<AbuseShown, NodeError> {
        self.may_see_messages(ctx, json!({"report": no}))?;
        let shown = self.report(ctx, no)?.shown;
        self.record(ctx, Deed::query("abuse report", json!({"report": shown.no})))?;
        Ok(shown)
    }

    /// A report as a file that anybody can check with the sender's public key.
    ///
    /// # Errors
    /// As [`Self::abuse_report`].
    pub fn abuse_file(&self, ctx: &Ctx, no: &GateNo) -> Result<AbuseFile, NodeError> {
        self.may_see_messages(ctx, json!({"report": no}))?;
        let report = self.report(ctx, no)?;
        self.record(ctx, report.deed("abuse report given as a file"))?;
        Ok(AbuseFile { report: report.signed })
    }

    /// How many reports of abuse against an organisation were upheld, as far as this node knows.
    pub(crate) fn abuse_upheld(&self, organisation: &OrgName) -> Result<u32, NodeError> {
        Ok(self.setting::<u32>(&upheld_key(organisation))?.unwrap_or_default())
    }

    /// Another node reports a message of this organisation's; a hub is told of those of others too.
    pub(crate) fn take_abuse(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        report: &Attested,
        came: &Came<'_>,
    ) -> Result<(), NodeError> {
        let said = AbuseReport::read(report.said.as_bytes())
            .map_err(|error| refused(format!("the report cannot be read: {error}")))?;
        let parsed = (PublicKey::from_str(&report.key), Signature::from_str(&report.signature));
        let (Ok(key), Ok(signature)) = parsed else {
            return Err(refused("the report has no key or signature that can be read".into()));
        };
        let fits = key == came.key && key.verify(ABUSE_CONTEXT, report.said.as_bytes(), &signature).is_ok();
        if said.by != peer.name || !fits {
            return Err(refused(format!("the report is not signed by {}, who brought it", peer.name)));
        }
        let about = self.proven(ctx, &said)?;
        let report = Report { shown: shown(&said, about), signed: report.clone(), forgotten: None };
        let key = report_key(&report.shown.no);
        if self.store.value(&key)?.is_some() {
            return Ok(());
        }
        let open = |report: &Report| report.shown.by == peer.name && report.shown.verdict.is_none();
        if self.settings::<Report>(REPORT)?.iter().filter(|report| open(report)).count() >= OPEN {
            return Err(refused(format!("{OPEN} reports of {} wait here to be decided", peer.name)));
        }
        match self.write_with(ctx, &[Write::of(key, None, &report)?], report.deed("abuse reported to us")) {
            // It came twice at the same moment.
            Ok(()) | Err(NodeError::Store(StoreError::Changed(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The text that a report holds, when its sender's node signed it for whoever reports.
    fn proven(&self, ctx: &Ctx, said: &AbuseReport) -> Result<About, NodeError> {
        let keys = self.keys_of_sender(ctx, &said.against)?;
        let message = Signed::parse(said.message.as_bytes())?.open::<Body>(MESSAGE, &keys)?;
        if message.from != said.against || message.to != said.by {
            let why = format!("the report holds a message from {} to {}", message.from, message.to);
            return Err(refused(format!("{why}, and not one from {} to {}", said.against, said.by)));
        }
        let object = |id: &str| ObjectId::parse(id).ok();
        match message.body {
            Body::Question { about, text, .. } => Ok((MessageKind::Question, object(&about), text, message.at)),
            Body::Answer { text, .. } => Ok((MessageKind::Answer, None, text, message.at)),
            Body::HitAnswered { reason, .. } => Ok((MessageKind::HitAnswer, None, reason, message.at)),
            _ => Err(refused("the report holds a message without a text".into())),
        }
    }

    fn keys_of_sender(&self, ctx: &Ctx, sender: &OrgName) -> Result<Vec<PublicKey>, NodeError> {
        let own = self.ourselves.as_ref();
        if *sender == ctx.organisation {
            let mut keys = own.map(|own| own.keys.clone()).unwrap_or_default();
            keys.push(self.signer.public_key());
            return Ok(keys);
        }
        if own.is_none_or(|own| own.kind != PeerKind::Hub) {
            return Err(refused(format!("the report is about {sender}, and this is no hub")));
        }
        let peer = self.peer(sender)?;
        peer.map(|peer| peer.keys)
            .ok_or_else(|| refused(format!("{sender}, whom the report is about, is not known here")))
    }

    /// A report that whoever asks may see, by its number or by that of the message.
    pub(super) fn report(&self, ctx: &Ctx, no: &GateNo) -> Result<Report, NodeError> {
        let unknown = || NodeError::UnknownObject(format!("a report {no}"));
        let report = match self.setting::<Report>(&report_key(no))? {
            Some(report) => Some(report),
            None => self.settings::<Report>(REPORT)?.into_iter().find(|report| report.shown.message == *no),
        };
        let report = report.ok_or_else(unknown)?;
        if self.sees_report(ctx, &report)? { Ok(report) } else { Err(unknown()) }
    }

    /// How many reports against this organisation whoever asks, a reviewer, may decide.
    pub(super) fn reports_open(&self, ctx: &Ctx) -> Result<usize, NodeError> {
        let mut open = 0;
        for report in self.settings::<Report>(REPORT)? {
            open += usize::from(self.decides(ctx, &report)? && self.sees_report(ctx, &report)?);
        }
        Ok(open)
    }

    /// A report shows the words of a message: it is for those who may see what that is about.
    fn sees_report(&self, ctx: &Ctx, report: &Report) -> Result<bool, NodeError> {
        if report.forgotten.is_some() {
            return Ok(false);
        }
        let is_ours = report.shown.against == ctx.organisation;
        let gone = if is_ours { self.gone(&report.shown.message)? } else { None };
        if let Some(Gone { about: Some(about), of, needs, .. }) = &gone {
            return Ok(self.known_to(ctx, about, (of, needs))?.is_some());
        }
        match &report.shown.about {
            Some(about) => Ok(self.name_for(ctx, about)?.is_some()),
            // Of what was sent before it was kept what it is about, those read who must decide.
            None if is_ours => self.would_allow(ctx, Act::ReviewNotices),
            None => Ok(true),
        }
    }

    /// What tells an organisation and every hub something about abuse.
    pub(super) fn tell_of_abuse(&self, ctx: &Ctx, to: &OrgName, body: &Body) -> Result<Vec<Write>, NodeError> {
        let told = |peer: &Peer| {
            let is_node = peer.client == Client::Node && peer.vouched_by.is_none();
            is_node && (peer.name == *to || peer.kind == PeerKind::Hub)
        };
        let mut writes = Vec::new();
        for peer in self.peers()?.iter().filter(|peer| told(peer)) {
            let (key, value) = self.outgoing(ctx, &peer.name, body)?;
            writes.push(Write { key, expected: None, value });
        }
        Ok(writes)
    }

    pub(super) fn write_with(&self, ctx: &Ctx, writes: &[Write], deed: Deed) -> Result<(), NodeError> {
        let puts: Vec<Put<'_>> = writes.iter().map(Write::put).collect();
        self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() })?;
        Ok(())
    }
}

impl Report {
    /// What the ledgers of both sides are told, under the same handle.
    pub(super) fn deed(&self, what: &str) -> Deed {
        let AbuseShown { no, by, against, why, about, .. } = &self.shown;
        let subject = json!({"object": about.as_ref().map(ToString::to_string), "report": no});
        let deed = Deed::decision(what, subject).and("by", by.as_str()).and("against", against.as_str());
        deed.and("said", why.clone()).with_handle(handle(what, no))
    }
}

/// What a message says: its kind, its object, its words, when they were written.
type About = (MessageKind, Option<ObjectId>, String, Timestamp);

fn shown(said: &AbuseReport, (kind, about, text, written): About) -> AbuseShown {
    let AbuseReport { by, who, at, why, against, message } = said.clone();
    let no = GateNo::of_report(&by, message.as_bytes());
    let message = GateNo::of_message(message.as_bytes());
    AbuseShown { no, by, who, at, why, against, kind, about, text, written, message, verdict: None }
}

/// The same at both nodes for the same crossing.
fn handle(what: &str, no: &GateNo) -> Handle {
    let crossing = if what.starts_with("abuse reported") { "made" } else { what };
    sha256(format!("comity abuse {crossing} {no}").as_bytes())
}

pub(super) fn report_key(no: &GateNo) -> String {
    format!("{REPORT}{no}")
}

pub(super) fn upheld_key(organisation: &OrgName) -> String {
    format!("abuse-upheld/{organisation}")
}

pub(super) const REPORT: &str = "abuse-report/";
/// Most reports of one organisation that wait to be decided.
const OPEN: usize = 1_000;
