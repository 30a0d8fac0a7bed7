use std::fmt;

use comity_base::Timestamp;

/// What was odd about a server's answer, for people and logs. None of it stops the following by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The answer belongs to a request that is no longer the planned one.
    Stale,
    /// The server said there is more and gave no token.
    MoreWithoutNext,
    /// The server gave a token and said there is no more.
    NextWithoutMore,
    /// The server said there is more and gave no objects.
    EmptyWithMore,
    /// The page holds more objects than were asked for.
    LimitIgnored {
        /// Asked for.
        asked: u64,
        /// Came.
        got: u64,
    },
    /// `X-TAXII-Date-Added-Last` is missing or no moment.
    NoDate,
    /// `X-TAXII-Date-Added-Last` lies more than a day ahead.
    FutureDate(Timestamp),
    /// A page is dated before the one before it.
    Unsorted,
    /// The server no longer takes its token; the walk goes on from the last date.
    TokenRefused,
    /// A page held nothing but one date, and what else has that date cannot be asked for.
    MayMiss(String),
    /// Pages did not come; smaller ones are asked for.
    SmallerPages(u64),
    /// The walk ended: a token came again.
    SameToken,
    /// The walk ended: so many empty pages in a row.
    OnlyEmptyPages(u32),
    /// The walk ended: more is said to be there, without a token or a later date.
    NoWayOn,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale => f.write_str("the answer belongs to an earlier request and was not counted"),
            Self::MoreWithoutNext => f.write_str("the server has more but gives no next; going on by date"),
            Self::NextWithoutMore => f.write_str("the server gives next although it has no more; it is left out"),
            Self::EmptyWithMore => f.write_str("the server has more but sent an empty page"),
            Self::LimitIgnored { asked, got } => {
                write!(f, "the server sent {got} objects where {asked} were asked for")
            }
            Self::NoDate => f.write_str(
                "the server does not tell when objects were added (X-TAXII-Date-Added-Last); \
                 the time of the request is used, less an overlap",
            ),
            Self::FutureDate(date) => {
                write!(f, "the server dates objects in the future ({date}); the date is not used")
            }
            Self::Unsorted => f.write_str("the server does not send objects in the order in which they were added"),
            Self::TokenRefused => f.write_str("the server no longer takes its own next; going on by date"),
            Self::MayMiss(date) => write!(
                f,
                "the server gives no way to the rest of what was added at {date}; ask for larger pages and begin again \
                 before that date if objects are missing"
            ),
            Self::SmallerPages(limit) => write!(f, "pages did not come whole; asking for {limit} objects at a time"),
            Self::SameToken => f.write_str("the server sent the same next again; what lies behind it cannot be had"),
            Self::OnlyEmptyPages(pages) => {
                write!(f, "the server sent {pages} empty pages in a row and says there is more")
            }
            Self::NoWayOn => f.write_str(
                "the server says there is more but gives neither next nor a later X-TAXII-Date-Added-Last; \
                 what lies behind cannot be had",
            ),
        }
    }
}
