use std::fmt;
use std::ops::{Deref, DerefMut};

/// A few of something in a row, held in place: parts of names are many and short, and nothing is looked up elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Short<T, const MOST: usize> {
    /// Before all that is compared: it tells most apart.
    length: u8,
    all: [T; MOST],
}

impl<T: Copy, const MOST: usize> Short<T, MOST> {
    /// The first of these, as many as there is room for.
    pub(crate) fn of(some: impl IntoIterator<Item = T>, nothing: T) -> Self {
        let mut short = Self { length: 0, all: [nothing; MOST] };
        for (cell, one) in short.all.iter_mut().zip(some) {
            *cell = one;
            short.length += 1;
        }
        short
    }
}

impl<T, const MOST: usize> Deref for Short<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.all.get(..usize::from(self.length)).unwrap_or(&self.all)
    }
}

impl<T, const MOST: usize> DerefMut for Short<T, MOST> {
    fn deref_mut(&mut self) -> &mut [T] {
        let length = usize::from(self.length).min(MOST);
        self.all.get_mut(..length).unwrap_or_default()
    }
}

impl<T: fmt::Debug, const MOST: usize> fmt::Debug for Short<T, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
