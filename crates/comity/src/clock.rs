use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use comity_base::Timestamp;
use comity_node::Clock;

/// The system's clock: the one place that reads it.
pub(crate) fn system() -> Clock {
    Arc::new(now)
}

fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the binary is where time comes from")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
