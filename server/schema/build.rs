//! Reads and checks `catalogue/*.yaml` and writes one compact blob, which the server decodes at startup. The notation is
//! described in `catalogue/README.md`.

#[path = "build/compile.rs"]
mod compile;
#[allow(dead_code, unreachable_pub)]
#[path = "src/model.rs"]
mod model;
#[path = "build/notation.rs"]
mod notation;
#[path = "build/raw.rs"]
mod raw;
#[allow(dead_code, unreachable_pub)]
#[path = "src/release.rs"]
mod release;
#[allow(dead_code, unreachable_pub)]
#[path = "src/shown.rs"]
mod shown;

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=build");
    let mut sources = Vec::new();
    for entry in fs::read_dir("catalogue").expect("the folder `catalogue` exists beside build.rs") {
        let path = entry.expect("the folder `catalogue` can be read").path();
        if path.extension().is_some_and(|it| it == "yaml") {
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            sources.push((name, text));
        }
    }
    sources.sort();
    let compiled = compile::compile(&sources).unwrap_or_else(|problems| {
        panic!("the catalogue is invalid:\n  {}\n", problems.join("\n  "));
    });
    let blob = serde_json::to_string(&compiled).expect("plain data can be written as JSON");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("catalogue.json"), blob).expect("OUT_DIR can be written");
}
