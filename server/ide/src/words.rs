//! Words that look alike.

/// The candidate that `word` was plainly meant to be, if there is one.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().filter_map(|it| Some((distance(word, it)?, it)));
    scored.min_by_key(|(distance, _)| *distance).map(|(_, it)| it)
}

/// Whether one word was plainly meant to be the other.
pub(crate) fn similar(word: &str, other: &str) -> bool {
    distance(word, other).is_some()
}

/// How far apart two words are that look alike. Case, `-` and `_` count little.
fn distance(word: &str, other: &str) -> Option<usize> {
    if word.len() > 64 || other.len() > 64 {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let (word, other) = (plain(word), plain(other));
    if word == other {
        return Some(0);
    }
    let longest = word.chars().count().max(other.chars().count());
    let distance = strsim::osa_distance(&word, &other);
    let allowed = match longest {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
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
        assert_eq!(closest("x", fields), None);
    }
}
