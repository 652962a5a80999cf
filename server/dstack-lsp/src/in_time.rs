//! Work that may hang, such as reading files from a network that is down.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// Maximum number of threads for such work. Only work that hangs needs so many; beyond it, no work is started.
const MAX_THREADS: usize = 64;

/// Number of threads that are working or hang.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// The outcome of work.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// It ended in time.
    Now(T),
    /// It takes longer; a callback gets the result when it ends.
    Later,
    /// It panicked, or was not started because too much work hangs.
    Never,
}

impl<T> Outcome<T> {
    /// Whether it takes longer.
    pub(crate) fn is_later(&self) -> bool {
        matches!(self, Outcome::Later)
    }
}

/// Runs `work` on a new thread. Returns false if it is not started because too much work hangs.
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

/// Runs `work` on a new thread, and returns its result unless that takes longer than `patience`. Each result is either returned
/// or passed to `late`, provided that the future is polled to its end: one that is dropped may lose a result.
pub(crate) async fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
    late: impl FnOnce(T) + Send + 'static,
) -> Outcome<T> {
    let (sender, mut receiver) = oneshot::channel();
    let is_started = spawn(move || {
        if let Err(unwanted) = sender.send(work()) {
            late(unwanted);
        }
    });
    match timeout(patience, &mut receiver).await {
        _ if !is_started => Outcome::Never,
        Ok(Ok(result)) => Outcome::Now(result),
        Ok(Err(_)) => Outcome::Never,
        Err(_) => {
            receiver.close();
            receiver.try_recv().map_or(Outcome::Later, Outcome::Now)
        }
    }
}

/// One of the threads; it is no longer counted when this is dropped, also by a panic.
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
    async fn a_result_in_time_is_not_late() {
        let (late, was_late) = channel();
        assert_eq!(in_time(LONG, || 1, move |it| late.send(it).unwrap()).await, Outcome::Now(1));
        assert!(was_late.recv_timeout(LONG).is_err());
    }

    #[tokio::test]
    async fn work_that_hangs_is_not_awaited_and_reports_its_result_later() {
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
    async fn a_panic_has_no_result() {
        let panics = || std::panic::resume_unwind(Box::new("on purpose"));
        assert_eq!(in_time::<()>(LONG, panics, |()| ()).await, Outcome::Never);
    }
}
