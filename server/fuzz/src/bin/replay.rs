//! Prints which laws the texts of files break: `replay FILE…`. `replay -r LAW FILE` prints the smallest text it finds that
//! breaks the same law.

use std::{fs, process::ExitCode};

use fuzz::laws;

fn main() -> ExitCode {
    laws::listen();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (law, files) = match &arguments[..] {
        [option, law, file] if option == "-r" => (Some(law), std::slice::from_ref(file)),
        files if !files.is_empty() => (None, files),
        _ => {
            eprintln!("usage: replay FILE…, or replay -r LAW FILE");
            return ExitCode::from(2);
        }
    };
    let mut found = false;
    for file in files {
        let text = match fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::from(2);
            }
        };
        let seed = laws::seed(&text);
        if let Some(law) = law {
            let small = smaller(text, |it| laws::broken(it, seed).iter().any(|it| it.law == *law));
            print!("{small}");
            eprintln!("{small:?}");
            continue;
        }
        for broken in laws::broken(&text, seed) {
            found = true;
            println!("{file}: {}: {}", broken.law, broken.detail);
        }
    }
    ExitCode::from(u8::from(found))
}

/// Reduces a text as long as it is `bad`: removes halves, lines, then single characters.
fn smaller(mut text: String, bad: impl Fn(&str) -> bool) -> String {
    let mut step = text.len().div_ceil(2);
    while step > 0 {
        let mut start = 0;
        while start < text.len() {
            let ends =
                [start, start + step].map(|it| (it..).find(|it| text.is_char_boundary(*it) || *it >= text.len()));
            let [Some(from), Some(to)] = ends.map(|it| it.map(|it| it.min(text.len()))) else { break };
            let without = format!("{}{}", &text[..from], &text[to..]);
            if from < to && bad(&without) {
                text = without;
            } else {
                start = to.max(from + 1);
            }
        }
        step /= 2;
    }
    text
}
