//! Which release of dstack a project uses: what its files pin, without running anything.
//!
//! The folders from that of a configuration upwards are looked at, up to the workspace's root, or else to the root of the
//! Git checkout, or else to that of the file system. What pins one release (a lock file, an installed package, `==`) beats
//! what allows a range, unless a nearer range forbids it; nearer beats farther; in one folder the order is that of
//! [`disk::pin_files`]. A range stands for the newest known release in it.
//!
//! Contents of these files are never logged or shown, except for what they say about dstack.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    time::{Duration, Instant},
};

use ide::{Origin, Target};
use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};
use schema::Release;
use serde::Deserialize;
use toml::{Table, Value};

use crate::{disk, in_time};

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

/// What a file says about dstack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// The file, relative to its folder, with `/`.
    pub(crate) file: String,
    /// What it allows.
    pub(crate) wanted: Wanted,
}

/// The releases that somebody allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// As it is written: `>=0.19,<0.20`.
    written: String,
    /// One of these must hold.
    any_of: Vec<VersionSpecifiers>,
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
                Err(RecvTimeoutError::Timeout) if held(&queue).is_empty() => {}
                Err(RecvTimeoutError::Timeout) if look(&queue) => {}
                // All threads that there may be hang. The others are looked at the next time.
                Err(_) => break,
            }
        }
        is_new
    }

    /// Takes the folders that are held and not being looked at; forgets those that are not held.
    fn held_folders(&self) -> VecDeque<(PathBuf, Place)> {
        let mut folders = held(&self.folders);
        folders.retain(|_, place| Arc::strong_count(place) > 1);
        let looked_at = held(&self.looked_at);
        let is_due = |(path, place): &(&PathBuf, &Place)| place.get().is_some() && !looked_at.contains(*path);
        folders.iter().filter(is_due).map(|(path, place)| (path.clone(), place.clone())).collect()
    }

    /// The folders from this one upwards, with what they say, and the places where that is kept.
    fn chain(&self, folder: &Path, root: Option<&Path>) -> (Vec<(PathBuf, Arc<Folder>)>, Vec<Place>) {
        let (mut chain, mut places) = (vec![], vec![]);
        for path in folder.ancestors().take(MAX_LEVELS) {
            let place = held(&self.folders).entry(path.to_owned()).or_default().clone();
            let it = held(place.get_or_init(|| Mutex::new(Arc::new(Folder::of(path))))).clone();
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
    held(queue).pop_front()
}

/// Keeps what a folder says now. Whether it said something else before.
fn replace(place: &Place, now: Folder) -> bool {
    let Some(kept) = place.get() else { return false };
    let mut kept = held(kept);
    let is_new = **kept != now;
    if is_new {
        *kept = Arc::new(now);
    }
    is_new
}

/// What nobody leaves half done, so that a panic elsewhere is no reason to stop.
fn held<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that is being looked at again: no longer so when this is dropped.
struct LookedAt {
    path: PathBuf,
    all: Arc<Mutex<HashSet<PathBuf>>>,
}

impl LookedAt {
    /// `None` if it is being looked at already.
    fn begin(path: PathBuf, all: &Arc<Mutex<HashSet<PathBuf>>>) -> Option<LookedAt> {
        held(all).insert(path.clone()).then(|| LookedAt { path, all: all.clone() })
    }
}

impl Drop for LookedAt {
    fn drop(&mut self) {
        held(&self.all).remove(&self.path);
    }
}

impl Folder {
    fn of(path: &Path) -> Folder {
        let mut folder = Folder { is_git_root: disk::is_git_root(path), ..Folder::default() };
        disk::pin_files(path, |file, text| match text.and_then(|text| Ok(pin(&file, &text)?)) {
            Ok(wanted) => folder.pins.extend(wanted.map(|wanted| Pin { file, wanted })),
            Err(problem) => folder.problems.push((file, problem)),
        });
        folder
    }
}

/// The pin that counts, of folders from the nearest to the farthest.
pub(crate) fn choose<'a>(folders: impl Iterator<Item = (&'a Path, &'a [Pin])>) -> Option<(&'a Path, &'a Pin)> {
    let mut range: Option<(&Path, &Pin)> = None;
    for (folder, pins) in folders {
        let fits = |version: &Version| range.is_none_or(|(_, it)| it.wanted.allows(version));
        if let Some(exact) = pins.iter().find(|it| it.wanted.exact().is_some_and(fits)) {
            return Some((folder, exact));
        }
        range = range.or_else(|| pins.iter().find(|it| it.wanted.exact().is_none()).map(|it| (folder, it)));
    }
    range
}

/// What a file says about dstack, by its name and text; or what is wrong with it.
pub(crate) fn pin(file: &str, text: &str) -> Result<Option<Wanted>, &'static str> {
    let name = file.rsplit('/').next().unwrap_or(file);
    match name {
        "uv.lock" | "poetry.lock" | "pdm.lock" | "pylock.toml" => lock(text),
        "pyproject.toml" => project(text),
        _ => match name.strip_suffix(".dist-info") {
            Some(installed) => Ok(installed.split_once('-').and_then(|(_, version)| Wanted::exactly(version))),
            None => Ok(Wanted::all(requirements(text).iter().filter_map(|it| requirement(it)))),
        },
    }
}

/// The packages of a lock file: those of uv, Poetry and PDM agree in this, and that of PEP 751 says `packages`.
#[derive(Deserialize)]
struct Lock {
    #[serde(default, alias = "packages")]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
}

/// What is wrong with a file that should be TOML. What exactly is nobody's business: the words would quote the file.
const NOT_TOML: &str = "is not sound TOML";

fn lock(text: &str) -> Result<Option<Wanted>, &'static str> {
    // Most lock files are not about dstack, and some are long.
    if !text.contains("dstack") {
        return Ok(None);
    }
    let lock: Lock = toml::from_str(text).map_err(|_| NOT_TOML)?;
    let versions = lock.package.iter().filter(|it| is_dstack(&it.name)).filter_map(|it| it.version.as_deref());
    // Where several are locked, for several platforms or groups, the newest is what people want to write for.
    let newest = versions.filter_map(|it| Some((it.parse::<Version>().ok()?, it))).max();
    Ok(newest.and_then(|(_, written)| Wanted::exactly(written)))
}

/// All that a `pyproject.toml` requires of dstack, whatever tool it speaks to, taken together.
fn project(text: &str) -> Result<Option<Wanted>, &'static str> {
    let table: Table = toml::from_str(text).map_err(|_| NOT_TOML)?;
    let at = |path: &[&str]| path.iter().try_fold(&table, |table, key| table.get(*key)?.as_table());
    let list = |path: &[&str], key: &str| at(path).and_then(|it| it.get(key)).into_iter();
    let groups = |path: &[&str]| at(path).into_iter().flat_map(|it| it.values());
    let lists = list(&["project"], "dependencies")
        .chain(groups(&["project", "optional-dependencies"]))
        .chain(groups(&["dependency-groups"]))
        .chain(list(&["tool", "uv"], "dev-dependencies"))
        .chain(list(&["tool", "uv"], "constraint-dependencies"))
        .chain(list(&["tool", "uv"], "override-dependencies"))
        .chain(groups(&["tool", "pdm", "dev-dependencies"]));
    let requirements = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str).filter_map(requirement);

    let groups = at(&["tool", "poetry", "group"]).into_iter().flat_map(|it| it.values());
    let of_groups = groups.filter_map(|it| it.as_table()?.get("dependencies")?.as_table());
    let tables = [&["tool", "poetry", "dependencies"], &["tool", "poetry", "dev-dependencies"]];
    let tables = tables.into_iter().filter_map(|it| at(it)).chain(of_groups);
    let entries = tables.flatten().filter(|(name, _)| is_dstack(name)).filter_map(|(_, it)| poetry(it));
    Ok(Wanted::all(requirements.chain(entries)))
}

/// What stands behind `dstack =` in Poetry's tables: a text, or a table with `version`, or several of these.
fn poetry(value: &Value) -> Option<Wanted> {
    match value {
        Value::String(it) => Wanted::of_poetry(it),
        Value::Table(it) => Wanted::of_poetry(it.get("version")?.as_str()?),
        Value::Array(it) => it.iter().find_map(poetry),
        _ => None,
    }
}

/// The lines of a requirements file, those that go on joined, without comments.
fn requirements(text: &str) -> Vec<String> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().map(|it| it.split(" #").next().unwrap_or("").trim());
    lines.filter(|it| !it.starts_with('#')).map(str::to_owned).collect()
}

/// What a line such as `dstack[all]>=0.19,<0.20 ; python_version > "3.9" --hash=…` asks of dstack; `None` if it is about
/// something else, or about a file or an address. Mirrors PEP 508 as far as dstack is concerned.
fn requirement(line: &str) -> Option<Wanted> {
    let line = line.split(';').next()?.split(" --").next()?.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_dstack(name) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('[').and_then(|it| it.split_once(']')).map_or(rest, |(_, rest)| rest).trim();
    let rest = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(rest);
    let written = if rest.is_empty() { "dstack".to_owned() } else { rest.to_owned() };
    Some(Wanted { written, any_of: vec![rest.parse().ok()?] })
}

/// Whether a package is dstack, however its name is spelled.
fn is_dstack(name: &str) -> bool {
    name.eq_ignore_ascii_case("dstack")
}

/// So many alternatives are followed.
const MOST_ALTERNATIVES: usize = 32;

/// Maximum number of characters of a version or a range that messages repeat.
const MAX_SHOWN: usize = 60;

fn shown(version: &str) -> String {
    schema::shown(version, MAX_SHOWN)
}

impl Wanted {
    fn exactly(written: &str) -> Option<Wanted> {
        let version: Version = written.parse().ok()?;
        let only = VersionSpecifier::equals_version(version).into();
        Some(Wanted { written: written.to_owned(), any_of: vec![only] })
    }

    /// What satisfies all of them; of very many the first.
    fn all(each: impl Iterator<Item = Wanted>) -> Option<Wanted> {
        let mut each = each.take(MOST_ALTERNATIVES);
        let first = each.next()?;
        Some(each.fold(first, |all, next| {
            let both = |a: &VersionSpecifiers, b: &VersionSpecifiers| a.iter().chain(b.iter()).cloned().collect();
            let pairs = all.any_of.iter().flat_map(|a| next.any_of.iter().map(move |b| both(a, b)));
            let any_of = pairs.take(MOST_ALTERNATIVES).collect();
            let written = match (&*all.written, &*next.written) {
                (a, b) if a == b || b == "dstack" => all.written,
                ("dstack", _) => next.written,
                (a, b) => format!("{a}, {b}"),
            };
            Wanted { written, any_of }
        }))
    }

    /// Poetry's own ways to write a range, beside those of Python: `^0.19`, `~0.19`, `0.19.*`, `0.19.40`, `*`, and `||`.
    fn of_poetry(text: &str) -> Option<Wanted> {
        let alternatives = text.split("||").map(|alternative| {
            let parts = alternative.split([',', ' ']).map(str::trim).filter(|it| !it.is_empty());
            // `>= 0.19` stands apart here.
            let mut whole: Vec<String> = vec![];
            for part in parts {
                match whole.last_mut() {
                    Some(last) if last.ends_with(['<', '>', '=', '~', '^', '!']) => last.push_str(part),
                    _ => whole.push(part.to_owned()),
                }
            }
            let sets = whole.iter().map(|it| poetry_part(it)).collect::<Option<Vec<_>>>()?;
            Some(sets.into_iter().flatten().collect::<VersionSpecifiers>())
        });
        let any_of = alternatives.take(MOST_ALTERNATIVES).collect::<Option<Vec<_>>>()?;
        Some(Wanted { written: text.trim().to_owned(), any_of })
    }

    fn allows(&self, version: &Version) -> bool {
        self.any_of.iter().any(|it| it.contains(version))
    }

    /// The one version that is allowed.
    fn exact(&self) -> Option<&Version> {
        let [only] = &self.any_of[..] else { return None };
        let exact = |it: &&VersionSpecifier| matches!(it.operator(), Operator::Equal | Operator::ExactEqual);
        only.iter().find(exact).map(VersionSpecifier::version)
    }
}

/// One comparison of Poetry's.
fn poetry_part(text: &str) -> Option<Vec<VersionSpecifier>> {
    let between = |low: Version, high: Vec<u64>| {
        let below = VersionSpecifier::less_than_version(Version::new(high));
        vec![VersionSpecifier::greater_than_equal_version(low), below]
    };
    if text == "*" {
        return Some(vec![]);
    }
    if let Some(version) = text.strip_prefix('^') {
        let low: Version = version.parse().ok()?;
        let numbers = low.release();
        // The first number that is not zero may not change; of zeros only the last one.
        let fixed = numbers.iter().position(|it| *it > 0).unwrap_or(numbers.len() - 1);
        let high = next_after(numbers, fixed);
        return Some(between(low, high));
    }
    if let Some(version) = text.strip_prefix('~').filter(|it| !it.starts_with('=')) {
        let low: Version = version.parse().ok()?;
        let high = next_after(low.release(), low.release().len().min(2) - 1);
        return Some(between(low, high));
    }
    let python = if text.starts_with(|c: char| c.is_ascii_digit()) { format!("=={text}") } else { text.to_owned() };
    let specifiers: VersionSpecifiers = python.parse().ok()?;
    Some(specifiers.iter().cloned().collect())
}

/// `numbers` up to `place`, the last one raised.
fn next_after(numbers: &[u64], place: usize) -> Vec<u64> {
    let mut high: Vec<u64> = numbers.iter().take(place + 1).copied().collect();
    if let Some(last) = high.last_mut() {
        *last = last.saturating_add(1);
    }
    high
}

impl Pin {
    /// What to check against, with the file as it may be shown.
    fn target(&self, file: String) -> Target {
        let wanted = &self.wanted;
        if let Some(version) = wanted.exact() {
            let release = known(version);
            let note = (release.to_string() != version.to_string()).then(|| {
                format!("dstack {} is not known; {release} is the nearest release that is", shown(&version.to_string()))
                    .into()
            });
            return Target { release, origin: Origin::Pin { file: file.into(), range: None }, note };
        }
        let written = shown(&wanted.written);
        let range = Some(written.as_str().into());
        let origin = Origin::Pin { file: file.into(), range };
        let allowed = |it: &Release| it.to_string().parse::<Version>().is_ok_and(|it| wanted.allows(&it));
        if let Some(release) = Release::all().filter(allowed).last() {
            return Target { release, origin, note: None };
        }
        // The highest of the lower bounds: what the others ask for it has, too.
        let bounds = || wanted.any_of.iter().flat_map(|it| it.iter());
        let is_lower = |it: &&VersionSpecifier| {
            use Operator::{EqualStar, GreaterThan, GreaterThanEqual, TildeEqual};
            matches!(it.operator(), GreaterThan | GreaterThanEqual | TildeEqual | EqualStar)
        };
        let farthest = bounds().filter(is_lower).map(VersionSpecifier::version).max();
        let release = farthest.or(bounds().next().map(VersionSpecifier::version)).map_or(Release::NEWEST, known);
        let note = format!("no known release of dstack is within `{written}`; {release} is the nearest");
        Target { release, origin, note: Some(note.into()) }
    }
}

/// The known release that is nearest to a version.
fn known(version: &Version) -> Release {
    let number = |place: usize| version.release().get(place).map_or(0, |it| u16::try_from(*it).unwrap_or(u16::MAX));
    Release::new(number(0), number(1), number(2)).nearest_known()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the files of one folder come to: release, file, note.
    fn chosen(files: &[(&str, &str)]) -> String {
        let pins: Vec<Pin> = files
            .iter()
            .filter_map(|(file, text)| Some(Pin { file: (*file).to_owned(), wanted: pin(file, text).ok()?? }))
            .collect();
        shown(choose([(Path::new("/a"), &pins[..])].into_iter()))
    }

    fn shown(chosen: Option<(&Path, &Pin)>) -> String {
        let Some((_, pin)) = chosen else { return "nothing".to_owned() };
        let target = pin.target(pin.file.clone());
        let note = target.note.map_or(String::new(), |it| format!(": {it}"));
        format!("{} ({}){note}", target.release, target.origin.words())
    }

    const UV: &str = r#"
version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "apscheduler"
version = "3.11.0"
source = { registry = "https://packages.example/simple" }
sdist = { url = "https://packages.example/a.tar.gz", hash = "sha256:00", size = 107347 }

[[package]]
name = "dstack"
version = "0.19.40"
source = { registry = "https://packages.example/simple" }
dependencies = [
    { name = "apscheduler" },
]

[package.optional-dependencies]
server = [{ name = "aiosqlite" }]

[[package]]
name = "my-app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "dstack", extra = ["server"] }]

[package.metadata]
requires-dist = [{ name = "dstack", extras = ["server"], specifier = ">=0.19" }]
"#;

    const POETRY: &str = r#"
# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.

[[package]]
name = "dstack"
version = "0.20.1"
description = "dstack is an open-source orchestration engine for running AI workloads."
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = [
    {file = "dstack-0.20.1-py3-none-any.whl", hash = "sha256:00"},
]

[package.extras]
all = ["dstack[aws,gcp]"]

[metadata]
lock-version = "2.1"
content-hash = "00"
"#;

    const PDM: &str = "[metadata]\ngroups = [\"default\"]\n\n[[package]]\nname = \"dstack\"\nversion = \"0.18.43\"\n";
    const PYLOCK: &str = "lock-version = \"1.0\"\n[[packages]]\nname = \"dstack\"\nversion = \"0.21.2\"\n";

    #[test]
    fn lock_files() {
        assert_eq!(chosen(&[("uv.lock", UV)]), "0.19.40 (from `uv.lock`)");
        assert_eq!(chosen(&[("poetry.lock", POETRY)]), "0.20.1 (from `poetry.lock`)");
        assert_eq!(chosen(&[("pdm.lock", PDM)]), "0.18.43 (from `pdm.lock`)");
        assert_eq!(chosen(&[("pylock.toml", PYLOCK)]), "0.21.2 (from `pylock.toml`)");
        let two = format!("{UV}\n[[package]]\nname = \"dstack\"\nversion = \"0.19.9\"\n");
        assert_eq!(chosen(&[("uv.lock", &two)]), "0.19.40 (from `uv.lock`)");
        // dstack's own checkout has no version there; and who only mentions dstack does not lock it.
        assert_eq!(
            chosen(&[("uv.lock", "[[package]]\nname = \"dstack\"\nsource = { editable = \".\" }\n")]),
            "nothing"
        );
        assert_eq!(chosen(&[("uv.lock", "[[package]]\nname = \"dstack-tools\"\nversion = \"0.1.0\"\n")]), "nothing");
    }

    #[test]
    fn projects() {
        let project = |text: &str| chosen(&[("pyproject.toml", text)]);
        let found = |range: &str, release: &str| format!("{release} (`{range}` in `pyproject.toml`)");
        let dependency = |it: &str| project(&format!("[project]\nname = \"a\"\ndependencies = [\"numpy\", {it:?}]\n"));
        for (requirement, range, release) in [
            ("dstack>=0.19,<0.20", ">=0.19,<0.20", "0.19.40"),
            ("dstack ~= 0.19.0", "~= 0.19.0", "0.19.40"),
            ("dstack[server,aws]~=0.20.3; python_version > '3.9'", "~=0.20.3", "0.20.29"),
            ("dstack[all] (<0.19)", "<0.19", "0.18.44"),
            ("DStack != 0.19.40, < 0.20", "!= 0.19.40, < 0.20", "0.19.39"),
            ("dstack==0.19.*", "==0.19.*", "0.19.40"),
            ("dstack", "dstack", "0.22.5"),
            ("dstack>=0.19", ">=0.19", "0.22.5"),
        ] {
            assert_eq!(dependency(requirement), found(range, release));
        }
        assert_eq!(dependency("dstack==0.19.40"), "0.19.40 (from `pyproject.toml`)");
        assert_eq!(
            dependency("dstack[server] == 0.19.40 ; sys_platform != 'win32'"),
            "0.19.40 (from `pyproject.toml`)"
        );
        for nothing in
            ["dstack-plugin==0.19.40", "dstack @ git+https://github.com/dstackai/dstack", "dstack>=latest", "x"]
        {
            assert_eq!(dependency(nothing), "nothing");
        }
        for text in [
            "[project.optional-dependencies]\nops = ['dstack~=0.19.0']\n",
            "[dependency-groups]\ndev = [{include-group = 'a'}, 'dstack~=0.19.0']\n",
            "[tool.uv]\ndev-dependencies = ['dstack~=0.19.0']\n",
            "[tool.uv]\nconstraint-dependencies = ['dstack~=0.19.0']\n",
            "[tool.pdm.dev-dependencies]\nops = ['dstack~=0.19.0']\n",
        ] {
            assert_eq!(project(text), found("~=0.19.0", "0.19.40"), "{text}");
        }
        let both = "[project]\ndependencies = ['dstack>=0.18']\n[dependency-groups]\ndev = ['dstack[server]<0.20']\n";
        assert_eq!(project(both), found(">=0.18, <0.20", "0.19.40"));
        assert_eq!(project("[project]\nname = 'dstack'\nversion = '1.0'\n"), "nothing");
        assert_eq!(project("project = 'dstack'\n[tool]\nuv = 1\npoetry = ['dstack']\n"), "nothing");
    }

    #[test]
    fn poetrys_own_ways() {
        let poetry =
            |value: &str| chosen(&[("pyproject.toml", &format!("[tool.poetry.dependencies]\ndstack = {value}\n"))]);
        let found = |range: &str, release: &str| format!("{release} (`{range}` in `pyproject.toml`)");
        for (range, release) in [
            ("^0.19", "0.19.40"),
            ("^0.19.3", "0.19.40"),
            ("^0.0.3", "0.18.0"),
            ("^0", "0.22.5"),
            ("~0.19", "0.19.40"),
            ("~0.19.3", "0.19.40"),
            ("~=0.19.3", "0.19.40"),
            ("0.19.*", "0.19.40"),
            ("*", "0.22.5"),
            (">=0.19 <0.20", "0.19.40"),
            (">= 0.19, < 0.20", "0.19.40"),
            ("^0.18 || ^0.20", "0.20.29"),
        ] {
            let answer = poetry(&format!("{range:?}"));
            assert!(answer.starts_with(&found(range, release)), "{range}: {answer}");
        }
        assert_eq!(poetry("\"0.19.40\""), "0.19.40 (from `pyproject.toml`)");
        assert_eq!(poetry("{version = \"^0.19\", extras = [\"server\"]}"), found("^0.19", "0.19.40"));
        assert_eq!(poetry("[{version = \"^0.19\", python = \"<3.9\"}]"), found("^0.19", "0.19.40"));
        assert_eq!(poetry("{git = \"https://github.com/dstackai/dstack\"}"), "nothing");
        let group = "[tool.poetry.group.ops.dependencies]\ndstack = '^0.19'\n";
        assert_eq!(chosen(&[("pyproject.toml", group)]), found("^0.19", "0.19.40"));
        for odd in ["^", "~", "^x", "^0.19 ||", "<", "=0.19", "^99999999999999999999"] {
            assert_eq!(
                poetry(&format!("{odd:?}")),
                if odd == "^0.19 ||" { found(odd, "0.22.5") } else { "nothing".into() }
            );
        }
    }

    #[test]
    fn requirements_files() {
        let file = |text: &str| chosen(&[("requirements/dev.txt", text)]);
        let exact = "0.19.40 (from `requirements/dev.txt`)";
        for text in [
            "dstack==0.19.40\n",
            "# tools\r\n-r base.txt\r\n--index-url https://user:secret@host/simple\r\nDSTACK[server] == 0.19.40  # pinned\r\n",
            "dstack[all]==0.19.40 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via -r requirements.in\n",
            "dstack==0.19.40 ; python_version >= '3.9' and python_version < '4.0'",
            "dstack>=0.18\ndstack==0.19.40\n",
        ] {
            assert_eq!(file(text), exact, "{text}");
        }
        assert_eq!(file("dstack~=0.20.0\n"), "0.20.29 (`~=0.20.0` in `requirements/dev.txt`)");
        for text in [
            "",
            "#dstack==0.19.40",
            "-e git+https://a#egg=dstack",
            "dstack-sky==0.1\n",
            "dstack @ file:///x",
            "./dstack",
        ] {
            assert_eq!(file(text), "nothing", "{text}");
        }
    }

    #[test]
    fn installed_packages() {
        let file = |name: &str| chosen(&[(&format!(".venv/lib/python3.12/site-packages/{name}"), "")]);
        let from = "(from `.venv/lib/python3.12/site-packages/dstack-";
        assert_eq!(file("dstack-0.19.40.dist-info"), format!("0.19.40 {from}0.19.40.dist-info`)"));
        let unknown = "dstack 0.22.7rc1 is not known; 0.22.5 is the nearest release that is";
        assert_eq!(file("dstack-0.22.7rc1.dist-info"), format!("0.22.5 {from}0.22.7rc1.dist-info`): {unknown}"));
        assert_eq!(file("dstack-x.dist-info"), "nothing");
    }

    #[test]
    fn releases_that_are_not_known() {
        let file = |text: &str| chosen(&[("requirements.txt", text)]);
        let of = |release: &str, note: &str| format!("{release} (from `requirements.txt`): dstack {note}");
        let nearest =
            |text: &str, near: &str| of(near, &format!("{text} is not known; {near} is the nearest release that is"));
        assert_eq!(file("dstack==0.22.99"), nearest("0.22.99", "0.22.5"));
        assert_eq!(file("dstack==0.19.14"), nearest("0.19.14", "0.19.13"));
        assert_eq!(file("dstack==1.0.0"), nearest("1.0.0", "0.22.5"));
        assert_eq!(file("dstack==0.19.40rc1"), nearest("0.19.40rc1", "0.19.40"));
        assert_eq!(file("dstack==0.11.2"), nearest("0.11.2", "0.18.0"));
        assert_eq!(file("dstack==99999999.1"), nearest("99999999.1", "0.22.5"));
        let none = "no known release of dstack is within `>=0.23`; 0.22.5 is the nearest";
        assert_eq!(file("dstack>=0.23"), format!("0.22.5 (`>=0.23` in `requirements.txt`): {none}"));
        let none = "no known release of dstack is within `>=0.19, >=0.23`; 0.22.5 is the nearest";
        let both = file("dstack>=0.19\ndstack>=0.23\n");
        assert_eq!(both, format!("0.22.5 (`>=0.19, >=0.23` in `requirements.txt`): {none}"));
        let none = "no known release of dstack is within `<0.18`; 0.18.0 is the nearest";
        assert_eq!(file("dstack<0.18"), format!("0.18.0 (`<0.18` in `requirements.txt`): {none}"));
    }

    #[test]
    fn one_release_beats_a_range_and_near_beats_far() {
        let pins = |files: &[(&str, &str)]| -> Vec<Pin> {
            files
                .iter()
                .map(|(file, text)| Pin { file: (*file).to_owned(), wanted: pin(file, text).unwrap().unwrap() })
                .collect()
        };
        let check = |folders: &[&[(&str, &str)]], expected: &str| {
            let folders: Vec<Vec<Pin>> = folders.iter().map(|it| pins(it)).collect();
            assert_eq!(shown(choose(folders.iter().map(|it| (Path::new("/a"), &it[..])))), expected);
        };
        let range = ("pyproject.toml", "[project]\ndependencies = ['dstack>=0.19,<0.20']\n");
        let other = ("pyproject.toml", "[project]\ndependencies = ['dstack>=0.21']\n");
        let exact = ("requirements.txt", "dstack==0.18.43\n");
        let uv = ("uv.lock", UV);
        check(&[&[uv, range]], "0.19.40 (from `uv.lock`)");
        check(&[&[range], &[uv]], "0.19.40 (from `uv.lock`)");
        check(&[&[exact], &[uv]], "0.18.43 (from `requirements.txt`)");
        check(&[&[], &[range], &[], &[other]], "0.19.40 (`>=0.19,<0.20` in `pyproject.toml`)");
        // The lock file above is that of another project.
        check(&[&[other], &[uv]], "0.22.5 (`>=0.21` in `pyproject.toml`)");
        check(&[&[range], &[exact]], "0.19.40 (`>=0.19,<0.20` in `pyproject.toml`)");
        check(&[&[], &[]], "nothing");
    }

    const LONG: Duration = Duration::from_secs(60);

    /// No thread is taken for one that hangs.
    const UNHURRIED: Pace = Pace { patience: LONG, silence: LONG };

    fn says(version: &str) -> Folder {
        let wanted = Wanted::exactly(version).unwrap();
        Folder { pins: vec![Pin { file: "uv.lock".to_owned(), wanted }], ..Folder::default() }
    }

    /// Folders that were read, and the places that hold them.
    fn known(folders: &[&str]) -> (Pins, Vec<Place>) {
        let pins = Pins::default();
        let place = |_: &&str| Arc::new(OnceLock::from(Mutex::new(Arc::new(says("0.19.40")))));
        let places: Vec<Place> = folders.iter().map(place).collect();
        held(&pins.folders).extend(folders.iter().map(PathBuf::from).zip(places.iter().cloned()));
        (pins, places)
    }

    fn version(place: &Place) -> String {
        held(place.get().unwrap()).pins[0].wanted.written.clone()
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
        let (go, may_go) = std::sync::mpsc::channel::<()>();
        let may_go = Arc::new(Mutex::new(may_go));
        // More of them than threads that look.
        let hangs = |path: &Path| path.to_str().is_some_and(|it| it.len() == 2);
        let read = move |path: &Path| {
            if hangs(path) {
                // ends: when the test does.
                held(&may_go).recv().unwrap();
            }
            says("0.20.1")
        };
        let (tell, told) = std::sync::mpsc::channel();
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
        assert!(held(&pins.looked_at).is_empty());
    }

    #[test]
    fn folders_that_waited_behind_hanging_ones_are_looked_at_the_next_time() {
        let paths: Vec<String> = (0..35).map(|i| format!("/{i:02}")).collect();
        let (pins, places) = known(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let (go, may_go) = std::sync::mpsc::channel::<()>();
        let may_go = Arc::new(Mutex::new(may_go));
        let read = move |path: &Path| {
            if path < Path::new("/30") {
                // ends: the sender is dropped.
                _ = held(&may_go).recv();
            }
            says("0.20.1")
        };
        // There is time to begin some threads, not one for each that hangs.
        let short = Pace { patience: Duration::from_millis(100), silence: Duration::from_millis(20) };
        pins.again_by(read.clone(), short, || ());
        let n_hanging = held(&pins.looked_at).len();
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
                let mut counts = held(&counts);
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
        let (_, most) = *held(&reading);
        assert!(most <= MAX_LOOKING, "{most} threads at once");
    }

    #[test]
    fn a_folder_that_no_file_needs_is_forgotten() {
        let (pins, mut places) = known(&["/a", "/b", "/c"]);
        places.truncate(1);
        let looked_at = Arc::new(Mutex::new(vec![]));
        let seen = looked_at.clone();
        let read = move |path: &Path| {
            held(&seen).push(path.to_owned());
            says("0.19.40")
        };
        pins.again_by(read, UNHURRIED, || ());
        assert_eq!(*held(&looked_at), [Path::new("/a")]);
        assert_eq!(held(&pins.folders).len(), 1);
    }

    #[test]
    fn of_a_very_deep_folder_the_nearest_ones_are_read() {
        let pins = Pins::default();
        let found = pins.target(Path::new(&"/none".repeat(5_000)), None, None);
        assert_eq!(found.places.len(), MAX_LEVELS);
    }

    #[test]
    fn hostile_files_pin_nothing() {
        for text in [
            "dstack [",
            "dstack = ",
            "\u{0}dstack",
            "[[package]]\nname = 1\nversion = 'dstack'\n",
            "package = 'dstack'",
        ] {
            assert_eq!(pin("uv.lock", text), Err(NOT_TOML), "{text}");
        }
        assert_eq!(pin("pyproject.toml", "dstack = 1\ndstack = 2\n"), Err(NOT_TOML));
        assert_eq!(pin("uv.lock", "not TOML at all [["), Ok(None));
        let deep = format!("dstack = {}", "[".repeat(100_000));
        assert_eq!(pin("pyproject.toml", &deep), Err(NOT_TOML));
        assert_eq!(pin("pyproject.toml", "not TOML at all [["), Err(NOT_TOML));
        let many = "dstack>=0.19\n".repeat(20_000);
        assert!(pin("requirements.txt", &many).is_ok_and(|it| it.is_some()));
        let alternatives = format!("[tool.poetry.dependencies]\ndstack = \"{}\"\n", vec!["^0.19"; 10_000].join("||"));
        assert!(pin("pyproject.toml", &alternatives).is_ok_and(|it| it.is_some()));
        let shown = chosen(&[("pyproject.toml", &alternatives)]);
        assert!(shown.starts_with("0.19.40 (`^0.19||^0.19||") && shown.ends_with("…` in `pyproject.toml`)"), "{shown}");
        let long = format!("[[package]]\nname = \"dstack\"\nversion = \"{}\"\n", vec!["1"; 50_000].join("."));
        let shown = chosen(&[("uv.lock", &long)]);
        assert!(shown.len() < 300 && shown.contains('…'), "{}", shown.len());
        let long = format!("dstack=={}\n", "9".repeat(100_000));
        assert_eq!(pin("requirements.txt", &long), Ok(None));
    }
}
