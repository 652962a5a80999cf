//! The reference pages in `server/docs/`: one per kind of file, generated from the catalogue, in Markdown.
//!
//! They contain the sentences that hover shows, for all releases at once. A kind that the catalogue does not describe yet
//! (its type is [`schema::Type::Any`]) has no page. Anchors are those of forges; headings of fields are their paths, so that
//! anchors remain stable when something is added.

mod entry;
mod phrases;
mod render;
mod sections;
mod values;

use std::fmt::Write;

use schema::{DocumentKind, Release, Timed, Type, TypeId};

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The name of the file: `task.md`.
    pub file: String,
    /// Its first heading.
    pub title: String,
    /// All of it.
    pub markdown: String,
}

/// A kind of file that has a page.
struct Kind {
    /// The name of the kind and of its page: `task`, `server-config`.
    name: String,
    /// The name or place of such a file, and the command that reads it.
    place: String,
    ty: TypeId,
    accepted: Timed<bool>,
    /// One sentence.
    docs: String,
}

/// The name of the page with all value notations.
const VALUES: &str = "values.md";

/// All pages; the first one is the index of the others.
pub fn pages() -> Vec<Page> {
    let mut shared = values::Shared::default();
    let kinds = kinds();
    let mut pages: Vec<Page> = kinds.iter().map(|kind| page(kind, &mut shared)).collect();
    pages.push(shared.page());
    let index = index(&kinds);
    pages.insert(0, index);
    pages
}

/// The configurations in the order of their union, then the other kinds of files.
fn kinds() -> Vec<Kind> {
    let catalogue = schema::catalogue();
    let mut kinds = vec![];
    for kind in DocumentKind::ALL {
        let Some(ty) = catalogue.named(kind.name()) else { continue };
        match catalogue.raw(ty) {
            Some(Type::Union(union)) if kind == DocumentKind::Configuration => {
                for (i, (tag, variant)) in union.tags.iter().zip(&union.variants).enumerate() {
                    let accepted = union.read(tag);
                    let docs = union.docs.get(i).map_or("", |it| it).trim().to_string();
                    let place = format!("{}, for {}", place(kind).0, commands(union, tag));
                    kinds.push(Kind { name: tag.to_string(), place, ty: *variant, accepted, docs });
                }
            }
            it => kinds.push(Kind {
                name: kind.name().into(),
                place: place(kind).0.into(),
                ty,
                accepted: match it {
                    Some(Type::Union(only)) if only.accepted.len() == 1 => only.accepted[0].clone(),
                    _ => Timed::always(true),
                },
                docs: place(kind).1.into(),
            }),
        }
    }
    let is_known = |it: &Kind| !matches!(catalogue.get(it.ty, sections::newest(&it.accepted)), None | Some(Type::Any));
    kinds.retain(is_known);
    kinds
}

/// The commands that read, or once read, the variant of a configuration with this tag.
fn commands(union: &schema::Union, tag: &str) -> String {
    let index = union.tags.iter().position(|it| &**it == tag);
    let is_applied = index.and_then(|it| union.accepted.get(it)).is_none_or(|it| it.0.iter().any(|it| it.1));
    let others = union.readers(tag).into_iter().flat_map(|it| &it.0).filter_map(|it| it.1.as_deref());
    let mut commands: Vec<String> = vec![];
    for command in is_applied.then_some("dstack apply").into_iter().chain(others) {
        let command = format!("`{command}`");
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands.join(" and ")
}

/// Where a file of this kind is, with what reads it, and what it is.
fn place(kind: DocumentKind) -> (&'static str, &'static str) {
    match kind {
        DocumentKind::Configuration => ("`.dstack.yml` or `NAME.dstack.yml`", ""),
        DocumentKind::Profiles => (
            "`.dstack/profiles.yml` in the project folder or in the home directory",
            "Named settings that several runs share.",
        ),
        DocumentKind::ServerConfig => (
            "`~/.dstack/server/config.yml`, for `dstack server`",
            "The projects of a server and the backends they can use.",
        ),
        DocumentKind::ClientConfig => {
            ("`~/.dstack/config.yml`, for the command line", "The servers and projects you are logged in to.")
        }
        DocumentKind::Template => (
            "`.dstack/templates/NAME.yml` in a repository of templates",
            "A configuration that the web interface offers as a starting point.",
        ),
    }
}

fn title(kind: &Kind) -> String {
    match kind.name.as_str() {
        "dev-environment" => "Dev environment".into(),
        "profiles" => "Profiles file".into(),
        "server-config" => "Server configuration".into(),
        "client-config" => "Client configuration".into(),
        name => phrases::capital(&name.replace('-', " ")),
    }
}

fn page(kind: &Kind, shared: &mut values::Shared) -> Page {
    let title = title(kind);
    let sections = sections::of(kind.ty, &kind.accepted);
    let mut text = format!("# {title}\n\n{}.", kind.place);
    let history = phrases::accepted(&kind.accepted, Release::OLDEST);
    if !history.is_empty() {
        let _ = write!(text, " {}.", phrases::capital(&history));
    }
    let _ = write!(text, "\n\n{TOP}\n\n");
    let docs = Some(sections::docs(kind.ty).trim()).filter(|it| !it.is_empty()).unwrap_or(&kind.docs);
    let _ = writeln!(text, "{docs}\n");
    contents(&sections, &mut text);
    for section in &sections {
        render::write(section, &sections, shared, &mut text);
    }
    Page { file: format!("{}.md", kind.name), title, markdown: format!("{}\n\n{MADE}\n", text.trim_end()) }
}

const TOP: &str = "[All files](README.md) · [Value notations](values.md) · [Rules](rules.md)";
const MADE: &str = "---\n\nGenerated from the catalogue by `UPDATE=1 cargo test --test tests reference`.";

/// For files with fewer top-level fields than this, nested fields are listed as well.
const FEW: usize = 6;

/// A choice among more mappings than this is a long list.
const MANY: usize = 8;

/// Links to the fields of the file and to the mappings in them.
fn contents(sections: &[sections::Section], text: &mut String) {
    let titled = |it: &sections::Section, title: &str| format!("[{title}](#{})", phrases::slug(&it.heading));
    let link = |it: &sections::Section| titled(it, it.heading.trim_start_matches("In "));
    let fields = |it: &sections::Section| {
        it.anchors().map(|(name, anchor)| format!("[`{name}`](#{anchor})")).collect::<Vec<_>>().join(" · ")
    };
    let (roots, others): (Vec<_>, Vec<_>) = sections.iter().partition(|it| it.depth == 0 && it.chosen_by.is_none());
    for root in &roots {
        let _ = writeln!(text, "{}: {}\n", root.heading, fields(root));
    }
    let has_few = roots.iter().map(|it| it.anchors().count()).sum::<usize>() < FEW;
    let (near, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|it| has_few && it.depth == 1 && it.chosen_by.is_none());
    for section in near {
        let _ = writeln!(text, "In {}: {}\n", link(section), fields(section));
    }
    let (chosen, plain): (Vec<_>, Vec<_>) = others.into_iter().partition(|it| it.chosen_by.is_some());
    if !plain.is_empty() {
        let _ = writeln!(text, "Nested mappings: {}\n", plain.into_iter().map(link).collect::<Vec<_>>().join(" · "));
    }
    // A long list has one choice, whose value is descriptive enough.
    let (is_listed, is_long) = (!chosen.is_empty(), chosen.len() > MANY);
    for same in chosen.chunk_by(|one, other| one.chosen_by == other.chosen_by) {
        let links = same.iter().map(|it| match it.chosen_by.as_deref().filter(|_| is_long) {
            Some(word) if it.heading.ends_with(word) => titled(it, word),
            _ => link(it),
        });
        let _ = writeln!(text, "* {}", links.collect::<Vec<_>>().join(" · "));
    }
    if is_listed {
        text.push('\n');
    }
}

fn index(kinds: &[Kind]) -> Page {
    let heading = "Reference".to_string();
    let mut text = format!(
        "# {heading}\n\nAll fields of all dstack files, from release {} to {}.\n\n| page | description | file |\n| --- | --- | --- |\n",
        Release::OLDEST,
        Release::NEWEST
    );
    for kind in kinds {
        let _ = writeln!(text, "| [{}]({}.md) | {} | {} |", title(kind), kind.name, kind.docs, kind.place);
    }
    text.push_str(
        "\n* [Value notations](values.md): durations, sizes, GPUs, ports, … and long lists of values\n\
         * [Rules](rules.md): the diagnostics for these files\n\
         * [Configuration](configuration.md) of a project: release, rules, excluded files\n\
         * [Settings](settings.md) of the language server\n\
         * [Protocol extensions](protocol.md), for authors of clients\n\n",
    );
    text.push_str(MADE);
    text.push('\n');
    Page { file: "README.md".into(), title: heading, markdown: text }
}
