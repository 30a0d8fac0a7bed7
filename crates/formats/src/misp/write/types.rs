//! What MISP knows: its attribute types with their categories, and the templates of its objects.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// A type of attribute.
pub(super) struct Type {
    /// The category it has when nobody chose one.
    pub(super) category: &'static str,
    /// Whether such a value is meant for detection when nobody says.
    to_ids: bool,
    /// Every category it may stand in, as letters in the order of [`CATEGORIES`].
    categories: &'static str,
}

/// A template of objects.
pub(super) struct Template {
    pub(super) uuid: &'static str,
    pub(super) version: &'static str,
    pub(super) meta_category: &'static str,
}

/// What MISP knows of an attribute type; none for a type it does not have.
pub(super) fn type_of(name: &str) -> Option<&'static Type> {
    TYPES.1.get(name)
}

/// The category of an attribute whose type is all that is known.
pub(super) fn category_of(name: &str) -> &'static str {
    type_of(name).map_or("Other", |known| known.category)
}

/// The template with this name.
pub(super) fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.get(name)
}

/// The answer to `GET /attributes/describeTypes.json`: types, categories, which type may stand in which
/// category, and what a type is by default. PyMISP checks attributes by it.
pub fn describe_types() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let (order, types) = &*TYPES;
        let defaults: Map<String, Value> = order
            .iter()
            .filter_map(|name| Some((name, types.get(name)?)))
            .map(|(name, known)| {
                let default = json!({ "default_category": known.category, "to_ids": u8::from(known.to_ids) });
                ((*name).to_owned(), default)
            })
            .collect();
        let mappings: Map<String, Value> = CATEGORIES
            .iter()
            .zip(b'a'..)
            .map(|(category, letter)| {
                let holds =
                    |name: &&&str| types.get(**name).is_some_and(|known| known.categories.as_bytes().contains(&letter));
                ((*category).to_owned(), order.iter().filter(holds).copied().collect())
            })
            .collect();
        let result = json!({
            "sane_defaults": defaults, "types": order, "categories": CATEGORIES, "category_type_mappings": mappings,
        });
        json!({ "result": result }).to_string()
    });
    &TEXT
}

/// The types in MISP's order, and by name.
static TYPES: LazyLock<(Vec<&'static str>, HashMap<&'static str, Type>)> = LazyLock::new(|| {
    let rows = || include_str!("types.tsv").lines().filter_map(row);
    (rows().map(|(name, _)| name).collect(), rows().collect())
});

/// Name, letter of the default category, whether to detect, letters of the categories.
fn row(line: &'static str) -> Option<(&'static str, Type)> {
    let mut cells = line.split('\t');
    let (name, category, to_ids, categories) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let place = usize::from(category.bytes().next()?.checked_sub(b'a')?);
    Some((name, Type { category: CATEGORIES.get(place)?, to_ids: to_ids == "1", categories }))
}

/// Name, UUID, version, meta-category (MISP/misp-objects, CC0).
static TEMPLATES: LazyLock<HashMap<&'static str, Template>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let name = cells.next()?;
        Some((name, Template { uuid: cells.next()?, version: cells.next()?, meta_category: cells.next()? }))
    };
    include_str!("templates.tsv").lines().filter_map(row).collect()
});

/// MISP's categories, in the order it lists them.
const CATEGORIES: [&str; 16] = [
    "Internal reference",
    "Targeting data",
    "Antivirus detection",
    "Payload delivery",
    "Artifacts dropped",
    "Payload installation",
    "Persistence mechanism",
    "Network activity",
    "Payload type",
    "Attribution",
    "External analysis",
    "Financial fraud",
    "Support Tool",
    "Social network",
    "Person",
    "Other",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(TYPES.1.len(), include_str!("types.tsv").lines().count());
        assert_eq!(TEMPLATES.len(), include_str!("templates.tsv").lines().count());
        assert!(TEMPLATES.values().all(|template| uuid::Uuid::try_parse(template.uuid).is_ok()));
    }

    #[test]
    fn types_are_described_as_a_client_expects_them() {
        let described: Value = serde_json::from_str(describe_types()).unwrap();
        let result = &described["result"];
        assert_eq!(result["sane_defaults"]["ip-dst"], json!({ "default_category": "Network activity", "to_ids": 1 }));
        assert_eq!(result["sane_defaults"]["comment"]["to_ids"], 0);
        let holds = |category: &str, name: &str| {
            result["category_type_mappings"][category].as_array().unwrap().iter().any(|held| held == name)
        };
        assert!(holds("Financial fraud", "iban") && !holds("Financial fraud", "md5"));
        for name in result["types"].as_array().unwrap() {
            let default = result["sane_defaults"][name.as_str().unwrap()]["default_category"].as_str().unwrap();
            assert!(holds(default, name.as_str().unwrap()), "{name}");
        }
    }
}
