//! Every example of the documentation as a complete document, for whoever wants to ask dstack about them:
//! `cargo run -p ide --example documents` prints one JSON object a line, with `id`, `kind`, `release` and `text`.

#[expect(dead_code, reason = "another user asks for documents of all fields")]
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
    for it in &collected.homeless {
        eprintln!("{it}");
    }
    std::process::exit(i32::from(!collected.homeless.is_empty()));
}
