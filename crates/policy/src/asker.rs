use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use comity_base::{OrgName, Timestamp};
use comity_stix::Label;
use comity_stix::label::{Categories, Category, Handling, Party, PartyKind, Recipient, Tlp};

use crate::agreement::explain::{and, of_kind, pap, purposes, tlp};
use crate::facts::{Action, Agreed, Covers, Facts, Level, Listed, OnwardFact, PurposeFit};
use crate::local::{self, Locals};
use crate::policy::Decision;
use crate::rules::{Rule, Rules};
use crate::sentence::{Blank as _, Place, blanks, fill};
use crate::{Agreement, Ask, DataKind, Flow, Onward, OrgKind, OwnerGrant, OwnerGrants, Policy, Reason, State, Verdict};

/// Asks about labels for one recipient, under one agreement, at one moment.
///
/// It works out in advance what is the same for all labels. It may be used by several threads at once.
pub struct Asker {
    policy: Policy,
    pub(crate) recipient: Recipient,
    holder: OrgName,
    holder_kind: OrgKind,
    /// The recipient, its country and groups, as lists have them; itself first.
    parties: Vec<Party>,
    /// What it was asked for, and what of that the agreement allows.
    asked: Vec<String>,
    purposes: Vec<String>,
    terms: Option<Terms>,
    grants: OwnerGrants,
    now: Timestamp,
    /// The facts that are the same for every label.
    base: Facts,
    owners: RwLock<HashMap<OrgName, Owner>>,
    locals: Locals,
    /// The first moment at which an answer may be another, in microseconds.
    until: AtomicI64,
}

/// The agreement as far as it matters here.
struct Terms {
    name: String,
    version: u32,
    state: State,
    flow: Option<Flow>,
    named: Categories,
    holder_country: Option<String>,
}

/// What is the same for all objects of one owner.
#[derive(Clone, Copy)]
struct Owner {
    police: bool,
    country: bool,
    onward: OnwardFact,
}

impl Asker {
    pub(crate) fn new(policy: Policy, ask: &Ask<'_>) -> Self {
        let terms = ask
            .agreement
            .filter(|_| ask.action.is_release())
            .map(|(agreement, state)| Terms::new(agreement, state, ask));
        let asked: Vec<String> = ask.purposes.iter().map(|purpose| (*purpose).to_owned()).collect();
        let purposes = effective(&asked, terms.as_ref());
        let until = terms.as_ref().and_then(|terms| terms.state.next_change());
        Self {
            policy,
            recipient: ask.recipient.clone(),
            holder: ask.holder.clone(),
            holder_kind: ask.holder_kind,
            parties: parties(ask.recipient),
            base: base(ask, terms.as_ref(), !purposes.is_empty()),
            asked,
            purposes,
            terms,
            grants: ask.owner_grants.clone(),
            now: ask.now,
            owners: RwLock::default(),
            locals: Locals::default(),
            until: AtomicI64::new(until.map_or(NEVER, Timestamp::as_micros)),
        }
    }

    /// Whether the recipient may see objects of this label.
    pub fn admits(&self, label: &Label) -> bool {
        let facts = self.facts(label);
        let narrowed = |rules: &Rules| self.locals.admits(rules, self, label, &facts);
        let admitted = self.policy.admits(&facts) && self.policy.local().is_none_or(narrowed);
        if let Some(end) = label.retain_until.filter(|end| admitted && *end >= self.now) {
            self.until.fetch_min(end.as_micros().saturating_add(1), Ordering::Relaxed);
        }
        admitted
    }

    /// The same with every reason, for people.
    pub fn explain(&self, label: &Label) -> Verdict {
        let facts = self.facts(label);
        let Decision { mut admitted, mut rules, mut failed } = self.policy.decide(&facts);
        if let Some(local) = self.policy.local() {
            let outcome = local::ask(local, self, label, &facts);
            if outcome.failed || !outcome.rules.is_empty() {
                rules.retain(|_| !admitted);
                (admitted, failed) = (false, failed || outcome.failed);
                rules.extend(outcome.rules.iter().filter_map(|place| local.rule(*place)));
            }
        }
        let reason = |rule: &Rule| Reason {
            code: rule.code.clone(),
            text: fill(&rule.sentence, |place| self.word(place, label)),
            given: blanks(&rule.sentence).map(|place| (place.name(), self.words(place, label))).collect(),
        };
        let mut reasons: Vec<Reason> = rules.into_iter().map(reason).collect();
        if failed {
            reasons.push(Reason::new("rule-failed", "A rule could not be applied, so it is refused."));
        } else if reasons.is_empty() {
            reasons.push(Reason::new("no-rule", "No rule allows it."));
        }
        Verdict { admitted, reasons }
    }

    /// The first moment after now at which an answer given so far may be another by the passing of time alone:
    /// the agreement begins or ends, or an object seen is to be deleted. None when there is no such moment.
    pub fn next_change(&self) -> Option<Timestamp> {
        Some(self.until.load(Ordering::Relaxed)).filter(|until| *until != NEVER).map(Timestamp::from_micros)
    }

    fn facts(&self, label: &Label) -> Facts {
        let mut facts = self.base;
        facts.owns = label.owner == self.recipient.name;
        if !label.deny.is_empty() {
            facts.denied = self.parties.iter().any(|party| label.deny.contains(party));
            let by_country = || label.deny.iter().any(|party| matches!(party.kind(), PartyKind::Country(_)));
            facts.country_unclear = self.recipient.country.is_none() && by_country();
        }
        facts.listed = self.listed(label);
        facts.tlp = level(label.tlp);
        facts.needs_naming = label.handling.iter().any(|code| code.needs_naming());
        facts.kept_close = !label.need.is_empty();
        facts.expired = label.retain_until.is_some_and(|end| self.now > end);
        facts.unknown_marking = !label.markings.is_empty();
        facts.purpose = self.purpose(label);
        if facts.action.is_release() {
            self.network_facts(label, &mut facts);
        }
        facts
    }

    /// What only the network asks.
    fn network_facts(&self, label: &Label, facts: &mut Facts) {
        let owner = self.owner(&label.owner);
        facts.personal = !label.personal.is_empty();
        facts.police = owner.police;
        // Joining labels of two owners denies both: see `Label::join`.
        facts.several_owners = label.deny.iter().any(|party| party.names(&label.owner));
        facts.onward = if facts.owns { OnwardFact::Own } else { owner.onward };
        let flow = self
            .terms
            .as_ref()
            .filter(|_| facts.agreed == Agreed::Active)
            .and_then(|terms| Some((terms, terms.flow.as_ref()?)));
        if let Some((terms, flow)) = flow {
            facts.covers.kinds = flow.covers_with(terms.named, label.personal);
            facts.covers.each_category = label.personal.iter().all(|category| flow.names(category.name()));
            facts.covers.tlp = label.tlp.unwrap_or(Tlp::Amber) <= flow.tlp;
            facts.covers.pap = flow.pap.is_none() || label.pap <= flow.pap;
            facts.covers.handling = label.handling.is_subset(&flow.handling);
            facts.covers.country = owner.country;
        }
    }

    fn listed(&self, label: &Label) -> Listed {
        let Some(list) = &label.release_to else { return Listed::NoList };
        match self.parties.iter().position(|party| list.contains(party)) {
            Some(0) => Listed::Name,
            Some(_) => Listed::CountryOrGroup,
            None => Listed::No,
        }
    }

    fn purpose(&self, label: &Label) -> PurposeFit {
        let Some(allowed) = &label.purposes else { return PurposeFit::NotLimited };
        match self.purposes.as_slice() {
            // What was asked for and what is agreed have nothing in common: that is a reason of its own.
            [] if !self.base.covers.purpose => PurposeFit::NotLimited,
            [] => PurposeFit::NotStated,
            purposes if purposes.iter().any(|purpose| allowed.contains(purpose)) => PurposeFit::Allowed,
            _ => PurposeFit::NotAllowed,
        }
    }

    fn owner(&self, name: &OrgName) -> Owner {
        if let Some(owner) = self.owners.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return *owner;
        }
        let (grant, own) = (self.grant(name), *name == self.holder);
        let countries = self.terms.as_ref().and_then(|terms| terms.flow.as_ref()?.countries.as_ref());
        let owner = Owner {
            police: grant.kind != OrgKind::Partner || self.holder_kind != OrgKind::Partner,
            country: countries
                .is_none_or(|countries| grant.country.is_some_and(|country| countries.contains(&country))),
            onward: match grant.onward {
                _ if own => OnwardFact::Own,
                Onward::No => OnwardFact::No,
                Onward::Named => OnwardFact::Named,
                Onward::Label => OnwardFact::Label,
            },
        };
        let mut owners = self.owners.write().unwrap_or_else(PoisonError::into_inner);
        if owners.len() < MOST_OWNERS {
            owners.insert(name.clone(), owner);
        }
        owner
    }

    /// What is known of an owner; the holder's country stands in the agreement.
    pub(crate) fn grant(&self, name: &OrgName) -> OwnerGrant {
        let mut grant = if *name == self.holder {
            let country = self.terms.as_ref().and_then(|terms| terms.holder_country.clone());
            OwnerGrant { kind: self.holder_kind, country, onward: Onward::Label }
        } else {
            (self.grants)(name)
        };
        grant.country = grant.country.map(|country| country.to_ascii_uppercase());
        grant
    }

    fn word(&self, place: Place, label: &Label) -> String {
        let by_terms = |of: fn(&Terms) -> String| self.terms.as_ref().map_or("none".to_owned(), of);
        let covers = |party: &&Party| party.covers(&self.recipient);
        match place {
            Place::Recipient => self.recipient.name.to_string(),
            Place::Owner => label.owner.to_string(),
            Place::Holder => self.holder.to_string(),
            Place::Denied => label.deny.iter().find(covers).map_or(String::new(), Party::to_string),
            Place::Listed => self.list_entry(label).map_or(String::new(), Party::to_string),
            Place::End => label.retain_until.map_or(String::new(), |end| end.to_string()),
            Place::Markings => markings(label),
            Place::Purposes => or(&self.purposes),
            Place::Asked => or(&self.asked),
            Place::Handling => {
                label.handling.iter().find(|code| code.needs_naming()).map_or(String::new(), ToString::to_string)
            }
            Place::Need => and(label.need.iter().map(ToString::to_string)),
            Place::Tlp => {
                label.tlp.map_or_else(|| format!("without a TLP level, which counts as {}", tlp(Tlp::Amber)), tlp)
            }
            Place::Pap => label.pap.map_or("without a PAP level".to_owned(), pap),
            Place::Agreement => by_terms(|terms| format!("{:?} (version {})", terms.name, terms.version)),
            Place::State => by_terms(|terms| terms.state.sentence()),
            Place::Uncovered => and(self.uncovered(label).map(of_kind)),
            Place::Unnamed => and(self.unnamed(label).map(|category| category.title().to_owned())),
            Place::AgreedPurposes => self.by_flow(|flow| purposes(&flow.purposes)),
            Place::AgreedTlp => self.by_flow(|flow| tlp(flow.tlp)),
            Place::AgreedPap => self.by_flow(|flow| flow.pap.map_or("any PAP".to_owned(), pap)),
            Place::Unaccepted => and(self.unaccepted(label).map(ToString::to_string)),
            Place::AgreedCountries => self.by_flow(|flow| and(flow.countries.iter().flatten().cloned())),
            Place::OwnerCountry => {
                self.grant(&label.owner).country.unwrap_or_else(|| "a country that is not known".to_owned())
            }
        }
    }

    /// The same as words of closed lists and names, none joined to another.
    fn words(&self, place: Place, label: &Label) -> Vec<String> {
        let flow = self.flow();
        match place {
            Place::Purposes => self.purposes.clone(),
            Place::Asked => self.asked.clone(),
            Place::Agreement => self.terms.iter().map(Terms::short).collect(),
            Place::Markings => label.markings.iter().map(ToString::to_string).collect(),
            Place::Need => label.need.iter().map(ToString::to_string).collect(),
            Place::Tlp => label.tlp.map(tlp).into_iter().collect(),
            Place::Pap => label.pap.map(pap).into_iter().collect(),
            Place::Uncovered => self.uncovered(label).map(|kind| kind.name().to_owned()).collect(),
            Place::Unnamed => self.unnamed(label).map(|category| category.name().to_owned()).collect(),
            Place::Unaccepted => self.unaccepted(label).map(ToString::to_string).collect(),
            Place::AgreedPurposes => flow
                .map_or_else(Vec::new, |flow| flow.purposes.iter().map(|purpose| purpose.name().to_owned()).collect()),
            Place::AgreedPap => flow.and_then(|flow| flow.pap).map(pap).into_iter().collect(),
            Place::AgreedCountries => flow.and_then(|flow| flow.countries.clone()).into_iter().flatten().collect(),
            Place::OwnerCountry => self.grant(&label.owner).country.into_iter().collect(),
            Place::Recipient
            | Place::Owner
            | Place::Holder
            | Place::Denied
            | Place::Listed
            | Place::End
            | Place::Handling
            | Place::State
            | Place::AgreedTlp => vec![self.word(place, label)],
        }
    }

    fn flow(&self) -> Option<&Flow> {
        self.terms.as_ref()?.flow.as_ref()
    }

    fn by_flow(&self, of: impl Fn(&Flow) -> String) -> String {
        self.flow().map_or("nothing".to_owned(), of)
    }

    /// The entry of the release list that has the recipient, itself before its country and groups.
    fn list_entry<'l>(&self, label: &'l Label) -> Option<&'l Party> {
        let mut list = label.release_to.iter().flatten();
        let by_name = list.clone().find(|party| party.names(&self.recipient.name));
        by_name.or_else(|| list.find(|party| party.covers(&self.recipient)))
    }

    /// The kinds of data it holds that the agreement does not cover.
    fn uncovered(&self, label: &Label) -> impl Iterator<Item = DataKind> {
        let technical = label.personal.is_empty() || label.personal.with_threat();
        let held =
            technical.then_some(DataKind::Threat).into_iter().chain(label.personal.iter().map(DataKind::Personal));
        held.filter(|kind| self.flow().is_none_or(|flow| !flow.kinds.contains(kind)))
    }

    /// The categories of personal data it holds that no agreement in force names.
    fn unnamed(&self, label: &Label) -> impl Iterator<Item = Category> {
        let agreed = self.flow().filter(|_| self.base.agreed == Agreed::Active);
        label.personal.iter().filter(move |category| agreed.is_none_or(|flow| !flow.names(category.name())))
    }

    fn unaccepted<'l>(&self, label: &'l Label) -> impl Iterator<Item = &'l Handling> {
        label.handling.iter().filter(|code| self.flow().is_none_or(|flow| !flow.handling.contains(code)))
    }
}

impl Terms {
    fn new(agreement: &Agreement, state: &State, ask: &Ask<'_>) -> Self {
        let flow = agreement.flow(ask.holder, &ask.recipient.name).cloned();
        Self {
            name: agreement.name.clone(),
            version: agreement.version,
            state: state.clone(),
            named: flow.as_ref().map_or(Categories::NONE, Flow::personal),
            flow,
            holder_country: agreement.party(ask.holder).map(|party| party.country.clone()),
        }
    }

    /// What it is called, in any language.
    fn short(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }

    fn agreed(&self) -> Agreed {
        match (&self.state, &self.flow) {
            (State::Draft, _) => Agreed::Draft,
            (State::Proposed { .. }, _) => Agreed::Proposed,
            (State::NotYet { .. }, _) => Agreed::NotYet,
            (State::Suspended { .. }, _) => Agreed::Suspended,
            (State::Ended { .. }, _) => Agreed::Ended,
            (State::Active { .. }, None) => Agreed::NoFlow,
            (State::Active { .. }, Some(_)) => Agreed::Active,
        }
    }
}

/// The facts that do not depend on the label.
fn base(ask: &Ask<'_>, terms: Option<&Terms>, has_purpose: bool) -> Facts {
    let release = ask.action == Action::Release;
    let agreed = terms.map_or(Agreed::None, Terms::agreed);
    let mut covers = Covers::NOTHING_ASKED;
    covers.purpose = agreed != Agreed::Active || has_purpose;
    Facts {
        action: ask.action,
        owns: false,
        denied: false,
        country_unclear: false,
        listed: Listed::NoList,
        kind: if release { ask.standing.kind } else { OrgKind::Unknown },
        status: if release { ask.standing.status } else { crate::OrgStatus::Unknown },
        tlp: Level::None,
        needs_naming: false,
        kept_close: false,
        expired: false,
        unknown_marking: false,
        purpose: PurposeFit::NotLimited,
        personal: false,
        police: true,
        several_owners: false,
        agreed,
        covers,
        onward: if release { OnwardFact::No } else { OnwardFact::Own },
    }
}

/// What of the purposes asked for the agreement allows; everything it allows where none was.
fn effective(asked: &[String], terms: Option<&Terms>) -> Vec<String> {
    let Some(flow) = terms.and_then(|terms| terms.flow.as_ref()) else { return asked.to_vec() };
    let agreed = flow.purposes.iter().map(|purpose| purpose.name().to_owned());
    agreed.filter(|purpose| asked.is_empty() || asked.contains(purpose)).collect()
}

/// The entries of lists that cover a recipient. A country or group that no list can hold is left out.
fn parties(recipient: &Recipient) -> Vec<Party> {
    let country = recipient.country.iter().filter_map(|code| Party::parse(&format!("country:{code}")).ok());
    let groups = recipient.groups.iter().filter_map(|name| Party::group(name).ok());
    std::iter::once(Party::org(&recipient.name)).chain(country).chain(groups).collect()
}

fn level(tlp: Option<Tlp>) -> Level {
    match tlp {
        None => Level::None,
        Some(Tlp::Clear) => Level::Clear,
        Some(Tlp::Green) => Level::Green,
        Some(Tlp::Amber) => Level::Amber,
        Some(Tlp::AmberStrict) => Level::AmberStrict,
        Some(Tlp::Red) => Level::Red,
    }
}

fn markings(label: &Label) -> String {
    let more = if label.markings.len() > 1 { " and others" } else { "" };
    label.markings.first().map_or(String::new(), |marking| format!("{marking}{more}"))
}

fn or(words: &[String]) -> String {
    if words.is_empty() { "nothing that was stated".to_owned() } else { words.join(" or ") }
}

const NEVER: i64 = i64::MAX;

/// Most owners that are remembered.
const MOST_OWNERS: usize = 65_536;
