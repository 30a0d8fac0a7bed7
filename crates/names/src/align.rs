//! How the parts of one name lie beside those of another.

use crate::ear::Ear;
use crate::name::{Manner, Name, Token};
use crate::script::Script;
use crate::sound::{Costs, Sounds};
use crate::tag::Tag;
use crate::word::begins_in_russian;

/// Parts of one name beside parts of another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Which of the one, from and up to.
    pub(crate) one: Span,
    /// Which of the other.
    pub(crate) other: Span,
    /// How alike they are, from 0 to 1.
    pub(crate) alike: f32,
    /// How much they tell at most: the less of both sides.
    pub(crate) weight: f32,
}

pub(crate) type Span = (usize, usize);

impl Pair {
    /// Both parts, where it is of one of each side.
    pub(crate) fn single<'n>(&self, one: &'n Name, other: &'n Name) -> Option<(&'n Token, &'n Token)> {
        match (one.tokens.get(self.one.0..self.one.1)?, other.tokens.get(self.other.0..self.other.1)?) {
            ([part], [beside]) => Some((part, beside)),
            _ => None,
        }
    }
}

/// The pairs, and which parts are in none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignment {
    pub(crate) pairs: Vec<Pair>,
    /// A bit for each part that is in a pair.
    pub(crate) seen: (u32, u32),
    /// Pairs that may be taken, with what they are worth: room that is kept from one comparison to the next.
    open: Vec<(f32, Pair)>,
}

impl Alignment {
    /// The worthiest pairs first, each part once: single parts, then those that one side writes together, then letters and
    /// names for what stands for several.
    pub(crate) fn of(one: &Name, other: &Name, ear: &Ear<'_>) -> Self {
        let mut found = Self::default();
        found.again(one, other, ear);
        found
    }

    /// The same in the room of the last.
    pub(crate) fn again(&mut self, one: &Name, other: &Name, ear: &Ear<'_>) {
        self.pairs.clear();
        self.seen = (0, 0);
        self.single(one, other, ear);
        if self.seen.0.count_ones() < count(one) || self.seen.1.count_ones() < count(other) {
            self.together(one, other, ear.costs);
        }
        if self.is_open(one, other) {
            self.shortened(one, other);
            self.shortened_back(one, other);
        }
    }

    fn is_open(&self, one: &Name, other: &Name) -> bool {
        self.seen.0.count_ones() < count(one) && self.seen.1.count_ones() < count(other)
    }

    fn single(&mut self, one: &Name, other: &Name, ear: &Ear<'_>) {
        // What is the same is beside nothing better.
        for (i, (a, x)) in one.tokens.iter().zip(&one.weights).enumerate() {
            let is_same =
                |j: &usize| self.seen.1 & (1 << j) == 0 && other.tokens.get(*j).is_some_and(|b| b.roman == a.roman);
            let same = std::iter::once(i).chain(0..other.tokens.len()).find(is_same);
            if let Some((j, y)) = same.and_then(|j| Some((j, other.weights.get(j)?))) {
                self.take(Pair { one: (i, i + 1), other: (j, j + 1), alike: 1.0, weight: x.min(*y) });
            }
        }
        let mut found = std::mem::take(&mut self.open);
        found.clear();
        for (i, (a, x)) in one.tokens.iter().zip(&one.weights).enumerate() {
            for (j, (b, y)) in other.tokens.iter().zip(&other.weights).enumerate() {
                if self.seen.0 & (1 << i) != 0 || self.seen.1 & (1 << j) != 0 {
                    continue;
                }
                let alike = alike((i, a), (j, b), ear);
                if alike >= LEAST {
                    let pair = Pair { one: (i, i + 1), other: (j, j + 1), alike, weight: x.min(*y) };
                    // Among equals, what stands at the same place.
                    let near = if i == j { 1.001 } else { 1.0 };
                    found.push((alike * alike * (x + y) * near, pair));
                }
            }
        }
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        for (_, pair) in &found {
            self.take(*pair);
        }
        self.open = found;
    }

    fn together(&mut self, one: &Name, other: &Name, costs: &Costs) {
        // What is the same is taken from nobody, but for articles, which hold nothing.
        let fixed = self.pairs.iter().filter(|pair| pair.alike > CLOSE && pair.weight > ARTICLE);
        let fixed = fixed.fold((0, 0), |(a, b), pair| (a | bits(pair.one), b | bits(pair.other)));
        for length in [2, 3] {
            for (at, span) in parts_beside(one, other, fixed, length) {
                self.join((one, at), (other, span), costs, false);
            }
            for (at, span) in parts_beside(other, one, (fixed.1, fixed.0), length) {
                self.join((other, at), (one, span), costs, true);
            }
        }
    }

    /// Takes a part beside several that it is written for, where that is better than what they are in.
    fn join(&mut self, (name, at): (&Name, Span), (other, span): (&Name, Span), costs: &Costs, is_turned: bool) {
        let (Some(part), Some(parts)) = (name.tokens.get(at.0), other.tokens.get(span.0..span.1)) else { return };
        if !are_as_long(part, parts) {
            return;
        }
        let (one, two) = if is_turned { (span, at) } else { (at, span) };
        let held = self.pairs.iter().filter(|pair| touches(pair.one, one) || touches(pair.other, two));
        let (mut worth, mut covered) = (0.0, 0);
        for pair in held {
            if pair.alike > CLOSE && pair.weight > ARTICLE {
                return;
            }
            worth += pair.alike * pair.weight;
            covered += usize::from(pair.weight > ARTICLE);
        }
        if covered > 1 {
            return;
        }
        let alike = written_together(part, parts, costs) * 0.98;
        if alike < JOINED {
            return;
        }
        let weight = sum(&name.weights, at).min(sum(&other.weights, span).max(0.6));
        if alike * weight > worth {
            self.pairs.retain(|pair| !touches(pair.one, one) && !touches(pair.other, two));
            self.mark();
            self.take(Pair { one, other: two, alike, weight });
        }
    }

    /// What is left of one beside the first letters of several of the other: `YMI`.
    fn shortened(&mut self, one: &Name, other: &Name) {
        for (i, part) in one.tokens.iter().enumerate() {
            if self.seen.0 & (1 << i) != 0 || part.tag != Tag::Name || !(3..=8).contains(&part.roman.len()) {
                continue;
            }
            let is_free = |span: &Span| self.seen.1 & bits(*span) == 0;
            if let Some(span) =
                initials(part, other).filter(is_free).or_else(|| translated(part, other).filter(is_free))
            {
                let weight = one.weights.get(i).copied().unwrap_or_default();
                self.take(Pair { one: (i, i + 1), other: span, alike: SHORTENED, weight });
            }
        }
    }

    fn shortened_back(&mut self, one: &Name, other: &Name) {
        let mut turned = Self { seen: (self.seen.1, self.seen.0), ..Self::default() };
        turned.shortened(other, one);
        for pair in turned.pairs {
            self.take(Pair { one: pair.other, other: pair.one, ..pair });
        }
    }

    fn take(&mut self, pair: Pair) {
        let (a, b) = (bits(pair.one), bits(pair.other));
        if self.seen.0 & a == 0 && self.seen.1 & b == 0 {
            self.seen = (self.seen.0 | a, self.seen.1 | b);
            self.pairs.push(pair);
        }
    }

    fn mark(&mut self) {
        self.seen = self.pairs.iter().fold((0, 0), |(a, b), pair| (a | bits(pair.one), b | bits(pair.other)));
    }
}

fn count(name: &Name) -> u32 {
    u32::try_from(name.tokens.len()).unwrap_or(u32::MAX)
}

fn bits((from, to): Span) -> u32 {
    ((1_u32 << to) - 1) & !((1_u32 << from) - 1)
}

/// Long parts of one name beside as many in a row of another as are given, but for those that are fixed.
fn parts_beside<'n>(
    one: &'n Name,
    other: &'n Name,
    fixed: (u32, u32),
    length: usize,
) -> impl Iterator<Item = (Span, Span)> + use<'n> {
    let long = one.tokens.iter().enumerate().filter(|(_, token)| token.roman.len() > 4).map(|(i, _)| (i, i + 1));
    let spans = move || {
        let all = (0..(other.tokens.len() + 1).saturating_sub(length)).map(move |j| (j, j + length));
        all.filter(move |span| fixed.1 & bits(*span) == 0)
    };
    long.filter(move |at| fixed.0 & bits(*at) == 0).flat_map(move |at| spans().map(move |span| (at, span)))
}

/// Whether a part may be several that are written together: it is about as long in letters, or in consonants where it is of another
/// script, which may leave vowels out.
fn are_as_long(part: &Token, parts: &[Token]) -> bool {
    let letters: usize = parts.iter().map(|token| token.roman.len()).sum();
    if letters.abs_diff(part.roman.len()) <= 2 {
        return true;
    }
    let consonants = || parts.iter().map(|token| token.sounds.consonants).sum::<u8>();
    parts.iter().any(|other| other.script != part.script) && consonants().abs_diff(part.sounds.consonants) <= 2
}

/// How alike a part is to several that are written together. An article between two is often said as what stands behind it:
/// `Abdurrahman`, `Shamsuddin`.
fn written_together(part: &Token, parts: &[Token], costs: &Costs) -> f32 {
    let alike = |parts: &mut dyn Iterator<Item = &Token>| {
        costs.alike_from(
            &part.sounds,
            &Sounds::from(parts.flat_map(|token| token.sounds.heard.iter().copied())),
            WRITTEN,
        )
    };
    let all = alike(&mut parts.iter());
    match parts {
        [_, middle, _] if middle.tag == Tag::Particle => all.max(alike(&mut parts.iter().step_by(2))),
        _ => all,
    }
}

fn touches(one: Span, other: Span) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// What parts tell together.
pub(crate) fn sum(weights: &[f32], (from, to): Span) -> f32 {
    weights.get(from..to).unwrap_or_default().iter().sum()
}

fn alike((i, one): (usize, &Token), (j, other): (usize, &Token), ear: &Ear<'_>) -> f32 {
    if one.is_word(other) {
        return SAME_WORD;
    }
    if one.is_called(other) {
        return CALLED.max(ear.alike((i, &one.sounds), (j, &other.sounds)));
    }
    match (one.tag, other.tag) {
        (Tag::Initial, Tag::Name) => initial(one, other),
        (Tag::Name, Tag::Initial) => initial(other, one),
        (Tag::Number, _) | (_, Tag::Number) => 0.0,
        _ => {
            let alike = ear.alike((i, &one.sounds), (j, &other.sounds));
            if alike < BEGUN && is_begun(one, other) { BEGUN } else { alike }
        }
    }
}

/// Whether one is the beginning of the other: `Salah` of Salahuddin, `Kakha` of Kakhaber.
fn is_begun(one: &Token, other: &Token) -> bool {
    let (short, long) = (&one.sounds.heard, &other.sounds.heard);
    let (short, long) = if short.len() <= long.len() { (short, long) } else { (long, short) };
    short.len() >= 4 && one.tag == Tag::Name && other.tag == Tag::Name && long.starts_with(short)
}

fn initial(letter: &Token, name: &Token) -> f32 {
    let same = letter.sounds.heard.first() == name.sounds.heard.first() || letter.roman.first() == name.roman.first();
    if same { 0.75 } else { 0.0 }
}

/// Where a part is the first letters of parts in a row, of which small words may be left out.
pub(crate) fn initials(part: &Token, name: &Name) -> Option<Span> {
    let letters: &[u8] = &part.roman;
    (0..name.tokens.len()).find_map(|from| {
        let (mut at, mut to) = (0, from);
        for token in name.tokens.get(from..).unwrap_or_default() {
            let is_next = token.roman.first() == letters.get(at);
            if !(is_next || at > 0 && matches!(token.tag, Tag::Filler | Tag::Particle)) {
                break;
            }
            at += usize::from(is_next);
            to += 1;
            if at == letters.len() {
                return Some((from, to));
            }
        }
        None
    })
}

/// Where a part in Cyrillic letters is what parts in a row begin with, in their own letters or in Russian: `АСЗ` of the Amur
/// Shipbuilding Plant.
fn translated(part: &Token, name: &Name) -> Option<Span> {
    if part.script != Script::Cyrillic || name.tokens.iter().all(|token| token.script == Script::Cyrillic) {
        return None;
    }
    let left = |letters, from| begins(letters, name.tokens.get(from..).unwrap_or_default(), 0);
    (0..name.tokens.len()).find_map(|from| left(&part.roman, from).map(|length| (from, from + length)))
}

/// How many parts it takes to begin with these letters, one after the other.
fn begins(letters: &[u8], parts: &[Token], taken: usize) -> Option<usize> {
    if letters.is_empty() {
        return Some(taken);
    }
    let (first, rest) = parts.split_first()?;
    let own = [first.roman.get(..1), first.roman.get(..2).filter(|two| PAIRS.contains(two))];
    let russian = first.word.map_or(&[] as &[&str], begins_in_russian).iter().map(|begin| begin.as_bytes());
    let form = FORMS.iter().filter(|(form, _)| form.as_bytes() == &*first.roman).map(|(_, begin)| begin.as_bytes());
    let mut ways = own.into_iter().flatten().chain(russian).chain(form).filter_map(|begin| letters.strip_prefix(begin));
    let found = ways.find_map(|left| begins(left, rest, taken + 1));
    let is_small = taken > 0 && matches!(first.tag, Tag::Filler | Tag::Particle);
    found.or_else(|| is_small.then(|| begins(letters, rest, taken + 1)).flatten())
}

/// Which costs two names are compared with.
pub(crate) fn manner(one: &Name, other: &Name) -> Manner {
    if one.script() == other.script() { Manner::Spelled } else { one.manner.max(other.manner) }
}

/// With which costs two parts are compared.
pub(crate) fn costs_between<'c>(one: &Token, other: &Token, all: &'c [Costs; 3]) -> &'c Costs {
    let (a, b) = (one.script, other.script);
    if a == b { costs(Manner::Spelled, all) } else { costs(Manner::of(a).max(Manner::of(b)), all) }
}

pub(crate) fn costs(manner: Manner, [plain, consonants, syllables]: &[Costs; 3]) -> &Costs {
    match manner {
        Manner::Spelled => plain,
        Manner::Syllables => syllables,
        Manner::Consonants => consonants,
    }
}

/// One letter of Cyrillic in two of Latin.
const PAIRS: [&[u8]; 7] = [b"ch", b"sh", b"ts", b"zh", b"kh", b"ia", b"iu"];
/// What words that are forms begin with in Russian.
const FORMS: [(&str, &str); 4] = [("corporation", "k"), ("company", "k"), ("enterprise", "p"), ("concern", "k")];
/// Parts less alike than this are no pair.
const LEAST: f32 = 0.55;
/// Parts as alike as this stay a pair.
const CLOSE: f32 = 0.97;
/// The same for parts that are written together.
const JOINED: f32 = 0.8;
/// Somewhat less, in hundredths: below, nobody asks how much.
const WRITTEN: u16 = 80;
/// What articles tell at most: they hold nothing together.
const ARTICLE: f32 = 0.1;
/// How alike the beginning of a part is to all of it, at least.
const BEGUN: f32 = 0.74;
/// How alike one word in two languages is.
const SAME_WORD: f32 = 0.93;
/// How alike a name is to what people who bear it are called for short, at least.
pub(crate) const CALLED: f32 = 0.86;
/// How much first letters are alike to what they stand for.
const SHORTENED: f32 = 0.85;
