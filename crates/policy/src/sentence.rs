//! The sentences of rules, with places to fill in.

/// One piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<P = Place> {
    /// Words as they stand.
    Words(String),
    /// A place to fill in.
    Place(P),
}

/// The places that the sentences of one kind of rules may have.
pub(crate) trait Blank: Copy + 'static {
    /// Each with its name.
    const ALL: &'static [(&'static str, Self)];

    /// Its name.
    fn name(self) -> &'static str;
}

macro_rules! places {
    ($(#[$docs:meta])* $kind:ident { $($(#[$doc:meta])* $variant:ident $name:literal,)* }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $kind {
            $($(#[$doc])* $variant,)*
        }

        impl $crate::sentence::Blank for $kind {
            const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$variant),)*];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

pub(crate) use places;

places! {
    /// What can be filled into a sentence about who may see something.
    Place {
    /// Who would receive it.
    Recipient "recipient",
    /// Whose it is.
    Owner "owner",
    /// Whose node this is.
    Holder "holder",
    /// The entry of the deny list.
    Denied "denied",
    /// The entry of the release list.
    Listed "listed",
    /// The moment until which it may be kept.
    End "end",
    /// Its unknown markings.
    Markings "markings",
    /// What it is wanted for.
    Purposes "purposes",
    /// What it is asked for, whatever is agreed.
    Asked "asked",
    /// The handling code that asks for naming.
    Handling "handling",
    /// What those within the organisation must have to see it.
    Need "need",
    /// Its TLP level.
    Tlp "tlp",
    /// Its PAP level.
    Pap "pap",
    /// The agreement with its version.
    Agreement "agreement",
    /// Where the agreement stands, a sentence.
    State "state",
    /// The kinds of data the agreement does not cover.
    Uncovered "uncovered",
    /// The categories of personal data it does not name.
    Unnamed "unnamed",
    /// What the agreement lets data go for.
    AgreedPurposes "agreed_purposes",
    /// The most closed TLP level it lets go.
    AgreedTlp "agreed_tlp",
    /// The most closed PAP level it lets go.
    AgreedPap "agreed_pap",
    /// The handling codes that are not accepted.
    Unaccepted "unaccepted",
    /// The countries of owners whose data may go.
    AgreedCountries "agreed_countries",
    /// The owner's country.
    OwnerCountry "owner_country",
    }
}

/// Reads a sentence with places like `{recipient}`; an error says what is wrong with it.
pub(crate) fn read<P: Blank>(text: &str) -> Result<Vec<Piece<P>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("a { has no }")?;
        let place = P::ALL.iter().find(|(known, _)| *known == name).map(|(_, place)| *place);
        let known = || P::ALL.iter().map(|(name, _)| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
        let place = place.ok_or_else(|| format!("{{{name}}} is not a place; use {}", known()))?;
        pieces.extend([Piece::Words(words.to_owned()), Piece::Place(place)]);
        rest = after;
    }
    pieces.push(Piece::Words(rest.to_owned()));
    pieces.retain(|piece| !matches!(piece, Piece::Words(words) if words.is_empty()));
    Ok(pieces)
}

/// The sentence with its places filled in.
pub(crate) fn fill<P: Copy>(pieces: &[Piece<P>], of: impl Fn(P) -> String) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Place(place) => of(*place),
        })
        .collect()
}

/// The places of a sentence, in order.
pub(crate) fn blanks<P: Copy>(pieces: &[Piece<P>]) -> impl Iterator<Item = P> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Words(_) => None,
        Piece::Place(place) => Some(*place),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_unknown_ones_refused() {
        let pieces = read::<Place>("{owner} owns it, {recipient}.").unwrap();
        let filled = fill(&pieces, |place| if place == Place::Owner { "ee-police".into() } else { "you".into() });
        assert_eq!(filled, "ee-police owns it, you.");
        assert!(read::<Place>("{recipent}").unwrap_err().contains("{recipient}"));
        assert!(read::<Place>("{owner").is_err());
    }
}
