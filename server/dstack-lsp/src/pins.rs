//! The folders with files that pin a release of dstack or configure dstack-lsp: read once, kept while a document needs them, and
//! read again on demand.
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

use ide::{Options, Origin, Target};

use crate::{
    config::{self, Config, Report},
    disk, in_time,
    release::{Pin, choose, pin},
    sync::lock,
};

/// Maximum number of folders that are read for one file, from its own upwards.
const MAX_LEVELS: usize = 100;

/// Maximum number of threads that read folders again, unless some of them hang.
const MAX_READERS: usize = 4;

/// How long none of these threads may report anything before another one is started; then they are assumed to hang.
const SILENCE: Duration = Duration::from_millis(50);

/// The timeouts of reading folders again.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// When the caller continues without the folders that have not answered.
    patience: Duration,
    /// See [`SILENCE`].
    silence: Duration,
}

/// What the folders pin. Each is read once, for the first file that needs it; files that do not need it do not wait for it.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    folders: Mutex<HashMap<PathBuf, Place>>,
    /// Folders that are being read again and have not answered yet.
    being_read: Arc<Mutex<HashSet<PathBuf>>>,
}

/// A slot for what a folder pins, filled when it is read.
pub(crate) type Place = Arc<OnceLock<Mutex<Arc<Folder>>>>;

/// Folders that wait for a thread to read them again.
type Queue = Arc<Mutex<VecDeque<(PathBuf, Place)>>>;

/// What a folder pins.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Folder {
    pins: Vec<Pin>,
    config: Option<Config>,
    /// Files that could not be understood, with what is wrong with them.
    problems: Vec<(String, String)>,
    /// Whether the search ends here.
    is_git_root: bool,
}

/// What to find out about a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    /// The file, by an absolute path without links.
    pub(crate) file: &'a Path,
    /// The folder at which the search ends; otherwise it ends at the root of the Git checkout.
    pub(crate) root: Option<&'a Path>,
    /// The folder from which files are named in messages.
    pub(crate) shown_from: Option<&'a Path>,
    /// The release that the user chose, which no file changes.
    pub(crate) release: Option<&'a Target>,
    /// Where the configuration is.
    pub(crate) config: ConfigSource<'a>,
}

/// Where the configuration is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ConfigSource<'a> {
    /// In the folder of the file, or above it.
    Nearest,
    /// There is none.
    Nowhere,
    /// This one, whose patterns are relative to this folder.
    Given(&'a Path, &'a Config),
}

/// How a file is checked, and what could not be read while that was found out.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) options: Options,
    /// Whether the configuration excludes the file.
    pub(crate) is_excluded: bool,
    /// The configuration that decides, if there is one, with its mistakes.
    pub(crate) report: Option<Report>,
    pub(crate) problems: Vec<String>,
    /// The folders that were read; [`Pins::again`] forgets a folder after this is dropped.
    pub(crate) places: Vec<Place>,
}

impl Found {
    /// The options of a document that has no file.
    pub(crate) fn without_files(target: Target) -> Found {
        Found { options: target.into(), is_excluded: false, report: None, problems: vec![], places: vec![] }
    }
}

impl Pins {
    /// How a file is checked: the release that the user chose, or else that of the configuration, of the files that pin dstack,
    /// or the newest one; and the rules of the configuration.
    pub(crate) fn find(&self, query: Query<'_>) -> Found {
        let folder = query.file.parent().unwrap_or(query.file);
        let (chain, places) = self.chain(folder, query.root);
        let config = match query.config {
            ConfigSource::Nowhere => None,
            ConfigSource::Given(folder, config) => Some((folder, config)),
            ConfigSource::Nearest => chain.iter().find_map(|(path, it)| Some((path.as_path(), it.config.as_ref()?))),
        };
        let resolve = |(folder, config): (&Path, &Config)| {
            let file = query.file.strip_prefix(folder).unwrap_or(query.file);
            (config.resolve(file), config.report(folder))
        };
        let (resolved, report) = config.map(resolve).unzip();
        let resolved = resolved.unwrap_or_default();
        let shown = |path: &Path| {
            let relative = query.shown_from.and_then(|from| path.strip_prefix(from).ok()).unwrap_or(path);
            disk::shown(relative).replace('\\', "/")
        };
        let configured = || {
            let file = report.as_ref().map_or(String::new(), |it| shown(&it.path));
            Some(Target::named(resolved.release.as_ref()?, Origin::Config { file: file.into() }))
        };
        let mut problems = vec![];
        let target = query.release.cloned().or_else(configured).unwrap_or_else(|| {
            let files = chain.iter().map(|(path, it)| (path.as_path(), &it.pins[..]));
            let target = choose(files).map(|(folder, pin)| pin.target(shown(&folder.join(&pin.file))));
            let target = target.unwrap_or_else(Target::newest);
            let instead = format!("using {}", target.words());
            let sentence = |path: &Path, (file, problem): &(String, String)| {
                format!("`{}` {problem}, so it pins no release; {instead}", shown(&path.join(file)))
            };
            let of_folder = |(path, it): &(PathBuf, Arc<Folder>)| {
                it.problems.iter().map(|problem| sentence(path, problem)).collect::<Vec<_>>()
            };
            problems = chain.iter().flat_map(of_folder).collect();
            target
        });
        let options = Options { target, rules: resolved.rules };
        Found { options, is_excluded: resolved.is_excluded, report, problems, places }
    }

    /// Reads the folders again that a caller of [`Pins::find`] still holds, and forgets the others. Returns whether one
    /// of them has changed within `patience`. A folder that does not answer does not delay the others; if it turns out later
    /// that it has changed, `late` is called.
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
        let first = awaited.min(MAX_READERS);
        let queue: Queue = Arc::new(Mutex::new(queue));
        // Without a buffer, so that a thread knows whether its message is taken.
        let (sender, receiver) = sync_channel(0);
        let look = move |queue: &Queue| {
            let (queue, sender, read, late) = (queue.clone(), sender.clone(), read.clone(), late.clone());
            let being_read = self.being_read.clone();
            in_time::spawn(move || {
                while let Some((path, place)) = next(&queue) {
                    // Not marked earlier: a folder that waits in a queue after hanging ones must be in the next queue too.
                    let is_new = BeingRead::begin(path, &being_read).is_some_and(|being_read| {
                        // A panic costs reading one folder once.
                        let now = catch_unwind(AssertUnwindSafe(|| read(&being_read.path)));
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
                // The maximum number of threads hang. The other folders are read the next time.
                Err(_) => break,
            }
        }
        is_new
    }

    /// Returns the folders that are held and not being read; forgets those that are not held.
    fn held_folders(&self) -> VecDeque<(PathBuf, Place)> {
        let mut folders = lock(&self.folders);
        folders.retain(|_, place| Arc::strong_count(place) > 1);
        let being_read = lock(&self.being_read);
        let is_due = |(path, place): &(&PathBuf, &Place)| place.get().is_some() && !being_read.contains(*path);
        folders.iter().filter(is_due).map(|(path, place)| (path.clone(), place.clone())).collect()
    }

    /// The folders from this one upwards with what they pin, and their slots.
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

/// Keeps what a folder pins now. Returns whether that has changed.
fn replace(place: &Place, now: Folder) -> bool {
    let Some(kept) = place.get() else { return false };
    let mut kept = lock(kept);
    let is_new = **kept != now;
    if is_new {
        *kept = Arc::new(now);
    }
    is_new
}

/// Marks a folder as being read, until this is dropped.
struct BeingRead {
    path: PathBuf,
    all: Arc<Mutex<HashSet<PathBuf>>>,
}

impl BeingRead {
    /// `None` if it is already being read.
    fn begin(path: PathBuf, all: &Arc<Mutex<HashSet<PathBuf>>>) -> Option<BeingRead> {
        lock(all).insert(path.clone()).then(|| BeingRead { path, all: all.clone() })
    }
}

impl Drop for BeingRead {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.path);
    }
}

impl Folder {
    fn of(path: &Path) -> Folder {
        let mut folder = Folder { is_git_root: disk::is_git_root(path), ..Folder::default() };
        let mut of_project = None;
        disk::pin_files(path, |file, text| {
            if let (config::PROJECT, Ok(text)) = (&*file, &text) {
                of_project = Config::parse_project(text);
            }
            match text.and_then(|text| Ok(pin(&file, &text)?)) {
                Ok(range) => folder.pins.extend(range.map(|range| Pin { file, range })),
                Err(problem) => folder.problems.push((file, problem)),
            }
        });
        let own = disk::config_file(&path.join(config::FILE)).map(|text| match text {
            Ok(text) => Config::parse(&text),
            Err(problem) => Config::unreadable(&problem),
        });
        Folder { config: own.or(of_project), ..folder }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// No thread is assumed to hang.
    const UNHURRIED: Pace = Pace { patience: LONG, silence: LONG };

    fn pinning(version: &str) -> Folder {
        let file = "requirements.txt".to_owned();
        let range = pin(&file, &format!("dstack=={version}")).unwrap().unwrap();
        Folder { pins: vec![Pin { file, range }], ..Folder::default() }
    }

    /// Folders that were read, and their slots.
    fn known(folders: &[&str]) -> (Pins, Vec<Place>) {
        let pins = Pins::default();
        let place = |_: &&str| Arc::new(OnceLock::from(Mutex::new(Arc::new(pinning("0.19.40")))));
        let places: Vec<Place> = folders.iter().map(place).collect();
        lock(&pins.folders).extend(folders.iter().map(PathBuf::from).zip(places.iter().cloned()));
        (pins, places)
    }

    /// Reads folders, some of which do not answer until something is sent or the sender is dropped.
    fn hanging(hangs: fn(&Path) -> bool) -> (Sender<()>, impl Fn(&Path) -> Folder + Clone + Send + 'static) {
        let (go, may_go) = channel::<()>();
        let may_go = Arc::new(Mutex::new(may_go));
        let read = move |path: &Path| {
            if hangs(path) {
                // ends: when the test does.
                _ = lock(&may_go).recv();
            }
            pinning("0.20.1")
        };
        (go, read)
    }

    fn version(place: &Place) -> String {
        lock(place.get().unwrap()).pins[0].target(String::new()).release.to_string()
    }

    #[test]
    fn changes_in_folders_are_noticed_when_they_are_read_again() {
        let (pins, places) = known(&["/a", "/b"]);
        let read = |path: &Path| pinning(if path == Path::new("/b") { "0.20.1" } else { "0.19.40" });
        assert!(pins.again_by(read, UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.19.40", "0.20.1"]);
        assert!(!pins.again_by(read, UNHURRIED, || ()));
        // A panic costs reading one folder once.
        let panics = |path: &Path| match path == Path::new("/a") {
            true => std::panic::resume_unwind(Box::new("on purpose")),
            false => pinning("0.20.2"),
        };
        assert!(pins.again_by(panics, UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.19.40", "0.20.2"]);
        assert!(pins.again_by(|_| pinning("0.20.3"), UNHURRIED, || ()));
        assert_eq!([0, 1].map(|it| version(&places[it])), ["0.20.3", "0.20.3"]);
    }

    #[test]
    fn folders_that_do_not_answer_do_not_delay_others() {
        let paths: Vec<String> = (0..20).map(|i| format!("/{i}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        // More of them than threads that read.
        let (go, read) = hanging(|path| path.to_str().is_some_and(|it| it.len() == 2));
        let (report, reported) = channel();
        let late = move || report.send(()).unwrap();
        let hurried = Pace { patience: Duration::from_secs(1), silence: Duration::from_millis(1) };
        assert!(pins.again_by(read.clone(), hurried, late.clone()));
        let is_new = |it: &usize| version(&places[*it]) == "0.20.1";
        assert_eq!((0..20).filter(is_new).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
        // They are not awaited a second time.
        assert!(!pins.again_by(read, UNHURRIED, late));
        assert!(reported.try_recv().is_err());
        for _ in 0..10 {
            go.send(()).unwrap();
            reported.recv_timeout(LONG).unwrap();
        }
        assert_eq!((0..20).filter(is_new).count(), 20);
        assert!(lock(&pins.being_read).is_empty());
    }

    #[test]
    fn folders_that_waited_for_hanging_ones_are_read_the_next_time() {
        let paths: Vec<String> = (0..35).map(|i| format!("/{i:02}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let (go, read) = hanging(|path| path < Path::new("/30"));
        // There is time to start some threads, but not one for each folder that hangs.
        let short = Pace { patience: Duration::from_millis(100), silence: Duration::from_millis(20) };
        pins.again_by(read.clone(), short, || ());
        let n_hanging = lock(&pins.being_read).len();
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
    fn a_few_threads_read_thousands_of_folders() {
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
            pinning("0.20.1")
        };
        assert!(pins.again_by(read, UNHURRIED, || ()));
        assert!(places.iter().all(|it| version(it) == "0.20.1"));
        let (_, most) = *lock(&reading);
        assert!(most <= MAX_READERS, "{most} threads at once");
    }

    #[test]
    fn a_folder_that_no_document_needs_is_forgotten() {
        let (pins, mut places) = known(&["/a", "/b", "/c"]);
        places.truncate(1);
        let being_read = Arc::new(Mutex::new(vec![]));
        let seen = being_read.clone();
        let read = move |path: &Path| {
            lock(&seen).push(path.to_owned());
            pinning("0.19.40")
        };
        pins.again_by(read, UNHURRIED, || ());
        assert_eq!(*lock(&being_read), [Path::new("/a")]);
        assert_eq!(lock(&pins.folders).len(), 1);
    }

    #[test]
    fn for_a_deeply_nested_file_the_nearest_folders_are_read() {
        let pins = Pins::default();
        let file = "/none".repeat(5_000);
        let found = pins.find(Query {
            file: Path::new(&file),
            root: None,
            shown_from: None,
            release: None,
            config: ConfigSource::Nearest,
        });
        assert_eq!(found.places.len(), MAX_LEVELS);
    }
}
