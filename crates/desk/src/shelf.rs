use std::collections::VecDeque;
use std::sync::Arc;

use comity_base::Timestamp;
use parking_lot::Mutex;

/// What people are working on, in memory only: the newest of each kind, as long as there is room. Nobody is given what
/// somebody else put there.
#[derive(Debug)]
pub(crate) struct Shelf<T>(Mutex<VecDeque<Arc<T>>>);

/// Something that lies on a shelf.
pub(crate) trait Shelved {
    /// Bytes of all of them.
    const ROOM: usize;
    /// How many of them.
    const MOST: usize;
    /// How long one is kept.
    const HOURS: i64;

    /// Names it; cannot be guessed.
    fn id(&self) -> &str;
    /// Whose it is.
    fn account(&self) -> &str;
    /// Since when it lies there.
    fn at(&self) -> Timestamp;
    /// Bytes it takes.
    fn size(&self) -> usize;
    /// Whether somebody works on it at this moment, so that it must not go.
    fn is_held(&self) -> bool {
        false
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Shelved> Shelf<T> {
    /// Puts something there; what is too old, or for which there is no room any more, goes.
    pub(super) fn keep(&self, one: T) -> Arc<T> {
        let now = one.at();
        let one = Arc::new(one);
        let mut kept = self.0.lock();
        kept.push_front(Arc::clone(&one));
        let (mut bytes, mut count) = (0, 0);
        kept.retain(|other| {
            bytes += other.size();
            count += 1;
            let has_room = bytes <= T::ROOM && count <= T::MOST;
            count == 1 || other.is_held() || (has_room && is_new(&**other, now))
        });
        one
    }

    /// What an account put there, the newest first.
    pub(super) fn of(&self, account: &str, now: Timestamp, most: usize) -> Vec<Arc<T>> {
        let kept = self.0.lock();
        kept.iter().filter(|one| one.account() == account && is_new(&***one, now)).take(most).cloned().collect()
    }

    /// One of them, where it is this account's.
    pub(super) fn find(&self, id: &str, account: &str, now: Timestamp) -> Option<Arc<T>> {
        let kept = self.0.lock();
        kept.iter().find(|one| one.id() == id && one.account() == account && is_new(&***one, now)).cloned()
    }
}

fn is_new<T: Shelved>(one: &T, now: Timestamp) -> bool {
    now.as_micros().saturating_sub(one.at().as_micros()) < T::HOURS * 3_600 * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Book(&'static str, &'static str, i64, usize, bool);

    impl Shelved for Book {
        const ROOM: usize = 100;
        const MOST: usize = 3;
        const HOURS: i64 = 1;

        fn id(&self) -> &str {
            self.0
        }

        fn account(&self) -> &str {
            self.1
        }

        fn at(&self) -> Timestamp {
            Timestamp::from_micros(self.2 * 60_000_000)
        }

        fn size(&self) -> usize {
            self.3
        }

        fn is_held(&self) -> bool {
            self.4
        }
    }

    #[test]
    fn what_lies_there_is_its_owners_and_goes_when_it_is_old_or_there_is_no_room() {
        let (shelf, at) = (Shelf::default(), |minute: i64| Timestamp::from_micros(minute * 60_000_000));
        let finds = |id: &str, account: &str, minute: i64| shelf.find(id, account, at(minute)).is_some();
        shelf.keep(Book("a", "mari", 0, 40, true));
        shelf.keep(Book("b", "mari", 1, 40, false));
        assert!(finds("a", "mari", 1) && !finds("a", "jaan", 1));
        assert!(!finds("b", "mari", 61), "it is old");
        shelf.keep(Book("c", "jaan", 2, 90, false));
        assert!(finds("a", "mari", 2), "somebody works on it");
        assert!(!finds("b", "mari", 2), "there was no room for it");
        shelf.keep(Book("d", "jaan", 3, 500, false));
        assert!(finds("d", "jaan", 3), "the newest stays, however large");
        assert_eq!(shelf.of("jaan", at(3), 10).len(), 1);
    }
}
