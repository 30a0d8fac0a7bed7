use std::collections::HashMap;
use std::sync::Arc;

use crate::align::costs_between;
use crate::compare::COSTS;
use crate::name::{Name, Token};
use crate::rarity::told;
use crate::score::{Kind, points};

/// Names that are searched: each part once, and for each part who bears it.
#[derive(Debug, Default)]
pub struct Register {
    parts: Vec<Part>,
    /// By how a part is written.
    written: HashMap<String, u32>,
    /// By how a part sounds and is written, whole and with one letter left out: fingerprints with parts, in order once the
    /// register is settled.
    heard: Vec<(u32, u32)>,
    /// The parts of all names, one name after the other, and where each name begins.
    spelled: Vec<u32>,
    begins: Vec<u32>,
    bearers: Vec<u32>,
}

#[derive(Debug)]
struct Part {
    token: Arc<Token>,
    /// The fingerprint of its key.
    key: u32,
    weight: f32,
    /// The names it stands in.
    names: Vec<u32>,
}

impl Part {
    /// How many names it stands in.
    fn bearers(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }
}

/// A name that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Whose it is, as it was added.
    pub bearer: u32,
    /// Which of the names that were added.
    pub name: u32,
    /// How likely it is of the one that is sought, in [`points`].
    pub points: f32,
}

/// What a search needs beside the register, kept from one to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    points: Vec<f32>,
    touched: Vec<u32>,
}

impl Register {
    /// Adds a name of somebody.
    pub fn add(&mut self, bearer: u32, name: &Name) {
        let number = u32::try_from(self.bearers.len()).unwrap_or(u32::MAX);
        self.begins.push(u32::try_from(self.spelled.len()).unwrap_or(u32::MAX));
        self.bearers.push(bearer);
        for token in &name.tokens {
            let part = self.part(token);
            self.spelled.push(part);
            let Some(part) = self.parts.get_mut(part as usize) else { continue };
            if part.names.last() != Some(&number) {
                part.names.push(number);
            }
        }
    }

    /// How many names there are.
    fn names(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    fn part(&mut self, token: &Arc<Token>) -> u32 {
        if let Some(part) = self.written.get(&token.text) {
            return *part;
        }
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let key = sound(token);
        self.parts.push(Part { token: Arc::clone(token), key, weight: token.tag.weight(), names: Vec::new() });
        self.written.insert(token.text.clone(), number);
        if token.tag.is_sought() {
            self.heard.extend(keys(token).into_iter().map(|key| (key, number)));
        }
        number
    }

    /// Weighs the parts by how many bear them: once all names are there.
    pub fn settle(&mut self) {
        let names = self.names();
        let mut bearers: HashMap<u32, u32> = HashMap::new();
        for part in &self.parts {
            *bearers.entry(part.key).or_default() += part.bearers();
        }
        for part in &mut self.parts {
            let known = bearers.get(&part.key).copied().unwrap_or_default();
            part.weight = told(names, known) * part.token.tag.weight();
            part.names.shrink_to_fit();
        }
        self.heard.sort_unstable();
        self.heard.dedup();
        self.heard.shrink_to_fit();
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.bearers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bearers.is_empty()
    }

    /// Weighs a name by how many here bear its parts.
    pub fn weigh(&self, name: &mut Name) {
        let names = self.names();
        for (token, weight) in name.tokens.iter().zip(&mut name.weights) {
            let key = sound(token);
            let known = self.with(key).filter_map(|part| self.parts.get(part as usize));
            let bearers = known.filter(|part| part.key == key).map(Part::bearers).sum();
            *weight = told(names, bearers) * token.tag.weight();
        }
    }

    /// The likeliest names, the best of each bearer, at most so many. No name is looked at that shares no part with the one
    /// that is sought, or one that sounds like it.
    pub fn search(&self, name: &Name, kind: Kind, most: usize, scratch: &mut Scratch) -> Vec<Hit> {
        let mut sought = self.sought(name);
        sought.sort_by_key(|part| part.names);
        self.gather(&sought, scratch);
        let mut best: Vec<Hit> = Vec::with_capacity(most + 1);
        for number in self.candidates(scratch, name.tokens.len()) {
            let Some(other) = self.name(number) else { continue };
            let bearer = self.bearers.get(number as usize).copied().unwrap_or_default();
            let points = points(name, &other, kind);
            if let Some(known) = best.iter_mut().find(|hit| hit.bearer == bearer) {
                if points > known.points {
                    *known = Hit { bearer, name: number, points };
                }
            } else {
                best.push(Hit { bearer, name: number, points });
            }
        }
        best.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.name.cmp(&b.name)));
        best.truncate(most);
        best
    }

    /// Every name as it was added, with what its parts tell here.
    pub fn all(&self) -> impl Iterator<Item = Name> {
        (0..self.names()).filter_map(|number| self.name(number))
    }

    /// A name as it was added, with what its parts tell here.
    fn name(&self, number: u32) -> Option<Name> {
        let parts = self.spelling(number).iter().filter_map(|part| self.parts.get(*part as usize));
        let (tokens, weights): (Vec<_>, Vec<_>) = parts.map(|part| (Arc::clone(&part.token), part.weight)).unzip();
        (!tokens.is_empty()).then(|| Name::made(tokens, weights))
    }

    fn spelling(&self, number: u32) -> &[u32] {
        let from = self.begins.get(number as usize).copied().unwrap_or_default() as usize;
        let to = self.begins.get(number as usize + 1).map_or(self.spelled.len(), |to| *to as usize);
        self.spelled.get(from..to).unwrap_or_default()
    }

    /// For each part that is sought, and for each two beside each other, the parts that sound like it.
    fn sought(&self, name: &Name) -> Vec<Sought> {
        let mut all = Vec::new();
        for (at, token) in name.tokens.iter().enumerate() {
            let weight = name.weights.get(at).copied().unwrap_or_default();
            if token.tag.is_sought() || name.tokens.len() == 1 {
                all.push(self.alike(token, weight));
            }
            if let Some(next) = name.tokens.get(at + 1) {
                let joined = token.with(next);
                let found = self.alike(&joined, weight + name.weights.get(at + 1).copied().unwrap_or_default());
                all.push(found);
            }
        }
        for (token, weight) in name.tokens.iter().zip(&name.weights) {
            self.split(token, *weight, &mut all);
        }
        all.retain(|sought| !sought.parts.is_empty());
        all
    }

    /// A long part that nobody bears, as two that somebody does.
    fn split(&self, token: &Token, weight: f32, all: &mut Vec<Sought>) {
        let length = token.roman.len();
        let mut borne = self.with(sound(token)).filter_map(|part| self.parts.get(part as usize));
        if length < 2 * SHORTEST || !token.tag.is_sought() || borne.any(|part| part.token.roman == token.roman) {
            return;
        }
        for at in SHORTEST..=length - SHORTEST {
            let Some((one, other)) = token.roman.split_at_checked(at) else { continue };
            let (Ok(one), Ok(other)) = (std::str::from_utf8(one), std::str::from_utf8(other)) else { continue };
            let (one, other) = (self.written_as(one, weight), self.written_as(other, weight));
            if !one.parts.is_empty() && !other.parts.is_empty() {
                all.extend([one, other]);
            }
        }
    }

    /// The parts that are exactly these letters.
    fn written_as(&self, roman: &str, weight: f32) -> Sought {
        let token = Token::of(roman);
        let mut sought = Sought { parts: Vec::new(), names: 0 };
        for number in self.with(sound(&token)) {
            if let Some(part) = self.parts.get(number as usize).filter(|part| *part.token.roman == *roman.as_bytes()) {
                sought.names += part.names.len();
                sought.parts.push((number, weight.min(part.weight)));
            }
        }
        sought
    }

    /// The parts with a fingerprint.
    fn with(&self, key: u32) -> impl Iterator<Item = u32> {
        let from = self.heard.partition_point(|(known, _)| *known < key);
        self.heard.iter().skip(from).take_while(move |(known, _)| *known == key).map(|(_, part)| *part)
    }

    fn alike(&self, token: &Token, weight: f32) -> Sought {
        let mut parts: Vec<u32> = keys(token).iter().flat_map(|key| self.with(*key)).collect();
        parts.sort_unstable();
        parts.dedup();
        let mut sought = Sought { parts: Vec::new(), names: 0 };
        for number in parts {
            let Some(part) = self.parts.get(number as usize) else { continue };
            let is_same = part.token.roman == token.roman;
            let is_word = token.word.is_some() && token.word == part.token.word;
            let alike = if is_same || is_word {
                1.0
            } else {
                costs_between(token, &part.token, &COSTS).alike(&token.sounds, &part.token.sounds)
            };
            if alike >= ALIKE {
                sought.names += part.names.len();
                sought.parts.push((number, alike * alike * weight.min(part.weight.max(weight * 0.5))));
            }
        }
        sought
    }

    /// Gives points to every name in which a part stands that is sought, the rarest first, as long as there is room.
    fn gather(&self, sought: &[Sought], scratch: &mut Scratch) {
        scratch.points.resize(self.bearers.len(), 0.0);
        let mut visited = 0;
        for (at, one) in sought.iter().enumerate() {
            let is_common = visited + one.names > ROOM;
            if is_common && at > 0 && !scratch.touched.is_empty() {
                self.raise(one, scratch);
                continue;
            }
            visited += one.names;
            let mut others: Vec<u32> = Vec::new();
            if is_common {
                others.extend(sought.iter().skip(at + 1).flat_map(|one| one.parts.iter().map(|(part, _)| *part)));
                others.sort_unstable();
            }
            for (part, points) in &one.parts {
                let names = self.parts.get(*part as usize).map_or(&[][..], |part| &part.names);
                for number in names {
                    // Where all that is sought is common, only names with two of its parts count.
                    if is_common
                        && !others.is_empty()
                        && !self.spelling(*number).iter().any(|part| others.binary_search(part).is_ok())
                    {
                        continue;
                    }
                    scratch.give(*number, *points);
                }
            }
        }
    }

    /// Gives points for a common part to names that have some already.
    fn raise(&self, one: &Sought, scratch: &mut Scratch) {
        for number in &scratch.touched {
            let spelling = self.spelling(*number);
            let points = |part: &u32| {
                let found = one.parts.binary_search_by_key(part, |(known, _)| *known).ok();
                found.and_then(|at| one.parts.get(at)).map_or(0.0, |(_, points)| *points)
            };
            let best = spelling.iter().map(points).fold(0.0, f32::max);
            if let Some(points) = scratch.points.get_mut(*number as usize) {
                *points += best;
            }
        }
    }

    /// The names with the most points, and the scratch as it was before.
    fn candidates(&self, Scratch { points, touched }: &mut Scratch, sought: usize) -> Vec<u32> {
        let mut all: Vec<(f32, u32)> = Vec::with_capacity(touched.len());
        for number in touched.drain(..) {
            if let Some(points) = points.get_mut(number as usize) {
                // What a name has more or less than what is sought speaks against it, a little.
                let more = self.spelling(number).len().abs_diff(sought).min(8) as f32;
                all.push((std::mem::take(points) - more * STRAY, number));
            }
        }
        // What has far fewer points than the best is not the best in full either.
        let least = all.iter().map(|(points, _)| *points).fold(0.0, f32::max) * ENOUGH;
        all.retain(|(points, _)| *points >= least);
        if all.len() > CANDIDATES {
            all.select_nth_unstable_by(CANDIDATES, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(CANDIDATES);
        }
        all.into_iter().map(|(_, number)| number).collect()
    }
}

impl Scratch {
    fn give(&mut self, number: u32, points: f32) {
        if let Some(held) = self.points.get_mut(number as usize) {
            if *held == 0.0 {
                self.touched.push(number);
            }
            *held += points;
        }
    }
}

/// Parts that sound like one that is sought, with what each is worth, and in how many names they stand.
struct Sought {
    parts: Vec<(u32, f32)>,
    names: usize,
}

/// The fingerprint of how a part sounds.
fn sound(token: &Token) -> u32 {
    fingerprint(b'=', token.key().as_bytes(), None)
}

/// The fingerprints of how a part sounds and how it is written, and of both with one letter left out where it is long: two
/// that differ in one letter share one.
fn keys(token: &Token) -> Vec<u32> {
    let (key, roman) = (token.key(), &*token.roman);
    let key = key.as_bytes();
    let mut all = vec![sound(token)];
    if key.len() >= LONG {
        all.push(fingerprint(b'-', key, None));
        all.extend((0..key.len()).map(|at| fingerprint(b'-', key, Some(at))));
    }
    if (4..=12).contains(&roman.len()) {
        all.push(fingerprint(b'.', roman, None));
        all.extend((0..roman.len()).map(|at| fingerprint(b'.', roman, Some(at))));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// FNV-1a of a key of some kind with one letter left out: keys are short and not secret, and what is found is looked at.
fn fingerprint(kind: u8, key: &[u8], without: Option<usize>) -> u32 {
    let kept = key.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, byte)| *byte);
    let sum = std::iter::once(kind)
        .chain(kept)
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    #[expect(clippy::cast_possible_truncation, reason = "half of it is a fingerprint too")]
    let half = (sum ^ (sum >> 32)) as u32;
    half
}

/// Consonants from which on one may be left out.
const LONG: usize = 4;
/// Parts less alike than this are not the one that is sought.
const ALIKE: f32 = 0.6;
/// Postings read for one search, but for parts that are all common.
const ROOM: usize = 20_000;
/// Names that are compared in full.
const CANDIDATES: usize = 96;
/// Points that a part costs which the other name does not have.
const STRAY: f32 = 0.08;
/// Of the points of the best, what a name needs to be compared in full.
const ENOUGH: f32 = 0.5;
/// Letters of a part that another is split into.
const SHORTEST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: [&str; 12] = [
        "Kask", "Petrov", "Garcia", "al-Masri", "Smith", "Saar", "Schmidt", "Lopez", "Rossi", "Novak", "Silva",
        "Haddad",
    ];
    const GIVEN: [&str; 10] =
        ["Mari", "Jaan", "Ekaterina", "Ahmad", "Mahmoud", "Mohammed", "John", "Maria", "Hassan", "Jose"];

    /// Everybody with each of these names, and somebody whose name is rare.
    fn register() -> Register {
        let mut register = Register::default();
        for number in 0..1_200 {
            let name = format!("{} {}", GIVEN[number % GIVEN.len()], FAMILIES[number / GIVEN.len() % FAMILIES.len()]);
            register.add(u32::try_from(number).unwrap(), &Name::read(&name));
        }
        register.add(5_000, &Name::read("Wolodymyr Przybyszewski"));
        register.add(5_000, &Name::read("Володимир Пшибишевський"));
        register.settle();
        register
    }

    fn first(register: &Register, name: &str) -> Option<Hit> {
        let mut name = Name::read(name);
        register.weigh(&mut name);
        register.search(&name, Kind::Person, 10, &mut Scratch::default()).first().copied()
    }

    #[test]
    fn whoever_is_sought_is_found_however_the_name_is_written() {
        let register = register();
        for name in [
            "Wolodymyr Przybyszewski",
            "PRZYBYSZEWSKI, Volodymyr",
            "Przybyszewsky Wolodymir",
            "Wolodymyr Przybyszewksi",
            "Wolodymyrprzybyszewski",
            "Przybyszewski",
        ] {
            assert_eq!(first(&register, name).map(|hit| hit.bearer), Some(5_000), "{name}");
        }
    }

    #[test]
    fn a_bearer_is_told_once_and_of_common_names_the_best_are() {
        let register = register();
        let mut name = Name::read("Mohammed al-Masri");
        register.weigh(&mut name);
        let mut scratch = Scratch::default();
        let hits = register.search(&name, Kind::Person, 10, &mut scratch);
        assert_eq!(hits.len(), 10);
        for hit in &hits {
            let number = hit.bearer as usize;
            assert_eq!((GIVEN[number % 10], FAMILIES[number / 10 % 12]), ("Mohammed", "al-Masri"), "{hit:?}");
        }
        let mut bearers: Vec<u32> = hits.iter().map(|hit| hit.bearer).collect();
        bearers.dedup();
        assert_eq!(bearers.len(), 10);
        assert_eq!(register.search(&name, Kind::Person, 10, &mut scratch), hits, "nothing is left over in the scratch");
    }

    #[test]
    fn nobody_is_found_who_shares_nothing_and_nothing_in_nothing() {
        assert_eq!(first(&register(), "Xiulan Quan"), None);
        assert_eq!(first(&register(), ""), None);
        assert!(first(&Register::default(), "Mari Tamm").is_none() && Register::default().is_empty());
    }
}
