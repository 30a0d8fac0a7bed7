//! The one door out: what one recipient may see, page by page, and the account of what it was given.

mod audience;
mod containers;
mod dates;
mod export;
mod given;
mod kinds;
mod page;
mod saved;
mod values;
mod view;

pub use audience::{Seer, Withheld};
pub use containers::{Group, Groups, Outline};
pub(crate) use dates::Dates;
pub use export::{Exported, Seen};
pub use given::{Channel, Delivery};
pub(crate) use given::{Given, Leaving};
pub(crate) use kinds::{Kinds, Wanted};
pub use page::{Item, Page, PageAsk, VersionFilter};
pub use saved::SavedQuery;
pub(crate) use saved::{Matches, Saved};
pub use values::ListedValue;
pub(crate) use view::Scanned;
pub use view::View;
