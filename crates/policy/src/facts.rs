//! The facts that rules decide by, small enough to be the key of a table.

use std::collections::BTreeMap;

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, RestrictedExpression};

use crate::PolicyError;
use crate::organisation::{OrgKind, OrgStatus};

/// A fact with a few values, at most eight, each a word of `policies/facts.cedarschema`.
macro_rules! fact {
    ($(#[$doc:meta])* pub $name:ident $entity:literal { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub(crate) const WORDS: (&str, &[&str]) = ($entity, &[$($word,)*]);

            /// The word in rules and settings.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident $entity:literal { $($variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($variant,)*
        }

        impl $name {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            const WORDS: (&str, &[&str]) = ($entity, &[$($word,)*]);
        }
    };
}

pub(crate) use fact;

fact! {
    /// What is to be done.
    pub Action "Action" {
        /// An officer hands it over by hand.
        Export "export",
        /// The network gives it under an agreement.
        Release "release",
    }
}

fact! {
    /// How the release list has a recipient.
    Listed "Listed" {
        NoList "no-list",
        No "no",
        CountryOrGroup "country-or-group",
        Name "name",
    }
}

fact! {
    /// Whether the label allows what an object is wanted for.
    PurposeFit "Purpose" {
        NotLimited "not-limited",
        Allowed "allowed",
        NotAllowed "not-allowed",
        NotStated "not-stated",
    }
}

fact! {
    /// Where the agreement stands.
    Agreed "Agreement" {
        None "none",
        NoFlow "no-flow",
        Draft "draft",
        Proposed "proposed",
        NotYet "not-yet",
        Active "active",
        Suspended "suspended",
        Ended "ended",
    }
}

fact! {
    /// What the owner lets the holder pass on.
    OnwardFact "Onward" {
        Own "own",
        Label "label",
        Named "named",
        No "no",
    }
}

fact! {
    /// The TLP level, or none.
    Level "Tlp" {
        None "none",
        Clear "clear",
        Green "green",
        Amber "amber",
        AmberStrict "amber+strict",
        Red "red",
    }
}

/// Everything the rules of this crate decide by. What an action does not ask for has one fixed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "many questions, each answered yes or no")]
pub(crate) struct Facts {
    pub(crate) action: Action,
    pub(crate) owns: bool,
    pub(crate) denied: bool,
    pub(crate) country_unclear: bool,
    pub(crate) listed: Listed,
    pub(crate) kind: OrgKind,
    pub(crate) status: OrgStatus,
    pub(crate) tlp: Level,
    pub(crate) needs_naming: bool,
    pub(crate) kept_close: bool,
    pub(crate) expired: bool,
    pub(crate) unknown_marking: bool,
    pub(crate) purpose: PurposeFit,
    pub(crate) personal: bool,
    pub(crate) police: bool,
    pub(crate) several_owners: bool,
    pub(crate) agreed: Agreed,
    pub(crate) covers: Covers,
    pub(crate) onward: OnwardFact,
}

/// How an active agreement bears on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "seven questions, each answered yes or no")]
pub(crate) struct Covers {
    pub(crate) kinds: bool,
    pub(crate) each_category: bool,
    pub(crate) purpose: bool,
    pub(crate) tlp: bool,
    pub(crate) pap: bool,
    pub(crate) handling: bool,
    pub(crate) country: bool,
}

impl Covers {
    /// What stands where no agreement is active; no rule looks at it then but for `each_category`.
    pub(crate) const NOTHING_ASKED: Self =
        Self { kinds: true, each_category: false, purpose: true, tlp: true, pap: true, handling: true, country: true };
}

/// One column of [`Facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Action,
    Owns,
    Denied,
    CountryUnclear,
    Listed,
    Kind,
    Status,
    Tlp,
    NeedsNaming,
    KeptClose,
    Expired,
    UnknownMarking,
    Purpose,
    Personal,
    Police,
    SeveralOwners,
    Agreed,
    CoversKinds,
    NamesEachCategory,
    CoversPurpose,
    CoversTlp,
    CoversPap,
    AcceptsHandling,
    CoversCountry,
    Onward,
}

/// The words a fact can be; none for yes or no.
type Words = Option<(&'static str, &'static [&'static str])>;

impl Fact {
    pub(crate) const ALL: &[Self] = &[
        Self::Action,
        Self::Owns,
        Self::Denied,
        Self::CountryUnclear,
        Self::Listed,
        Self::Kind,
        Self::Status,
        Self::Tlp,
        Self::NeedsNaming,
        Self::KeptClose,
        Self::Expired,
        Self::UnknownMarking,
        Self::Purpose,
        Self::Personal,
        Self::Police,
        Self::SeveralOwners,
        Self::Agreed,
        Self::CoversKinds,
        Self::NamesEachCategory,
        Self::CoversPurpose,
        Self::CoversTlp,
        Self::CoversPap,
        Self::AcceptsHandling,
        Self::CoversCountry,
        Self::Onward,
    ];

    /// Where it stands in the context of a question, and its words. The action stands beside the context.
    const fn column(self) -> (&'static str, &'static str, Words) {
        match self {
            Self::Action => ("", "action", Some(Action::WORDS)),
            Self::Owns => ("recipient", "owns", None),
            Self::Denied => ("recipient", "denied", None),
            Self::CountryUnclear => ("recipient", "country_unclear", None),
            Self::Listed => ("recipient", "listed", Some(Listed::WORDS)),
            Self::Kind => ("recipient", "kind", Some(OrgKind::WORDS)),
            Self::Status => ("recipient", "status", Some(OrgStatus::WORDS)),
            Self::Tlp => ("label", "tlp", Some(Level::WORDS)),
            Self::NeedsNaming => ("label", "needs_naming", None),
            Self::KeptClose => ("label", "kept_close", None),
            Self::Expired => ("label", "expired", None),
            Self::UnknownMarking => ("label", "unknown_marking", None),
            Self::Purpose => ("label", "purpose", Some(PurposeFit::WORDS)),
            Self::Personal => ("label", "personal", None),
            Self::Police => ("label", "police", None),
            Self::SeveralOwners => ("label", "several_owners", None),
            Self::Agreed => ("agreement", "state", Some(Agreed::WORDS)),
            Self::CoversKinds => ("agreement", "covers_kinds", None),
            Self::NamesEachCategory => ("agreement", "names_each_category", None),
            Self::CoversPurpose => ("agreement", "covers_purpose", None),
            Self::CoversTlp => ("agreement", "covers_tlp", None),
            Self::CoversPap => ("agreement", "covers_pap", None),
            Self::AcceptsHandling => ("agreement", "accepts_handling", None),
            Self::CoversCountry => ("agreement", "covers_country", None),
            Self::Onward => ("", "onward", Some(OnwardFact::WORDS)),
        }
    }
}

impl Facts {
    fn value(&self, fact: Fact) -> u8 {
        match fact {
            Fact::Action => self.action as u8,
            Fact::Owns => self.owns.into(),
            Fact::Denied => self.denied.into(),
            Fact::CountryUnclear => self.country_unclear.into(),
            Fact::Listed => self.listed as u8,
            Fact::Kind => self.kind as u8,
            Fact::Status => self.status as u8,
            Fact::Tlp => self.tlp as u8,
            Fact::NeedsNaming => self.needs_naming.into(),
            Fact::KeptClose => self.kept_close.into(),
            Fact::Expired => self.expired.into(),
            Fact::UnknownMarking => self.unknown_marking.into(),
            Fact::Purpose => self.purpose as u8,
            Fact::Personal => self.personal.into(),
            Fact::Police => self.police.into(),
            Fact::SeveralOwners => self.several_owners.into(),
            Fact::Agreed => self.agreed as u8,
            Fact::CoversKinds => self.covers.kinds.into(),
            Fact::NamesEachCategory => self.covers.each_category.into(),
            Fact::CoversPurpose => self.covers.purpose.into(),
            Fact::CoversTlp => self.covers.tlp.into(),
            Fact::CoversPap => self.covers.pap.into(),
            Fact::AcceptsHandling => self.covers.handling.into(),
            Fact::CoversCountry => self.covers.country.into(),
            Fact::Onward => self.onward as u8,
        }
    }

    /// A number that differs when one of these facts does; three bits a fact, so that 20 facts fit.
    pub(crate) fn key(&self, facts: &[Fact]) -> u64 {
        facts.iter().fold(0, |key, fact| key << 3 | u64::from(self.value(*fact)))
    }

    /// All of them, as two numbers.
    pub(crate) fn halves(&self) -> [u64; 2] {
        let (one, two) = Fact::ALL.split_at(Fact::ALL.len() / 2);
        [self.key(one), self.key(two)]
    }

    /// These facts as rules see them, without the action.
    pub(crate) fn context(&self, facts: &[Fact]) -> Result<Context, PolicyError> {
        let mut records: BTreeMap<&str, Vec<(String, RestrictedExpression)>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| **fact != Fact::Action) {
            let (of, name, words) = fact.column();
            let value = match words {
                None => RestrictedExpression::new_bool(self.value(*fact) == 1),
                Some((kind, words)) => {
                    word((kind, words.get(usize::from(self.value(*fact))).copied().unwrap_or_default()))?
                }
            };
            records.entry(of).or_default().push((name.to_owned(), value));
        }
        let mut all = records.remove("").unwrap_or_default();
        for (name, fields) in records {
            all.push((name.to_owned(), RestrictedExpression::new_record(fields).map_err(PolicyError::unexpected)?));
        }
        Context::from_pairs(all).map_err(PolicyError::unexpected)
    }
}

/// A word of one of the closed lists, as a value.
pub(crate) fn word(entity: (&str, &str)) -> Result<RestrictedExpression, PolicyError> {
    Ok(RestrictedExpression::new_entity_uid(uid(entity.0, entity.1)?))
}

pub(crate) fn uid(kind: &str, id: &str) -> Result<EntityUid, PolicyError> {
    let kind: EntityTypeName = kind.parse().map_err(PolicyError::unexpected)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}
