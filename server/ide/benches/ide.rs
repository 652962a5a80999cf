//! The cost of a keystroke in files of 40, 2,000 and 20,000 lines: `cargo bench -p ide`.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use ide::{Document, completion, diagnostics, fixes};
use schema::{DocumentKind, Release};
use yaml::{Edits, Text};

/// A task of about this many lines, with many variables and commands.
fn task(lines: usize) -> String {
    let env = lines * 6 / 10 - 10;
    let commands = lines - env - 20;
    let mut text = String::from("type: task\nname: big\nimage: ubuntu\nspot_policy: auto\nnodes: 2\nenv:\n");
    for i in 0..env {
        text.push_str(&format!("  MY_SETTING_{i:05}: \"value-{i}-abc/def\"\n"));
    }
    text.push_str("creation_policy: reuse-or-create\ncommands:\n");
    for i in 0..commands {
        text.push_str(&format!("  - python train.py --step {i} --out /out/{i}\n"));
    }
    text.push_str("ports:\n  - 6006\n  - 8080:80\nresources:\n  cpu: 8..\n  memory: 64GB..\n  gpu: A100:80GB:8\n");
    text.push_str("  shm_size: 16GB\n  disk: 500GB..\nmax_duration: 72h\ntags:\n  team: research\n");
    text
}

fn document(text: &str) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST)
}

fn keystroke(c: &mut Criterion) {
    let mut group = c.benchmark_group("keystroke");
    for lines in [40, 2_000, 20_000] {
        let text = task(lines);
        let before = document(&text);
        assert_eq!(diagnostics(&before), []);
        let at = text.find("spot_policy: auto").unwrap() as u32 + 17;
        let edits = Edits::insert(at, "x");
        group.bench_function(BenchmarkId::new("edit", lines), |b| b.iter(|| before.edited(black_box(&edits))));
        let after = before.edited(&edits);
        assert_eq!(diagnostics(&after).len(), 1);
        // The findings of a version are computed once.
        group.bench_function(BenchmarkId::new("diagnostics", lines), |b| {
            b.iter_batched(|| before.edited(&edits), |after| diagnostics(black_box(&after)), BatchSize::LargeInput);
        });
        let finding = diagnostics(&after).remove(0);
        group.bench_function(BenchmarkId::new("fixes", lines), |b| b.iter(|| fixes(black_box(&after), &finding)));
        group.bench_function(BenchmarkId::new("bind", lines), |b| {
            b.iter(|| ide::bind::bind(black_box(after.tree()), DocumentKind::Configuration, Release::NEWEST));
        });
        let bound = ide::bind::bind(after.tree(), DocumentKind::Configuration, Release::NEWEST);
        assert_eq!(&bound, after.binding());
        println!("{lines} lines: {} nodes", after.tree().len());
    }
    group.finish();
}

fn opening(c: &mut Criterion) {
    let mut group = c.benchmark_group("open");
    for lines in [40, 2_000, 20_000] {
        let text = task(lines);
        group.bench_function(BenchmarkId::from_parameter(lines), |b| {
            b.iter_batched(|| text.clone(), |text| diagnostics(&document(&text)), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn completing(c: &mut Criterion) {
    let mut group = c.benchmark_group("completion");
    for lines in [40, 2_000, 20_000] {
        let text = task(lines);
        let at = text.find("spot_policy: ").unwrap() as u32 + 13;
        let document = document(&text);
        assert!(!completion(&document, at).is_empty());
        group.bench_function(BenchmarkId::new("value", lines), |b| b.iter(|| completion(black_box(&document), at)));
        let at = text.find("creation_policy").unwrap() as u32 + 2;
        group.bench_function(BenchmarkId::new("key", lines), |b| b.iter(|| completion(black_box(&document), at)));
    }
    group.finish();
}

criterion_group!(benches, keystroke, opening, completing);
criterion_main!(benches);
