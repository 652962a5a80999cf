//! Words that look alike.

/// The candidate that `word` was plainly meant to be, if there is one: one that looks alike, or the only one that it
/// begins.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (mut alike, mut begun, mut count) = (None, None, 0);
    for it in candidates {
        let distance = distance(word, it);
        if distance.is_some_and(|new| alike.is_none_or(|(old, _)| new < old)) {
            alike = distance.map(|distance| (distance, it));
        }
        if begins(word, it) {
            (begun, count) = (Some(it), count + 1);
        }
    }
    alike.map(|(_, it)| it).or(begun.filter(|_| count == 1))
}

/// Whether `other` begins with `word`. Shorter words begin too much by chance.
fn begins(word: &str, other: &str) -> bool {
    word.len() >= 3 && other.starts_with(word)
}

/// Whether one word was plainly meant to be the other.
pub(crate) fn similar(word: &str, other: &str) -> bool {
    distance(word, other).is_some() || begins(word, other)
}

/// Whether `word` is `other` but for a slip of the fingers. Of words as short as `nlb` and `alb` another letter makes
/// another word; one too many, one too few or two swapped do not. A digit numbers something else: `aws2`.
pub(crate) fn is_slip(word: &str, other: &str) -> bool {
    let count = |text: &str| text.chars().count();
    let is_other_letter = count(word) == count(other) && count(other) <= 3 && letters(word) != letters(other);
    similar(word, other) && !is_other_letter && digits(word) == digits(other)
}

/// Whether a key is `other` but for a slip of the fingers, so that it may be renamed without asking. Other keys are words of
/// their own: `mode` is not `model` without its end, `auto` is not `auth`, `instance_name` is not `instance_path`, and
/// `image2` is a second image.
pub(crate) fn is_slip_of_key(key: &str, other: &str) -> bool {
    let (key, other) = (plain(key), plain(other));
    if key.replace('_', "") == other.replace('_', "") {
        return true;
    }
    let length = key.chars().count();
    let is_begun = length < 6 && other.starts_with(&*key);
    let is_other_letter = length <= 5 && length == other.chars().count() && letters(&key) != letters(&other);
    let most = if length < 8 { 1 } else { 2 };
    let is_near = distance(&key, &other).is_some_and(|it| it <= most);
    let same_parts = || {
        let mut others = other.split('_');
        let alike = key.split('_').all(|part| others.next().is_some_and(|it| distance(part, it).is_some()));
        alike && others.next().is_none()
    };
    is_near && !is_begun && !is_other_letter && digits(&key) == digits(&other) && same_parts()
}

/// A word without what counts little: case, and `-` for `_`.
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

/// Longer words are nobody's slip.
const LONGEST: usize = 64;
/// No slip changes more letters.
const FARTHEST: usize = 3;

/// How far apart two words are that look alike.
fn distance(word: &str, other: &str) -> Option<usize> {
    if word.len() > LONGEST || other.len() > LONGEST {
        return None;
    }
    // Most pairs are told apart by their lengths alone.
    if word.is_ascii() && other.is_ascii() && word.len().abs_diff(other.len()) > FARTHEST {
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
        _ => FARTHEST,
    };
    (distance <= allowed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through() {
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
    fn another_letter_makes_another_short_word() {
        for (word, other) in [("gup", "gpu"), ("gpuu", "gpu"), ("GPU", "gpu"), ("spit", "spot"), ("cluter", "cluster")]
        {
            assert!(is_slip(word, other), "{word}");
        }
        for (word, other) in [("nlb", "alb"), ("gcp", "aws"), ("aws", "awx"), ("aws2", "aws")] {
            assert!(!is_slip(word, other), "{word}");
        }
    }

    #[test]
    fn only_a_slip_makes_another_key() {
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
