use askama::Template;

use super::{Foreign, Icon, ThingLink};

/// Names and what they stand for, in two columns.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/facts.html")]
pub(crate) struct Facts(pub(crate) Vec<(String, Vec<Fact>)>);

/// What stands beside a name.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    /// A text of others.
    Text(Foreign),
    /// A text of several lines.
    Long(Foreign),
    /// A value that leads to who knows it.
    Value(Foreign, String),
    /// A pattern or an identifier.
    Code(Foreign),
    /// Another object.
    Thing(ThingLink),
    /// Words of this program.
    Words(String),
    /// Words of this program that nobody must pass over.
    Warning(String),
    /// More than is shown.
    More(String),
}

impl Facts {
    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

super::safe!(Facts);
