use comity_link::Reason;
use comity_stix::Kind;

use super::super::language::Words;
use super::super::parts::Foreign;

/// Why a shared value counts as much as it does, in the words of a language.
pub(crate) fn reason(reason: &Reason, words: Words) -> Foreign {
    let args = |name: &str| reason.args.get(name).map_or("", String::as_str);
    let kind = words.value_kind(Kind::from_name(args("kind")), args("kind"));
    let head = if args("via").is_empty() { "reason-both" } else { "reason-through" };
    let texts = [("kind", kind.as_str()), ("value", args("value")), ("via", args("via"))];
    let head = words.texts(head, &texts);
    let count = |name: &str| args(name).parse::<u64>().unwrap_or_default();
    let tail = match reason.code {
        "rare" if count("cases") <= 1 => words.say("reason-rarest"),
        "rare" => words.counted("reason-rare", count("cases")),
        "held-by-many" => {
            let cases = words.count(count("cases"));
            words.texts("reason-many", &[("cases", &cases), ("owners", args("owners"))])
        }
        "listed" => words.text("reason-listed", "list", args("list")),
        "host-listed" => words.text("reason-host-listed", "list", args("list")),
        _ => return Foreign::lines(&reason.text),
    };
    Foreign::own(&format!("{head} {tail}"))
}
