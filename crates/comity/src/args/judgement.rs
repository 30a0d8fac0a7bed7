use clap::Args as ClapArgs;
use comity_law::Country;
use comity_law::gate::{Category, FactorKind, Finding};
use comity_node::JudgementSaid;

use super::notice::{category, country, factor, finding};

/// What somebody judges of an offence or a factor, of a notice as of a message.
#[derive(Debug, ClapArgs)]
pub(crate) struct JudgementArgs {
    /// The kind of offence: serious-ordinary-crime, political, family-or-private, ...
    #[arg(long, value_parser = category, conflicts_with = "factor", required_unless_present = "factor")]
    category: Option<Category>,
    /// Of an excluded kind: tied to serious or organised crime.
    #[arg(long, requires = "category")]
    tied_to_serious_crime: bool,
    /// A factor: refugee, politician, journalist, activist, conflict-between-states, ...
    #[arg(long, value_parser = factor, requires = "finding")]
    factor: Option<FactorKind>,
    /// What was found of it: raises, clears, unclear.
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
    pub(crate) fn said(&self) -> Option<JudgementSaid> {
        if let Some(category) = self.category {
            return Some(JudgementSaid::Category { category, tied_to_serious_crime: self.tied_to_serious_crime });
        }
        let (factor, finding) = (self.factor?, self.finding?);
        let (protected_by, fled_from) = (self.protected_by, self.fled_from);
        Some(JudgementSaid::Factor { factor, finding, protected_by, fled_from })
    }
}
