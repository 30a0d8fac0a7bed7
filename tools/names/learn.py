"""Learns what each number of a comparison is worth, and writes crates/names/src/card.rs.

  COMITY_NAMES_NUMBERS=numbers.tsv cargo bench -p comity-names --bench names
  python3 tools/names/learn.py numbers.tsv > crates/names/src/card.rs      # needs numpy, scipy and scikit-learn

A logistic regression on lines bent at knots, of which each rises nowhere that its number speaks against, and falls nowhere
that it speaks for: more that is found again never lowers a score, more that is left over never raises it. A small price on
every rise leaves out what pays little. Pairs that were made up (`made-...`) are never the same and count for little; what is
printed on standard error is measured on pairs of the benchmark alone, on parts that were left out when the points were learned.
"""

import sys

import numpy as np
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold

CARDS = [("person", "PERSON", "Persons in one script."), ("organisation", "ORGANISATION", "Organisations in one script."),
         ("person-across", "PERSON_ACROSS", "Persons in two scripts that say their vowels."),
         ("person-sounded", "PERSON_SOUNDED", "Persons in two scripts, one of which leaves vowels out or sounds a name out by syllables."),
         ("organisation-across", "ORGANISATION_ACROSS", "Organisations in two scripts.")]
# Each number, and whether it speaks for the same or against it.
MEASURES = {"CoverMost": 1, "CoverLeast": 1, "CoverBoth": 1, "LeftLeast": -1, "LeftMost": -1, "NamedLeftLeast": -1,
            "NamedLeftMost": -1, "LeftPart": -1, "LeftNames": -1, "LeftNamesMost": -1, "Against": -1, "Near": 1, "Evidence": 1,
            "Told": 1, "Vague": 1, "Loose": 1, "Close": 1, "Closer": 1, "Same": 1, "Worst": 1, "Exact": 1, "Family": 1,
            "Whole": 1, "WholeSquared": 1, "Sorted": 1, "Lengths": -1, "Nothing": -1, "First": 1, "Onset": -1,
            "Skeleton": 1, "Alone": -1, "Own": 1, "OwnLeftLeast": -1, "OwnLeftMost": -1, "Numbers": -1, "OtherForm": -1,
            "LettersWhole": -1, "LettersSorted": -1, "LettersLeast": 1}
# Of these only names in one script are judged.
OF_ONE_SCRIPT = {"LettersWhole", "LettersSorted", "LettersLeast"}
# Of these only organisations are judged: no part of a person's name is a word.
OF_ORGANISATIONS = {"Own", "OwnLeftLeast", "OwnLeftMost", "Numbers", "OtherForm"}
KNOTS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
# What a rise costs, and its square; and the share of all others that those made up count for.
RISE, SQUARE = 0.3, 0.05
MADE = {"made-others": 0.1, "made-near": 0.07, "made-part": 0.05, "made-kin": 0.03}


def steps(numbers, real, measures):
    """How far each number has come on each step between two knots, from 0 to 1."""
    columns, terms = [], []
    for at, (name, way) in enumerate(MEASURES.items()):
        if name not in measures:
            continue
        value = numbers[:, at]
        knots = np.unique(np.round([value.min(), *np.quantile(value[real], KNOTS), value.max()], 2))
        for low, high in zip(knots, knots[1:]):
            columns.append(np.clip((value - low) / (high - low), 0, 1))
            terms.append((name, way, low, high))
    return np.array(columns, dtype=np.float32).T.copy(), terms


def learned(values, terms, same, weights, begin=None):
    """The rise on each step, and what there is to begin with."""
    signs = 2.0 * same - 1
    ways = np.array([way for _, way, _, _ in terms], np.float32)
    values = values * ways

    def loss(worth):
        rises, start = worth[:-1], worth[-1]
        margin = signs * (values @ rises.astype(np.float32) + start)
        pull = -weights * signs / (1 + np.exp(np.clip(margin, -30, 30)))
        slope = np.append(values.T @ pull.astype(np.float32) + RISE + 2 * SQUARE * rises, pull.sum())
        return (weights * np.logaddexp(0, -margin)).sum() + RISE * rises.sum() + SQUARE * (rises ** 2).sum(), slope

    bounds = [(0, None)] * len(terms) + [(None, None)]
    found = minimize(loss, np.zeros(len(terms) + 1) if begin is None else begin, jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"maxiter": 2000, "maxfun": 2500, "ftol": 1e-10})
    return found.x[:-1] * ways, found.x[-1], found.x


def recall(scores, same, share=100):
    others = np.sort(scores[same == 0])[::-1]
    return (scores[same == 1] > others[len(others) // share]).mean()


def calibration(scores, same):
    step = np.minimum((scores * 10).astype(int), 9)
    return sum(abs(scores[step == at].sum() - same[step == at].sum()) for at in range(10)) / len(same)


def written(rises, terms):
    """Rises on steps as points above knots."""
    slopes = {}
    for rise, (name, _, low, high) in zip(rises, terms):
        # A rise of a hundredth of a point is none.
        slopes.setdefault(name, []).append((low, rise / (high - low) if abs(rise) > 0.01 else 0.0))
    for name, all in slopes.items():
        before = 0.0
        for knot, slope in all:
            if round(slope, 3) != before:
                yield name, knot, round(slope, 3) - before
                before = round(slope, 3)


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
    same, cards = np.array([int(row[0]) for row in rows]), np.array([row[1] for row in rows])
    made = np.array([row[2].startswith("made-") for row in rows])
    numbers = np.array([[float(one) for one in row[3:]] for row in rows])
    left_out = np.zeros(len(rows))
    out = ["//! What each number of a comparison is worth: written by `tools/names/learn.py`, from the development half of the",
           "//! benchmark.", "", '#![allow(clippy::approx_constant, reason = "what was learned may be like one")]', "", "use crate::compare::Measure::{self, USED};", "",
           "/// What a comparison is worth: points for each number above a knot, and those to begin with.",
           "pub(crate) struct Card {", "    pub(crate) start: f32,",
           "    pub(crate) terms: &'static [(Measure, f32, f32)],", "}", ""]
    used = set()
    for name, constant, about in CARDS:
        here = cards == name
        real, others = np.where(here & ~made)[0], np.where(here & made)[0]
        left_aside = (OF_ORGANISATIONS if name.startswith("person") else set()) | (OF_ONE_SCRIPT if "-" in name else set())
        values, terms = steps(numbers[here], ~made[here], MEASURES.keys() - left_aside)
        rows_of = np.cumsum(here) - 1
        of = lambda at: values[rows_of[at]]
        # Organisations are known by one word of their name.
        counts = lambda made: MADE[made] if made != "made-part" or name.startswith("person") else 0
        weight = [counts(rows[at][2]) * (same[real] == 0).sum() / (len(others) / 4) for at in others]
        weigh = lambda learned_from: np.append(np.ones(len(learned_from)), weight)
        from_all = np.append(real, others)
        rises, start, begin = learned(of(from_all), terms, same[from_all], weigh(real))
        for learned_from, tried in StratifiedKFold(5, shuffle=True, random_state=1).split(real, same[real]):
            part = np.append(real[learned_from], others)
            of_part, begin_of_part, _ = learned(of(part), terms, same[part], weigh(learned_from), begin)
            left_out[real[tried]] = 1 / (1 + np.exp(-(of(real[tried]) @ of_part + begin_of_part)))
        kept = list(written(rises, terms))
        out += [f"/// {about}", f"pub(crate) const {constant}: Card = Card {{", f"    start: {start:.3f},", "    terms: &["]
        for measure, knot, worth in kept:
            used.add(measure)
            out.append(f"        ({measure}, {knot:.2f}, {worth:.3f}),")
        out += ["    ],", "};", ""]
        print(f"{name}: {len(kept)} terms, recall at 1 % {recall(left_out[real], same[real]):.3f}, "
              f"calibration error {calibration(left_out[real], same[real]):.3f}", file=sys.stderr)
        if len(others):
            scores = of(others) @ rises + start
            for kind in sorted({rows[at][2] for at in others}):
                of_kind = np.sort(scores[[rows[at][2] == kind for at in others]])
                print(f"  {kind}: {len(of_kind)}, points of the middle one {of_kind[len(of_kind) // 2]:.1f}, of one in a hundred "
                      f"{of_kind[-len(of_kind) // 100]:.1f}, most {of_kind[-1]:.1f}", file=sys.stderr)
    real = ~made
    print(f"all: recall at 1 % {recall(left_out[real], same[real]):.4f}, at 0.1 % {recall(left_out[real], same[real], 1000):.4f}, "
          f"calibration error {calibration(left_out[real], same[real]):.4f}", file=sys.stderr)
    people = np.isin(cards, ["person", "person-across", "person-sounded"]) & real
    print(f"persons and scripts: {recall(left_out[people], same[people]):.4f}", file=sys.stderr)
    print("\n".join(out).replace("USED", ", ".join(sorted(used))).rstrip())


if __name__ == "__main__":
    main()
