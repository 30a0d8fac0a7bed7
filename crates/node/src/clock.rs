use comity_base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Ctx, Deed, Node, NodeError};

/// The clock went further than it should have since it was last looked at. It may be right: then nothing is lost by waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockDoubt {
    /// When it was last looked at, by the clock of then.
    pub last: Timestamp,
    /// Until when nothing is erased, by the clock of now.
    pub until: Timestamp,
}

/// What is remembered of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    seen: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubt: Option<ClockDoubt>,
}

impl Node {
    /// Whether the clock is to be doubted, before something is erased for good because its time is over. A clock that is
    /// years ahead would erase everything; so after a leap a day must pass in which somebody can notice.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn clock_doubt(&self, ctx: &Ctx) -> Result<Option<ClockDoubt>, NodeError> {
        let now = ctx.now();
        let look = |known: Option<Remembered>| Ok(looked(known, now));
        let known = self.change_setting(CLOCK, look, &[])?;
        Ok(known.doubt)
    }

    /// Says that the clock is right.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn clock_is_right(&self, ctx: &Ctx) -> Result<(), NodeError> {
        let right = Remembered { seen: ctx.now(), doubt: None };
        let deed = Deed::decision("the clock is right", json!({"now": right.seen.to_string()}));
        let entries = [deed.entry(ctx)?];
        self.change_setting(CLOCK, |_: Option<Remembered>| Ok(right), &entries).map(drop)
    }
}

fn looked(known: Option<Remembered>, now: Timestamp) -> Remembered {
    let Some(known) = known else { return Remembered { seen: now, doubt: None } };
    let went = now.as_micros().saturating_sub(known.seen.as_micros());
    let doubt = if went > LEAP {
        let until = Timestamp::from_micros(now.as_micros().saturating_add(DAY));
        Some(ClockDoubt { last: known.seen, until })
    } else {
        // A clock that was set back was wrong before.
        known.doubt.filter(|doubt| went >= 0 && now < doubt.until)
    };
    Remembered { seen: now, doubt }
}

const CLOCK: &str = "clock";
const DAY: i64 = 24 * 3_600 * 1_000_000;
/// Further than from one look to the next of a node that somebody uses.
const LEAP: i64 = 40 * DAY;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_micros(1_793_000_000_000_000 + days * DAY)
    }

    #[test]
    fn a_clock_that_leaps_is_doubted_for_a_day() {
        let first = looked(None, at(0));
        assert_eq!(first.doubt, None);
        let month = looked(Some(first), at(30));
        assert_eq!(month.doubt, None, "a node may rest for a month");
        let leapt = looked(Some(month), at(3_000));
        assert_eq!(leapt.doubt, Some(ClockDoubt { last: at(30), until: at(3_001) }));
        let still = looked(Some(leapt), Timestamp::from_micros(at(3_001).as_micros() - 1));
        assert_eq!(still.doubt, leapt.doubt);
        assert_eq!(looked(Some(still), at(3_001)).doubt, None, "it goes on");
        assert_eq!(looked(Some(still), at(31)).doubt, None, "it was set right");
    }
}
