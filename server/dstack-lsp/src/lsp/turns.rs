//! Limits how many requests are computed at once, so that long ones leave threads for short ones, and no document takes the
//! threads of the others.
//!
//! ```text
//! request -> turn in its document -> turn in its lane -> thread
//! ```
//!
//! In each lane a document has one turn at a time. So a thousand requests about one document, even if each takes seconds, do
//! not delay an answer about another document.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// About the position of the cursor: the user waits for the answer.
    Cursor,
    /// The diagnostics of a document.
    Findings,
    /// About a whole document: the outline, all fixes.
    Whole,
}

/// Maximum number of requests of each lane that are computed at once.
const MAX_AT_ONCE: [usize; 3] = [3, 2, 2];

/// Number of threads for all lanes, with one more for the files that pin dstack and one for the catalogue.
pub(crate) const THREADS: usize = MAX_AT_ONCE[0] + MAX_AT_ONCE[1] + MAX_AT_ONCE[2] + 2;

/// The turns of the server, or of a document.
#[derive(Debug)]
pub(crate) struct Turns([Arc<Semaphore>; 3]);

/// The turn of a request; the next one begins when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _turns: [Option<OwnedSemaphorePermit>; 2],
}

impl Turns {
    /// The turns of the server.
    pub(crate) fn of_server() -> Turns {
        Turns(MAX_AT_ONCE.map(|it| Arc::new(Semaphore::new(it))))
    }

    /// The turns of a document.
    pub(crate) fn of_document() -> Turns {
        Turns(MAX_AT_ONCE.map(|_| Arc::new(Semaphore::new(1))))
    }

    /// Waits for the turn of a request about `document`. Turns come in the order of the calls; a wait that is dropped is
    /// skipped.
    pub(crate) async fn wait(&self, document: &Turns, lane: Lane) -> Turn {
        // First within the document: a request that waits there must not hold a turn that other documents need.
        let within = document.0[lane as usize].clone().acquire_owned().await.ok();
        let among_all = self.0[lane as usize].clone().acquire_owned().await.ok();
        Turn { _turns: [within, among_all] }
    }
}

/// Signals to the thread that computes an answer to stop, which it checks between its steps and within long lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancellation(Arc<AtomicBool>);

/// Cancels when it is dropped: with the request, or after the answer.
pub(crate) struct CancelOnDrop(Cancellation);

impl Cancellation {
    /// Not cancelled until the second value is dropped.
    pub(crate) fn new() -> (Cancellation, CancelOnDrop) {
        let cancellation = Cancellation::default();
        (cancellation.clone(), CancelOnDrop(cancellation))
    }

    /// Whether the answer is no longer needed.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// The turn of a request, if it does not have to wait.
    fn turn(server: &Turns, document: &Turns, lane: Lane) -> Option<Turn> {
        server.wait(document, lane).now_or_never()
    }

    #[test]
    fn long_work_leaves_turns_for_short_work() {
        let server = Turns::of_server();
        let documents: Vec<Turns> = (0..20).map(|_| Turns::of_document()).collect();
        let long: Vec<Turn> = documents.iter().filter_map(|it| turn(&server, it, Lane::Whole)).collect();
        let findings: Vec<Turn> = documents.iter().filter_map(|it| turn(&server, it, Lane::Findings)).collect();
        assert_eq!((long.len(), findings.len()), (2, 2));
        assert!(turn(&server, &documents[0], Lane::Cursor).is_some());
    }

    #[test]
    fn a_document_takes_no_turns_of_another() {
        let server = Turns::of_server();
        let (one, other) = (Turns::of_document(), Turns::of_document());
        for lane in [Lane::Cursor, Lane::Findings, Lane::Whole] {
            let mut first = Some(turn(&server, &one, lane).unwrap());
            // A hundred more requests wait, and one about the other document does not.
            let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(server.wait(&one, lane))).collect();
            assert!(waiting.iter_mut().all(|it| it.now_or_never().is_none()));
            assert!(turn(&server, &other, lane).is_some());
            // The first of them is next.
            drop(first.take());
            assert!(waiting.remove(0).now_or_never().is_some());
        }
    }

    #[test]
    fn a_dropped_wait_is_skipped() {
        let (server, document) = (Turns::of_server(), Turns::of_document());
        let first = turn(&server, &document, Lane::Whole);
        let mut second = Box::pin(server.wait(&document, Lane::Whole));
        assert!((&mut second).now_or_never().is_none());
        drop((first, second));
        assert!(turn(&server, &document, Lane::Whole).is_some());
    }

    #[test]
    fn an_answer_is_cancelled_with_its_request() {
        let (cancellation, request) = Cancellation::new();
        assert!(!cancellation.is_cancelled());
        drop(request);
        assert!(cancellation.is_cancelled());
    }
}
