//! The parts that pages are made of. Each renders itself, shows texts of others safely, and stands in the gallery.

mod audience;
mod card;
mod dates;
mod due;
mod fact;
mod foreign;
mod lawful;
mod map;
mod marked;
mod marks;
mod meter;
mod moment;
mod notice_kind;
mod owner;
mod pager;
mod points;
mod reason;
mod reasons;
mod statements;
mod steps;
mod thing;
mod zone;

use std::fmt;

use askama::filters::HtmlSafe;

pub(super) use audience::{Audience, Seers};
pub(super) use card::Card;
pub(super) use due::Due;
pub(super) use fact::{Fact, Facts};
pub(super) use foreign::{Foreign, cut};
pub(super) use lawful::{Cites, Lawful, lawful};
pub(super) use map::Map;
pub(super) use marked::Marked;
pub(super) use marks::Marks;
pub(super) use meter::Meter;
pub(super) use moment::Moment;
pub(super) use notice_kind::NoticeKind;
pub(super) use owner::Owner;
pub(super) use pager::Pager;
pub(super) use points::Points;
pub(super) use reason::reason;
pub(super) use reasons::{Reasons, fact};
pub(super) use statements::{Asked, Statements};
pub(super) use steps::{Place, Step, Steps};
pub(super) use thing::{ThingLink, kind_icon};
pub(super) use zone::{Zone, birth_of};

/// A drawn sign beside words that say the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Icon(pub(super) &'static str);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"icon\" aria-hidden=\"true\" focusable=\"false\"><use href=\"/desk/assets/icons.svg#{}\"/></svg>",
            self.0
        )
    }
}

impl HtmlSafe for Icon {}

/// What a template made of texts that were escaped is safe to stand in a page.
macro_rules! safe {
    ($($part:ty),+ $(,)?) => { $(impl askama::filters::HtmlSafe for $part {})+ };
}
pub(crate) use safe;
