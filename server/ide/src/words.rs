//! Compares names, to recognize misspellings.

use crate::limits::MAX_SIMILAR_BYTES;

/// The candidate that `word` most likely means, if there is one: the most similar candidate, or else the only one that starts
/// with `word`.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (mut similar, mut longer, mut count) = (None, None, 0);
    for it in candidates {
        let distance = distance(word, it);
        if distance.is_some_and(|new| similar.is_none_or(|(old, _)| new < old)) {
            similar = distance.map(|distance| (distance, it));
        }
        if is_start(word, it) {
            (longer, count) = (Some(it), count + 1);
        }
    }
    similar.map(|(_, it)| it).or(longer.filter(|_| count == 1))
}

/// Whether `other` starts with `word`. Words of fewer than three bytes are the start of too many names by chance.
fn is_start(word: &str, other: &str) -> bool {
    word.len() >= 3 && other.starts_with(word)
}

/// Whether `word` most likely means `other`.
pub(crate) fn similar(word: &str, other: &str) -> bool {
    distance(word, other).is_some() || is_start(word, other)
}

/// Whether `word` is `other` with a typing error. In words as short as `nlb` and `alb`, a different letter makes a different
/// word; an extra, a missing or a swapped letter does not. A different digit always does: `aws2`.
pub(crate) fn is_slip(word: &str, other: &str) -> bool {
    let count = |text: &str| text.chars().count();
    let is_other_letter = count(word) == count(other) && count(other) <= 3 && letters(word) != letters(other);
    similar(word, other) && !is_other_letter && digits(word) == digits(other)
}

/// Whether a key is `other` with a typing error, so that it may be renamed without asking. Other keys are distinct words:
/// `mode` is not a short `model`, `auto` is not `auth`, `instance_name` is not `instance_path`, and `image2` is a second
/// image.
pub(crate) fn is_slip_of_key(key: &str, other: &str) -> bool {
    let (key, other) = (plain(key), plain(other));
    if key.replace('_', "") == other.replace('_', "") {
        return true;
    }
    let length = key.chars().count();
    let is_short_start = length < 6 && other.starts_with(&*key);
    let is_other_letter = length <= 5 && length == other.chars().count() && letters(&key) != letters(&other);
    let max = if length < 8 { 1 } else { 2 };
    let is_near = distance(&key, &other).is_some_and(|it| it <= max);
    let same_parts = || {
        let mut others = other.split('_');
        let similar = key.split('_').all(|part| others.next().is_some_and(|it| distance(part, it).is_some()));
        similar && others.next().is_none()
    };
    is_near && !is_short_start && !is_other_letter && digits(&key) == digits(&other) && same_parts()
}

/// A word in lower case, with `_` for `-` and blanks.
fn plain(word: &str) -> String {
    word.to_lowercase().replace(['-', ' '], "_")
}

/// The digits of a word.
fn digits(word: &str) -> String {
    word.chars().filter(char::is_ascii_digit).collect()
}

/// The letters of a word, sorted.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.to_lowercase().chars().collect();
    letters.sort_unstable();
    letters
}

/// Maximum number of typing errors between two similar words.
const MAX_DISTANCE: usize = 3;

/// The number of typing errors between two words; `None` if they are not similar.
fn distance(word: &str, other: &str) -> Option<usize> {
    if word.len() > MAX_SIMILAR_BYTES || other.len() > MAX_SIMILAR_BYTES {
        return None;
    }
    // The lengths alone rule out most pairs.
    if word.is_ascii() && other.is_ascii() && word.len().abs_diff(other.len()) > MAX_DISTANCE {
        return None;
    }
    let (word, other) = (plain(word), plain(other));
    if word == other {
        return Some(0);
    }
    let longest = word.chars().count().max(other.chars().count());
    let distance = strsim::osa_distance(&word, &other);
    let allowed = match longest {
        0..=2 => 0,
        3..=5 => 1,
        6..=11 => 2,
        _ => MAX_DISTANCE,
    };
    (distance <= allowed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_has_a_closest_candidate() {
        let fields = ["commands", "env", "ports", "port", "resources", "spot_policy", "gpu"];
        assert_eq!(closest("comands", fields), Some("commands"));
        assert_eq!(closest("spot-policy", fields), Some("spot_policy"));
        assert_eq!(closest("Resources", fields), Some("resources"));
        assert_eq!(closest("gpuu", fields), Some("gpu"));
        assert_eq!(closest("environment", fields), None);
        assert_eq!(closest("spot", fields), Some("spot_policy"));
        assert_eq!(closest("spo", ["spot_policy", "spot_price"]), None);
        assert_eq!(closest("re", fields), None);
        assert_eq!(closest("x", fields), None);
        assert_eq!(closest("volume_size", ["volume_id", "size"]), None);
    }

    #[test]
    fn a_different_letter_makes_a_different_short_word() {
        for (word, other) in [("gup", "gpu"), ("gpuu", "gpu"), ("GPU", "gpu"), ("spit", "spot"), ("cluter", "cluster")]
        {
            assert!(is_slip(word, other), "{word}");
        }
        for (word, other) in [("nlb", "alb"), ("gcp", "aws"), ("aws", "awx"), ("aws2", "aws")] {
            assert!(!is_slip(word, other), "{word}");
        }
    }

    #[test]
    fn only_typing_errors_make_a_key_another_key() {
        for (key, other) in [
            ("comands", "commands"),
            ("command", "commands"),
            ("Commands", "commands"),
            ("resuorces", "resources"),
            ("spot-polcy", "spot_policy"),
            ("spotpolicy", "spot_policy"),
            ("gpuu", "gpu"),
            ("prot", "port"),
            ("imge", "image"),
            ("volums", "volumes"),
            ("region", "regions"),
        ] {
            assert!(is_slip_of_key(key, other), "{key}");
        }
        for (key, other) in [
            ("mode", "model"),
            ("use", "user"),
            ("port", "ports"),
            ("tag", "tags"),
            ("auto", "auth"),
            ("unit", "init"),
            ("modes", "nodes"),
            ("reason", "region"),
            ("spot", "spot_policy"),
            ("working", "working_dir"),
            ("instance_name", "instance_path"),
            ("container_path", "container_port"),
            ("image2", "image"),
            ("commands1", "commands"),
        ] {
            assert!(!is_slip_of_key(key, other), "{key}");
        }
    }
}
