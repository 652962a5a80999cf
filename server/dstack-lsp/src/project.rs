//! Facts about the project: its version and where its documentation is.

use std::sync::LazyLock;

use schema::Release;

/// The version that `--version` prints, with the known releases of dstack: `0.1.0 (knows dstack 0.18.0 to 0.22.5)`.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let (own, oldest, newest) = (env!("CARGO_PKG_VERSION"), Release::OLDEST, Release::NEWEST);
        format!("{own} (knows dstack {oldest} to {newest})")
    });
    &VERSION
}

/// The public address of `server/docs/rules.md`; there is none yet.
const RULES_ADDRESS: Option<&str> = None;

/// The address of a rule's documentation, if it has one.
pub(crate) fn rule_address(rule: ide::RuleId) -> Option<String> {
    RULES_ADDRESS.map(|address| format!("{address}#{rule}"))
}
