//! Bounds on how many questions are worked on at once, so that long work leaves threads for short work, and no document
//! takes the threads of the others.
//!
//! ```text
//! question -> turn in its document -> turn in its lane -> thread
//! ```
//!
//! In each lane a document has one turn at a time. So a thousand questions about one document, even if each takes seconds,
//! do not delay an answer about another document.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The kind of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// About the place of the cursor: the user waits for the answer.
    Cursor,
    /// The diagnostics of a document.
    Findings,
    /// About all of a document: an outline, all fixes.
    Whole,
}

/// Maximum number of questions of each lane that are worked on at once.
const AT_ONCE: [usize; 3] = [3, 2, 2];

/// Number of threads for all lanes, with one more for the files that pin dstack and one for the catalogue.
pub(crate) const THREADS: usize = AT_ONCE[0] + AT_ONCE[1] + AT_ONCE[2] + 2;

/// The turns of the server, or those of a document.
#[derive(Debug)]
pub(crate) struct Turns([Arc<Semaphore>; 3]);

/// A question's turn; the next one begins when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _turns: [Option<OwnedSemaphorePermit>; 2],
}

impl Turns {
    /// Those of the server.
    pub(crate) fn of_server() -> Turns {
        Turns(AT_ONCE.map(|it| Arc::new(Semaphore::new(it))))
    }

    /// Those of a document.
    pub(crate) fn of_document() -> Turns {
        Turns(AT_ONCE.map(|_| Arc::new(Semaphore::new(1))))
    }

    /// Waits for the turn of a question about `document`; turns come in the order of the calls. A wait that is dropped gives
    /// way to the next.
    pub(crate) async fn wait(&self, document: &Turns, lane: Lane) -> Turn {
        // First within the document: a question that waits there must not hold a turn that other documents need.
        let within = document.0[lane as usize].clone().acquire_owned().await.ok();
        let among_all = self.0[lane as usize].clone().acquire_owned().await.ok();
        Turn { _turns: [within, among_all] }
    }
}

/// Tells the thread that works on an answer to stop; it looks between its steps and within long lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancellation(Arc<AtomicBool>);

/// Cancels when it is dropped: with the request, or when the answer is there.
pub(crate) struct CancelOnDrop(Cancellation);

impl Cancellation {
    /// Not cancelled until the second value is dropped.
    pub(crate) fn new() -> (Cancellation, CancelOnDrop) {
        let cancellation = Cancellation::default();
        (cancellation.clone(), CancelOnDrop(cancellation))
    }

    /// Whether no answer is needed any more.
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

    /// Asks a question: its turn, if it has it at once.
    fn ask(server: &Turns, document: &Turns, lane: Lane) -> Option<Turn> {
        server.wait(document, lane).now_or_never()
    }

    #[test]
    fn long_work_leaves_turns_for_short_work() {
        let server = Turns::of_server();
        let documents: Vec<Turns> = (0..20).map(|_| Turns::of_document()).collect();
        let long: Vec<Turn> = documents.iter().filter_map(|it| ask(&server, it, Lane::Whole)).collect();
        let findings: Vec<Turn> = documents.iter().filter_map(|it| ask(&server, it, Lane::Findings)).collect();
        assert_eq!((long.len(), findings.len()), (2, 2));
        assert!(ask(&server, &documents[0], Lane::Cursor).is_some());
    }

    #[test]
    fn a_document_takes_no_turns_of_another() {
        let server = Turns::of_server();
        let (one, other) = (Turns::of_document(), Turns::of_document());
        for lane in [Lane::Cursor, Lane::Findings, Lane::Whole] {
            let mut first = Some(ask(&server, &one, lane).unwrap());
            // A hundred more questions wait, and one of the other document does not.
            let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(server.wait(&one, lane))).collect();
            assert!(waiting.iter_mut().all(|it| it.now_or_never().is_none()));
            assert!(ask(&server, &other, lane).is_some());
            // The first of them is the next.
            drop(first.take());
            assert!(waiting.remove(0).now_or_never().is_some());
        }
    }

    #[test]
    fn a_wait_that_is_dropped_gives_way() {
        let (server, document) = (Turns::of_server(), Turns::of_document());
        let first = ask(&server, &document, Lane::Whole);
        let mut second = Box::pin(server.wait(&document, Lane::Whole));
        assert!((&mut second).now_or_never().is_none());
        drop((first, second));
        assert!(ask(&server, &document, Lane::Whole).is_some());
    }

    #[test]
    fn an_answer_is_cancelled_with_its_request() {
        let (cancellation, request) = Cancellation::new();
        assert!(!cancellation.is_cancelled());
        drop(request);
        assert!(cancellation.is_cancelled());
    }
}
