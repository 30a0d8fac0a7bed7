//! Why somebody was found, in words.

use comity_node::Why;
use comity_stix::Kind;

use crate::output::printable;

/// Why somebody was found, a line for each reason; the kind is that of the value they were asked for by.
pub(super) fn reasons(why: &Why, kind: Option<Kind>) -> Vec<String> {
    let mut lines = Vec::new();
    for part in &why.parts {
        let how = if part.alike > 0.995 { "is".to_owned() } else { format!("{:.0} % like", part.alike * 100.0) };
        let rare = if part.tells < 0.35 { ", a common one" } else { "" };
        lines.push(format!("{} {how} {}{rare}", printable(&part.asked), printable(&part.found)));
    }
    if !why.missing.is_empty() {
        lines.push(format!("nothing there for {}", printable(&why.missing.join(", "))));
    }
    if !why.extra.is_empty() {
        lines.push(format!("there also {}", printable(&why.extra.join(", "))));
    }
    let facts = why.facts.iter().map(|(code, points)| format!("{} ({points:+.1})", fact(code, kind)));
    lines.extend(why.name.map(|points| format!("the names together ({points:+.1})")));
    lines.extend(facts);
    lines
}

fn fact(code: &str, kind: Option<Kind>) -> String {
    let what = kind.filter(|kind| *kind != Kind::TravelDocument).map(Kind::title);
    match (code, what) {
        ("document" | "identifier", Some(what)) => return format!("this {what} is theirs"),
        ("document-near" | "identifier-near", Some(what)) => return format!("theirs is a {what} that is a slip away"),
        _ => {}
    }
    let said = match code {
        "birth-day" => "born the same day",
        "birth-swapped" => "day and month of birth changed round",
        "birth-digit" => "one digit of the birth date differs",
        "birth-month" => "born the same month",
        "birth-year" => "born the same year",
        "birth-about" => "born about that time",
        "birth-day-other" => "born another day of the same year",
        "birth-month-other" => "born in another month of the same year",
        "birth-year-other" => "born the same day of another year",
        "birth-near" => "born some years apart",
        "birth-other" => "born at another time",
        "nationality" => "of the same nationality",
        "nationality-other" => "of another nationality",
        "sex" => "of the same sex",
        "sex-other" => "of the other sex",
        "document" => "holds this document",
        "identifier" => "this is theirs",
        "document-near" => "holds a document that is a slip away",
        "identifier-near" => "theirs is a slip away",
        other => other,
    };
    said.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_document_is_not_called_one() {
        assert_eq!(fact("document-near", Some(Kind::TravelDocument)), "holds a document that is a slip away");
        assert_eq!(fact("identifier-near", Some(Kind::Plate)), "theirs is a vehicle plate that is a slip away");
        assert_eq!(fact("identifier", Some(Kind::Phone)), "this phone number is theirs");
        assert_eq!(fact("birth-day", Some(Kind::Phone)), "born the same day");
    }
}
