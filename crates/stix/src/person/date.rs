use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A date of which parts may not be known: `1984-03-05`, `1984-03`, `1984` (ISO 8601-1, reduced precision).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    /// 1 to 9999, of the Gregorian calendar.
    pub year: u16,
    /// 1 to 12; none when only the year is known.
    pub month: Option<u8>,
    /// 1 to 31; none when only month and year are known.
    pub day: Option<u8>,
}

/// The text is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date like 1984-03-05, 1984-03 or 1984: {0:?}")]
pub struct DateError(pub String);

impl PartialDate {
    /// Reads a date, year first, parted by `-`, `.` or `/`; with the day first where its parts are `.` or `/` and the year
    /// stands last. Zeros stand for what is not known, as `1984-00-00` does.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        Self::of(text).ok_or_else(|| DateError(text.chars().take(40).collect()))
    }

    fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ['-', '.', '/']);
        let (one, two, three) = (parts.next()?, parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        let is_last = three.is_some_and(|three| three.len() == 4) && !text.contains('-');
        let (year, month, day) = if is_last { (three?, two, Some(one)) } else { (one, two, three) };
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year = year.parse().ok().filter(|year| *year > 0)?;
        let (month, day) = (part(month, 12)?, part(day, 31)?);
        let known = |number: u8| (number > 0).then_some(number);
        Some(Self { year, month: known(month), day: known(day).filter(|_| month > 0) })
    }

    /// The parts that are said to be known.
    pub fn precision(self) -> &'static str {
        match (self.month, self.day) {
            (None, _) => "year",
            (_, None) => "month",
            _ => "day",
        }
    }
}

/// A month or day: zero where it is missing; nothing where it is no number up to `most`.
fn part(text: Option<&str>, most: u8) -> Option<u8> {
    let text = text.unwrap_or("0");
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most)
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        Self::parse(text)
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_far_as_they_are_known() {
        for (text, shown) in [
            ("1984-03-05", "1984-03-05"),
            ("1984-3-5", "1984-03-05"),
            ("1984-03", "1984-03"),
            (" 1984 ", "1984"),
            ("1984-00-00", "1984"),
            ("1984-03-00", "1984-03"),
            ("05.03.1984", "1984-03-05"),
            ("5/3/1984", "1984-03-05"),
            ("1984.03.05", "1984-03-05"),
        ] {
            assert_eq!(PartialDate::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in
            ["", "84", "0000", "1984-13-01", "1984-01-32", "1984-01-01-01", "05-03-1984", "1984-a", "19840305", "5.3"]
        {
            assert!(PartialDate::parse(text).is_err(), "{text}");
        }
    }
}
