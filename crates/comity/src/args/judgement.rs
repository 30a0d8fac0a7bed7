use clap::Args as ClapArgs;
use comity_law::Country;
use comity_law::gate::{Category, FactorKind, Finding};
use comity_node::JudgementSaid;

use super::notice::{category, country, factor, finding};

/// What somebody judges of an offence and of factors, of a notice as of a message, for one reason.
#[derive(Debug, ClapArgs)]
pub(crate) struct JudgementArgs {
    /// The kind of offence: serious-ordinary-crime, political, family-or-private, ...
    #[arg(long, value_parser = category, required_unless_present = "factor")]
    category: Option<Category>,
    /// Of an excluded kind: tied to serious or organised crime.
    #[arg(long, requires = "category")]
    tied_to_serious_crime: bool,
    /// Factors: refugee, politician, journalist, activist, conflict-between-states, source-identity, position-of-others,
    /// obligations, context.
    #[arg(long, value_parser = factor, value_delimiter = ',', requires = "finding")]
    factor: Vec<FactorKind>,
    /// What was found of each of them: raises, clears, unclear.
    #[arg(long, value_parser = finding)]
    finding: Option<Finding>,
    /// Of a refugee: who protects them.
    #[arg(long, value_parser = country, value_name = "CC")]
    protected_by: Option<Country>,
    /// And from whom they fled.
    #[arg(long, value_parser = country, value_name = "CC")]
    fled_from: Option<Country>,
}

impl JudgementArgs {
    pub(crate) fn said(&self) -> Vec<JudgementSaid> {
        let tied_to_serious_crime = self.tied_to_serious_crime;
        let category =
            self.category.map(|category| JudgementSaid::Category { category, tied_to_serious_crime }).into_iter();
        let of_refugee = |factor: &FactorKind| *factor == FactorKind::Refugee;
        let factors = self.finding.into_iter().flat_map(|finding| {
            self.factor.iter().map(move |factor| JudgementSaid::Factor {
                factor: *factor,
                finding,
                protected_by: self.protected_by.filter(|_| of_refugee(factor)),
                fled_from: self.fled_from.filter(|_| of_refugee(factor)),
            })
        });
        category.chain(factors).collect()
    }
}
