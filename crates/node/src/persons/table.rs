use std::collections::HashMap;
use std::sync::Arc;

use comity_base::Position;
use comity_names::{Beside, Builder, Facts, Hit, Name, Query, Register, Scratch, View};
use comity_store::LabelId;
use parking_lot::{Mutex, RwLock};

/// The names of all persons here, ready to be searched: a large register that changes seldom, and a small one beside it for
/// what came since.
#[derive(Debug, Default)]
pub(crate) struct Persons {
    pub(super) table: RwLock<Table>,
    /// Held by whoever reads on, so that one does at a time.
    pub(super) reading: Mutex<()>,
    /// By the labels they lack.
    views: Mutex<HashMap<Vec<u32>, Kept>>,
    scratches: Mutex<Vec<Scratch>>,
}

/// What is known at one moment.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The log was read up to here.
    pub(super) read: Position,
    /// As much had ended, or counted again, by then.
    pub(super) endings: u64,
    /// And by when the large register was made.
    pub(super) endings_then: u64,
    /// One for each version of a person, in the order of the log; registers name them by number.
    pub(super) bearers: Vec<Bearer>,
    pub(super) known: Known,
    /// Numbers of bearers that had ended when the large register was made, and are not in it.
    pub(super) left_out: Vec<u32>,
    pub(super) large: Arc<Register>,
    pub(super) small: Arc<Register>,
    /// What the small one is made of.
    pub(super) fresh: Vec<(u32, Name)>,
    /// Whether what was kept from the last start has been looked for.
    pub(super) is_loaded: bool,
    /// Whether somebody was erased whose name may still be in a register.
    pub(super) names_erased: bool,
    /// How many bearers were written down.
    pub(super) kept: usize,
    /// Changes with each register, large and small.
    pub(super) made: (u64, u64),
}

/// A version of a person that names may lead to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bearer {
    pub(super) position: Position,
    pub(super) label: LabelId,
}

/// What is known of each bearer beside the name, by number: of most it is eight bytes that lie close together.
#[derive(Debug, Default)]
pub(super) struct Known {
    packed: Vec<u64>,
    /// Of those of whom more is known.
    more: HashMap<u32, Facts>,
}

impl Known {
    /// Adds what is known of the next.
    pub(super) fn push(&mut self, facts: &Facts) {
        let packed = facts.packed().unwrap_or_else(|| {
            self.more.insert(u32::try_from(self.packed.len()).unwrap_or(u32::MAX), *facts);
            MORE
        });
        self.packed.push(packed);
    }

    /// What is known of a bearer.
    pub(super) fn of(&self, number: u32) -> Facts {
        self.unpacked(number, self.packed_of(number))
    }

    fn packed_of(&self, number: u32) -> u64 {
        self.packed.get(number as usize).copied().unwrap_or_default()
    }

    fn unpacked(&self, number: u32, packed: u64) -> Facts {
        if packed == MORE { self.more.get(&number).copied().unwrap_or_default() } else { Facts::unpacked(packed) }
    }
}

/// How what is asked compares with what is known of bearers.
pub(super) struct Compared<'a> {
    pub(super) asked: &'a Facts,
    pub(super) known: &'a Known,
}

impl Beside for Compared<'_> {
    fn points(&self, bearer: u32) -> f32 {
        self.asked.points(&self.known.of(bearer))
    }

    fn points_of_all(&self, bearers: &[u32], out: &mut Vec<f32>) {
        let packed: Vec<u64> = bearers.iter().map(|bearer| self.known.packed_of(*bearer)).collect();
        let facts = bearers.iter().zip(packed).map(|(bearer, packed)| self.known.unpacked(*bearer, packed));
        out.extend(facts.map(|facts| self.asked.points(&facts)));
    }
}

/// What stands where more is known than can be packed: no facts are packed as this.
const MORE: u64 = u64::MAX;

/// What those see who lack the same, kept while the registers are the same.
#[derive(Clone, Debug)]
struct Kept {
    made: (u64, u64),
    eyes: Eyes,
}

/// Both registers as somebody sees them.
#[derive(Clone, Debug)]
pub(super) struct Eyes {
    large: (Arc<Register>, Arc<View>),
    small: (Arc<Register>, Arc<View>),
}

impl Eyes {
    fn both(&self) -> [(&Register, &View); 2] {
        [(&self.large.0, &self.large.1), (&self.small.0, &self.small.1)]
    }

    /// How many names are seen.
    pub(super) fn names(&self) -> usize {
        self.both().iter().map(|(_, view)| view.len()).sum()
    }

    /// Weighs a name by how many bear its parts among those that are seen.
    pub(super) fn weigh(&self, name: &mut Name) {
        Register::weigh_among(&self.both(), name);
    }

    /// The likeliest names of both.
    pub(super) fn search(&self, query: &Query<'_>, scratch: &mut Scratch) -> Vec<Hit> {
        self.both().into_iter().flat_map(|(register, view)| register.search(view, query, scratch)).collect()
    }
}

impl Table {
    /// Adds a version; [`Self::settle`] makes its names found. Of one that does not count, only where it stands is noted.
    pub(super) fn add(&mut self, (bearer, facts): (Bearer, Facts), names: Vec<Name>, counts: bool) {
        let number = u32::try_from(self.bearers.len()).unwrap_or(u32::MAX);
        self.known.push(&facts);
        self.bearers.push(bearer);
        if counts {
            self.fresh.extend(names.into_iter().map(|name| (number, name)));
        } else {
            self.left_out.push(number);
        }
    }

    /// Makes the small register anew.
    pub(super) fn settle(&mut self) {
        let mut builder = Builder::default();
        for (bearer, name) in &self.fresh {
            builder.add(*bearer, name);
        }
        self.small = Arc::new(builder.settle());
        self.made.1 += 1;
    }

    /// Whether so much came, or ended, that one large register should be made of both.
    pub(super) fn is_due(&self) -> bool {
        let most = SMALL + self.large.len() / 4;
        self.names_erased
            || self.fresh.len() > most
            || usize::try_from(self.endings.saturating_sub(self.endings_then)).unwrap_or(usize::MAX) > most
    }

    /// The number of the version at a position.
    pub(super) fn numbered(&self, position: Position) -> Option<u32> {
        let at = self.bearers.binary_search_by_key(&position, |bearer| bearer.position).ok()?;
        u32::try_from(at).ok()
    }

    pub(super) fn bearer(&self, number: u32) -> Option<&Bearer> {
        self.bearers.get(usize::try_from(number).ok()?)
    }
}

impl Persons {
    /// Both registers as those see them who lack the same labels. What has ended is still among them until they are made anew:
    /// whoever searches passes it over.
    pub(super) fn eyes(&self, table: &Table, unmet: Vec<u32>, sees: &dyn Fn(u32) -> bool) -> Eyes {
        let known = self.views.lock().get(&unmet).filter(|kept| kept.made.0 == table.made.0).cloned();
        if let Some(kept) = known.as_ref().filter(|kept| kept.made == table.made) {
            return kept.eyes.clone();
        }
        let large = known.map_or_else(|| Arc::new(table.large.view(sees)), |kept| kept.eyes.large.1);
        let small = table.small.view(sees);
        let small = table.small.view_beside(&small, &[(&table.large, &large)]);
        let eyes =
            Eyes { large: (Arc::clone(&table.large), large), small: (Arc::clone(&table.small), Arc::new(small)) };
        let mut views = self.views.lock();
        if views.len() >= VIEWS {
            views.clear();
        }
        views.insert(unmet, Kept { made: table.made, eyes: eyes.clone() });
        eyes
    }

    /// Lends what a search needs beside the registers.
    pub(super) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = self.scratches.lock().pop().unwrap_or_default();
        let done = work(&mut scratch);
        let mut kept = self.scratches.lock();
        if kept.len() < SCRATCHES {
            kept.push(scratch);
        }
        done
    }
}

/// Names that the small register may hold before it is merged into a large one of none.
const SMALL: usize = 20_000;
/// Classes of people whose views are kept.
const VIEWS: usize = 64;
/// Searches at one moment whose scratch is kept for the next.
const SCRATCHES: usize = 16;
