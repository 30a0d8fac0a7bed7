use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use super::refusal::{self as no, Refused};
use super::{Colour, Form};
use crate::words::words;
use crate::{Country, Person};

/// One thing that happened to a notice or diffusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When. Events of one notice are in the order of time.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What was done.
    pub act: Act,
    /// Why, in words; at most 2,000 characters. Most acts need one, see [`super::Transition`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// In which capacity somebody acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Actor {
    /// Somebody of the bureau whose notice it is.
    Source {
        /// Who.
        person: Person,
    },
    /// A legal reviewer. Whether somebody is one is the node's to know.
    Reviewer {
        /// Who.
        person: Person,
    },
    /// The owner's node by itself: receipts that came in, an order of the body that hears complaints.
    Node {
        /// Whose node.
        node: OrgName,
    },
    /// Time.
    Clock {},
}

/// What is done to a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Begins it.
    Draft {
        /// Its colour.
        colour: Colour,
        /// To all members or to chosen ones.
        form: Form,
        /// Whether the source wishes an extract to be published.
        #[serde(default)]
        extract: bool,
    },
    /// Changes a draft, or an amendment that is drafted. Whoever does it is a drafter from then on.
    Revise {
        /// Whether the source wishes an extract to be published, where it says so now; otherwise what it said before counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extract: Option<bool>,
    },
    /// Hands it to review: somebody of the source who did not draft it.
    Submit {},
    /// Begins the review.
    TakeUp {},
    /// Asks the source a question; without an answer in time it lapses.
    Ask {
        /// Until when: a day to 90 days from now.
        answer_by: Timestamp,
    },
    /// Answers the question. Whoever does it had a hand in the text from then on.
    Answer {},
    /// A reviewer agrees; needed where the gate demands more than one.
    Concur {},
    /// Does not publish it.
    Refuse {
        /// On which ground.
        ground: Ground,
    },
    /// Publishes it, or the version that amends it.
    Publish {
        /// Until when: at most five years from now, and no longer than before when it amends.
        valid_until: Timestamp,
        /// Whether an extract is published too.
        #[serde(default)]
        extract: bool,
        /// What the gate answered for the text as it is published.
        screened: Screened,
    },
    /// Blocks it while there is doubt.
    Suspend {},
    /// Ends the doubt.
    Lift {},
    /// Begins version n+1. Where nothing that matters is changed, it counts at once.
    Amend {
        /// What is changed.
        changed: BTreeSet<Part>,
    },
    /// Adds what happened elsewhere. The text stays as it is and is not reviewed again.
    Addendum {
        /// What happened.
        what: AddendumKind,
        /// Where.
        country: Country,
    },
    /// The source takes it back.
    Withdraw {},
    /// A reviewer ends it.
    Cancel {
        /// On which ground.
        ground: Ground,
    },
    /// Its purpose is achieved.
    Execute {
        /// How.
        outcome: Outcome,
        /// Where.
        country: Country,
    },
    /// The source says why it must be kept.
    Justify {},
    /// A reviewer has looked again whether it must be kept.
    ReExamine {
        /// Until when it holds now; later than before only when the source was due to justify that and did.
        valid_until: Timestamp,
    },
    /// Tells how many receipts of a recall are still out.
    Receipts {
        /// How many; none ends the duty.
        outstanding: u32,
    },
    /// Time has passed.
    Clock {},
}

/// What the gate answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screened {
    /// How many reviewers it demands, 1 or more.
    pub reviewers: u8,
    /// The ground on which it refuses. What it refuses is never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Ground>,
    /// When somebody judged it last. Reviewers who agreed before that did not know of it and do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Timestamp>,
}

impl Screened {
    /// It may be published when so many reviewers agree, 1 or more.
    pub const fn by(reviewers: u8) -> Self {
        Self { reviewers, refused: None, judged: None }
    }

    /// It is refused on this ground.
    pub const fn refused(ground: Ground) -> Self {
        Self { reviewers: 1, refused: Some(ground), judged: None }
    }

    /// Of those who agreed, each at a moment, whoever agreed to it as it is judged.
    ///
    /// # Errors
    /// When they are fewer than it demands, or it is refused.
    pub fn enough(&self, agreed: &[(Timestamp, Person)]) -> Result<Vec<Person>, Refused> {
        if let Some(ground) = self.refused {
            return Err(no::GATE_REFUSES.one("ground", ground).into());
        }
        let knew = |at: Timestamp| self.judged.is_none_or(|judged| judged <= at);
        let agreed: Vec<Person> = agreed.iter().filter(|(at, _)| knew(*at)).map(|(_, person)| person.clone()).collect();
        let needed = usize::from(self.reviewers.max(1));
        if agreed.len() < needed {
            let given = vec![("needed", vec![needed.to_string()]), ("agreed", vec![agreed.len().to_string()])];
            return Err(no::TOO_FEW_REVIEWERS.with(given).into());
        }
        Ok(agreed)
    }
}

words! {
    /// The names of the acts.
    ActName {
        /// See [`Act::Draft`].
        Draft "draft",
        /// See [`Act::Revise`].
        Revise "revise",
        /// See [`Act::Submit`].
        Submit "submit",
        /// See [`Act::TakeUp`].
        TakeUp "take-up",
        /// See [`Act::Ask`].
        Ask "ask",
        /// See [`Act::Answer`].
        Answer "answer",
        /// See [`Act::Concur`].
        Concur "concur",
        /// See [`Act::Refuse`].
        Refuse "refuse",
        /// See [`Act::Publish`].
        Publish "publish",
        /// See [`Act::Suspend`].
        Suspend "suspend",
        /// See [`Act::Lift`].
        Lift "lift",
        /// See [`Act::Amend`].
        Amend "amend",
        /// See [`Act::Addendum`].
        Addendum "addendum",
        /// See [`Act::Withdraw`].
        Withdraw "withdraw",
        /// See [`Act::Cancel`].
        Cancel "cancel",
        /// See [`Act::Execute`].
        Execute "execute",
        /// See [`Act::Justify`].
        Justify "justify",
        /// See [`Act::ReExamine`].
        ReExamine "re-examine",
        /// See [`Act::Receipts`].
        Receipts "receipts",
        /// See [`Act::Clock`].
        Clock "clock",
    }
}

words! {
    /// Why something is refused or cancelled.
    Ground {
        /// Human rights: Art. 2 of INTERPOL's constitution.
        Article2 "article-2",
        /// Political, military, religious or racial character: Art. 3.
        Article3 "article-3",
        /// Not serious enough, or excluded.
        Threshold "threshold",
        /// What must be said is not said.
        Incomplete "incomplete",
        /// Another.
        Other "other",
    }
}

words! {
    /// The parts of a notice that an amendment may change.
    Part {
        /// Names, birth, sex, nationality, documents, biometrics.
        Identity "identity",
        /// What the person is in the matter.
        Status "status",
        /// The offence, its facts and articles.
        Offence "offence",
        /// The penalty or sentence.
        Penalty "penalty",
        /// The warrant.
        Warrant "warrant",
        /// The assurances about extradition.
        Assurances "assurances",
        /// What is asked of others.
        Sought "sought",
        /// The threat, event or method told of.
        Account "account",
        /// The assets sought.
        Assets "assets",
        /// The caution flags.
        Caution "caution",
        /// Who it goes to.
        Addressees "addressees",
        /// Whether an extract is published.
        Extract "extract",
        /// Whom to call.
        Contact "contact",
        /// A translation of what is said already.
        Translation "translation",
    }
}

impl Part {
    /// Whether a change of it must be reviewed again. Only what says nothing new of the person need not be.
    pub const fn matters(self) -> bool {
        !matches!(self, Self::Contact | Self::Translation)
    }
}

words! {
    /// What an addendum tells.
    AddendumKind {
        /// A country refused to extradite.
        ExtraditionRefused "extradition-refused",
        /// A country gave the person protection.
        ProtectionGranted "protection-granted",
        /// A country will not act on it.
        NotActedOn "not-acted-on",
        /// Somebody was seen, or other news.
        News "news",
    }
}

impl AddendumKind {
    /// Whether the notice must be looked at again: the ground may break the rules that it stands on.
    pub const fn asks_again(self) -> bool {
        matches!(self, Self::ExtraditionRefused | Self::ProtectionGranted)
    }
}

words! {
    /// How the purpose was achieved.
    Outcome {
        /// The person was arrested.
        Arrested "arrested",
        /// The person was found.
        Located "located",
        /// Person or body was identified.
        Identified "identified",
        /// What was sought is known.
        Informed "informed",
        /// The assets were found.
        AssetLocated "asset-located",
        /// The assets were taken or frozen.
        AssetFrozen "asset-frozen",
        /// The threat is over.
        ThreatOver "threat-over",
        /// The name is no longer on the list of the United Nations.
        Delisted "delisted",
    }
}

impl Outcome {
    /// The colours it can end.
    pub const fn ends(self) -> &'static [Colour] {
        match self {
            Self::Arrested => &[Colour::Red],
            Self::Located => &[Colour::Red, Colour::Blue, Colour::Yellow],
            Self::Identified => &[Colour::Blue, Colour::Yellow, Colour::Black],
            Self::Informed => &[Colour::Blue, Colour::Purple, Colour::Silver],
            Self::AssetLocated => &[Colour::Silver],
            // A silver notice asks nobody to seize; what follows is between two countries and ends no notice.
            Self::AssetFrozen => &[],
            Self::ThreatOver => &[Colour::Green, Colour::Orange],
            Self::Delisted => &[Colour::UnitedNations],
        }
    }
}

impl Act {
    /// Whether a notice says something else since: what was judged of it before was judged of another text.
    pub fn changes_text(&self) -> bool {
        match self {
            Self::Draft { .. } | Self::Revise { .. } | Self::Answer {} => true,
            Self::Amend { changed } => changed.iter().any(|part| part.matters()),
            _ => false,
        }
    }

    /// Its name.
    pub const fn name(&self) -> ActName {
        match self {
            Self::Draft { .. } => ActName::Draft,
            Self::Revise { .. } => ActName::Revise,
            Self::Submit {} => ActName::Submit,
            Self::TakeUp {} => ActName::TakeUp,
            Self::Ask { .. } => ActName::Ask,
            Self::Answer {} => ActName::Answer,
            Self::Concur {} => ActName::Concur,
            Self::Refuse { .. } => ActName::Refuse,
            Self::Publish { .. } => ActName::Publish,
            Self::Suspend {} => ActName::Suspend,
            Self::Lift {} => ActName::Lift,
            Self::Amend { .. } => ActName::Amend,
            Self::Addendum { .. } => ActName::Addendum,
            Self::Withdraw {} => ActName::Withdraw,
            Self::Cancel { .. } => ActName::Cancel,
            Self::Execute { .. } => ActName::Execute,
            Self::Justify {} => ActName::Justify,
            Self::ReExamine { .. } => ActName::ReExamine,
            Self::Receipts { .. } => ActName::Receipts,
            Self::Clock {} => ActName::Clock,
        }
    }
}

impl Actor {
    /// The human being, when it is one.
    pub const fn person(&self) -> Option<&Person> {
        match self {
            Self::Source { person } | Self::Reviewer { person } => Some(person),
            Self::Node { .. } | Self::Clock {} => None,
        }
    }
}
