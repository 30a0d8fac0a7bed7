//! Names of persons and organisations in any script: read into parts, compared, and found.

mod align;
mod bits;
mod card;
mod compare;
mod ear;
mod facts;
mod form;
mod japanese;
mod name;
mod nick;
mod ordinary;
mod rarity;
mod register;
mod roman;
mod score;
mod script;
mod short;
mod sound;
mod spelling;
mod split;
mod tag;
mod wade;
mod word;

pub use facts::{Born, Facts, Sex, Told};
pub use name::Name;
pub use rarity::Rarity;
pub use register::{Also, Beside, Builder, Damaged, Hit, Query, Register, Scratch, View};
pub use score::{Kind, Matched, Score, likelihood, likest, numbers, points, probability};
pub use script::Script;
