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
    #[arg(long, value_parser = finding, requires = "factor")]
    finding: Option<Finding>,
    /// Of a refugee: who protects them.
    #[arg(long, value_parser = country, value_name = "CC", requires = "factor")]
    protected_by: Option<Country>,
    /// And from whom they fled.
    #[arg(long, value_parser = country, value_name = "CC", requires = "factor")]
    fled_from: Option<Country>,
}

impl JudgementArgs {
    /// What is judged; an error where a country is said of nobody.
    pub(crate) fn said(&self) -> anyhow::Result<Vec<JudgementSaid>> {
        let is_of_country = self.protected_by.or(self.fled_from).is_some();
        anyhow::ensure!(
            !is_of_country || self.factor.contains(&FactorKind::Refugee),
            "--protected-by and --fled-from are said of a refugee: add refugee to --factor"
        );
        let tied_to_serious_crime = self.tied_to_serious_crime;
        let category =
            self.category.map(|category| JudgementSaid::Category { category, tied_to_serious_crime }).into_iter();
        let countries = (self.protected_by, self.fled_from);
        let factors = self.finding.into_iter().flat_map(|finding| {
            let asked = FactorKind::ALL.iter().filter(|factor| self.factor.contains(factor));
            asked.map(move |factor| JudgementSaid::factor(*factor, finding, countries))
        });
        Ok(category.chain(factors).collect())
    }
}
