//! References in strings: `${{ secrets.hf_token }}`.
//!
//! ```ebnf
//! text      = { any | "$$" | reference } ;        (* "$$" is one "$" *)
//! reference = "${{" , { " " } , name , "." , name , { " " } , "}}" ;
//! name      = ( letter | "_" ) , { letter | digit | "_" } ;
//! groups    = "${{ groups[" , digits , "]." , ( "nodes" | "replicas" ) , "[" , digits , "].IP_ADDRESS }}" ;
//! ```
//!
//! Mirrors `VariablesInterpolator` in dstack's `interpolator.py`, including its scan: at a `$` that is not `$$`, it skips to
//! the next `${{` and copies everything in between. dstack's parser does not check references; the CLI and the server do,
//! when they use the string. So [`Interpolated`] reports no problems, and [`references`] provides what a rule needs.

use std::ops::Range;

use super::{
    plain,
    types::{Expected, Grammar, Meta, Parsed, Part, Role},
};
use crate::{release::Release, value::Value};

/// A string in which references are replaced.
pub struct Interpolated;

/// A reference, or what looks like one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference<'a> {
    /// `${{ … }}`, or the rest of the string if `}}` is missing.
    pub range: Range<usize>,
    /// The name within.
    pub name_range: Range<usize>,
    /// `secrets.hf_token`
    pub name: &'a str,
    /// How dstack reads it.
    pub form: Form,
}

/// The form of a [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A namespace and a name.
    Sound,
    /// `}}` is missing.
    Unclosed,
    /// Not a namespace and a name separated by one dot.
    Illegal,
}

const DOCS: &str = "A string in which references such as `${{ secrets.hf_token }}` are replaced: `${{`, a namespace, a \
    dot, a name, `}}`. Write `$$` for a literal `$` before `{{`. The available namespaces depend on the field.";

impl Grammar for Interpolated {
    fn meta(&self) -> &Meta {
        &Meta { name: "interpolated", title: "a string", docs: DOCS }
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let parsed = plain::any_text(value, release, Role::Text, "");
        match value {
            Value::Str(text) if parsed.is_ok() => Parsed { parts: parts(text, 0), problems: Vec::new() },
            _ => parsed,
        }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        expected(text, at, &["secrets", "env", "run", "dstack", "groups"])
    }
}

impl<'a> Reference<'a> {
    /// `secrets` of `secrets.hf_token`, `groups` of `groups[0].nodes[0].IP_ADDRESS`.
    pub fn namespace(&self) -> &'a str {
        self.name.split(['.', '[']).next().unwrap_or_default()
    }
}

/// All references in `text`, as dstack finds them.
pub fn references(text: &str) -> Vec<Reference<'_>> {
    let mut all = Vec::new();
    let mut start = 0;
    while let Some(dollar) = text[start..].find('$').map(|it| start + it) {
        if text[dollar + 1..].starts_with('$') {
            start = dollar + 2;
            continue;
        }
        let Some(opening) = text[start..].find("${{").map(|it| start + it) else { break };
        let closing = text[opening..].find("}}").map(|it| opening + it);
        let inner = opening + 3..closing.unwrap_or(text.len()).max(opening + 3);
        let name = text[inner.clone()].trim();
        let name_start = inner.start + (text[inner.clone()].len() - text[inner].trim_start().len());
        let form = match closing {
            None => Form::Unclosed,
            Some(_) if is_name(name) || is_group(name) => Form::Sound,
            Some(_) => Form::Illegal,
        };
        // The closing braces may overlap the opening ones: `${{}}` is closed, `${{}` is not.
        let end = closing.map_or(text.len(), |it| it + 2);
        all.push(Reference { range: opening..end, name_range: name_start..name_start + name.len(), name, form });
        start = end;
    }
    all
}

/// A namespace, one dot, and a name.
fn is_name(name: &str) -> bool {
    let word = |it: &str| {
        it.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    };
    name.split_once('.').is_some_and(|(namespace, name)| word(namespace) && word(name))
}

/// `groups[0].nodes[1].IP_ADDRESS`
fn is_group(name: &str) -> bool {
    let index = |it: &str, name: &str| -> bool {
        let digits = it.strip_prefix(name).and_then(|it| it.strip_prefix('[')).and_then(|it| it.strip_suffix(']'));
        digits.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
    };
    let mut parts = name.split('.');
    let sound = parts.next().is_some_and(|it| index(it, "groups"))
        && parts.next().is_some_and(|it| index(it, "nodes") || index(it, "replicas"))
        && parts.next() == Some("IP_ADDRESS");
    sound && parts.next().is_none()
}

/// The references in `text`, which starts at `offset` of the scalar.
pub(super) fn parts(text: &str, offset: usize) -> Vec<Part> {
    if !text.contains("${{") {
        return Vec::new();
    }
    let part = |it: Reference<'_>| {
        let meaning = match (it.namespace(), it.name.split_once('.')) {
            _ if it.form != Form::Sound => return None,
            ("secrets", Some((_, name))) => format!("the project secret `{name}`"),
            ("env", Some((_, name))) => format!("the variable `{name}` from `env`"),
            ("run", Some((_, "args"))) => "the command-line arguments".to_string(),
            ("run", Some((_, "project_name"))) => "the project name".to_string(),
            ("dstack", Some((_, "node_rank"))) => "the rank of the node, starting at 0".to_string(),
            ("dstack", Some((_, "job_num"))) => "the number of the job, starting at 0".to_string(),
            ("groups", _) => "the IP address of a node in a group".to_string(),
            (namespace, _) => format!("a value of `{namespace}`"),
        };
        Some(Part::new(offset + it.range.start..offset + it.range.end, Role::Reference, meaning))
    };
    references(text).into_iter().filter_map(part).collect()
}

/// What can be typed at byte `at` of a string with these namespaces.
pub(super) fn expected(text: &str, at: usize, namespaces: &[&str]) -> Vec<Expected> {
    let opened = text[..at].rfind("${{").filter(|opening| !text[*opening..at].contains("}}"));
    let names = namespaces.iter().flat_map(|it| match *it {
        "secrets" => &[("secrets.", "a project secret")][..],
        "env" => &[("env.", "a variable from `env`")][..],
        "run" => &[("run.args", "the command-line arguments"), ("run.project_name", "the project name")][..],
        "dstack" => &[("dstack.node_rank", "the rank of the node"), ("dstack.job_num", "the number of the job")][..],
        "groups" => &[("groups[0].nodes[0].IP_ADDRESS", "the IP address of a node in a group")][..],
        _ => &[],
    });
    if let Some(opening) = opened {
        let start = opening + 3;
        let start = start + (text[start..at].len() - text[start..at].trim_start().len());
        let end = text[at..].find(['}', ' ']).map_or(text.len(), |it| at + it);
        let closed = text[at..].find("}}").is_some_and(|it| !text[at..at + it].contains("${{"));
        let after = if closed { "" } else { " }}" };
        let offer = |(name, detail): &(&str, &str)| {
            let text = if name.ends_with('.') { (*name).to_string() } else { format!("{name}{after}") };
            Expected::new(start..end, text, *detail)
        };
        return names.map(offer).collect();
    }
    // `$`, `${`, or nothing typed yet.
    let typed = ["${", "$"].iter().find(|it| text[..at].ends_with(**it)).map_or(0, |it| it.len());
    let offer = |(name, detail): &(&str, &str)| {
        let text = if name.ends_with('.') { format!("${{{{ {name}") } else { format!("${{{{ {name} }}}}") };
        Expected::new(at - typed..at, text, *detail)
    };
    names.map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_references_as_dstack_scans() {
        let found = |text| references(text).iter().map(|it| format!("{:?} {}", it.form, it.name)).collect::<Vec<_>>();
        assert_eq!(found("a ${{ secrets.x }} ${{env.Y}}"), ["Sound secrets.x", "Sound env.Y"]);
        assert_eq!(found("$${{ x.y }}"), [] as [&str; 0]);
        assert_eq!(found("$A $${{ x.y }}"), ["Sound x.y"]);
        assert_eq!(found("${{ x }} ${{ a.b.c }} ${{ 1.b }}"), ["Illegal x", "Illegal a.b.c", "Illegal 1.b"]);
        assert_eq!(found("${{ groups[0].nodes[1].IP_ADDRESS }}"), ["Sound groups[0].nodes[1].IP_ADDRESS"]);
        assert_eq!(found("${{ a.b"), ["Unclosed a.b"]);
        assert_eq!(found("${{}"), ["Unclosed }"]);
        assert_eq!(found("pid $$ $"), [] as [&str; 0]);
    }
}
