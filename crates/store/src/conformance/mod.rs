//! The suite every engine must pass, and [`MemoryStore`], the plain model it is compared with.
//!
//! An engine implements [`Subject`] and calls [`conformance_tests!`](crate::conformance_tests) in one
//! of its test files; every promise becomes a test of its own name.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite fails by panicking")]

mod batches;
mod build;
mod erase;
mod fences;
mod ledger;
mod memory;
mod originals;
mod processes;
mod random;
mod reading;
mod state;
mod unchanged;
mod undo;
mod withdraw;

use std::sync::Arc;

pub use batches::{
    a_batch_is_visible_only_when_finished, a_clock_that_runs_backwards_does_not_reorder, a_crashed_batch_is_void,
    abandoned_batches_are_void, batches_differ_by_whole_milliseconds, how_many_batches_may_be_open,
    positions_at_a_time,
};
pub use build::{body, fresh, id, label, new_version, placed, revised, start, stored, unchanged};
pub use erase::{a_kept_original_goes_with_the_last_of_its_versions, erased_bodies_are_gone_and_their_rows_stay};
pub use fences::work_under_a_lost_lease_is_refused;
pub use ledger::{
    a_batch_and_its_entries_are_one, entries_are_dense_and_logs_follow_each_other, many_write_the_ledger_at_once,
    openings_can_be_replaced_and_leaves_cannot, settings_and_entries_are_written_together,
};
pub use memory::MemoryStore;
pub use originals::{originals_come_back_exactly, rejected_items_are_listed_and_repaired, settings_compare_and_set};
pub use processes::{
    order_holds_under_concurrency, two_processes_agree_on_names, two_processes_see_each_others_batches_whole,
};
pub use random::agrees_with_the_model;
pub use reading::{
    labels_are_interned_once, readers_never_see_a_gap, scan_pages_in_order, the_check_finds_nothing, versions_of_one_id,
};
pub use unchanged::{
    an_older_version_may_arrive_late, owners_keep_separate_lines, the_same_bytes_are_stored_once,
    what_was_taken_back_can_come_again, within_one_batch_too,
};
pub use undo::{
    an_undo_can_be_undone, the_order_of_undoing_is_kept, undo_takes_back_every_version,
    what_cannot_be_undone_is_refused,
};
pub use withdraw::{
    a_withdrawal_says_of_each_version_that_it_is_gone, no_undo_brings_back_what_was_withdrawn,
    nothing_is_withdrawn_under_a_lost_lease, processes_agree_on_what_is_withdrawn,
    what_is_no_version_cannot_be_withdrawn, what_was_taken_back_can_be_withdrawn, withdrawing_again_changes_nothing,
};

use crate::Store;

/// How the suite opens one store again and again.
pub trait Subject {
    /// Creates the store, empty. Called once.
    fn create(&mut self) -> Arc<dyn Store>;

    /// Closes the store in good order and opens it again.
    fn reopen(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store>;

    /// Opens the store as it would be found had the process been killed now.
    fn crash(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store>;

    /// Opens the store once more, as another process would, while the first goes on. `None` where only one
    /// process writes.
    fn another(&mut self) -> Option<Arc<dyn Store>> {
        None
    }

    /// Whether batches may be open side by side. Positions are then given when a batch is finished, and none
    /// is ever void.
    fn side_by_side(&self) -> bool {
        false
    }
}

/// Makes one test of every promise. The argument is an expression that gives a fresh [`Subject`], or after
/// `maybe` one that gives an optional subject: without it the tests end at once.
#[macro_export]
macro_rules! conformance_tests {
    (maybe $make:expr) => {
        $crate::conformance_tests! { @each $make;
            a_batch_is_visible_only_when_finished,
            abandoned_batches_are_void,
            a_crashed_batch_is_void,
            how_many_batches_may_be_open,
            positions_at_a_time,
            a_clock_that_runs_backwards_does_not_reorder,
            batches_differ_by_whole_milliseconds,
            the_same_bytes_are_stored_once,
            within_one_batch_too,
            owners_keep_separate_lines,
            an_older_version_may_arrive_late,
            what_was_taken_back_can_come_again,
            undo_takes_back_every_version,
            an_undo_can_be_undone,
            the_order_of_undoing_is_kept,
            what_cannot_be_undone_is_refused,
            a_withdrawal_says_of_each_version_that_it_is_gone,
            no_undo_brings_back_what_was_withdrawn,
            what_was_taken_back_can_be_withdrawn,
            withdrawing_again_changes_nothing,
            what_is_no_version_cannot_be_withdrawn,
            nothing_is_withdrawn_under_a_lost_lease,
            processes_agree_on_what_is_withdrawn,
            erased_bodies_are_gone_and_their_rows_stay,
            a_kept_original_goes_with_the_last_of_its_versions,
            scan_pages_in_order,
            versions_of_one_id,
            labels_are_interned_once,
            readers_never_see_a_gap,
            the_check_finds_nothing,
            originals_come_back_exactly,
            rejected_items_are_listed_and_repaired,
            settings_compare_and_set,
            work_under_a_lost_lease_is_refused,
            entries_are_dense_and_logs_follow_each_other,
            settings_and_entries_are_written_together,
            a_batch_and_its_entries_are_one,
            openings_can_be_replaced_and_leaves_cannot,
            many_write_the_ledger_at_once,
            two_processes_see_each_others_batches_whole,
            two_processes_agree_on_names,
            order_holds_under_concurrency,
        }

        #[test]
        fn agrees_with_the_model() {
            $crate::conformance::agrees_with_the_model(&mut || {
                $make.map(|subject| Box::new(subject) as Box<dyn $crate::conformance::Subject>)
            });
        }
    };
    ($make:expr) => {
        $crate::conformance_tests! { maybe Some($make) }
    };
    (@each $make:expr; $($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                if let Some(mut subject) = $make {
                    $crate::conformance::$name(&mut subject);
                }
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct InMemory {
        store: Option<Arc<MemoryStore>>,
        side_by_side: bool,
    }

    impl Subject for InMemory {
        fn create(&mut self) -> Arc<dyn Store> {
            let store = if self.side_by_side { MemoryStore::side_by_side() } else { MemoryStore::default() };
            let store = Arc::new(store);
            self.store = Some(Arc::clone(&store));
            store
        }

        fn reopen(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
            self.crash(store)
        }

        fn crash(&mut self, _: Arc<dyn Store>) -> Arc<dyn Store> {
            let again = Arc::new(self.store.take().unwrap().crashed());
            self.store = Some(Arc::clone(&again));
            again
        }

        fn side_by_side(&self) -> bool {
            self.side_by_side
        }
    }

    mod one_at_a_time {
        crate::conformance_tests!(super::InMemory::default());
    }

    mod side_by_side {
        crate::conformance_tests!(super::InMemory { side_by_side: true, ..super::InMemory::default() });
    }
}
