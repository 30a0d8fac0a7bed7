//! The rules of the gate.

use crate::{Rule, Source, source};

/// The version of the rules; it rises with every change of what is refused or asked.
pub const RULES_VERSION: u32 = 1;

const fn article(code: &'static str, sentence: &'static str, rule: &'static str) -> Rule {
    Rule::new(code, sentence, Source::unverified(rule, source::SCREENING))
}

const fn house(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::house())
}

pub(super) const REFUGEE: Rule = article(
    "refugee-protected",
    "The person fled from {from} and is protected by {by}: nothing that reaches them is done for {from}.",
    "Constitution Art. 2; RPD Art. 34(3)",
);
pub(super) const REFUGEE_MAYBE: Rule = article(
    "refugee-perhaps",
    "The person is or may be a refugee, from {from}, protected by {by}. Does this act reach them for the state they fled?",
    "Constitution Art. 2; RPD Art. 34(3)",
);
pub(super) const FORBIDDEN: Rule = Rule::new(
    "forbidden-character",
    "It is of {category} character, which neutrality forbids.",
    Source::unverified("Constitution Art. 3", source::SCREENING),
);
pub(super) const EXCLUDED: Rule = Rule::new(
    "excluded-offence",
    "Nobody is wanted for this kind of offence: {category}.",
    Source::read("RPD Art. 83(1)", source::THRESHOLD),
);
pub(super) const EXCLUDED_TIED: Rule = Rule::new(
    "excluded-offence-tied",
    "The offence is of an excluded kind, {category}, and said to be tied to serious or organised crime. Is it?",
    Source::read("RPD Art. 83(1)", source::THRESHOLD),
);
pub(super) const CATEGORY_OPEN: Rule = article(
    "category-not-judged",
    "Nobody outside the source has judged what kind of offence it is. Is it a serious ordinary crime?",
    "RPD Art. 34(3)",
);
pub(super) const CATEGORY_DUE: Rule = house(
    "category-due",
    "Nobody who had no hand in it has recorded what kind of offence it is. Record that first; then send it out.",
);
pub(super) const FACTORS_DUE: Rule = house(
    "factors-due",
    "Nobody who had no hand in it has recorded what these say: {factor}. Record that first; then send it out.",
);
pub(super) const FACTOR_OPEN: Rule = article(
    "factor-not-judged",
    "Nobody outside the source has judged this: {factor}. What does it say?",
    "RPD Art. 34(3)",
);
pub(super) const FACTOR_RAISES: Rule = article(
    "factor-raises",
    "{person} found that this speaks against it: {factor}. Does it weigh more than what speaks for it?",
    "RPD Art. 34(3)",
);
pub(super) const FACTOR_UNCLEAR: Rule =
    article("factor-unclear", "{person} could not tell what this says: {factor}. What does it say?", "RPD Art. 34(3)");
pub(super) const FACTOR_CLEARED: Rule =
    article("factor-cleared", "{person} found that this does not speak against it: {factor}.", "RPD Art. 34(3)");
pub(super) const CARE: Rule = Rule::new(
    "care-needed",
    "The person needs particular care: {who}. Is this necessary, and the least that will do?",
    Source::unverified("RPD Art. 40-42", source::RPD),
);
pub(super) const MARK: Rule =
    house("text-mark", "The text speaks of this: {mark} ({words}). What does it mean for the act?");
pub(super) const NAMED: Rule =
    house("text-names-person", "The text tells of a person ({words}) without saying what is asked. What is it for?");
pub(super) const TEXT_CUT: Rule =
    house("text-too-long", "The text is longer than what is looked through. What does the rest say?");
pub(super) const TEXT_DISGUISED: Rule = house(
    "text-disguised",
    "Letters of the text are hidden, mixed or spaced out, as if not to be read ({words}). Why?",
);
pub(super) const RECORD: Rule = house(
    "bad-record",
    "The source's record demands two reviewers: {abuse} reports of abuse upheld, {principle} refusals on human rights or \
     neutrality, {failed} of {decided} acts refused or cancelled.",
);
pub(super) const ALWAYS_REVIEWED: Rule = Rule::new(
    "always-reviewed",
    "Notices, diffusions and everything that asks to arrest or hand over are reviewed before they are released.",
    Source::read("older practice let diffusions go unreviewed; this program does not", source::DIFFUSIONS),
);
pub(super) const NO_TARGET: Rule = house("no-person-targeted", "It asks nothing of others about a person.");

/// All of them; the demands of the checklists besides.
pub const GATE_RULES: &[&Rule] = &[
    &REFUGEE,
    &REFUGEE_MAYBE,
    &FORBIDDEN,
    &EXCLUDED,
    &EXCLUDED_TIED,
    &CATEGORY_OPEN,
    &CATEGORY_DUE,
    &FACTORS_DUE,
    &FACTOR_OPEN,
    &FACTOR_RAISES,
    &FACTOR_UNCLEAR,
    &FACTOR_CLEARED,
    &CARE,
    &MARK,
    &NAMED,
    &TEXT_CUT,
    &TEXT_DISGUISED,
    &RECORD,
    &ALWAYS_REVIEWED,
    &NO_TARGET,
];
