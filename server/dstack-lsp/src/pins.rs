//! The folders of files that pin a release of dstack: read once, kept while a document needs them, and read again on demand.
//!
//! The search goes from the folder of a configuration upwards to the workspace's root, or else to the root of the Git
//! checkout, or else to that of the file system; in one folder the order is that of [`disk::pin_files`]. What the files say
//! is in [`release`](crate::release).

use std::{
    collections::{HashMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    time::{Duration, Instant},
};

use ide::Target;

use crate::{
    disk, in_time,
    release::{Pin, choose, pin},
    sync::lock,
};

/// Maximum number of folders that are read for one file, from its own upwards.
const MAX_LEVELS: usize = 100;

/// Maximum number of threads that look at folders again, unless some of these hang.
const MAX_LOOKING: usize = 4;

/// How long all of these threads may be silent until another one is begun: then they hang, as far as can be seen.
const SILENCE: Duration = Duration::from_millis(50);

/// How long a look at folders may take.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Until the caller goes on without the folders that have not answered.
    patience: Duration,
    /// See [`SILENCE`].
    silence: Duration,
}

/// What was found in the folders that were looked at. Each is read once, for the first file that needs it; files that need
/// no part of it do not wait for that.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    folders: Mutex<HashMap<PathBuf, Place>>,
    /// Folders that are being looked at again, and have not answered yet.
    looked_at: Arc<Mutex<HashSet<PathBuf>>>,
}

/// Where what a folder says is kept, once it is read.
pub(crate) type Place = Arc<OnceLock<Mutex<Arc<Folder>>>>;

/// Folders that wait for one of the threads that look at them again.
type Queue = Arc<Mutex<VecDeque<(PathBuf, Place)>>>;

/// What a folder says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Folder {
    pins: Vec<Pin>,
    /// Files that could not be understood, with what is wrong with them.
    problems: Vec<(String, String)>,
    /// Whether the search ends here.
    is_git_root: bool,
}

/// The release for a file, and what could not be read while it was looked for.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) target: Target,
    pub(crate) problems: Vec<String>,
    /// The folders that were read; [`Pins::again`] forgets a folder when this is dropped.
    pub(crate) places: Vec<Place>,
}

impl Found {
    /// A release that no file was read for.
    pub(crate) fn without_files(target: Target) -> Found {
        Found { target, problems: vec![], places: vec![] }
    }
}

impl Pins {
    /// The release for the files of a folder; the search ends at `root`. Files in reports are named from `shown_from`.
    pub(crate) fn target(&self, folder: &Path, root: Option<&Path>, shown_from: Option<&Path>) -> Found {
        let (chain, places) = self.chain(folder, root);
        let files = chain.iter().map(|(path, it)| (path.as_path(), &it.pins[..]));
        let shown = |path: &Path| {
            let relative = shown_from.and_then(|from| path.strip_prefix(from).ok()).unwrap_or(path);
            disk::shown(relative).replace('\\', "/")
        };
        let target = choose(files).map(|(folder, pin)| pin.target(shown(&folder.join(&pin.file))));
        let target = target.unwrap_or_else(Target::newest);
        let instead = format!("using {}", target.words());
        let sentence = |path: &Path, (file, problem): &(String, String)| {
            format!("`{}` {problem}, so it pins no release; {instead}", shown(&path.join(file)))
        };
        let problems = chain.iter().flat_map(|(path, it)| it.problems.iter().map(|problem| sentence(path, problem)));
        let problems = problems.collect();
        Found { target, problems, places }
    }

    /// Looks again at the folders that a caller of [`Pins::target`] still holds, and forgets the others. Returns whether one
    /// of them says something new within `patience`. A folder that does not answer does not delay the others; if it says
    /// something new when it does, `late` is called.
    pub(crate) fn again(&self, patience: Duration, late: impl Fn() + Clone + Send + 'static) -> bool {
        self.again_by(Folder::of, Pace { patience, silence: SILENCE }, late)
    }

    fn again_by(
        &self,
        read: impl Fn(&Path) -> Folder + Clone + Send + 'static,
        pace: Pace,
        late: impl Fn() + Clone + Send + 'static,
    ) -> bool {
        let queue = self.held_folders();
        let mut awaited = queue.len();
        let first = awaited.min(MAX_LOOKING);
        let queue: Queue = Arc::new(Mutex::new(queue));
        // Without a buffer, so that a thread knows whether its message is taken.
        let (sender, receiver) = sync_channel(0);
        let look = move |queue: &Queue| {
            let (queue, sender, read, late) = (queue.clone(), sender.clone(), read.clone(), late.clone());
            let looked_at = self.looked_at.clone();
            in_time::spawn(move || {
                while let Some((path, place)) = next(&queue) {
                    // Marked no earlier: a folder that waits in a queue behind hanging ones must be in the next one, too.
                    let is_new = LookedAt::begin(path, &looked_at).is_some_and(|looked_at| {
                        // A panic costs one folder one look.
                        let now = catch_unwind(AssertUnwindSafe(|| read(&looked_at.path)));
                        now.is_ok_and(|now| replace(&place, now))
                    });
                    if sender.send(is_new).is_err() && is_new {
                        late();
                    }
                }
            })
        };
        (0..first).for_each(|_| _ = look(&queue));

        let end = Instant::now() + pace.patience;
        let mut is_new = false;
        while awaited > 0 {
            let left = end.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left.min(pace.silence)) {
                Ok(news) => {
                    is_new |= news;
                    awaited -= 1;
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => break,
                Err(RecvTimeoutError::Timeout) if lock(&queue).is_empty() => {}
                Err(RecvTimeoutError::Timeout) if look(&queue) => {}
                // All threads that there may be hang. The others are looked at the next time.
                Err(_) => break,
            }
        }
        is_new
    }

    /// Takes the folders that are held and not being looked at; forgets those that are not held.
    fn held_folders(&self) -> VecDeque<(PathBuf, Place)> {
        let mut folders = lock(&self.folders);
        folders.retain(|_, place| Arc::strong_count(place) > 1);
        let looked_at = lock(&self.looked_at);
        let is_due = |(path, place): &(&PathBuf, &Place)| place.get().is_some() && !looked_at.contains(*path);
        folders.iter().filter(is_due).map(|(path, place)| (path.clone(), place.clone())).collect()
    }

    /// The folders from this one upwards, with what they say, and the places where that is kept.
    fn chain(&self, folder: &Path, root: Option<&Path>) -> (Vec<(PathBuf, Arc<Folder>)>, Vec<Place>) {
        let (mut chain, mut places) = (vec![], vec![]);
        for path in folder.ancestors().take(MAX_LEVELS) {
            let place = lock(&self.folders).entry(path.to_owned()).or_default().clone();
            let it = lock(place.get_or_init(|| Mutex::new(Arc::new(Folder::of(path))))).clone();
            let is_last = root.map_or(it.is_git_root, |root| root == path);
            chain.push((path.to_owned(), it));
            places.push(place);
            if is_last {
                break;
            }
        }
        (chain, places)
    }
}

fn next(queue: &Queue) -> Option<(PathBuf, Place)> {
    lock(queue).pop_front()
}

/// Keeps what a folder says now. Whether it said something else before.
fn replace(place: &Place, now: Folder) -> bool {
    let Some(kept) = place.get() else { return false };
    let mut kept = lock(kept);
    let is_new = **kept != now;
    if is_new {
        *kept = Arc::new(now);
    }
    is_new
}

/// A folder that is being looked at again: no longer so when this is dropped.
struct LookedAt {
    path: PathBuf,
    all: Arc<Mutex<HashSet<PathBuf>>>,
}

impl LookedAt {
    /// `None` if it is being looked at already.
    fn begin(path: PathBuf, all: &Arc<Mutex<HashSet<PathBuf>>>) -> Option<LookedAt> {
        lock(all).insert(path.clone()).then(|| LookedAt { path, all: all.clone() })
    }
}

impl Drop for LookedAt {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.path);
    }
}

impl Folder {
    fn of(path: &Path) -> Folder {
        let mut folder = Folder { is_git_root: disk::is_git_root(path), ..Folder::default() };
        disk::pin_files(path, |file, text| match text.and_then(|text| Ok(pin(&file, &text)?)) {
            Ok(range) => folder.pins.extend(range.map(|range| Pin { file, range })),
            Err(problem) => folder.problems.push((file, problem)),
        });
        folder
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// No thread is taken for one that hangs.
    const UNHURRIED: Pace = Pace { patience: LONG, silence: LONG };

    fn says(version: &str) -> Folder {
        let file = "requirements.txt".to_owned();
        let range = pin(&file, &format!("dstack=={version}")).unwrap().unwrap();
        Folder { pins: vec![Pin { file, range }], ..Folder::default() }
    }

    /// Folders that were read, and the places that hold them.
    fn known(folders: &[&str]) -> (Pins, Vec<Place>) {
        let pins = Pins::default();
        let place = |_: &&str| Arc::new(OnceLock::from(Mutex::new(Arc::new(says("0.19.40")))));
        let places: Vec<Place> = folders.iter().map(place).collect();
        lock(&pins.folders).extend(folders.iter().map(PathBuf::from).zip(places.iter().cloned()));
        (pins, places)
    }

    /// Reads folders, some of which answer only when something is sent, or the sender is dropped.
    fn hanging(hangs: fn(&Path) -> bool) -> (Sender<()>, impl Fn(&Path) -> Folder + Clone + Send + 'static) {
        let (go, may_go) = channel::<()>();
        let may_go = Arc::new(Mutex::new(may_go));
        let read = move |path: &Path| {
            if hangs(path) {
                // ends: when the test does.
                _ = lock(&may_go).recv();
            }
            says("0.20.1")
        };
        (go, read)
    }

    fn version(place: &Place) -> String {
        lock(place.get().unwrap()).pins[0].target(String::new()).release.to_string()
    }

    #[test]
    fn what_is_new_in_folders_that_are_looked_at_again() {
        let (pins, places) = known(&["/a", "/b"]);
        let read = |path: &Path| says(if path == Path::new("/b") { "0.20.1" } else { "0.19.40" });
        assert!(pins.again_by(read, UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.19.40", "0.20.1"]);
        assert!(!pins.again_by(read, UNHURRIED, || ()));
        // A panic costs one folder one look.
        let panics = |path: &Path| match path == Path::new("/a") {
            true => std::panic::resume_unwind(Box::new("on purpose")),
            false => says("0.20.2"),
        };
        assert!(pins.again_by(panics, UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.19.40", "0.20.2"]);
        assert!(pins.again_by(|_| says("0.20.3"), UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.20.3", "0.20.3"]);
    }

    #[test]
    fn folders_that_do_not_answer_hold_up_no_other() {
        let paths: Vec<String> = (0..20).map(|i| format!("/{i}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        // More of them than threads that look.
        let (go, read) = hanging(|path| path.to_str().is_some_and(|it| it.len() == 2));
        let (tell, told) = channel();
        let late = move || tell.send(()).unwrap();
        let hurried = Pace { patience: Duration::from_secs(1), silence: Duration::from_millis(1) };
        assert!(pins.again_by(read.clone(), hurried, late.clone()));
        let is_new = |it: &usize| version(&places[*it]) == "0.20.1";
        assert_eq!((0..20).filter(is_new).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
        // Nobody waits for them a second time.
        assert!(!pins.again_by(read, UNHURRIED, late));
        assert!(told.try_recv().is_err());
        for _ in 0..10 {
            go.send(()).unwrap();
            told.recv_timeout(LONG).unwrap();
        }
        assert_eq!((0..20).filter(is_new).count(), 20);
        assert!(lock(&pins.looked_at).is_empty());
    }

    #[test]
    fn folders_that_waited_behind_hanging_ones_are_looked_at_the_next_time() {
        let paths: Vec<String> = (0..35).map(|i| format!("/{i:02}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let (go, read) = hanging(|path| path < Path::new("/30"));
        // There is time to begin some threads, not one for each that hangs.
        let short = Pace { patience: Duration::from_millis(100), silence: Duration::from_millis(20) };
        pins.again_by(read.clone(), short, || ());
        let n_hanging = lock(&pins.looked_at).len();
        assert!((4..20).contains(&n_hanging), "{n_hanging}");
        let is_new = || (30..35).all(|it| version(&places[it]) == "0.20.1");
        for _ in 0..100 {
            pins.again_by(read.clone(), Pace { silence: Duration::from_millis(1), ..short }, || ());
            if is_new() {
                break;
            }
        }
        assert!(is_new());
        drop(go);
    }

    #[test]
    fn thousands_of_folders_are_looked_at_by_a_few_threads() {
        let paths: Vec<String> = (0..6_400).map(|i| format!("/{i}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let reading: Arc<Mutex<(usize, usize)>> = Arc::default();
        let counts = reading.clone();
        let read = move |_: &Path| {
            let count = |change: fn(usize) -> usize| {
                let mut counts = lock(&counts);
                counts.0 = change(counts.0);
                counts.1 = counts.1.max(counts.0);
            };
            count(|it| it + 1);
            std::thread::yield_now();
            count(|it| it - 1);
            says("0.20.1")
        };
        assert!(pins.again_by(read, UNHURRIED, || ()));
        assert!(places.iter().all(|it| version(it) == "0.20.1"));
        let (_, most) = *lock(&reading);
        assert!(most <= MAX_LOOKING, "{most} threads at once");
    }

    #[test]
    fn a_folder_that_no_file_needs_is_forgotten() {
        let (pins, mut places) = known(&["/a", "/b", "/c"]);
        places.truncate(1);
        let looked_at = Arc::new(Mutex::new(vec![]));
        let seen = looked_at.clone();
        let read = move |path: &Path| {
            lock(&seen).push(path.to_owned());
            says("0.19.40")
        };
        pins.again_by(read, UNHURRIED, || ());
        assert_eq!(*lock(&looked_at), [Path::new("/a")]);
        assert_eq!(lock(&pins.folders).len(), 1);
    }

    #[test]
    fn of_a_very_deep_folder_the_nearest_ones_are_read() {
        let pins = Pins::default();
        let found = pins.target(Path::new(&"/none".repeat(5_000)), None, None);
        assert_eq!(found.places.len(), MAX_LEVELS);
    }
}
