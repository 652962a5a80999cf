//! Test support: generated files of the repository.

/// Checks that a file of the repository is what `make` makes of its committed text. With `UPDATE=1` it is written.
#[track_caller]
pub(crate) fn fresh(name: &str, make: impl FnOnce(&str) -> String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let made = make(&committed);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let now = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == made, "{name} is stale; run `UPDATE=1 cargo test -p dstack-lsp --bins`");
}
