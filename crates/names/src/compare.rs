use std::sync::LazyLock;

use crate::align::{Alignment, Pair, sum};
use crate::ear::Ear;
use crate::name::{Name, Token};
use crate::sound::Costs;
use crate::spelling::least;
use crate::tag::Tag;

pub(crate) static COSTS: LazyLock<[Costs; 3]> =
    LazyLock::new(|| [Costs::plain(), Costs::without_vowels(), Costs::by_syllables()]);

/// One number of those that describe a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Of what one side tells, how much is found again: the side of which more is.
    CoverMost,
    /// The same of the other side.
    CoverLeast,
    /// Both multiplied.
    CoverBoth,
    /// What the side tells that has less left over: its parts that are in no pair.
    LeftLeast,
    /// The same of the other side.
    LeftMost,
    /// As [`LeftLeast`](Self::LeftLeast), of names alone.
    NamedLeftLeast,
    /// As [`LeftMost`](Self::LeftMost), of names alone.
    NamedLeftMost,
    /// The part left over that tells most, on the side where it tells less.
    LeftPart,
    /// Names left over, on the side with fewer.
    LeftNames,
    /// The same on the other side, at most 5.
    LeftNamesMost,
    /// How much the names left over on both sides contradict.
    Against,
    /// How alike the two names left over are that are most alike.
    Near,
    /// What all pairs tell.
    Evidence,
    /// The same, far less where a pair is less alike.
    Told,
    /// What all pairs tell, however alike.
    Vague,
    /// What pairs tell that are alike from 0.7.
    Loose,
    /// From 0.8.
    Close,
    /// From 0.9.
    Closer,
    /// What pairs tell that are the same.
    Same,
    /// How alike the worst pair is; 0 where there is none.
    Worst,
    /// How many pairs are the same, at most 4.
    Exact,
    /// How alike the family names are, where both sides show which it is.
    Family,
    /// How alike all letters are as they stand.
    Whole,
    /// The same, squared.
    WholeSquared,
    /// How alike all letters are with the parts in order.
    Sorted,
    /// How many names one side has more, at most 4.
    Lengths,
    /// Whether there is no pair.
    Nothing,
    /// Whether both begin with the same.
    First,
    /// What pairs tell whose parts begin elsewhere in the mouth: those who write carelessly seldom do so with the first letter.
    Onset,
    /// What pairs tell whose parts have the same consonants, as far as where they are made.
    Skeleton,
    /// How much less than a rare part all pairs tell, where one side is one name and the other more.
    Alone,
    /// What pairs tell of which no part is a word that organisations are named by.
    Own,
    /// What the names left over tell that are no such words, on the side where they tell less.
    OwnLeftLeast,
    /// The same of the other side.
    OwnLeftMost,
    /// How many numbers are left over on the side with fewer.
    Numbers,
    /// Whether both say what they are by law, and say otherwise.
    OtherForm,
    /// How many letters both are apart as they stand, at most 10.
    LettersWhole,
    /// The same with the parts in order.
    LettersSorted,
    /// How alike those parts are in letters that are least alike.
    LettersLeast,
}

impl Measure {
    /// How many there are.
    const COUNT: usize = Self::LettersLeast as usize + 1;
}

/// The numbers of a comparison, by [`Measure`].
pub(crate) type Measures = [f32; Measure::COUNT];

/// What stands between two names, in numbers.
pub(crate) fn measures(one: &Name, other: &Name, found: &Alignment, ear: &Ear<'_>) -> Measures {
    let paired = Paired::of(one, other, found);
    let left = (Left::of(one, found.seen.0), Left::of(other, found.seen.1));
    let (against, near) = contradiction((one, &left.0), (other, &left.1), ear);
    let total = (one.weights.iter().sum::<f32>().max(0.01), other.weights.iter().sum::<f32>().max(0.01));
    let cover = (paired.covered.0 / total.0, paired.covered.1 / total.1);
    let letters = (one.whole.apart(&other.whole), one.sorted.apart(&other.sorted));
    let whole = one.whole.alike(&other.whole, letters.0);
    let is_across = one.script() != other.script();
    let names = (one.count(Tag::Name), other.count(Tag::Name));
    let [vague, loose, close, closer, same] = paired.steps;
    let mut all: Measures = [0.0; Measure::COUNT];
    let mut set = |measure: Measure, value: f32| {
        if let Some(one) = all.get_mut(measure as usize) {
            *one = value;
        }
    };
    set(Measure::CoverMost, cover.0.max(cover.1));
    set(Measure::CoverLeast, cover.0.min(cover.1));
    set(Measure::CoverBoth, cover.0 * cover.1);
    set(Measure::LeftLeast, left.0.weight.min(left.1.weight));
    set(Measure::LeftMost, left.0.weight.max(left.1.weight));
    set(Measure::NamedLeftLeast, left.0.named_weight.min(left.1.named_weight));
    set(Measure::NamedLeftMost, left.0.named_weight.max(left.1.named_weight));
    set(Measure::LeftPart, left.0.most.min(left.1.most));
    set(Measure::LeftNames, left.0.names().min(left.1.names()) as f32);
    set(Measure::LeftNamesMost, left.0.names().max(left.1.names()).min(5) as f32);
    set(Measure::Against, against);
    set(Measure::Near, near);
    set(Measure::Evidence, paired.evidence);
    set(Measure::Told, paired.told);
    set(Measure::Vague, vague);
    set(Measure::Loose, loose);
    set(Measure::Close, close);
    set(Measure::Closer, closer);
    set(Measure::Same, same);
    set(Measure::Worst, if found.pairs.is_empty() { 0.0 } else { paired.worst });
    set(Measure::Exact, paired.exact.min(4.0));
    set(Measure::Family, paired.family);
    set(Measure::Whole, whole);
    set(Measure::WholeSquared, whole * whole);
    set(Measure::Sorted, one.sorted.alike(&other.sorted, letters.1));
    set(Measure::Lengths, names.0.abs_diff(names.1).min(4) as f32);
    set(Measure::Nothing, f32::from(u8::from(found.pairs.is_empty())));
    set(Measure::First, f32::from(u8::from(found.pairs.iter().any(|pair| pair.one.0 == 0 && pair.other.0 == 0))));
    set(Measure::Onset, paired.onset);
    set(Measure::Skeleton, paired.skeleton);
    let is_alone = names.0.min(names.1) <= 1 && names.0.max(names.1) > 1;
    set(Measure::Alone, if is_alone { (1.0 - paired.evidence).max(0.0) } else { 0.0 });
    set(Measure::Own, paired.own);
    set(Measure::OwnLeftLeast, left.0.own.min(left.1.own));
    set(Measure::OwnLeftMost, left.0.own.max(left.1.own));
    set(Measure::OtherForm, f32::from(u8::from(are_other_forms(one, other))));
    set(Measure::LettersWhole, letters.0.min(10) as f32);
    set(Measure::LettersSorted, letters.1.min(10) as f32);
    set(Measure::LettersLeast, if is_across { 1.0 } else { least(one, other, found) });
    set(Measure::Numbers, left.0.numbers.min(left.1.numbers).min(2.0));
    all
}

/// What the pairs say.
struct Paired {
    /// What each side tells of which the other has something alike.
    covered: (f32, f32),
    evidence: f32,
    told: f32,
    /// What pairs tell, all of them and those that are so alike.
    steps: [f32; 5],
    worst: f32,
    exact: f32,
    family: f32,
    onset: f32,
    skeleton: f32,
    own: f32,
}

impl Paired {
    fn of(one: &Name, other: &Name, found: &Alignment) -> Self {
        let mut all = Self {
            covered: (0.0, 0.0),
            evidence: 0.0,
            told: 0.0,
            steps: [0.0; 5],
            worst: 1.0,
            exact: 0.0,
            family: 0.0,
            onset: 0.0,
            skeleton: 0.0,
            own: 0.0,
        };
        for pair in &found.pairs {
            all.covered.0 += sum(&one.weights, pair.one) * pair.alike;
            all.covered.1 += sum(&other.weights, pair.other) * pair.alike;
            all.evidence += pair.weight * pair.alike;
            all.told += pair.weight * pair.alike.powi(4);
            for (_, sum) in STEPS.iter().zip(&mut all.steps).filter(|(step, _)| pair.alike > **step) {
                *sum += pair.weight;
            }
            let (onset, skeleton) = shape(one, other, pair);
            all.onset += onset;
            all.skeleton += skeleton;
            all.own += if is_own(one, pair.one) && is_own(other, pair.other) { pair.weight * pair.alike } else { 0.0 };
            if pair.weight > LITTLE {
                all.worst = all.worst.min(pair.alike);
                all.exact += f32::from(u8::from(pair.alike > 0.97));
            }
            if one.is_loud(pair.one) && other.is_loud(pair.other) {
                all.family = all.family.max(pair.alike);
            }
        }
        all
    }
}

/// Whether both say what they are by law, and say otherwise.
fn are_other_forms(one: &Name, other: &Name) -> bool {
    let forms = |name: &Name| name.tokens.iter().filter(|token| token.tag == Tag::Form).count();
    let is_said = |token: &Token| other.tokens.iter().any(|same| same.tag == Tag::Form && same.roman == token.roman);
    forms(other) > 0 && forms(one) > 0 && !one.tokens.iter().any(|token| token.tag == Tag::Form && is_said(token))
}

/// Whether these parts name one organisation and no kind of them.
fn is_own(name: &Name, (from, to): (usize, usize)) -> bool {
    let mut parts = name.tokens.get(from..to).unwrap_or_default().iter();
    parts.all(|token| token.word.is_none() && matches!(token.tag, Tag::Name | Tag::Number))
}

/// What a pair tells if its parts begin differently, and if their consonants are the same.
fn shape(one: &Name, other: &Name, pair: &Pair) -> (f32, f32) {
    let Some((a, b)) = pair.single(one, other) else { return (0.0, pair.weight) };
    let is_known = pair.alike > SAME || a.is_word(b) || a.is_called(b);
    if is_known || a.tag != Tag::Name || b.tag != Tag::Name {
        return (0.0, pair.weight);
    }
    let onset = if a.sounds.onset() == b.sounds.onset() { 0.0 } else { pair.weight };
    let skeleton = if a.sounds.skeleton() == b.sounds.skeleton() { pair.weight } else { 0.0 };
    (onset, skeleton)
}

/// How much the names left over on both sides contradict, and how alike the two are that are most alike.
fn contradiction((one, left): (&Name, &Left), (other, others): (&Name, &Left), ear: &Ear<'_>) -> (f32, f32) {
    let (mut against, mut near) = (0.0_f32, 0.0_f32);
    for (i, a) in one.tokens.iter().enumerate().filter(|(i, _)| left.named & (1 << i) != 0) {
        for (j, b) in other.tokens.iter().enumerate().filter(|(j, _)| others.named & (1 << j) != 0) {
            let alike = ear.alike((i, &a.sounds), (j, &b.sounds));
            let weight = sum(&one.weights, (i, i + 1)).min(sum(&other.weights, (j, j + 1)));
            near = near.max(alike);
            against = against.max(weight * (1.0 - alike));
        }
    }
    (against, near)
}

/// What of a name is in no pair.
struct Left {
    /// What it tells.
    weight: f32,
    /// The same of names alone.
    named_weight: f32,
    /// What the part tells that tells most.
    most: f32,
    /// What those names tell that are no words of organisations.
    own: f32,
    /// How many numbers are among it.
    numbers: f32,
    /// A bit for each name among them.
    named: u32,
}

impl Left {
    fn of(name: &Name, seen: u32) -> Self {
        let mut left = Self { weight: 0.0, named_weight: 0.0, most: 0.0, own: 0.0, numbers: 0.0, named: 0 };
        for (at, (token, weight)) in name.tokens.iter().zip(&name.weights).enumerate() {
            if seen & (1 << at) != 0 {
                continue;
            }
            left.weight += weight;
            left.most = left.most.max(*weight);
            if token.tag == Tag::Name {
                left.named_weight += weight;
                left.named |= 1 << at;
                left.own += if token.word.is_none() { *weight } else { 0.0 };
            }
            left.numbers += f32::from(u8::from(token.tag == Tag::Number));
        }
        left
    }

    /// How many names are among it.
    const fn names(&self) -> u32 {
        self.named.count_ones()
    }
}

/// From where on pairs count as vague, loose, close, closer and the same.
const STEPS: [f32; 5] = [0.0, 0.7, 0.8, 0.9, 0.985];
/// Pairs as alike as this are the same.
const SAME: f32 = 0.985;
/// Pairs that tell less are none to judge by.
const LITTLE: f32 = 0.15;
