use comity_node::NoticeCard;

use crate::output::printable;

/// What an officer is told of a notice, in one line: its colour, what to beware of, whom to call.
pub(super) fn line(card: &NoticeCard) -> String {
    let over = if card.holds { "" } else { ", which is over" };
    let caution: Vec<&str> = card.caution.iter().map(|one| one.name()).collect();
    let caution = if caution.is_empty() { String::new() } else { format!("; {}", caution.join(", ")) };
    let contact = &card.contact;
    let whom: Vec<&str> =
        [&contact.office, &contact.phone, &contact.email].into_iter().flatten().map(String::as_str).collect();
    let whom = if whom.is_empty() { "the bureau".to_owned() } else { printable(&whom.join(", ")).replace('\n', " ") };
    format!("{} {}{over}{caution}; call {whom}", card.colour, card.form)
}

/// What a hit is not.
pub(super) const NO_WARRANT: &str = "A hit is no warrant: have the bureau check it before anything is done to anybody.";

#[cfg(test)]
mod tests {
    use comity_base::Timestamp;
    use comity_law::notice::{Caution, Colour, Contact, Form};
    use comity_stix::ObjectId;

    use super::*;

    #[test]
    fn a_card_says_what_to_beware_of_and_whom_to_call_and_that_a_notice_is_over() {
        let mut card = NoticeCard {
            id: ObjectId::parse("comity-notice--3f6c1a52-7b1e-4a53-9c41-0f6d8a1b2c3d").unwrap(),
            colour: Colour::Red,
            form: Form::Notice,
            caution: [Caution::Armed, Caution::EscapeRisk].into(),
            contact: Contact { phone: Some("+3725551234".into()), ..Contact::default() },
            valid_until: Timestamp::from_micros(0),
            holds: true,
        };
        assert_eq!(line(&card), "red notice; armed, escape-risk; call +3725551234");
        card.holds = false;
        card.caution.clear();
        card.contact = Contact::default();
        assert_eq!(line(&card), "red notice, which is over; call the bureau");
    }
}
