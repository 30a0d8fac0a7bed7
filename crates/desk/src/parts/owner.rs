use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};
use comity_base::OrgName;

use super::super::language::Words;

/// An organisation, with its country where it is known.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    name: OrgName,
    country: Option<(String, String)>,
}

impl Owner {
    /// With the code of its country.
    pub(crate) fn new(name: OrgName, country: Option<&str>, words: Words) -> Self {
        Self { name, country: country.map(|code| (code.to_owned(), words.country(code))) }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<span class=\"owner\">")?;
        if let Some((code, name)) = &self.country {
            f.write_str("<abbr class=\"country\" title=\"")?;
            Html.write_escaped_str(&mut *f, name)?;
            f.write_str("\">")?;
            Html.write_escaped_str(&mut *f, code)?;
            f.write_str("</abbr>")?;
        }
        f.write_str("<bdi>")?;
        Html.write_escaped_str(&mut *f, self.name.as_str())?;
        f.write_str("</bdi></span>")
    }
}

impl HtmlSafe for Owner {}
