use comity_base::OrgName;
use comity_law::Reason;
use comity_law::gate::may_judge_report;
use comity_store::StoreError;
use serde_json::json;

use super::GateNo;
use super::leaving::{Gone, gone_key};
use super::report::{AbuseShown, AbuseVerdict, Report, report_key, upheld_key};
use crate::exchange::{Body, refused};
use crate::settings::Write;
use crate::{Act, Ctx, Deed, Node, NodeError, Peer};

impl Node {
    /// Decides about a report of abuse against this organisation, once. One that is upheld counts in its record, so that the
    /// gate demands more from then on; whoever reported, and every hub, is told.
    ///
    /// # Errors
    /// [`NodeError::NotLawful`] when whoever asks wrote the message, let it go, or gives no reason; when they are no reviewer,
    /// the report is not against this organisation, or it was decided already.
    pub fn judge_report(&self, ctx: &Ctx, no: &GateNo, upheld: bool, why: &str) -> Result<AbuseShown, NodeError> {
        self.may(ctx, Act::ReviewNotices, json!({"report": no, "upheld": upheld}))?;
        self.announce(ctx)?;
        loop {
            let no = self.report(ctx, no)?.shown.no;
            let unknown = || NodeError::UnknownObject(format!("a report {no}"));
            let (version, mut report) = self.versioned::<Report>(&report_key(&no))?.ok_or_else(unknown)?;
            if report.shown.against != ctx.organisation {
                let why = format!("it is for {} to decide about it; nothing was decided", report.shown.against);
                return Err(NodeError::Refused(why));
            }
            if let Some(verdict) = &report.shown.verdict {
                return Err(NodeError::Refused(format!("{} decided about it at {}", verdict.by, verdict.at)));
            }
            self.judges(ctx, &report, why)?.map_err(NodeError::NotLawful)?;
            let verdict = AbuseVerdict { upheld, by: ctx.actor.clone(), at: ctx.now(), why: why.trim().to_owned() };
            let body = Body::AbuseJudged { report: no.to_string(), verdict: verdict.clone() };
            let mut writes = self.tell_of_abuse(ctx, &report.shown.by, &body)?;
            report.shown.verdict = Some(verdict);
            writes.extend(self.counted(&report)?);
            writes.push(Write::of(report_key(&no), Some(version), &report)?);
            match self.write_with(ctx, &writes, told(&report)) {
                Ok(()) => return Ok(report.shown),
                // Somebody decided about this report or another one at the same moment.
                Err(NodeError::Store(StoreError::Changed(_))) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether whoever asks, a reviewer, could decide about a report, were they to say why.
    ///
    /// # Errors
    /// When they may not see it, or the store cannot be read.
    pub fn decides_report(&self, ctx: &Ctx, no: &GateNo) -> Result<bool, NodeError> {
        let report = self.report(ctx, no)?;
        Ok(self.would_allow(ctx, Act::ReviewNotices)? && self.decides(ctx, &report)?)
    }

    pub(super) fn decides(&self, ctx: &Ctx, report: &Report) -> Result<bool, NodeError> {
        let is_open = report.shown.against == ctx.organisation && report.shown.verdict.is_none();
        Ok(is_open && self.judges(ctx, report, "because")?.is_ok())
    }

    /// Whether the law lets whoever asks decide about a report: never who wrote the message or let it go.
    fn judges(&self, ctx: &Ctx, report: &Report, why: &str) -> Result<Result<(), Reason>, NodeError> {
        let gone = self.gone(&report.shown.message)?;
        let agreed = gone.as_ref().map(|gone| gone.agreed.as_slice()).unwrap_or_default();
        Ok(may_judge_report(&ctx.law_person(), gone.as_ref().map(|gone| &gone.author), agreed, why))
    }

    /// Who answers for a message of this organisation that was sent.
    pub(super) fn gone(&self, message: &GateNo) -> Result<Option<Gone>, NodeError> {
        self.setting(&gone_key(message))
    }

    /// What the sender's node decided about a report that this node made or was told of. The first decision counts.
    pub(crate) fn take_verdict(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (no, verdict): (&str, &AbuseVerdict),
    ) -> Result<(), NodeError> {
        let no: GateNo = no.parse().map_err(refused)?;
        if verdict.why.chars().count() > MOST_WHY || verdict.by.chars().count() > MOST_ACCOUNT {
            return Err(refused("the decision says more than 2,000 characters, or names nobody shortly".into()));
        }
        loop {
            let none = || refused(format!("there is no report {no} here about {}", peer.name));
            let (version, mut report) = self.versioned::<Report>(&report_key(&no))?.ok_or_else(none)?;
            if report.shown.against != peer.name {
                return Err(none());
            }
            if let Some(known) = &report.shown.verdict {
                let is_same = known == verdict;
                return if is_same { Ok(()) } else { Err(refused("the report was decided about already".into())) };
            }
            report.shown.verdict = Some(verdict.clone());
            let mut writes = self.counted(&report)?;
            writes.push(Write::of(report_key(&no), Some(version), &report)?);
            match self.write_with(ctx, &writes, told(&report)) {
                Ok(()) => return Ok(()),
                Err(NodeError::Store(StoreError::Changed(_))) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// One more in the record of whoever sent the message, where it was abuse.
    fn counted(&self, report: &Report) -> Result<Vec<Write>, NodeError> {
        if !report.shown.verdict.as_ref().is_some_and(|verdict| verdict.upheld) {
            return Ok(Vec::new());
        }
        let against: &OrgName = &report.shown.against;
        let key = upheld_key(against);
        let (version, count) = match self.versioned::<u32>(&key)? {
            Some((version, count)) => (Some(version), count),
            None => (None, 0),
        };
        Ok(vec![Write::of(key, version, &count.saturating_add(1))?])
    }
}

fn told(report: &Report) -> Deed {
    let verdict = report.shown.verdict.as_ref();
    let what = if verdict.is_some_and(|verdict| verdict.upheld) { "abuse upheld" } else { "abuse report rejected" };
    let why = verdict.map(|verdict| verdict.why.clone()).unwrap_or_default();
    report.deed(what).and("decided by", verdict.map(|verdict| verdict.by.clone()).unwrap_or_default()).and("why", why)
}

const MOST_WHY: usize = 2_000;
const MOST_ACCOUNT: usize = 200;
