//! The texts that a run starts with, and its dictionary.

use std::{collections::BTreeSet, fs, io, path::Path};

use schema::{Release, Type, catalogue};

// Only the texts and releases are used.
#[allow(dead_code)]
#[path = "../../ide/examples/documents/collect.rs"]
mod collect;

/// Tokens of YAML, and characters with a special meaning in YAML 1.1 or in an encoding.
const SIGNS: &[&str] = &[
    ": ",
    "- ",
    "? ",
    "\n",
    "\n  ",
    "\n- ",
    "# ",
    " #",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!!str ",
    "!!int",
    "!x,",
    "---\n",
    "...\n",
    "%TAG !e! x\n",
    "<<: ",
    "${{ ",
    " }}",
    "\t",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{f000}",
    "\u{ff03}",
    "\\x41",
    "..",
    "GB",
    "dstack-lsp: ignore[",
    "dstack-lsp: release=",
];

/// Writes the texts into `folder`, and the dictionary into a file beside it with the extension `dictionary`. The texts are
/// the example files, the examples of the documentation, and the dstack files beside the checkout, if there are any.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut texts = vec![];
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for files in ["../../tests/corpus", "../../../shared/dstack/corpus"] {
        read(&here.join(files), &mut texts);
    }
    for it in collect::documents().documents {
        let old = it.release != Release::NEWEST;
        let release = if old { format!("# dstack-lsp: release={}\n", it.release) } else { String::new() };
        texts.push(release + &it.text);
    }
    for (i, text) in texts.iter().enumerate() {
        fs::write(folder.join(format!("seed-{i:04}")), text)?;
    }
    fs::write(folder.with_extension("dictionary"), dictionary())
}

/// Reads the files of a folder, as far as they are text.
fn read(folder: &Path, acc: &mut Vec<String>) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = files.filter_map(|it| Some(it.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, acc);
        } else {
            acc.extend(fs::read_to_string(&path));
        }
    }
}

/// Returns the tokens and the names of all types and fields, in the format of libFuzzer.
fn dictionary() -> String {
    let mut words: BTreeSet<String> = SIGNS.iter().map(|it| it.to_string()).collect();
    for (name, ty) in catalogue().names() {
        words.insert(name.into());
        if let Some(Type::Mapping(mapping)) = catalogue().raw(ty) {
            words.extend(mapping.fields.iter().map(|it| format!("{}: ", it.name)));
        }
    }
    let escaped = |word: &String| word.bytes().map(|it| format!("\\x{it:02x}")).collect::<String>();
    words.iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}
