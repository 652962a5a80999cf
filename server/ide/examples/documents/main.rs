//! Prints every example of the documentation as a whole document, so that dstack can be tested with them:
//! `cargo run -p ide --example documents` prints one JSON object per line, with `id`, `kind`, `release` and `text`.

#[expect(dead_code, reason = "tests use the rest")]
mod collect;

fn main() {
    let collected = collect::documents();
    for it in &collected.documents {
        let kind = it.kind.name();
        println!(
            "{}",
            serde_json::json!({"id": it.id, "kind": kind, "release": it.release.to_string(), "text": it.text})
        );
    }
    for it in &collected.unplaced {
        eprintln!("{it}");
    }
    std::process::exit(i32::from(!collected.unplaced.is_empty()));
}
