//! What a user may write as a release.

use std::str::FromStr;

use schema::release::Named;

/// A release that a user requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requested {
    /// `auto`: the release that the project pins or has installed, or else the newest known release.
    Auto,
    /// This release.
    Named(Named),
}

impl Requested {
    /// The release; `None` for `auto`.
    pub(crate) fn named(&self) -> Option<&Named> {
        match self {
            Requested::Auto => None,
            Requested::Named(named) => Some(named),
        }
    }
}

impl FromStr for Requested {
    type Err = String;

    fn from_str(text: &str) -> Result<Requested, String> {
        Ok(if text == "auto" { Requested::Auto } else { Requested::Named(text.parse()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_or_auto_is_requested() {
        assert_eq!("auto".parse(), Ok(Requested::Auto));
        let requested: Requested = "v0.19.40".parse().unwrap();
        assert_eq!(requested.named().map(|it| it.release.to_string()).as_deref(), Some("0.19.40"));
        assert!("Auto".parse::<Requested>().is_err() && "latest".parse::<Requested>().is_err());
    }
}
