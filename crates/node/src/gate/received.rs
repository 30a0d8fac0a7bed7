use comity_base::{OrgName, Timestamp};
use comity_law::gate::MessageKind;
use comity_stix::ObjectId;
use serde::Serialize;
use serde_json::json;

use super::GateNo;
use super::came::{GOT, Got, key};
use super::report::report_key;
use crate::hits::Named;
use crate::{Ctx, Deed, Node, NodeError};

/// A text that another node sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageReceived {
    /// The number under which it can be reported.
    pub no: GateNo,
    /// Who sent it.
    pub from: OrgName,
    /// What kind of text it is.
    pub kind: MessageKind,
    /// The object it is about.
    pub about: ObjectId,
    /// What people call that here; nothing when it is not known here.
    pub name: Option<String>,
    /// The words.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// What this node's screen finds in it and the sender's did not say, by code. Where there is anything, it is doubtful.
    pub doubtful: Vec<String>,
    /// The report of abuse that was made of it.
    pub reported: Option<GateNo>,
}

impl Node {
    /// The texts that other nodes sent, doubtful ones first, then the newest, as far as whoever asks may see what they are
    /// about.
    ///
    /// # Errors
    /// When whoever asks may neither review nor send messages, or the store cannot be read.
    pub fn messages_received(&self, ctx: &Ctx) -> Result<Vec<MessageReceived>, NodeError> {
        self.may_see_messages(ctx, json!({"messages": "received"}))?;
        let mut all = Vec::new();
        for got in self.settings::<Got>(GOT)?.into_iter().filter(|got| got.forgotten.is_none()) {
            all.extend(self.shown_received_text(ctx, got)?);
        }
        all.sort_by_key(|one| (one.doubtful.is_empty(), std::cmp::Reverse(one.at)));
        let shown: Vec<String> = all.iter().map(|one| one.about.to_string()).collect();
        self.record(ctx, Deed::query("messages received", json!({"shown": shown})))?;
        Ok(all)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Self::messages_received`], and when there is none of this number for whoever asks.
    pub fn message_received(&self, ctx: &Ctx, no: &GateNo) -> Result<MessageReceived, NodeError> {
        self.may_see_messages(ctx, json!({"message": no}))?;
        let got = self.got(ctx, no)?;
        self.record(ctx, Deed::query("message", json!({"object": got.about.to_string(), "message": no})))?;
        self.shown_received_text(ctx, got)?.ok_or(NodeError::Stage)
    }

    /// A text that came, as it is kept, where whoever asks may see what it is about.
    pub(super) fn got(&self, ctx: &Ctx, no: &GateNo) -> Result<Got, NodeError> {
        let unknown = || NodeError::UnknownObject(format!("a message {no}"));
        let got: Got = self.setting(&key(no))?.ok_or_else(unknown)?;
        if got.forgotten.is_none() && self.name_for(ctx, &got.about)?.is_some() { Ok(got) } else { Err(unknown()) }
    }

    fn shown_received_text(&self, ctx: &Ctx, got: Got) -> Result<Option<MessageReceived>, NodeError> {
        let Some(Named(name)) = self.name_for(ctx, &got.about)? else { return Ok(None) };
        let report = GateNo::of_report(&ctx.organisation, got.message.as_bytes());
        let reported = self.store.value(&report_key(&report))?.map(|_| report);
        let Got { no, from, kind, about, text, at, doubtful, .. } = got;
        Ok(Some(MessageReceived { no, from, kind, about, name, text, at, doubtful, reported }))
    }
}
