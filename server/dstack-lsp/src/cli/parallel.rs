//! Work on many items on several threads.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::sync::lock;

/// Computes results on as many threads as there are processors, and returns them in the order of the input.
pub(super) fn in_parallel<T: Sync, R: Send>(input: &[T], compute: impl Fn(&T) -> R + Sync) -> Vec<R> {
    /// Minimum number of items per thread: starting one costs as much as a few files.
    const MIN_PER_THREAD: usize = 8;
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(input.len() / MIN_PER_THREAD);
    if n_threads < 2 {
        return input.iter().map(compute).collect();
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some((i, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, input.get(i)?)))
                {
                    let result = compute(item);
                    lock(&results).push((i, result));
                }
            });
        }
    });
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_the_order_of_the_input() {
        for n in [0, 1, 7, 8, 100, 1_000] {
            let input: Vec<usize> = (0..n).collect();
            let expected: Vec<usize> = input.iter().map(|it| it * it).collect();
            assert_eq!(super::in_parallel(&input, |it| it * it), expected);
        }
    }
}
