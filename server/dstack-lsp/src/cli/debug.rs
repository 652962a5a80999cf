//! `dstack-lsp debug`, hidden from the help: what the core makes of a file, for developers.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ide::{Document, Origin, Target, debug};
use schema::release::Named;
use yaml::Text;

use super::output::{COULD_NOT_RUN, complain, printed};
use crate::{
    disk::{self, Source},
    pins::{ConfigSource, Pins, Query},
};

/// Arguments of `debug`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The representation to print
    what: What,
    /// The file, or `-` for standard input
    file: PathBuf,
    /// The release of dstack to check against, if not that of the project
    #[arg(long)]
    release: Option<Named>,
}

/// A representation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// The parts that are parsed by themselves
    Pieces,
    /// The syntax tree
    Tree,
    /// The types and fields of the nodes
    Binding,
    /// The findings, including suppressed ones
    Findings,
    /// The kind of the file and the release that it is checked against
    Target,
}

/// Prints a representation of a file.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let dump = match arguments.what {
        What::Pieces => debug::pieces,
        What::Tree => debug::tree,
        What::Binding => debug::binding,
        What::Findings => debug::findings,
        What::Target => debug::target,
    };
    match document(&arguments.file, arguments.release.as_ref()) {
        Ok(document) => printed(&dump(&document)),
        Err(problem) => {
            complain(&problem);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn document(file: &Path, release: Option<&Named>) -> Result<Document, String> {
    let source = if file.as_os_str() == "-" { Source::Stdin } else { Source::File(file.to_owned()) };
    let (bytes, whole) = disk::read(&source);
    whole?;
    let text = String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", source.name()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let kind = disk::kind_of(file).unwrap_or_else(|| ide::kind::likeliest(text));
    let release = release.map(|it| Target::named(it, Origin::Argument));
    let here = disk::folder_of(Path::new("-"));
    let found = Pins::default().find(Query {
        file: &disk::folder_of(file).join(file.file_name().unwrap_or_default()),
        root: None,
        shown_from: Some(&here),
        release: release.as_ref(),
        config: ConfigSource::Nearest,
    });
    Ok(Document::new(Text::new(text), kind, found.options))
}
