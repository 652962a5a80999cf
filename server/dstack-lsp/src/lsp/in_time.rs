//! Work that may never end: reading files from a network that is down.

use std::{
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// What `work` comes to on a thread of its own, if that does not take longer than `patience`. Otherwise `late` gets it, when
/// it is there; each result goes one of the two ways.
pub(crate) fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
    late: impl FnOnce(T) + Send + 'static,
) -> Option<T> {
    // Without room for a message: it is taken, or given back because nobody waits any more.
    let (sender, receiver) = sync_channel(0);
    let working = thread::Builder::new().spawn(move || {
        if let Err(unwanted) = sender.send(work()) {
            late(unwanted.0);
        }
    });
    match working.map(|_| receiver.recv_timeout(patience)) {
        Ok(Ok(result)) => Some(result),
        // A panic comes to nothing, too.
        Ok(Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn who_is_in_time_is_not_late() {
        let (late, was_late) = channel();
        assert_eq!(in_time(LONG, || 1, move |it| late.send(it).unwrap()), Some(1));
        assert!(was_late.recv_timeout(LONG).is_err());
    }

    #[test]
    fn nobody_waits_for_what_does_not_end_and_it_is_told_when_it_does() {
        let (go, may_go) = channel::<()>();
        let (late, was_late) = channel();
        let work = move || may_go.recv().map(|()| 1);
        assert_eq!(in_time(Duration::from_millis(1), work, move |it| late.send(it).unwrap()), None);
        go.send(()).unwrap();
        assert_eq!(was_late.recv_timeout(LONG), Ok(Ok(1)));
    }

    #[test]
    fn a_panic_is_no_result() {
        let panics = || std::panic::resume_unwind(Box::new("on purpose"));
        assert_eq!(in_time::<()>(LONG, panics, |()| ()), None);
    }
}
