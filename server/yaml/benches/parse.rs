//! Measures a keystroke and the opening of a file, by size: `cargo bench -p yaml`.
//!
//! A keystroke consists of the same steps as in the server: the edit of the text, cut, parse of the changed pieces, join,
//! checks. The previous version stays alive, as it does in the server.

// criterion's macros write a public function without a comment
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use yaml::{Edits, Text, parse};

#[path = "../tests/common/mod.rs"]
mod common;

const SIZES: [usize; 3] = [40, 2_000, 20_000];

fn open(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    group.sample_size(10);
    for kind in ["env", "profiles"] {
        for lines in SIZES {
            let source = common::large(kind, lines);
            group.bench_function(BenchmarkId::new(kind, lines), |it| {
                it.iter(|| black_box(parse(&Text::new(&source), None)));
            });
        }
    }
}

fn keystroke(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keystroke");
    group.sample_size(20);
    for kind in ["env", "profiles"] {
        for lines in SIZES {
            let text = Text::new(&common::large(kind, lines));
            let (syntax, _) = parse(&text, None);
            for (place, line) in [("top", 4), ("middle", lines / 2), ("end", lines - 6)] {
                let at = text.line(line as u32).end;
                for (what, insert) in [("char", "x"), ("line", "\n  # more"), ("mistake", ": \"")] {
                    let edits = Edits::insert(at, insert);
                    group.bench_function(BenchmarkId::new(format!("{kind} {place} {what}"), lines), |it| {
                        it.iter(|| {
                            let edited = text.edited(&edits);
                            black_box(parse(&edited, Some(&syntax)))
                        });
                    });
                }
            }
        }
    }
}

criterion_group!(benches, open, keystroke);
criterion_main!(benches);
