//! Every example in the documentation is part of a file that dstack accepts.

use ide::{Document, Stage, diagnostics};
use yaml::Text;

#[path = "../examples/documents/collect.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod collect;

#[test]
fn every_example_is_part_of_a_file_that_parses() {
    let collected = collect::documents();
    assert!(collected.unplaced.is_empty(), "{}", collected.unplaced.join("\n\n"));
    assert!(collected.documents.len() > 150, "only {} documents", collected.documents.len());
    for it in collected.documents.iter().filter(|it| !it.id.starts_with("rule ")) {
        let document = Document::new(Text::new(&it.text), it.kind, it.release);
        let found = diagnostics(&document).into_iter().find(|it| it.stage == Stage::Parse);
        assert!(found.is_none(), "{}: {}\n{}", it.id, found.unwrap().message, it.text);
    }
    let mut ids: Vec<&str> = collected.documents.iter().map(|it| &*it.id).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|it| it[0] != it[1]), "two documents have the same id");
}
