use crate::source::{RPD, SILVER};
use crate::words::words;
use crate::{Source, Status};

words! {
    /// The colours of notices and diffusions, as in police practice.
    Colour {
        /// Locate and detain a wanted person with a view to extradition, surrender or similar.
        Red "red",
        /// Locate, identify or learn about a person of interest in an investigation.
        Blue "blue",
        /// Warn about a person's criminal activity.
        Green "green",
        /// Find a missing person, or identify somebody who cannot say who they are.
        Yellow "yellow",
        /// Identify a body.
        Black "black",
        /// Warn about an imminent threat.
        Orange "orange",
        /// Seek or give methods, objects, devices, ways of concealing.
        Purple "purple",
        /// Locate, identify, learn about or monitor assets tied to a person's crime.
        Silver "silver",
        /// Tell of a person or entity under sanctions of the United Nations.
        UnitedNations "un-special",
    }
}

words! {
    /// To whom it goes. Both forms walk the same path and pass the same gate: a diffusion harms as a notice does, and in
    /// older practice went round before anybody had looked at it.
    Form {
        /// To every member.
        Notice "notice",
        /// To members that are chosen.
        Diffusion "diffusion",
    }
}

/// What the law says of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColourLaw {
    /// What it is for, an English sentence.
    pub purpose: &'static str,
    /// Who it may be about; empty where it need not be about a person.
    pub subjects: &'static [Status],
    /// Whether it asks others to restrict somebody's freedom.
    pub coercive: bool,
    /// Whether an extract may be published: never of silver ones, always of those of the United Nations.
    pub extract: Extract,
    /// The article.
    pub source: Source,
}

words! {
    /// Whether an extract may be shown to the public.
    Extract {
        /// Never.
        Never "never",
        /// When the source wishes it.
        OnWish "on-wish",
        /// Always.
        Always "always",
    }
}

impl Colour {
    /// What the law says of it.
    pub const fn law(self) -> &'static ColourLaw {
        match self {
            Self::Red => &RED,
            Self::Blue => &BLUE,
            Self::Green => &GREEN,
            Self::Yellow => &YELLOW,
            Self::Black => &BLACK,
            Self::Orange => &ORANGE,
            Self::Purple => &PURPLE,
            Self::Silver => &SILVER_LAW,
            Self::UnitedNations => &UN,
        }
    }

    /// Whether it may be about somebody of this status; any will do where it need not be about a person.
    pub fn may_be_about(self, status: Status) -> bool {
        let subjects = self.law().subjects;
        subjects.is_empty() || subjects.contains(&status)
    }
}

const RED: ColourLaw = ColourLaw {
    purpose: "To locate a wanted person and detain them or restrict their movement, with a view to extradition, \
              surrender or a similar lawful act.",
    subjects: &[Status::Convicted, Status::Charged],
    coercive: true,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 82-87", RPD),
};

const BLUE: ColourLaw = ColourLaw {
    purpose: "To locate, identify or get information on a person of interest in an investigation.",
    subjects: &[
        Status::Convicted,
        Status::Charged,
        Status::Suspect,
        Status::OfInterest,
        Status::Witness,
        Status::Victim,
    ],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 88", RPD),
};

const GREEN: ColourLaw = ColourLaw {
    purpose: "To warn about a person's criminal activity, where they are a possible threat to public safety.",
    subjects: &[Status::Convicted, Status::Charged, Status::Suspect, Status::OfInterest],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 89", RPD),
};

const YELLOW: ColourLaw = ColourLaw {
    purpose: "To find a missing person, or to identify somebody who cannot say who they are.",
    subjects: &[Status::Missing, Status::Victim, Status::Unknown],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 90", RPD),
};

const BLACK: ColourLaw = ColourLaw {
    purpose: "To identify a dead body.",
    subjects: &[Status::Dead],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 91", RPD),
};

const ORANGE: ColourLaw = ColourLaw {
    purpose: "To warn of an imminent threat from an event, a person, an object or a process.",
    subjects: &[],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 93", RPD),
};

const PURPLE: ColourLaw = ColourLaw {
    purpose: "To seek or give information on methods, objects, devices and ways of concealing.",
    subjects: &[],
    coercive: false,
    extract: Extract::OnWish,
    source: Source::read("RPD Art. 92", RPD),
};

const SILVER_LAW: ColourLaw = ColourLaw {
    purpose: "To locate, identify, get information on or monitor assets tied to a person's crime; seizure follows \
              between the two countries, never from the notice.",
    subjects: &[Status::Convicted, Status::Charged, Status::Suspect],
    coercive: false,
    extract: Extract::Never,
    source: Source::read("Silver Notice pilot, General Assembly, Vienna 2023", SILVER),
};

const UN: ColourLaw = ColourLaw {
    purpose: "To tell of a person or entity under sanctions of the United Nations.",
    subjects: &[],
    coercive: false,
    extract: Extract::Always,
    source: Source::read("RPD Art. 95", RPD),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_red_notice_asks_to_restrict_freedom() {
        let coercive: Vec<_> = Colour::ALL.iter().filter(|colour| colour.law().coercive).collect();
        assert_eq!(coercive, [&Colour::Red]);
    }

    #[test]
    fn nobody_is_wanted_for_being_a_witness() {
        for status in [Status::Suspect, Status::OfInterest, Status::Witness, Status::Victim, Status::Unknown] {
            assert!(!Colour::Red.may_be_about(status), "{status}");
        }
        assert!(Colour::Red.may_be_about(Status::Charged) && Colour::Red.may_be_about(Status::Convicted));
        assert!(Colour::Purple.may_be_about(Status::Unknown), "no person is needed");
    }
}
