use std::collections::HashSet;
use std::sync::Arc;

use comity_base::Position;
use comity_names::{Born, Facts, Kind, Name, Register, Sex};
use comity_stix::Doc;
use comity_stix::person::{self, PartialDate, Person};
use comity_stix::value::issuing_state;
use comity_store::Version;

use super::table::{Bearer, Table};
use crate::{Node, NodeError};

impl Node {
    /// Reads the persons of what came in since the last time.
    pub(crate) fn read_persons(&self, visible: Position) -> Result<(), NodeError> {
        let endings = self.derived.endings();
        let is_read = |table: &Table| table.read >= visible && table.endings == endings;
        if is_read(&self.persons.table.read()) {
            return Ok(());
        }
        let _one_at_a_time = self.persons.reading.lock();
        if !self.persons.table.read().is_loaded {
            self.load_persons(visible);
        }
        if self.persons.table.read().endings != endings {
            self.bring_back(endings)?;
        }
        let kinds = self.kinds.catch_up(&*self.store, visible)?;
        let wanted = kinds.numbers(|kind| matches!(kind, "identity" | "x-misp-object"));
        loop {
            let from = self.persons.table.read().read;
            if from >= visible {
                self.merge_persons(false);
                return Ok(());
            }
            let to = Position((from.0 + PAGE).min(visible.0));
            let positions: Vec<Position> =
                (from.0 + 1..=to.0).map(Position).filter(|at| kinds.is_one_of(*at, &wanted)).collect();
            let mut read = Vec::new();
            for some in positions.chunks(GET) {
                read.extend(self.persons_at(some)?);
            }
            let mut table = self.persons.table.write();
            let is_more = !read.is_empty();
            for (bearer, names) in read {
                table.add(bearer, names, self.derived.current(bearer.0.position).is_some());
            }
            table.read = to;
            if is_more {
                table.settle();
            }
            drop(table);
            self.merge_persons(false);
        }
    }

    /// Makes one large register of both, without what has ended, where the small one has grown; or in any case.
    pub(super) fn merge_persons(&self, anyway: bool) {
        let (large, small) = {
            let table = self.persons.table.read();
            if !anyway && !table.is_due() {
                return;
            }
            (Arc::clone(&table.large), Arc::clone(&table.small))
        };
        let counts = |number: u32| {
            let table = self.persons.table.read();
            table.bearer(number).is_some_and(|bearer| self.derived.current(bearer.position).is_some())
        };
        let merged = Arc::new(Register::merged(&[(&large, &counts), (&small, &counts)]));
        let mut table = self.persons.table.write();
        table.left_out = (0_u32..)
            .zip(&table.bearers)
            .filter(|(_, one)| self.derived.current(one.position).is_none())
            .map(|(number, _)| number)
            .collect();
        table.endings_then = table.endings;
        table.names_erased = false;
        table.large = merged;
        table.fresh.clear();
        table.settle();
        table.made.0 += 1;
    }

    /// Begins with what was kept from the last start.
    fn load_persons(&self, visible: Position) {
        let loaded = self.shelf().load(visible).unwrap_or_default();
        let mut table = self.persons.table.write();
        let made = (table.made.0 + 1, table.made.1 + 1);
        *table = Table { is_loaded: true, kept: loaded.bearers.len(), made, ..loaded };
        // What had ended by then, and is not in the register, may count again by now.
        table.left_out = (0..u32::try_from(table.bearers.len()).unwrap_or(u32::MAX)).collect();
        let named: HashSet<u32> = table.large.bearers().collect();
        table.left_out.retain(|number| !named.contains(number));
        table.endings = u64::MAX;
    }

    /// Takes those in again that had ended and count once more.
    fn bring_back(&self, endings: u64) -> Result<(), NodeError> {
        let back: Vec<u32> = {
            let table = self.persons.table.read();
            let counts = |number: &u32| {
                table.bearer(*number).is_some_and(|bearer| self.derived.current(bearer.position).is_some())
            };
            table.left_out.iter().copied().filter(counts).collect()
        };
        for some in back.chunks(GET) {
            let positions: Vec<Position> = {
                let table = self.persons.table.read();
                some.iter().filter_map(|number| table.bearer(*number)).map(|bearer| bearer.position).collect()
            };
            let read = self.persons_at(&positions)?;
            let mut table = self.persons.table.write();
            for ((bearer, _), names) in read {
                let number = some
                    .iter()
                    .copied()
                    .find(|number| table.bearer(*number).is_some_and(|known| known.position == bearer.position));
                if let Some(number) = number {
                    table.fresh.extend(names.into_iter().map(|name| (number, name)));
                }
            }
        }
        let mut table = self.persons.table.write();
        table.endings = endings;
        if !back.is_empty() {
            table.left_out.retain(|number| !back.contains(number));
            table.settle();
        }
        Ok(())
    }

    /// The persons at these positions, whether they count or not; none of whom nothing is left to read.
    fn persons_at(&self, positions: &[Position]) -> Result<Vec<Read>, NodeError> {
        let depth = self.reader.depth();
        let of = |version: Version| {
            let doc = Doc::parse(&version.raw, depth).ok()?;
            let person = Person::read(doc.root())?;
            let names: Vec<Name> = names(&person).collect();
            let bearer = Bearer { position: version.position, label: version.label };
            (!names.is_empty()).then_some(((bearer, facts(&person)), names))
        };
        Ok(self.store.get(positions)?.into_iter().flatten().filter_map(of).collect())
    }
}

/// A version of a person, what is known of them, and their names.
type Read = ((Bearer, Facts), Vec<Name>);

/// The names a person is searched by, in every way they may be read.
pub(super) fn names(person: &Person) -> impl Iterator<Item = Name> {
    let names = person.names.iter().take(NAMES).flat_map(|name| Name::readings(&name.what.name, Kind::Person));
    names.filter(|name| !name.is_empty())
}

/// What is known of a person beside their names.
pub(super) fn facts(person: &Person) -> Facts {
    let mut facts = Facts::default();
    for birth in &person.births {
        if let Some(date) = birth.what.date {
            facts.add_birth(born(date, birth.what.until, birth.what.about));
        }
    }
    for nationality in &person.nationalities {
        let code = issuing_state(&nationality.what.country);
        facts.add_nation(&code.unwrap_or_else(|| nationality.what.country.clone()));
    }
    for (at, sexed) in person.sexes.iter().enumerate() {
        match sexed.what.sex {
            person::Sex::Female => facts.add_sex(Sex::Female, at == 0),
            person::Sex::Male => facts.add_sex(Sex::Male, at == 0),
            person::Sex::Unspecified => {}
        }
    }
    facts
}

/// A date as it is compared: an estimate reaches some years either way.
pub(super) fn born(date: PartialDate, until: Option<PartialDate>, about: bool) -> Born {
    let either_way = if about { ABOUT } else { 0 };
    let last = until.map_or(date.year, |until| until.year).saturating_add(either_way);
    let year = date.year.saturating_sub(either_way);
    let spread = u8::try_from(last.saturating_sub(year)).unwrap_or(u8::MAX);
    let is_one = spread == 0;
    Born {
        year,
        month: date.month.filter(|_| is_one).unwrap_or_default(),
        day: date.day.filter(|_| is_one).unwrap_or_default(),
        spread,
    }
}

/// Years that an estimate may be off.
const ABOUT: u16 = 2;
/// Names of one person that are searched.
pub(super) const NAMES: usize = 256;
/// Positions read at a time.
const PAGE: u64 = 1 << 17;
/// Objects fetched at once.
const GET: usize = 512;
