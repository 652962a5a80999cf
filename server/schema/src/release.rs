//! Releases of dstack.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A release of dstack, as `0.22.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release {
    major: u16,
    minor: u16,
    patch: u16,
}

/// The releases that the catalogue knows, as ranges of patch numbers within a minor release.
const KNOWN: [(u16, u16, u16); 5] = [(18, 0, 44), (19, 0, 40), (20, 0, 29), (21, 0, 5), (22, 0, 5)];
/// Tagged, but never published to PyPI.
const UNPUBLISHED: [Release; 1] = [Release::new(0, 19, 14)];

impl Release {
    /// The oldest release that the catalogue knows.
    pub const OLDEST: Release = Release::new(0, 18, 0);
    /// The newest release that the catalogue knows.
    pub const NEWEST: Release = Release::new(0, 22, 5);
    /// The first release that validates with pydantic 2: coercions and messages change here.
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

    /// Whether the release validates with pydantic 2.
    pub fn is_pydantic_2(self) -> bool {
        self >= Release::PYDANTIC_2
    }
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
        let wrong = || format!("`{text}` is not a release; write it as `{}`", Release::NEWEST);
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
    fn are_127_in_order() {
        let all: Vec<Release> = Release::all().collect();
        assert_eq!(all.len(), 127);
        assert!(all.is_sorted());
        assert_eq!((all[0], all[126]), (Release::OLDEST, Release::NEWEST));
        assert!(!release("0.19.14").is_known());
    }

    #[test]
    fn are_read_as_they_are_written() {
        for release in Release::all() {
            assert_eq!(release.to_string().parse(), Ok(release));
        }
        for wrong in ["", "0.22", "0.22.5.1", "v0.22.5", "0.22.x", "0.22.70000", " 0.22.5"] {
            let problem = format!("`{wrong}` is not a release; write it as `0.22.5`");
            assert_eq!(wrong.parse::<Release>(), Err(problem));
        }
    }

    #[test]
    fn unknown_ones_have_a_nearest() {
        let nearest = |text: &str| release(text).nearest_known().to_string();
        assert_eq!(nearest("0.22.5"), "0.22.5");
        assert_eq!(nearest("0.19.14"), "0.19.13");
        assert_eq!(nearest("0.19.99"), "0.19.40");
        assert_eq!(nearest("1.0.0"), "0.22.5");
        assert_eq!(nearest("0.17.3"), "0.18.0");
    }
}
