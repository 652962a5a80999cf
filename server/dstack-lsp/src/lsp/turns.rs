//! Whose turn it is: so many questions are worked on at once, so that long ones leave room for short ones, and no
//! document takes the room of the others.
//!
//! ```text
//! question -> its turn in its document -> its turn in its lane -> thread
//! ```
//!
//! In a document one question of a lane is worked on after the other. So a thousand questions about one document, though
//! they take seconds each, hold up no other document.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What kind of question it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// About the place where somebody types, who waits for the answer.
    Cursor,
    /// The findings of a document.
    Findings,
    /// About all of a document: an outline, all fixes.
    Whole,
}

/// Maximum number of questions of each lane that are worked on at once.
const AT_ONCE: [usize; 3] = [3, 2, 2];

/// Number of threads that this needs, with one each for what pins dstack and for the catalogue.
pub(crate) const THREADS: usize = AT_ONCE[0] + AT_ONCE[1] + AT_ONCE[2] + 2;

/// The turns of the server, or of a document.
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

    /// Waits for the turn of a question about a document, in the order in which it is asked. One that is dropped while it
    /// waits gives way to the next.
    pub(crate) async fn wait(&self, document: &Turns, lane: Lane) -> Turn {
        // First within its document: who waits there takes no room from the others.
        let within = document.0[lane as usize].clone().acquire_owned().await.ok();
        let among_all = self.0[lane as usize].clone().acquire_owned().await.ok();
        Turn { _turns: [within, among_all] }
    }
}

/// Whether somebody waits for an answer still. Work looks at it every now and then, and stops.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(Arc<AtomicBool>);

/// Makes the answer unwanted when it is dropped: the request was cancelled, or its answer is there.
pub(crate) struct Wish(Wanted);

impl Wanted {
    /// The answer is wanted as long as the wish is there.
    pub(crate) fn new() -> (Wanted, Wish) {
        let wanted = Wanted(Arc::new(AtomicBool::new(true)));
        (wanted.clone(), Wish(wanted))
    }

    /// Whether somebody waits still.
    pub(crate) fn still(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
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
    fn long_work_leaves_room_for_short() {
        let server = Turns::of_server();
        let documents: Vec<Turns> = (0..20).map(|_| Turns::of_document()).collect();
        let long: Vec<Turn> = documents.iter().filter_map(|it| ask(&server, it, Lane::Whole)).collect();
        let findings: Vec<Turn> = documents.iter().filter_map(|it| ask(&server, it, Lane::Findings)).collect();
        assert_eq!((long.len(), findings.len()), (2, 2));
        assert!(ask(&server, &documents[0], Lane::Cursor).is_some());
    }

    #[test]
    fn a_document_takes_the_room_of_no_other() {
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
    fn a_question_that_is_dropped_gives_way() {
        let (server, document) = (Turns::of_server(), Turns::of_document());
        let first = ask(&server, &document, Lane::Whole);
        let mut second = Box::pin(server.wait(&document, Lane::Whole));
        assert!((&mut second).now_or_never().is_none());
        drop((first, second));
        assert!(ask(&server, &document, Lane::Whole).is_some());
    }

    #[test]
    fn an_answer_is_wanted_as_long_as_somebody_waits() {
        let (wanted, wish) = Wanted::new();
        assert!(wanted.still());
        drop(wish);
        assert!(!wanted.still());
    }
}
