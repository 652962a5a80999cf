//! Releases of dstack: the known ones, and how users write a release.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::shown::shown;

/// A release of dstack, as `0.22.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release {
    major: u16,
    minor: u16,
    patch: u16,
}

/// The list of known releases, which is parsed at compile time.
const LIST: &[u8] = include_bytes!("../catalogue/releases.txt");
/// Ranges of patch numbers within a minor release: `(18, 0, 44)`.
const KNOWN: [(u16, u16, u16); count(false)] = known();
/// Releases within these ranges that were never published to PyPI.
const UNPUBLISHED: [Release; count(true)] = unpublished();

impl Release {
    /// The oldest release that the catalogue knows.
    pub const OLDEST: Release = Release::new(0, 18, 0);
    /// The newest release that the catalogue knows.
    pub const NEWEST: Release = {
        let (minor, _, patch) = KNOWN[KNOWN.len() - 1];
        Release::new(0, minor, patch)
    };
    /// The first release that validates with pydantic 2, which changes conversions and messages.
    pub const PYDANTIC_2: Release = Release::new(0, 21, 0);

    /// The release `major.minor.patch`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Release {
        Release { major, minor, patch }
    }

    /// Every release that the catalogue knows, oldest first.
    pub fn all() -> impl Iterator<Item = Release> {
        let every =
            |(minor, first, last): (u16, u16, u16)| (first..=last).map(move |patch| Release::new(0, minor, patch));
        KNOWN.into_iter().flat_map(every).filter(|release| !UNPUBLISHED.contains(release))
    }

    /// Whether the catalogue knows the release.
    pub fn is_known(self) -> bool {
        Release::all().any(|release| release == self)
    }

    /// The release itself if the catalogue knows it, else the newest known one before it, else the oldest.
    pub fn nearest_known(self) -> Release {
        Release::all().take_while(|release| *release <= self).last().unwrap_or(Release::OLDEST)
    }

    /// The newest known release whose number begins with `text`: `0.19.40` for `0.19`; the newest of all for anything else.
    pub fn like(text: &str) -> Release {
        let begin = text.trim().trim_start_matches(['v', 'V']).trim_end_matches(['.', 'x', '*']);
        let begins = |it: &Release| format!("{it}.").starts_with(&format!("{begin}."));
        Release::all().filter(begins).last().unwrap_or(Release::NEWEST)
    }

    /// Whether the release validates with pydantic 2.
    pub fn is_pydantic_2(self) -> bool {
        self >= Release::PYDANTIC_2
    }
}

/// The number of lines with a range, or of those with an unpublished release.
const fn count(is_unpublished: bool) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < LIST.len() {
        if LIST[at] != b'#' && (LIST[at] == b'-') == is_unpublished {
            count += 1;
        }
        at = next_line(at);
    }
    count
}

const fn known() -> [(u16, u16, u16); count(false)] {
    let mut known = [(0, 0, 0); count(false)];
    let (mut at, mut index) = (0, 0);
    while at < LIST.len() {
        if LIST[at] != b'#' && LIST[at] != b'-' {
            let (first, end) = release_at(at);
            let (last, _) = release_at(end + 1);
            assert!(first.major == last.major && first.minor == last.minor && first.patch <= last.patch);
            known[index] = (first.minor, first.patch, last.patch);
            index += 1;
        }
        at = next_line(at);
    }
    known
}

const fn unpublished() -> [Release; count(true)] {
    let mut unpublished = [Release::new(0, 0, 0); count(true)];
    let (mut at, mut index) = (0, 0);
    while at < LIST.len() {
        if LIST[at] == b'-' {
            unpublished[index] = release_at(at + 2).0;
            index += 1;
        }
        at = next_line(at);
    }
    unpublished
}

/// The release that is written at a byte of the list, and where it ends.
const fn release_at(at: usize) -> (Release, usize) {
    let (major, at) = number_at(at);
    assert!(LIST[at] == b'.');
    let (minor, at) = number_at(at + 1);
    assert!(LIST[at] == b'.');
    let (patch, at) = number_at(at + 1);
    (Release::new(major, minor, patch), at)
}

const fn number_at(start: usize) -> (u16, usize) {
    let (mut at, mut number) = (start, 0);
    while at < LIST.len() && LIST[at].is_ascii_digit() {
        number = number * 10 + (LIST[at] - b'0') as u16;
        at += 1;
    }
    assert!(at > start, "a number is missing in catalogue/releases.txt");
    (number, at)
}

const fn next_line(mut at: usize) -> usize {
    while at < LIST.len() && LIST[at] != b'\n' {
        at += 1;
    }
    at + 1
}

/// Maximum number of characters of a release that messages repeat.
const MAX_SHOWN: usize = 60;

/// A release as a user writes it, resolved to a known release: `v0.19.40` is `0.19.40`, and unknown releases, including
/// pre-releases such as `0.19.40rc1`, resolve to the nearest known one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The known release.
    pub release: Release,
    /// The release as written, if it is not known.
    pub unknown: Option<Box<str>>,
}

impl Named {
    /// A message if the release is not the one that was written.
    pub fn note(&self) -> Option<String> {
        let unknown = self.unknown.as_ref()?;
        Some(format!("unknown dstack release {unknown}; using the nearest known release, {}", self.release))
    }
}

impl FromStr for Named {
    type Err = String;

    /// Three numbers, optionally preceded by `v` and followed by the suffix of a Python version: `rc1`, `.dev0`, `+local`.
    fn from_str(text: &str) -> Result<Named, String> {
        const SUFFIXES: [&str; 12] =
            ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev"];
        let wrong = || not_a_release(text);
        let plain = text.trim().trim_start_matches(['v', 'V']);
        let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len());
        let (numbers, suffix) = plain.split_at(end);
        let letters = suffix.trim_start_matches(['-', '_']);
        let letters = &letters[..letters.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(letters.len())];
        let known_suffix = SUFFIXES.iter().any(|it| it.eq_ignore_ascii_case(letters));
        if !(suffix.is_empty() || suffix.starts_with('+') || known_suffix) {
            return Err(wrong());
        }
        let numbers = if suffix.is_empty() { numbers } else { numbers.trim_end_matches('.') };
        let named: Release = numbers.parse().map_err(|_: String| wrong())?;
        let release = named.nearest_known();
        let is_known = release == named && suffix.is_empty();
        Ok(Named { release, unknown: (!is_known).then(|| shown(plain, MAX_SHOWN).into()) })
    }
}

fn not_a_release(text: &str) -> String {
    format!("`{}` is not a release; write it as `{}`", shown(text, MAX_SHOWN), Release::like(text))
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Release {
    type Err = String;

    /// `0.22.5`; three numbers and nothing else.
    fn from_str(text: &str) -> Result<Release, String> {
        let wrong = || not_a_release(text);
        let mut numbers = text.split('.').map(|part| part.parse::<u16>().map_err(|_| wrong()));
        let mut next = || numbers.next().unwrap_or_else(|| Err(wrong()));
        let release = Release::new(next()?, next()?, next()?);
        if numbers.next().is_some() { Err(wrong()) } else { Ok(release) }
    }
}

impl TryFrom<String> for Release {
    type Error = String;

    fn try_from(text: String) -> Result<Release, String> {
        text.parse()
    }
}

impl From<Release> for String {
    fn from(release: Release) -> String {
        release.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().unwrap()
    }

    #[test]
    fn known_releases_are_sorted_and_complete() {
        let all: Vec<Release> = Release::all().collect();
        assert!(all.is_sorted());
        assert_eq!((all[0], all[all.len() - 1]), (Release::OLDEST, Release::NEWEST));
        assert_eq!(all.iter().position(|it| *it == Release::new(0, 20, 0)), Some(85));
        assert_eq!(UNPUBLISHED, [release("0.19.14")]);
        assert!(!release("0.19.14").is_known());
    }

    #[test]
    fn releases_parse_as_they_are_written() {
        for release in Release::all() {
            assert_eq!(release.to_string().parse(), Ok(release));
        }
        for wrong in ["", "0.19", "0.19.40.1", "v0.19.40", "0.19.x", "0.19.70000", " 0.19.40"] {
            let problem = format!("`{wrong}` is not a release; write it as `{}`", Release::like(wrong));
            assert_eq!(wrong.parse::<Release>(), Err(problem));
        }
    }

    #[test]
    fn releases_are_written_in_many_ways() {
        let note = |text: &str| text.parse::<Named>().map(|it| it.note().unwrap_or_else(|| it.release.to_string()));
        assert_eq!(note(" v0.19.40 ").unwrap(), "0.19.40");
        assert_eq!(
            note("0.19.99").unwrap(),
            "unknown dstack release 0.19.99; using the nearest known release, 0.19.40"
        );
        assert_eq!(
            note("0.19.14").unwrap(),
            "unknown dstack release 0.19.14; using the nearest known release, 0.19.13"
        );
        let newest = Release::NEWEST;
        let expected = format!("unknown dstack release 1.0.0; using the nearest known release, {newest}");
        assert_eq!(note("1.0.0").unwrap(), expected);
        for suffix in ["rc1", "a0", ".dev3", "-beta.2", ".post1", "+local.7", "RC2"] {
            let expected = format!("unknown dstack release 0.19.40{suffix}; using the nearest known release, 0.19.40");
            assert_eq!(note(&format!("0.19.40{suffix}")).unwrap(), expected);
        }
        for wrong in ["latest", "", "v", "0.19.40.1", "0.19.40 0.20.1", "0.19.99999", "ü", "0.1", "0.99"] {
            assert_eq!(note(wrong), Err(format!("`{wrong}` is not a release; write it as `{newest}`")), "{wrong}");
        }
        for wrong in ["0.19", "0.19.", "v0.19", "0.19.x", "0.19.*", "0.19.40x"] {
            assert_eq!(note(wrong), Err(format!("`{wrong}` is not a release; write it as `0.19.40`")), "{wrong}");
        }
    }

    #[test]
    fn long_texts_are_cut_in_messages() {
        let long = "1".repeat(100_000);
        for text in [long.clone(), format!("0.19.{long}"), format!("0.19.40rc{long}")] {
            let said = text.parse::<Named>().map_or_else(|problem| problem, |it| it.note().unwrap());
            assert!(said.len() < 200 && said.contains('…'), "{said}");
        }
    }

    #[test]
    fn unknown_releases_have_a_nearest_known_one() {
        let nearest = |text: &str| release(text).nearest_known().to_string();
        assert_eq!(nearest("0.22.5"), "0.22.5");
        assert_eq!(nearest("0.19.14"), "0.19.13");
        assert_eq!(nearest("0.19.99"), "0.19.40");
        assert_eq!(nearest("1.0.0"), Release::NEWEST.to_string());
        assert_eq!(nearest("0.17.3"), "0.18.0");
    }
}
