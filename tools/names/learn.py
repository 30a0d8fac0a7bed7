"""Learns what each number of a comparison is worth, and writes crates/names/src/card.rs.

  COMITY_NAMES_NUMBERS=numbers.tsv cargo bench -p comity-names --bench names
  python3 tools/names/learn.py numbers.tsv > crates/names/src/card.rs      # needs scikit-learn

An L1 penalty chooses the terms (a number above a knot), and a regression without it their points. What is printed on
standard error is measured on parts of the data that were left out when the points were learned.
"""

import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")

CARDS = [("person", "PERSON", "Persons in one script."), ("organisation", "ORGANISATION", "Organisations in one script."),
         ("person-across", "PERSON_ACROSS", "Persons in two scripts."),
         ("organisation-across", "ORGANISATION_ACROSS", "Organisations in two scripts.")]
MEASURES = """CoverMost CoverLeast CoverBoth LeftLeast LeftMost NamedLeftLeast NamedLeftMost LeftPart LeftNames LeftNamesMost
Against Near Evidence Told Vague Loose Close Closer Same Worst Exact Family Whole WholeSquared Sorted Lengths Nothing
First""".split()
KNOTS = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95]
PENALTY = 0.03


def expand(numbers):
    """Each number above each knot; the first knot is below all."""
    columns, terms = [], []
    for at in range(numbers.shape[1]):
        for knot in [-1.0, *np.unique(np.round(np.quantile(numbers[:, at], KNOTS), 2))]:
            column = np.maximum(0, numbers[:, at] - knot)
            if column.std() > 1e-6:
                columns.append(column)
                terms.append((at, knot))
    return np.array(columns).T, terms


def chosen(values, same):
    model = LogisticRegression(penalty="l1", C=PENALTY, solver="liblinear", max_iter=300).fit(values, same)
    return np.abs(model.coef_[0]) > 1e-4


def points(values, same):
    return LogisticRegression(C=0.5, max_iter=2000).fit(values, same)


def recall(scores, same):
    others = np.sort(scores[same == 0])[::-1]
    return (scores[same == 1] > others[len(others) // 100]).mean()


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
    same, cards = np.array([int(row[0]) for row in rows]), np.array([row[1] for row in rows])
    numbers = np.array([[float(one) for one in row[3:]] for row in rows])
    left_out = np.zeros(len(rows))
    out = ["//! What each number of a comparison is worth: written by `tools/names/learn.py`, from the development half of the",
           "//! benchmark.", "", "use crate::compare::Measure::{self, USED};", "",
           "/// What a comparison is worth: points for each number above a knot, and those to begin with.",
           "pub(crate) struct Card {", "    pub(crate) start: f32,",
           "    pub(crate) terms: &'static [(Measure, f32, f32)],", "}", ""]
    used = set()
    for name, constant, about in CARDS:
        here = np.where(cards == name)[0]
        values, terms = expand(numbers[here])
        scale = StandardScaler().fit(values)
        values = scale.transform(values)
        for learned, tried in StratifiedKFold(5, shuffle=True, random_state=1).split(values, same[here]):
            keep = chosen(values[learned], same[here][learned])
            model = points(values[learned][:, keep], same[here][learned])
            left_out[here[tried]] = model.predict_proba(values[tried][:, keep])[:, 1]
        keep = chosen(values, same[here])
        model = points(values[:, keep], same[here])
        worth = model.coef_[0] / scale.scale_[keep]
        start = model.intercept_[0] - (worth * scale.mean_[keep]).sum()
        kept = [(at, knot, one) for (at, knot), is_kept, one in zip([t for t, k in zip(terms, keep) if k], [1] * keep.sum(), worth)]
        out += [f"/// {about}", f"pub(crate) const {constant}: Card = Card {{", f"    start: {start:.3f},", "    terms: &["]
        for at, knot, one in kept:
            used.add(MEASURES[at])
            out.append(f"        ({MEASURES[at]}, {knot:.2f}, {one:.3f}),")
        out += ["    ],", "};", ""]
        print(f"{name}: {len(kept)} terms, recall at 1 % {recall(left_out[here], same[here]):.3f}", file=sys.stderr)
    print(f"all: recall at 1 % {recall(left_out, same):.3f}", file=sys.stderr)
    people = np.isin(cards, ["person", "person-across"])
    print(f"persons and scripts: {recall(left_out[people], same[people]):.3f}", file=sys.stderr)
    print("\n".join(out).replace("USED", ", ".join(sorted(used))).rstrip())


main()
