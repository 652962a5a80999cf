//! Measures completion, hover and the outline in large files: `cargo run --release -p ide --example speed`.

use std::time::{Duration, Instant};

use ide::{Document, Typing, completion, hover, symbols};
use schema::{DocumentKind, Release};
use yaml::{Edits, Text};

fn main() {
    for lines in [40, 2_000, 20_000] {
        let mut text = String::from("type: task\nname: x\nenv:\n");
        for i in 0..lines / 2 {
            text.push_str(&format!("  NAME_{i}: value\n"));
        }
        text.push_str("resources:\n  gpu: A100:2\n  memory: 16GB..\ncommands:\n");
        for i in 0..lines / 2 {
            text.push_str(&format!("  - python train.py --step {i}\n"));
        }
        text.push_str("max_duration: 1d\n");
        let document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
        let offset = |needle: &str| (text.find(needle).unwrap_or_default() + needle.len()) as u32;
        let places = [
            ("value", offset("gpu: ")),
            ("key", offset("\n  mem")),
            ("item", offset("train.py")),
            ("end", text.len() as u32),
        ];
        println!("{lines} lines");
        for (name, at) in places {
            let (time, items) = median(|| completion(&document, at).len());
            println!("  completion, {name}: {time:?} ({items} items)");
        }
        let at = offset("gpu: ");
        println!("  cursor: {:?}", median(|| Typing::at(&document, at).is_some()).0);
        let at = offset("gpu: A1");
        println!("  hover: {:?}", median(|| hover(&document, at).is_some()).0);
        println!("  outline: {:?}", median(|| symbols(&document).len()).0);
        println!("  edit: {:?}", median(|| document.edited(&Edits::insert(at, "x")).text().len()).0);
    }
}

/// The median time of 41 runs, and the answer.
fn median<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut answer = run();
    let mut times: Vec<Duration> = (0..41)
        .map(|_| {
            let start = Instant::now();
            answer = run();
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[20], answer)
}
