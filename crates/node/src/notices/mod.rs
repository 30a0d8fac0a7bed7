//! Notices and diffusions: drafted, screened, reviewed by somebody else, published under an attestation, ended, and recalled
//! wherever they went. What the law allows is folded from the events of each (`comity_law`); here it is carried out.

mod attested;
mod carry;
mod deeds;
mod draft;
mod file;
mod gate;
mod public;
mod release;
mod shown;
mod words;

pub use deeds::NoticeDeed;
pub use file::{NoticeNo, NoticeText};
pub use gate::JudgementSaid;
pub use public::{PublicMissing, PublicNotice, PublicWarrant};
pub use shown::{NoticeReleased, NoticeRow, NoticeShown};
