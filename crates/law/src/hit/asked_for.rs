use super::Measure;
use super::transition::{NO_RED_NOTICE, NOTICE_OVER};
use crate::Reason;
use crate::notice::Colour;

/// Whether whoever asks for somebody may ask for a measure: an arrest on a red notice in force only, and nothing where every notice
/// there was is over. `in_force` are the colours of the notices in force; nothing where there never was one.
///
/// # Errors
/// With the rule that forbids it.
pub fn may_ask_for(measure: Measure, in_force: Option<&[Colour]>) -> Result<(), Reason> {
    match in_force {
        Some([]) => Err(NOTICE_OVER.plain()),
        colours if measure == Measure::Arrest && !colours.unwrap_or_default().contains(&Colour::Red) => {
            Err(NO_RED_NOTICE.plain())
        }
        _ => Ok(()),
    }
}

/// Whether the owner of a notice may be asked about a hit that was made by it: as long as it is out.
///
/// # Errors
/// With the rule that forbids it.
pub fn may_be_asked_about(is_out: bool) -> Result<(), Reason> {
    if is_out { Ok(()) } else { Err(NOTICE_OVER.plain()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_for_an_arrest_but_on_a_red_notice_in_force() {
        let code = |measure, colours: Option<&[Colour]>| may_ask_for(measure, colours).err().map(|reason| reason.code);
        assert_eq!(code(Measure::Arrest, Some(&[Colour::Blue, Colour::Red])), None);
        for colours in [None, Some(&[Colour::Blue, Colour::Green][..])] {
            assert_eq!(code(Measure::Arrest, colours), Some("hit-no-red-notice"));
            assert_eq!(code(Measure::Locate, colours), None);
        }
        for measure in Measure::ALL {
            assert_eq!(code(*measure, Some(&[])), Some("hit-notice-over"));
        }
    }
}
