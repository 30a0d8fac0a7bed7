//! What each number of a comparison is worth: written by `tools/names/learn.py`, from the development half of the
//! benchmark.

use crate::compare::Measure::{
    self, Against, Close, Closer, CoverBoth, CoverLeast, CoverMost, Evidence, Exact, Family, First, LeftLeast,
    LeftNames, LeftPart, Lengths, Loose, NamedLeftLeast, NamedLeftMost, Near, Nothing, Same, Sorted, Vague, Whole,
    WholeSquared, Worst,
};

/// What a comparison is worth: points for each number above a knot, and those to begin with.
pub(crate) struct Card {
    pub(crate) start: f32,
    pub(crate) terms: &'static [(Measure, f32, f32)],
}

/// Persons in one script.
pub(crate) const PERSON: Card = Card {
    start: -11.535,
    terms: &[
        (CoverMost, 0.68, 2.735),
        (CoverMost, 0.94, 16.856),
        (CoverMost, 0.98, 95.630),
        (CoverLeast, 0.54, 2.109),
        (CoverBoth, 0.10, -0.246),
        (CoverBoth, 0.20, 0.600),
        (CoverBoth, 0.36, 2.069),
        (LeftLeast, -1.00, -0.443),
        (LeftLeast, 0.49, -0.005),
        (NamedLeftLeast, 0.47, -0.717),
        (NamedLeftMost, 1.96, -0.769),
        (LeftPart, -1.00, -1.201),
        (LeftNames, -1.00, -0.386),
        (LeftNames, 0.00, -0.386),
        (Near, 0.32, 4.912),
        (Near, 0.41, -3.347),
        (Near, 0.47, 15.930),
        (Vague, 0.39, -0.302),
        (Loose, -1.00, 0.998),
        (Loose, 0.00, 0.998),
        (Close, -1.00, 1.465),
        (Close, 0.00, 1.465),
        (Closer, -1.00, 1.067),
        (Closer, 0.00, 1.067),
        (Worst, -1.00, 2.687),
        (Exact, 1.00, 0.401),
        (Family, -1.00, 0.513),
        (Family, 0.00, 0.513),
        (Whole, 0.69, -2.555),
        (Whole, 0.83, 12.692),
        (WholeSquared, 0.69, 7.208),
        (Sorted, -1.00, 0.726),
        (Sorted, 0.19, 0.038),
        (Sorted, 0.73, 13.717),
        (Lengths, -1.00, 0.252),
        (Lengths, 0.00, 0.252),
        (Lengths, 1.00, 0.276),
        (First, -1.00, 0.520),
        (First, 0.00, 0.520),
    ],
};

/// Organisations in one script.
pub(crate) const ORGANISATION: Card = Card {
    start: -5.400,
    terms: &[
        (CoverMost, -1.00, 0.928),
        (CoverMost, 0.00, 0.928),
        (CoverMost, 0.27, 1.005),
        (CoverMost, 0.85, 10.518),
        (CoverMost, 0.95, 42.456),
        (CoverLeast, 0.15, 0.929),
        (CoverLeast, 0.35, 1.915),
        (CoverBoth, 0.00, 0.834),
        (LeftLeast, 0.48, -0.475),
        (LeftLeast, 0.72, -0.948),
        (Near, 0.27, 2.776),
        (Near, 0.43, 3.412),
        (Loose, 0.09, 1.521),
        (Close, -1.00, 0.400),
        (Close, 0.00, 0.400),
        (Close, 0.56, 5.713),
        (Closer, -1.00, 0.691),
        (Closer, 0.00, 0.691),
        (Same, 2.26, -1.014),
        (Worst, 0.98, -0.801),
        (Sorted, -1.00, -0.098),
        (Sorted, 0.57, 4.190),
        (Lengths, 1.00, 0.532),
        (Nothing, 0.00, -0.859),
        (First, -1.00, 0.252),
        (First, 0.00, 0.252),
    ],
};

/// Persons in two scripts.
pub(crate) const PERSON_ACROSS: Card = Card {
    start: 4.934,
    terms: &[
        (CoverLeast, 0.44, 3.760),
        (CoverBoth, 0.07, 1.187),
        (LeftPart, 0.74, 22.225),
        (LeftPart, 0.79, -16.377),
        (LeftNames, -1.00, -0.751),
        (LeftNames, 0.00, -0.751),
        (Against, -1.00, -3.786),
        (Against, 0.00, -3.786),
        (Against, 0.65, 11.959),
        (Near, 0.40, 10.583),
        (Near, 0.47, 6.937),
        (Loose, 0.00, 0.996),
        (Whole, 0.31, 3.413),
        (Sorted, 0.13, 1.061),
        (Lengths, -1.00, 0.448),
        (Lengths, 0.00, 0.448),
        (First, -1.00, 0.230),
        (First, 0.00, 0.230),
    ],
};

/// Organisations in two scripts.
pub(crate) const ORGANISATION_ACROSS: Card = Card {
    start: -0.448,
    terms: &[
        (CoverMost, -1.00, -0.513),
        (CoverMost, 0.00, -0.513),
        (CoverMost, 0.13, 1.199),
        (CoverLeast, 0.05, 2.689),
        (LeftNames, -1.00, -0.246),
        (LeftNames, 0.00, -0.246),
        (LeftNames, 1.00, 0.131),
        (Against, 0.73, 7.590),
        (Near, 0.45, 12.834),
        (Evidence, -1.00, 0.574),
        (Evidence, 0.00, 0.574),
        (Evidence, 0.07, 1.059),
        (Worst, 0.93, -11.751),
        (Whole, -1.00, 0.328),
        (Whole, 0.13, 1.996),
        (Lengths, 1.00, 0.278),
    ],
};
