//! The releases that a requirement allows.

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

/// The releases that a requirement allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// As it is written: `>=0.19,<0.20`.
    pub(super) written: String,
    /// At least one of these must hold.
    pub(super) any_of: Vec<VersionSpecifiers>,
}

/// Maximum number of alternatives; the others are ignored.
const MAX_ALTERNATIVES: usize = 32;

impl Range {
    /// A single version; `None` if it is not a version.
    pub(super) fn exactly(written: &str) -> Option<Range> {
        let version: Version = written.parse().ok()?;
        let only = VersionSpecifier::equals_version(version).into();
        Some(Range { written: written.to_owned(), any_of: vec![only] })
    }

    /// The releases that all of the ranges allow.
    pub(super) fn all(each: impl Iterator<Item = Range>) -> Option<Range> {
        let mut each = each.take(MAX_ALTERNATIVES);
        let first = each.next()?;
        Some(each.fold(first, |all, next| {
            let both = |a: &VersionSpecifiers, b: &VersionSpecifiers| a.iter().chain(b.iter()).cloned().collect();
            let pairs = all.any_of.iter().flat_map(|a| next.any_of.iter().map(move |b| both(a, b)));
            let any_of = pairs.take(MAX_ALTERNATIVES).collect();
            let written = match (&*all.written, &*next.written) {
                (a, b) if a == b || b == "dstack" => all.written,
                ("dstack", _) => next.written,
                (a, b) => format!("{a}, {b}"),
            };
            Range { written, any_of }
        }))
    }

    /// A range in Poetry's notation, which extends Python's: `^0.19`, `~0.19`, `0.19.*`, `0.19.40`, `*`, and `||`.
    pub(super) fn of_poetry(text: &str) -> Option<Range> {
        let alternatives = text.split("||").map(|alternative| {
            let parts = alternative.split([',', ' ']).map(str::trim).filter(|it| !it.is_empty());
            // `>= 0.19` is split here.
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
        let any_of = alternatives.take(MAX_ALTERNATIVES).collect::<Option<Vec<_>>>()?;
        Some(Range { written: text.trim().to_owned(), any_of })
    }

    /// Whether a version is in the range.
    pub(super) fn allows(&self, version: &Version) -> bool {
        self.any_of.iter().any(|it| it.contains(version))
    }

    /// The only version that is allowed, if it is one.
    pub(super) fn exact(&self) -> Option<&Version> {
        let [only] = &self.any_of[..] else { return None };
        let exact = |it: &&VersionSpecifier| matches!(it.operator(), Operator::Equal | Operator::ExactEqual);
        only.iter().find(exact).map(VersionSpecifier::version)
    }
}

/// One comparison in Poetry's notation.
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
        // The first number that is not zero must not change; if all are zeros, the last one.
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

/// `numbers` up to `place`, with the last one incremented.
fn next_after(numbers: &[u64], place: usize) -> Vec<u64> {
    let mut high: Vec<u64> = numbers.iter().take(place + 1).copied().collect();
    if let Some(last) = high.last_mut() {
        *last = last.saturating_add(1);
    }
    high
}
