//! Work that may never end: reading files from a network that is down.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// Maximum number of threads for such work. Only work that hangs uses that many; then no more is begun.
const MAX_THREADS: usize = 64;

/// Number of threads that work or hang.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// What became of work.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// It was in time.
    Now(T),
    /// It takes longer; the caller is told when it ends.
    Later,
    /// It panicked, or was not begun, since too much hangs.
    Never,
}

impl<T> Outcome<T> {
    /// Whether it takes longer.
    pub(crate) fn is_later(&self) -> bool {
        matches!(self, Outcome::Later)
    }
}

/// Does `work` on a thread of its own. False if it is not begun, since too much hangs.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> bool {
    let counted = Counted::new();
    counted.is_some_and(|counted| {
        let work = move || {
            let _counted = counted;
            work();
        };
        thread::Builder::new().spawn(work).is_ok()
    })
}

/// The result of `work` on a thread of its own, unless that takes longer than `patience`. Each result is either returned or
/// passed to `late`, provided that the future is polled to its end: one that is dropped may take a result with it.
pub(crate) async fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
    late: impl FnOnce(T) + Send + 'static,
) -> Outcome<T> {
    let (sender, mut receiver) = oneshot::channel();
    let is_begun = spawn(move || {
        if let Err(unwanted) = sender.send(work()) {
            late(unwanted);
        }
    });
    match timeout(patience, &mut receiver).await {
        _ if !is_begun => Outcome::Never,
        Ok(Ok(result)) => Outcome::Now(result),
        Ok(Err(_)) => Outcome::Never,
        Err(_) => {
            receiver.close();
            receiver.try_recv().map_or(Outcome::Later, Outcome::Now)
        }
    }
}

/// One of the threads; it makes room when this is dropped, also by a panic.
struct Counted;

impl Counted {
    fn new() -> Option<Counted> {
        let add = |threads| (threads < MAX_THREADS).then_some(threads + 1);
        THREADS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok().then_some(Counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_is_in_time_is_not_late() {
        let (late, was_late) = channel();
        assert_eq!(in_time(LONG, || 1, move |it| late.send(it).unwrap()).await, Outcome::Now(1));
        assert!(was_late.recv_timeout(LONG).is_err());
    }

    #[tokio::test]
    async fn what_does_not_end_is_not_waited_for_and_reported_when_it_does() {
        let (go, may_go) = channel::<()>();
        let (late, was_late) = channel();
        // ends: when the test does.
        let work = move || may_go.recv().map(|()| 1);
        let late = move |it| late.send(it).unwrap();
        assert_eq!(in_time(Duration::from_millis(1), work, late).await, Outcome::Later);
        go.send(()).unwrap();
        assert_eq!(was_late.recv_timeout(LONG), Ok(Ok(1)));
    }

    #[tokio::test]
    async fn a_panic_is_no_result() {
        let panics = || std::panic::resume_unwind(Box::new("on purpose"));
        assert_eq!(in_time::<()>(LONG, panics, |()| ()).await, Outcome::Never);
    }
}
