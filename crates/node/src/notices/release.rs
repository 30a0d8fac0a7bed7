use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::atomic::AtomicBool;

use comity_base::OrgName;
use comity_crypto::{hex, sha256};
use comity_law::gate::{ATTESTATION_CONTEXT, Attestation};
use comity_law::notice::{Act as Law, Attested, Form, Identity, Lifecycle, Notice, Out, Part as Changed};
use comity_stix::Label;
use comity_stix::label::{Party, Tlp};
use comity_stix::person::{
    Birth, DocumentState, Feature, NameKind, NamePart, Nationality, Part, PartialDate, Person, PersonDocument,
    PersonName, Sex, Sexed, Stands, Status,
};

use super::file::{File, NoticeText, Released};
use crate::intake::{Input, IntakeOptions};
use crate::{Authority, Ctx, Node, NodeError, PeerKind, PeerStatus, Source};

impl Node {
    /// Writes down what is to be released, where an act has put it out or changed what is out.
    pub(super) fn prepare_release(
        &self,
        ctx: &Ctx,
        file: &mut File,
        act: &Law,
        lifecycle: &Lifecycle,
    ) -> Result<(), NodeError> {
        let text = match act {
            Law::Publish { .. } => file.text.clone(),
            Law::Lift {} | Law::ReExamine { .. } => file.put_out(),
            Law::Amend { changed } if !changed.iter().any(|part: &Changed| part.matters()) => {
                NoticeText { contact: file.text.contact.clone(), ..file.put_out() }
            }
            _ => return Ok(()),
        };
        if let Some(out) = lifecycle.in_force(ctx.now()) {
            let as_out = File { text: text.clone(), ..file.clone() };
            file.released = Some(self.release_of(ctx, &as_out, &out, lifecycle)?);
            file.out = Some(text);
        }
        Ok(())
    }

    fn release_of(&self, ctx: &Ctx, file: &File, out: &Out, lifecycle: &Lifecycle) -> Result<Released, NodeError> {
        let head = lifecycle.head().ok_or(NodeError::Stage)?;
        let now = ctx.now();
        let is_about_somebody = file.from.is_some() || file.text.facts.identity != Identity::default();
        let subject = is_about_somebody.then(|| file.no.subject()).transpose()?;
        let mut notice = Notice {
            id: file.no.object()?,
            created: lifecycle.published().unwrap_or(now),
            modified: now,
            created_by_ref: None,
            object_marking_refs: Vec::new(),
            lang: None,
            version: out.version,
            source: ctx.organisation.clone(),
            colour: head.colour,
            form: head.form,
            addressees: if head.form == Form::Diffusion { file.text.addressees.clone() } else { BTreeSet::new() },
            subject_ref: subject.clone(),
            valid_until: out.valid_until,
            facts: file.text.facts.clone(),
            caution: file.text.caution.clone(),
            contact: file.text.contact.clone(),
            attestation: None,
        };
        notice.check().map_err(|error| NodeError::Refused(format!("it cannot be published as it stands: {error}")))?;
        notice.attestation = Some(self.attested(ctx, file, (lifecycle, out), &notice)?);
        let subject = subject.map(|id| {
            let person = told(&file.text);
            person.to_identity(id.uuid, &notice.created.to_string(), &now.to_string()).to_string()
        });
        let to = self.recipients(ctx, &notice)?;
        Ok(Released { notice: notice.to_json(), subject, to, modified: now })
    }

    /// What this node states about the gate that a notice passed, signed.
    fn attested(
        &self,
        ctx: &Ctx,
        file: &File,
        (lifecycle, out): (&Lifecycle, &Out),
        notice: &Notice,
    ) -> Result<Attested, NodeError> {
        let (_, screen) = self.screen(ctx, file, lifecycle)?;
        let agreed = file.screened(&screen, lifecycle).enough(&out.agreed);
        let agreed = agreed.map_err(|refused| NodeError::NotLawful(refused.0))?;
        let digest = hex(&sha256(notice.screened_json().as_bytes()));
        let said = Attestation::of(&screen, &ctx.organisation, &digest, agreed)
            .map_err(|error| NodeError::Refused(format!("the gate does not let it out: {error}")))?
            .to_json();
        let signature = self.signer.sign(ATTESTATION_CONTEXT, said.as_bytes());
        Ok(Attested { said, key: self.signer.public_key().to_string(), signature: signature.to_string() })
    }

    /// The members it goes to: all that are connected, or those a diffusion names.
    fn recipients(&self, ctx: &Ctx, notice: &Notice) -> Result<BTreeSet<OrgName>, NodeError> {
        if notice.form == Form::Diffusion {
            return Ok(notice.addressees.clone());
        }
        let takes = |peer: &crate::Peer| peer.kind != PeerKind::Partner && peer.status == PeerStatus::Active;
        let peers = self.peers()?.into_iter().filter(takes).map(|peer| peer.name);
        Ok(peers.filter(|name| *name != ctx.organisation).collect())
    }

    /// Brings what is to be released in, as its owner's, labelled for those it goes to.
    pub(super) fn bring_released(&self, ctx: &Ctx, released: &Released) -> Result<(), NodeError> {
        let mut label = Label::defaults(ctx.organisation.clone());
        label.tlp = Some(Tlp::Amber);
        label.release_to = Some(released.to.iter().map(Party::org).collect());
        let known = self.source(&ctx.organisation)?.unwrap_or_else(|| Source::new(ctx.organisation.clone()));
        let source = Source { defaults: label, ..known };
        let mut bytes = Vec::new();
        for object in released.subject.iter().chain([&released.notice]) {
            bytes.extend_from_slice(object.as_bytes());
            bytes.push(b'\n');
        }
        let stop = AtomicBool::new(false);
        let options = IntakeOptions { objects_only: true, ..IntakeOptions::noted("a notice is released", &stop) };
        let input = Input { name: "notice".into(), reader: Box::new(Cursor::new(bytes)) };
        let node = ctx.acting_as("node", Authority::node());
        let report = self.intake(&node, &source, &mut std::iter::once(Ok(input)), &options)?;
        match report.batch.map_or(0, |batch| batch.counts.rejected) {
            0 => Ok(()),
            set_aside => {
                Err(NodeError::Refused(format!("{set_aside} objects of the notice were set aside by the intake")))
            }
        }
    }
}

/// The person as others are told: what finds them, and nothing more.
fn told(text: &NoticeText) -> Person {
    let identity = &text.facts.identity;
    let name = |parts: Vec<NamePart>, name: String, kind| PersonName { name, kind, script: None, parts };
    let mut person = Person::default();
    let parts: Vec<NamePart> = [(Part::Given, &identity.forename), (Part::Family, &identity.family_name)]
        .into_iter()
        .filter_map(|(part, text)| text.clone().map(|text| NamePart { part, text }))
        .collect();
    if !parts.is_empty() {
        let whole = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
        person.names.push(name(parts, whole, NameKind::True).into());
    }
    person.names.extend(text.aliases.iter().map(|alias| name(Vec::new(), alias.clone(), NameKind::Alias).into()));
    let date = identity.birth.map(|birth| PartialDate { year: birth.year, month: birth.month, day: birth.day });
    person.births.extend(date.map(|date| {
        let date = Some(date);
        Birth { date, until: None, about: false, place: None, country: None }.into()
    }));
    let nationalities = identity.nationalities.iter();
    person.nationalities.extend(nationalities.map(|country| Nationality { country: country.to_string() }.into()));
    let sex = identity.sex.and_then(|sex| Sex::parse(sex.name()));
    person.sexes.extend(sex.map(|sex| Sexed { sex }.into()));
    for document in &identity.documents {
        let (Some(country), 1..=2) = (document.country, document.kind.len()) else { continue };
        let (kind, number) = (document.kind.to_ascii_uppercase(), document.number.clone());
        let issuer = country.to_string();
        let state = None::<DocumentState>;
        person.documents.push(PersonDocument { kind, issuer, number, issued: None, expires: None, state }.into());
    }
    let described = identity.description.clone();
    person.features.extend(described.map(|value| Feature { feature: "description".into(), value }.into()));
    let status = text.facts.status.and_then(|status| Status::parse(status.name()));
    person.statuses.extend(status.map(|status| Stands { status }.into()));
    person
}
