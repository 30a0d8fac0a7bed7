use crate::NodeError;

/// Why something is done to a notice or a message, and how much had happened to it when whoever does it looked at it: nobody
/// answers for what they have not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// Why, in words.
    pub why: &'a str,
    /// How much had happened; none where whoever acts takes it as it is.
    pub seen: Option<usize>,
}

impl<'a> Said<'a> {
    /// Said by somebody who looked at it when so much had happened.
    pub const fn seen(why: &'a str, seen: usize) -> Self {
        Self { why, seen: Some(seen) }
    }

    /// That whoever acts saw as much as has happened.
    ///
    /// # Errors
    /// [`NodeError::ChangedSince`] when they did not.
    pub(crate) fn saw(&self, happened: usize) -> Result<(), NodeError> {
        if self.seen.is_none_or(|seen| seen == happened) { Ok(()) } else { Err(NodeError::ChangedSince) }
    }
}

impl<'a> From<&'a str> for Said<'a> {
    fn from(why: &'a str) -> Self {
        Self { why, seen: None }
    }
}

impl<'a> From<&'a String> for Said<'a> {
    fn from(why: &'a String) -> Self {
        why.as_str().into()
    }
}
