use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::notice::{Colour, Form};
use crate::words::words;

words! {
    /// What an act asks of others, or tells them, about a person.
    Aim {
        /// To arrest or detain.
        Arrest "arrest",
        /// To hand over, extradite, deport.
        HandOver "hand-over",
        /// To say where the person is.
        Locate "locate",
        /// To watch or follow.
        Watch "watch",
        /// To say who the person is.
        Identify "identify",
        /// To tell what is known of the person.
        Inform "inform",
        /// To beware of the person.
        Warn "warn",
        /// To find somebody who is missed.
        FindMissing "find-missing",
        /// To say whose body it is.
        IdentifyBody "identify-body",
        /// To find what the person owns.
        TraceAssets "trace-assets",
        /// To learn of a method or threat; about nobody in particular.
        ShareMethod "share-method",
        /// To apply sanctions of the United Nations.
        ApplySanctions "apply-sanctions",
    }
}

impl Aim {
    /// Whether it can cost the person their liberty, or tells a state who and where they are.
    pub const fn reaches_person(self) -> bool {
        matches!(self, Self::Arrest | Self::HandOver | Self::Locate | Self::Watch | Self::Identify | Self::Inform)
    }

    /// Whether it reaches a person or finds one who is missed. None of these is done for a state that the person was given
    /// refuge from: those who fled are reported missing too.
    pub const fn finds_person(self) -> bool {
        self.reaches_person() || matches!(self, Self::FindMissing)
    }

    /// Whether it asks to restrict somebody's freedom.
    pub const fn is_coercive(self) -> bool {
        matches!(self, Self::Arrest | Self::HandOver)
    }

    /// The colour whose demands it must meet, in whatever form it is asked: there is no side door.
    pub const fn colour(self) -> Colour {
        match self {
            Self::Arrest | Self::HandOver => Colour::Red,
            Self::Locate | Self::Watch | Self::Identify | Self::Inform => Colour::Blue,
            Self::Warn => Colour::Green,
            Self::FindMissing => Colour::Yellow,
            Self::IdentifyBody => Colour::Black,
            Self::TraceAssets => Colour::Silver,
            Self::ShareMethod => Colour::Purple,
            Self::ApplySanctions => Colour::UnitedNations,
        }
    }
}

impl Colour {
    /// What notices and diffusions of this colour ask.
    pub const fn aim(self) -> Aim {
        match self {
            Self::Red => Aim::Arrest,
            Self::Blue => Aim::Locate,
            Self::Green => Aim::Warn,
            Self::Yellow => Aim::FindMissing,
            Self::Black => Aim::IdentifyBody,
            Self::Orange | Self::Purple => Aim::ShareMethod,
            Self::Silver => Aim::TraceAssets,
            Self::UnitedNations => Aim::ApplySanctions,
        }
    }
}

/// An act that passes the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Targeting {
    /// A notice or a diffusion.
    Notice {
        /// Its colour.
        colour: Colour,
        /// Its form; it makes no difference to the gate.
        form: Form,
    },
    /// A typed request to one organisation.
    Request {
        /// What it asks.
        aim: Aim,
    },
    /// Free text.
    Message {
        /// What its sender says it asks; what it is found to ask counts besides.
        #[serde(default)]
        aims: BTreeSet<Aim>,
    },
}

impl Targeting {
    /// What it asks.
    pub fn aims(&self) -> BTreeSet<Aim> {
        match self {
            Self::Notice { colour, .. } => [colour.aim()].into(),
            Self::Request { aim } => [*aim].into(),
            Self::Message { aims } => aims.clone(),
        }
    }
}
