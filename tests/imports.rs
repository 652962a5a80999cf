//! The imports between the files of a crate form no cycles, so that each file can be read, tested and moved after those it
//! imports.
//!
//! An import is what a `use` declaration names, or a path such as `crate::x::f` or `x::f` (of a child module `x`) in code.
//! Declarations `mod x;`, documentation, and tests do not count, and neither does what a child module takes from the modules
//! that it is a part of. A re-exported name counts as one of the file that defines it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A file of a crate.
struct Module {
    /// The names of the modules from the root of the crate to this one; none for the root itself.
    path: Vec<String>,
    /// The code, without comments, strings and tests.
    code: String,
}

/// The files of a crate by their names within `src`.
type Modules = BTreeMap<String, Module>;

#[test]
fn no_imports_form_a_cycle() {
    let mut cycles = vec![];
    for name in ["yaml", "schema", "ide", "dstack-lsp"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        let modules = modules(&source);
        let imports = imports(&modules);
        assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 20, "{name}");
        for cycle in components(&imports) {
            let files: Vec<String> = cycle.iter().map(|it| format!("server/{name}/src/{it}")).collect();
            cycles.push(files.join("\n  "));
        }
    }
    assert!(cycles.is_empty(), "files that import each other:\n  {}\n", cycles.join("\n\n  "));
}

#[test]
fn finds_cycles_through_declarations_paths_and_re_exports() {
    let module = |path: &str, code: &str| {
        let path: Vec<String> = path.split("::").filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let name = if path.is_empty() { "lib.rs".to_owned() } else { format!("{}.rs", path.join("/")) };
        (name, Module { path, code: product(code) })
    };
    let found = |files: &[(&str, &str)]| {
        let modules: Modules = files.iter().map(|(path, code)| module(path, code)).collect();
        components(&imports(&modules)).into_iter().map(|it| it.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(found(&[("a", "use crate::b::{self, B};"), ("b", "use super::{\n    a::A,\n};")]), ["a.rs b.rs"]);
    assert_eq!(found(&[("a", "fn f() { crate::b::g() }"), ("b", "use crate::a;")]), ["a.rs b.rs"]);
    let child = ("a", "mod b;\nfn f() { b::g() }");
    assert_eq!(found(&[child, ("a::b", "use crate::c::C;"), ("c", "use crate::a::A;")]), ["a.rs a/b.rs c.rs"]);
    assert!(found(&[child, ("a::b", "use super::A;")]).is_empty());
    let root = "mod a;\nmod b;\npub use b::{B as C};";
    assert_eq!(found(&[("", root), ("a", "use crate::C;"), ("b", "use crate::a::A;")]), ["a.rs b.rs"]);
    let three = [("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "use crate::a;"), ("d", "use crate::a;")];
    assert_eq!(found(&three), ["a.rs b.rs c.rs"]);
    for code in
        ["// use crate::b;", "#[cfg(test)]\nmod tests {\n    use crate::b;\n}\n", "fn f() -> &str { \"crate::b\" }"]
    {
        assert!(found(&[("a", code), ("b", "use crate::a;")]).is_empty(), "{code}");
    }
}

/// The files of a crate, apart from those that only contain tests.
fn modules(source: &Path) -> Modules {
    let mut modules = Modules::new();
    let mut folders: Vec<PathBuf> = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()) {
            let name = entry.strip_prefix(source).unwrap().to_string_lossy().replace('\\', "/");
            if entry.is_dir() {
                folders.push(entry);
            } else if let Some(path) = name.strip_suffix(".rs").filter(|it| !it.ends_with("tests")) {
                let names = path.split('/').filter(|it| !matches!(*it, "lib" | "main" | "mod"));
                let path = names.map(str::to_owned).collect();
                modules.insert(name, Module { path, code: product(&fs::read_to_string(entry).unwrap()) });
            }
        }
    }
    modules
}

/// The code of a file without comments, the contents of strings, and tests.
fn product(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |it| &rest[it..]);
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            rest = raw.find("\"#").map_or("", |it| &raw[it + 2..]);
        } else if rest.starts_with("#[cfg(test)]") || rest.starts_with("#[cfg(all(test") {
            // Up to the end of the item: a declaration, or a block.
            let block = rest.find('{').unwrap_or(rest.len());
            let declaration = rest.find(";\n").map_or(rest.len(), |it| it + 1);
            let end = rest[block.min(rest.len())..].find("\n}\n").map_or(rest.len(), |it| block + it + 3);
            let is_module = rest[..block].contains("mod ") || rest[..block].contains("fn ");
            rest = &rest[if block < declaration && is_module { end } else { declaration }..];
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |it| &rest[it + 2..]);
            code.push_str("\"\"");
        } else if ["'\"'", "b'\"'", "'\\\"'"].iter().any(|it| rest.starts_with(it)) {
            rest = &rest[rest.find('"').unwrap() + 2..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    code
}

/// For each file the files that it imports.
fn imports(modules: &Modules) -> BTreeMap<&str, BTreeSet<&str>> {
    let of = |(name, module): (&'_ String, &'_ Module)| {
        let mut files = BTreeSet::new();
        for path in used(module) {
            let file = definition(modules, &module.path, &path, 8);
            files.extend(file.filter(|it| it != name && !module.path.starts_with(&modules[it].path)));
        }
        files
    };
    let keys = modules.keys().map(|it| &**it);
    keys.zip(modules.iter().map(of))
        .map(|(name, files)| {
            let files = files.iter().filter_map(|it| modules.get_key_value(it)).map(|it| &**it.0).collect();
            (name, files)
        })
        .collect()
}

/// The paths that the code of a module uses: those of its `use` declarations, and those that begin with `crate`, `super`,
/// `self`, or the name of a child module.
fn used(module: &Module) -> Vec<Vec<String>> {
    let mut paths = vec![];
    for declaration in declarations(&module.code) {
        expand(declaration, &[], &mut paths);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let children = module.code.split("mod ").skip(1).filter_map(|it| it.split_once(';')).map(|it| it.0);
    let children: Vec<&str> = children.filter(|it| it.chars().all(is_part)).collect();
    for start in children.into_iter().chain(["crate", "super", "self"]) {
        for (at, _) in module.code.match_indices(&format!("{start}::")) {
            if !module.code[..at].ends_with(|c| is_part(c) || c == ':') {
                let path = module.code[at..].split(|c| !is_part(c) && c != ':').next().unwrap();
                paths.push(path.split("::").filter(|it| !it.is_empty()).map(str::to_owned).collect());
            }
        }
    }
    paths
}

/// The trees of the `use` declarations.
fn declarations(code: &str) -> impl Iterator<Item = &str> {
    let starts = code.match_indices("use ").filter(|(at, _)| {
        let line = code[..*at].rsplit('\n').next().unwrap().trim();
        line.is_empty()
            || line.starts_with("pub") && !line.contains(['(', '{'])
            || line.ends_with("pub(crate)")
            || line.ends_with("pub(super)")
    });
    starts.filter_map(|(at, _)| code[at + 4..].split(';').next())
}

/// The paths of a tree such as `a::{b, c::{self, d as e}}`.
fn expand(tree: &str, before: &[String], acc: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let names = |path: &str| -> Vec<String> {
        let names = path.split("::").map(|it| it.split(" as ").next().unwrap().trim().to_owned());
        before.iter().cloned().chain(names.filter(|it| !it.is_empty() && it != "*")).collect()
    };
    let Some((path, branches)) = tree.split_once('{') else {
        let mut path = names(tree);
        path.pop_if(|it| it == "self" && !before.is_empty());
        return acc.push(path);
    };
    let path = names(path);
    let branches = branches.strip_suffix('}').unwrap_or(branches);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in branches.char_indices().chain([(branches.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !branches[start..at].trim().is_empty() {
                    expand(&branches[start..at], &path, acc);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The file that defines what a path names, which a module at `from` uses; `None` for a path into another crate.
fn definition(modules: &Modules, from: &[String], path: &[String], depth: usize) -> Option<String> {
    let find = |path: &[String]| modules.iter().find(|(_, it)| it.path == path).map(|it| it.0.clone());
    let mut at: Vec<String> = from.to_vec();
    let mut names = path.iter().peekable();
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            names.next();
        }
        "self" => drop(names.next()),
        "super" => {
            while names.next_if(|it| *it == "super").is_some() {
                at.pop();
            }
        }
        // A child module, or a crate.
        child => {
            find(&[from, &[child.to_owned()]].concat())?;
        }
    }
    while let Some(name) = names.peek() {
        at.push((*name).clone());
        if find(&at).is_none() {
            at.pop();
            break;
        }
        names.next();
    }
    let file = find(&at)?;
    let (Some(name), Some(depth)) = (names.next(), depth.checked_sub(1)) else { return Some(file) };
    // Where the file only passes the name on, what counts is where it is from.
    let mut passed_on = vec![];
    for tree in declarations(&modules[&file].code) {
        expand_named(tree, name, &mut passed_on);
    }
    let origin = passed_on.iter().find_map(|it| definition(modules, &at, it, depth));
    Some(origin.unwrap_or(file))
}

/// The paths of a tree that end with a name, or are renamed to it.
fn expand_named(tree: &str, name: &str, acc: &mut Vec<Vec<String>>) {
    let renamed = format!(" as {name}");
    let mut paths = vec![];
    // `a as b` becomes `b`'s path to `a`.
    if let Some(at) = tree.find(&renamed) {
        let original = tree[..at].rsplit([',', '{', ' ', '\n']).next().unwrap();
        expand(tree, &[], &mut paths);
        let last = original.rsplit("::").next().unwrap();
        return acc.extend(paths.into_iter().filter(|it| it.last().is_some_and(|it| it == last)));
    }
    expand(tree, &[], &mut paths);
    acc.extend(paths.into_iter().filter(|it| it.last().is_some_and(|it| it == name)));
}

/// The groups of files that import each other, directly or through others.
fn components<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reachable = |from: &'a str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            next.extend(imports[file].iter().filter(|it| seen.insert(it)));
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports.keys().map(|it| (*it, reachable(it))).collect();
    let mut components: Vec<Vec<&str>> = vec![];
    for file in imports.keys().filter(|it| reached[*it].contains(*it)) {
        if !components.iter().any(|it| it.contains(file)) {
            components.push(reached[file].iter().filter(|it| reached[*it].contains(file)).copied().collect());
        }
    }
    components
}
