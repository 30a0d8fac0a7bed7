//! The fields in which a notice is written, group by group as its checklist has them.

use comity_law::Status;
use comity_law::notice::{AssetClass, Caution, Group, Photo, Sex, WantedFor};

/// A field of the form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its name, that of the member it fills.
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text in a line.
    Line,
    /// A text of several lines.
    Long,
    /// A number of months.
    Months,
    /// A date as far as it is known.
    Date,
    /// Several countries.
    Countries,
    /// One of a list of words; their messages begin with this.
    Choice(&'static str),
    /// Yes, no, or not said.
    Tri,
    /// Any of a list of words.
    Flags(&'static str),
    /// Documents, one in each row.
    Documents,
}

/// A group of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// One that the checklist has too.
    Of(Group),
    /// What those who meet the person must know, and whom they call.
    Contact,
}

impl Section {
    /// Every one, in the order of the form.
    pub(super) const ALL: [Self; 13] = [
        Self::Of(Group::Person),
        Self::Of(Group::Identity),
        Self::Of(Group::Case),
        Self::Of(Group::Warrant),
        Self::Of(Group::Penalty),
        Self::Of(Group::Assurances),
        Self::Of(Group::Event),
        Self::Of(Group::Threat),
        Self::Of(Group::Method),
        Self::Of(Group::Assets),
        Self::Of(Group::Listing),
        Self::Contact,
        Self::Of(Group::Publication),
    ];

    /// Whether it is of the facts that a checklist asks for, whatever form they are told in.
    pub(super) const fn is_of_facts(self) -> bool {
        !matches!(self, Self::Contact | Self::Of(Group::Publication))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Of(group) => group.name(),
            Self::Contact => "contact",
        }
    }

    /// Its fields.
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Of(Group::Person) => PERSON,
            Self::Of(Group::Identity) => IDENTITY,
            Self::Of(Group::Case) => CASE,
            Self::Of(Group::Warrant) => WARRANT,
            Self::Of(Group::Penalty) => PENALTY,
            Self::Of(Group::Assurances) => ASSURANCES,
            Self::Of(Group::Event) => EVENT,
            Self::Of(Group::Threat) => THREAT,
            Self::Of(Group::Method) => METHOD,
            Self::Of(Group::Assets) => ASSETS,
            Self::Of(Group::Listing) => LISTING,
            Self::Of(Group::Publication) => PUBLICATION,
            Self::Contact => CONTACT,
        }
    }
}

impl Field {
    /// The words that it may be.
    pub(super) fn words(self) -> Vec<&'static str> {
        match self.name {
            "status" => Status::ALL.iter().map(|one| one.name()).collect(),
            "sex" => Sex::ALL.iter().map(|one| one.name()).collect(),
            "photo" => Photo::ALL.iter().map(|one| one.name()).collect(),
            "wanted_for" => WantedFor::ALL.iter().map(|one| one.name()).collect(),
            "assets" => AssetClass::ALL.iter().map(|one| one.name()).collect(),
            "caution" => Caution::ALL.iter().map(|one| one.name()).collect(),
            _ => Vec::new(),
        }
    }

    /// How many lines it shows at first.
    pub(super) const fn rows(self) -> usize {
        match self.name.as_bytes() {
            b"summary" | b"modus_operandi" => 5,
            b"aliases" => 2,
            _ => 3,
        }
    }

    /// Whether there is something to say of how it is filled in.
    pub(super) const fn has_hint(self) -> bool {
        matches!(self.shape, Shape::Date | Shape::Countries | Shape::Months | Shape::Documents)
            || matches!(self.name.as_bytes(), b"aliases" | b"sought" | b"assessment")
    }

    /// The message that says it.
    pub(super) fn hint(self) -> &'static str {
        match self.shape {
            Shape::Date => "birth-date-how",
            Shape::Countries => "countries-how",
            Shape::Months => "months-how",
            Shape::Documents => "documents-how",
            _ => match self.name {
                "aliases" => "one-on-each-line",
                "sought" => "sought-how",
                _ => "assessment-how",
            },
        }
    }

    /// Whether it takes the whole width.
    pub(super) const fn is_wide(self) -> bool {
        matches!(self.shape, Shape::Long | Shape::Flags(_) | Shape::Documents)
    }
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

const PERSON: &[Field] =
    &[field("status", Shape::Choice("status-")), field("minor", Shape::Tri), field("victim", Shape::Tri)];
const IDENTITY: &[Field] = &[
    field("family_name", Shape::Line),
    field("forename", Shape::Line),
    field("aliases", Shape::Long),
    field("sex", Shape::Choice("sexed-")),
    field("birth", Shape::Date),
    field("nationalities", Shape::Countries),
    field("description", Shape::Long),
    field("photo", Shape::Choice("photograph-")),
    field("fingerprints", Shape::Tri),
    field("dna", Shape::Tri),
    field("documents", Shape::Documents),
    field("other_identifier", Shape::Line),
    field("father", Shape::Line),
    field("mother", Shape::Line),
];
const CASE: &[Field] = &[
    field("summary", Shape::Long),
    field("when", Shape::Line),
    field("place", Shape::Line),
    field("role", Shape::Line),
    field("charge", Shape::Line),
    field("article", Shape::Line),
    field("sought", Shape::Long),
    field("police_report", Shape::Tri),
];
const WARRANT: &[Field] = &[
    field("reference", Shape::Line),
    field("authority", Shape::Line),
    field("date", Shape::Line),
    field("copy", Shape::Tri),
];
const PENALTY: &[Field] = &[
    field("wanted_for", Shape::Choice("wanted-")),
    field("maximum_months", Shape::Months),
    field("imposed_months", Shape::Months),
    field("remaining_months", Shape::Months),
];
const ASSURANCES: &[Field] = &[
    field("competent", Shape::Tri),
    field("consulted", Shape::Tri),
    field("will_request", Shape::Tri),
    field("countries", Shape::Countries),
];
const EVENT: &[Field] = &[field("event_date", Shape::Line), field("event_place", Shape::Line)];
const THREAT: &[Field] = &[
    field("threat", Shape::Long),
    field("imminent", Shape::Tri),
    field("assessment", Shape::Long),
    field("measures", Shape::Long),
];
const METHOD: &[Field] = &[field("modus_operandi", Shape::Long)];
const ASSETS: &[Field] = &[field("assets", Shape::Flags("asset-"))];
const LISTING: &[Field] = &[field("un_reference", Shape::Line), field("un_resolution", Shape::Line)];
const PUBLICATION: &[Field] = &[field("public_extract", Shape::Tri)];
const CONTACT: &[Field] = &[
    field("caution", Shape::Flags("caution-")),
    field("office", Shape::Line),
    field("phone", Shape::Line),
    field("email", Shape::Line),
];
