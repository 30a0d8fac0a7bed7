//! STIX patterning (STIX 2.1 section 9, STIX 2.0 part 5): parse, check, print, match, take values.
//!
//! [`parse`] reads a pattern into a borrowed tree; printing a [`Pattern`] gives its canonical text.
//! [`check`] tells what the grammar cannot, [`values`] takes the observables an indicator names, and
//! [`matches()`] holds a pattern against [`Observation`]s. Everything is bounded: nesting, size and
//! work beyond the limits are ordinary errors. It is not a query language for the store and it
//! knows nothing of what object types mean beyond the paths that [`values`] lists.
//!
//! ```
//! use comity_base::Limits;
//!
//! let pattern = comity_pattern::parse("[ipv4-addr:value='198.51.100.7']", &Limits::default())?;
//! assert_eq!(pattern.to_string(), "[ipv4-addr:value = '198.51.100.7']");
//! # Ok::<(), comity_pattern::PatternError>(())
//! ```

mod ast;
mod bytes;
mod check;
mod error;
mod evaluate;
mod flow;
mod lexer;
mod matching;
mod moment;
mod observation;
mod parse;
mod print;
mod ready;
mod values;

pub use ast::{
    Comparison, ComparisonExpression, Literal, ObjectPath, ObservationExpression, Order, Pattern, Qualifier, Step,
    Test, Version,
};
pub use check::{Finding, check};
pub use error::{MatchError, PatternError};
pub use matching::{DEFAULT_WORK, Match, matches, matches_within};
pub use observation::Observation;
pub use parse::{MAX_BYTES, parse, parse_2_0};
pub use values::values;
