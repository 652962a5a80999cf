//! Phrases for values that depend on the release, for limits and for lists; and anchors of headings.

use schema::{Limits, Release, Timed};

/// The releases that accept something, relative to something that exists since `floor`; empty if all do.
pub(super) fn accepted(accepted: &Timed<bool>, floor: Release) -> String {
    let spans = spans(accepted);
    let words = |(from, until): &(Release, Option<Release>)| match (*from > floor, until) {
        (false, None) => String::new(),
        (true, None) => format!("since {from}"),
        (_, Some(until)) if before(*until) == *from => format!("only in {from}"),
        (false, Some(until)) => format!("until {}", before(*until)),
        (true, Some(until)) => format!("from {from} to {}", before(*until)),
    };
    let words: Vec<String> = spans.iter().map(words).filter(|it| !it.is_empty()).collect();
    words.join(" and ")
}

/// The spans of releases that accept it: the first release, and the first release after it that does not.
fn spans(accepted: &Timed<bool>) -> Vec<(Release, Option<Release>)> {
    let mut spans: Vec<(Release, Option<Release>)> = vec![];
    for (release, accepted) in &accepted.0 {
        match spans.last_mut() {
            Some((_, until @ None)) if !accepted => *until = Some(*release),
            Some((_, None)) => {}
            _ if *accepted => spans.push((*release, None)),
            _ => {}
        }
    }
    spans
}

/// The previous release.
pub(super) fn before(release: Release) -> Release {
    Release::all().take_while(|it| *it < release).last().unwrap_or(Release::OLDEST)
}

/// The value at `at`, with the previous value in parentheses if it was another one: `` `1..` (before 0.19.9: `1`)``. `words`
/// returns `None` for a value that is not worth mentioning.
pub(super) fn timed<T>(timed: &Timed<T>, at: Release, floor: Release, words: impl Fn(&T) -> Option<String>) -> String {
    let mut values: Vec<(Release, Option<String>)> = vec![];
    for (since, value) in timed.0.iter().filter(|it| it.0 <= at) {
        let value = words(value);
        match values.last_mut() {
            // A value that ended before the field existed does not matter.
            Some(last) if *since <= floor => *last = (*since, value),
            Some(last) if last.1 == value => {}
            _ => values.push((*since, value)),
        }
    }
    let Some((since, last)) = values.pop() else { return String::new() };
    let earlier = values.pop();
    match (last, earlier) {
        (Some(now), None) => now,
        (Some(now), Some((_, None))) => format!("{now} (since {since})"),
        (Some(now), Some((_, Some(then)))) => format!("{now} (before {since}: {then})"),
        (None, Some((_, Some(then)))) => format!("{then} before {since}"),
        (None, _) => String::new(),
    }
}

/// The limits of a number: `from 0 to 100`.
pub(super) fn limits(limits: &Limits, release: Release) -> String {
    let bound = |timed: &Option<Timed<f64>>| timed.as_ref().and_then(|it| it.at(release)).and_then(number);
    match (bound(&limits.min), bound(&limits.max)) {
        (None, None) => String::new(),
        (Some(min), None) if limits.exclusive => format!("above {min}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (Some(min), Some(max)) if limits.exclusive => format!("above {min}, at most {max}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
    }
}

/// The limits of a length: `of 1 to 256 characters`.
pub(super) fn lengths(limits: &Limits, release: Release) -> String {
    let bound = |timed: &Option<Timed<f64>>| timed.as_ref().and_then(|it| it.at(release)).and_then(number);
    match (bound(&limits.min), bound(&limits.max)) {
        (None, None) => String::new(),
        (Some(min), None) if min == "1" => "that is not empty".into(),
        (Some(min), None) => format!("of at least {min} characters"),
        (None, Some(max)) => format!("of at most {max} characters"),
        (Some(min), Some(max)) => format!("of {min} to {max} characters"),
    }
}

/// The limits of a list: `at least 1`, `exactly 2`.
pub(super) fn items(min: Option<u32>, max: Option<u32>) -> String {
    match (min.filter(|it| *it > 0), max) {
        (None, None) => String::new(),
        (Some(1), None) => "not empty".into(),
        (Some(min), None) => format!("at least {min}"),
        (Some(min), Some(max)) if min == max => format!("exactly {min}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (None, Some(max)) => format!("at most {max}"),
    }
}

/// A number as text; `None` if it has many digits, which are technical limits.
fn number(number: &f64) -> Option<String> {
    let text = number.to_string();
    (text.len() <= 9).then_some(text)
}

/// The first sentence of a text, without its period.
pub(super) fn first_sentence(text: &str) -> &str {
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let end = paragraph.find([':', ';']).into_iter().chain(paragraph.find(". ")).min();
    paragraph[..end.unwrap_or(paragraph.len())].trim_end_matches('.')
}

/// The text with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// The anchor of a heading, as forges make it: letters, digits, `-` and `_` are kept, spaces become `-`.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline<T>(entries: Vec<(&str, T)>) -> Timed<T> {
        Timed(entries.into_iter().map(|(release, value)| (release.parse().unwrap(), value)).collect())
    }

    #[test]
    fn accepted_releases_are_phrased() {
        let oldest = Release::OLDEST;
        let said = |entries| accepted(&timeline(entries), oldest);
        assert_eq!(said(vec![("0.18.0", true)]), "");
        assert_eq!(said(vec![("0.18.0", false), ("0.19.3", true)]), "since 0.19.3");
        assert_eq!(said(vec![("0.18.0", true), ("0.20.0", false)]), "until 0.19.40");
        assert_eq!(said(vec![("0.18.0", false), ("0.20.28", true), ("0.20.29", false)]), "only in 0.20.28");
        let back = vec![("0.18.0", true), ("0.19.0", false), ("0.19.2", true)];
        assert_eq!(said(back), "until 0.18.44 and since 0.19.2");
        assert_eq!(accepted(&timeline(vec![("0.18.0", false), ("0.19.3", true)]), "0.19.3".parse().unwrap()), "");
    }

    #[test]
    fn previous_values_are_phrased() {
        let said = |entries, floor: &str| {
            let words = |it: &&str| (!it.is_empty()).then(|| it.to_string());
            timed(&timeline(entries), Release::NEWEST, floor.parse().unwrap(), words)
        };
        assert_eq!(said(vec![("0.18.0", "a")], "0.18.0"), "a");
        assert_eq!(said(vec![("0.18.0", "a"), ("0.19.0", "b")], "0.18.0"), "b (before 0.19.0: a)");
        assert_eq!(said(vec![("0.18.0", "a"), ("0.19.0", "b")], "0.19.0"), "b");
        assert_eq!(said(vec![("0.18.0", ""), ("0.19.0", "b")], "0.18.0"), "b (since 0.19.0)");
        assert_eq!(said(vec![("0.18.0", "a"), ("0.19.0", "")], "0.18.0"), "a before 0.19.0");
    }

    #[test]
    fn limits_are_phrased() {
        let limit = |it: Option<f64>| it.map(Timed::always);
        let said =
            |min, max, exclusive| limits(&Limits { min: limit(min), max: limit(max), exclusive }, Release::NEWEST);
        assert_eq!(said(Some(0.0), Some(100.0), false), "from 0 to 100");
        assert_eq!(said(Some(0.0), None, true), "above 0");
        assert_eq!(said(Some(1.0 / 60.0), Some(1e17), false), "");
        assert_eq!(items(Some(2), Some(2)), "exactly 2");
        assert_eq!(items(None, Some(16)), "at most 16");
    }

    #[test]
    fn anchors_are_those_of_forges() {
        assert_eq!(slug("`resources.gpu`"), "resourcesgpu");
        assert_eq!(slug("`volumes[].name` (network mount)"), "volumesname-network-mount");
    }
}
