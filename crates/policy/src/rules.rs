//! Rules: Cedar policies with an id and a sentence each, checked when they are loaded.

use std::collections::BTreeSet;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    Authorizer, Effect, Entities, ParseErrors, Policy as CedarPolicy, PolicyId, PolicySet, Request, Schema,
    ValidationMode, Validator,
};

use crate::PolicyError;
use crate::sentence::{Blank, Piece, Place, read};

/// The rules of one file, in its order; all of them forbid, or all permit.
#[derive(Debug)]
pub(crate) struct Rules<P = Place> {
    set: PolicySet,
    list: Vec<Rule<P>>,
    authorizer: Authorizer,
}

/// One rule, beside what Cedar holds of it.
#[derive(Debug)]
pub(crate) struct Rule<P = Place> {
    pub(crate) code: String,
    pub(crate) sentence: Vec<Piece<P>>,
    /// When it holds, it is the only reason given.
    pub(crate) alone: bool,
}

/// What the rules say to one tuple of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The rules that hold, by their place.
    pub(crate) rules: Box<[usize]>,
    /// A rule could not be asked: nobody is admitted.
    pub(crate) failed: bool,
}

impl Outcome {
    /// What stands where nothing could be asked.
    pub(crate) fn failed() -> Self {
        Self { rules: Box::default(), failed: true }
    }
}

/// The text of `policies/facts.cedarschema`.
pub(crate) const SCHEMA: &str = include_str!("../policies/facts.cedarschema");

impl<P: Blank> Rules<P> {
    /// Reads the rules of a file about who may see what, which all have this effect. Codes of local rules begin with
    /// `local:`.
    pub(crate) fn read(file: &str, text: &str, effect: Effect, local: bool) -> Result<Self, PolicyError> {
        Self::under(SCHEMA, file, text, effect, local)
    }

    /// The same of rules about something else.
    pub(crate) fn under(
        schema: &str,
        file: &str,
        text: &str,
        effect: Effect,
        local: bool,
    ) -> Result<Self, PolicyError> {
        let mut rules = Self { set: PolicySet::new(), list: Vec::new(), authorizer: Authorizer::new() };
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(PolicyError::unexpected)?;
        let mut ids = BTreeSet::new();
        for policy in in_order(file, text, &Validator::new(schema))? {
            let (id, rule) = Rule::of(file, &policy, effect, local)?;
            let place = PolicyId::new(rules.list.len().to_string());
            if !ids.insert(id.clone()) {
                return Err(PolicyError::rule(file, &id, "another rule has this id"));
            }
            rules.set.add(policy.new_id(place)).map_err(|error| PolicyError::rule(file, &id, error))?;
            rules.list.push(rule);
        }
        Ok(rules)
    }

    /// The rules that hold. Cedar leaves out one that fails while it is asked; here that is told.
    pub(crate) fn ask(&self, request: &Request, entities: &Entities) -> Outcome {
        let response = self.authorizer.is_authorized(request, &self.set, entities);
        if response.diagnostics().errors().next().is_some() {
            return Outcome::failed();
        }
        // Where all rules have one effect, Cedar names all that hold.
        let place = |id: &PolicyId| id.to_string().parse().ok();
        let mut rules: Vec<usize> = response.diagnostics().reason().filter_map(place).collect();
        rules.sort_unstable();
        Outcome { rules: rules.into(), failed: false }
    }

    /// The codes of all rules.
    #[cfg(test)]
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|rule| rule.code.as_str())
    }

    pub(crate) fn rule(&self, place: usize) -> Option<&Rule<P>> {
        self.list.get(place)
    }
}

impl<P: Blank> Rule<P> {
    fn of(file: &str, policy: &CedarPolicy, effect: Effect, local: bool) -> Result<(String, Self), PolicyError> {
        let at = policy.to_string();
        let start: String = at.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
        let missing =
            |what| PolicyError::Rules { file: file.to_owned(), problem: format!("the rule {start:?} has no {what}") };
        let id = policy.annotation("id").filter(|id| !id.is_empty()).ok_or_else(|| missing("@id(\"...\")"))?;
        let sentence = policy.annotation("sentence").ok_or_else(|| missing("@sentence(\"...\")"))?;
        if policy.effect() != effect {
            let problem = match effect {
                Effect::Forbid if local => {
                    "a local rule may only forbid: local law narrows what goes out, it does not widen it"
                }
                Effect::Forbid => "the rules of this file forbid",
                Effect::Permit => "the rules of this file permit",
            };
            return Err(PolicyError::rule(file, id, problem));
        }
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !id.bytes().all(plain) {
            return Err(PolicyError::rule(file, id, "an id has lower-case letters, digits and hyphens"));
        }
        let code = policy.annotation("code").unwrap_or(id);
        let code = if local { format!("local:{code}") } else { code.to_owned() };
        let sentence = read(sentence).map_err(|problem| PolicyError::rule(file, id, problem))?;
        Ok((id.to_owned(), Self { code, sentence, alone: policy.annotation("alone") == Some("yes") }))
    }
}

/// The rules of a file in the order they stand, when every fact and word in them is in the schema.
fn in_order(file: &str, text: &str, validator: &Validator) -> Result<Vec<CedarPolicy>, PolicyError> {
    let wrong = |problem: String| PolicyError::Rules { file: file.to_owned(), problem };
    let parsed: Result<PolicySet, ParseErrors> = text.parse();
    let set = parsed.map_err(|errors| wrong(diagnostics(errors.iter().map(DetailedError::from), text)))?;
    if set.templates().next().is_some() {
        return Err(wrong("a template with ?principal or ?resource is not a rule".to_owned()));
    }
    let validated = validator.validate(&set, ValidationMode::Strict);
    if !validated.validation_passed() {
        return Err(wrong(diagnostics(validated.validation_errors().map(DetailedError::from), text)));
    }
    let mut all: Vec<CedarPolicy> = set.policies().cloned().collect();
    // Cedar numbers what it reads: `policy0`, `policy1`.
    all.sort_by_key(|policy| policy.id().to_string().trim_start_matches("policy").parse::<usize>().ok());
    Ok(all)
}

/// Cedar's own words, with the line each is about.
fn diagnostics(errors: impl IntoIterator<Item = DetailedError>, text: &str) -> String {
    let line = |at: usize| text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
    let one = |error: DetailedError| {
        let at = error.source_locations.first().map(|label| format!("line {}: ", line(label.loc.start)));
        let help = error.help.map(|help| format!(" ({help})"));
        format!("{}{}{}", at.unwrap_or_default(), error.message, help.unwrap_or_default())
    };
    errors.into_iter().map(one).collect::<Vec<_>>().join("\n")
}
