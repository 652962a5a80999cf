//! Reads a configuration. A mistake costs its own entry and no other.

use ide::{Level, RuleOptions};
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};
use yaml::Span;

use super::{
    Choices, Config, FILE, Matcher, PROJECT, Problem,
    key::{Key, OVERRIDE, Shape, TOP},
};
use crate::release::Requested;

/// Maximum number of mistakes that are reported.
const MAX_PROBLEMS: usize = 100;

/// The table of `pyproject.toml`, below `[tool]`.
const TABLE: &str = "dstack-lsp";

impl Config {
    /// Reads `dstack-lsp.toml`.
    pub(crate) fn parse(text: &str) -> Config {
        let mut reader = Reader::default();
        match DeTable::parse(text) {
            Ok(table) => reader.top(table.get_ref()),
            Err(error) => reader.invalid(&error),
        }
        reader.finish(FILE, text)
    }

    /// A file that cannot be read; `problem` follows its name in a sentence.
    pub(crate) fn unreadable(problem: &str) -> Config {
        let mut reader = Reader::default();
        reader.report(Span::at(0), format!("the file {problem}"));
        reader.finish(FILE, "")
    }

    /// Reads the table of `pyproject.toml`; `None` if there is none. Invalid TOML is a mistake if a line opens the table.
    pub(crate) fn parse_project(text: &str) -> Option<Config> {
        if !text.contains(TABLE) {
            return None;
        }
        let project = match DeTable::parse(text) {
            Ok(project) => project,
            Err(error) => {
                let mut reader = Reader::default();
                reader.invalid(&error);
                return text.lines().any(opens_table).then(|| reader.finish(PROJECT, text));
            }
        };
        let tool = project.get_ref().get("tool")?.get_ref().as_table()?;
        let (key, value) = tool.iter().find(|it| it.0.get_ref() == TABLE)?;
        let mut reader = Reader::default();
        match value.get_ref().as_table() {
            Some(table) => reader.top(table),
            None => reader.report(span(&key.span()), format!("expected a table, found {}", type_of(value.get_ref()))),
        }
        Some(reader.finish(PROJECT, text))
    }
}

/// A configuration that is being read.
#[derive(Default)]
struct Reader {
    base: Choices,
    overrides: Vec<(Matcher, Choices)>,
    exclude: Matcher,
    problems: Vec<Problem>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Reader {
    fn finish(mut self, file: &str, text: &str) -> Config {
        // A table has its entries in the order of their keys.
        self.problems.sort_by_key(|it| it.span);
        self.problems.truncate(MAX_PROBLEMS);
        let Reader { base, overrides, exclude, problems } = self;
        Config { file: file.into(), source: text.to_owned(), base, overrides, exclude, problems }
    }

    fn report(&mut self, span: Span, message: String) {
        self.problems.push(Problem { span, message });
    }

    fn invalid(&mut self, error: &toml::de::Error) {
        let span = error.span().map_or(Span::at(0), |it| span(&it));
        self.report(span, format!("invalid TOML: {}", error.message().replace('\n', ", ")));
    }

    fn top(&mut self, table: &DeTable<'_>) {
        for (key, value) in self.entries(table, TOP) {
            match key.shape {
                Shape::Release => self.base.release = self.release(value),
                Shape::Rules => self.base.rules = self.rules(value),
                Shape::Patterns => self.exclude = self.patterns(value),
                Shape::Overrides => {
                    for value in self.list(value, "a list of tables") {
                        self.override_of(value);
                    }
                }
            }
        }
    }

    fn override_of(&mut self, value: &Value<'_>) {
        let Some(table) = self.table(value) else { return };
        let mut paths = None;
        let mut choices = Choices::default();
        for (key, value) in self.entries(table, OVERRIDE) {
            match key.shape {
                Shape::Release => choices.release = self.release(value),
                Shape::Rules => choices.rules = self.rules(value),
                Shape::Patterns => paths = Some(self.patterns(value)),
                Shape::Overrides => {}
            }
        }
        match paths {
            Some(paths) => self.overrides.push((paths, choices)),
            None => self.report(span(&value.span()), "an override requires `paths`".to_owned()),
        }
    }

    /// The entries with known keys.
    fn entries<'t, 'a>(&mut self, table: &'t DeTable<'a>, keys: &'static [Key]) -> Vec<(&'static Key, &'t Value<'a>)> {
        let mut known = vec![];
        for (key, value) in table.iter() {
            match keys.iter().find(|it| it.name == key.get_ref()) {
                Some(it) => known.push((it, value)),
                None => self.unknown("key", key, keys.iter().map(|it| it.name)),
            }
        }
        known
    }

    /// Reports a key that is none of these.
    fn unknown(
        &mut self,
        what: &str,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        known: impl Iterator<Item = &'static str> + Clone,
    ) {
        let name = schema::shown(key.get_ref(), MAX_SHOWN);
        let message = match ide::closest(key.get_ref(), known.clone()) {
            Some(meant) => format!("unknown {what} `{name}`; did you mean `{meant}`?"),
            None => format!("unknown {what} `{name}`; expected {}", alternatives(known)),
        };
        self.report(span(&key.span()), message);
    }

    fn release(&mut self, value: &Value<'_>) -> Option<Requested> {
        let text = self.string(value, "a release such as `\"0.20.1\"`")?;
        match text.parse::<Requested>() {
            // An unknown release is no mistake: the target has a note about it.
            Ok(requested) => Some(requested),
            Err(problem) => {
                self.report(span(&value.span()), problem);
                None
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>) -> RuleOptions {
        let mut rules = RuleOptions::default();
        let Some(table) = self.table(value) else { return rules };
        for (key, value) in table.iter() {
            let Some(rule) = ide::rules::named(key.get_ref()) else {
                self.unknown("rule", key, ide::rules::all().iter().map(|it| it.name()));
                continue;
            };
            let Some(text) = self.string(value, "a level such as `\"off\"`") else { continue };
            match Level::all().find(|it| it.name() == text) {
                Some(level) => rules.set(rule.id, level),
                None => {
                    let levels = alternatives(Level::all().map(Level::name));
                    let text = schema::shown(text, MAX_SHOWN);
                    self.report(span(&value.span()), format!("unknown level `{text}`; expected {levels}"));
                }
            }
        }
        rules
    }

    fn patterns(&mut self, value: &Value<'_>) -> Matcher {
        let items = self.list(value, "a list of patterns");
        let mut patterns = vec![];
        for item in items {
            if let Some(text) = self.string(item, "a pattern such as `\"examples/\"`") {
                patterns.push((text, item.span()));
            }
        }
        let (matcher, invalid) = Matcher::new(&patterns.iter().map(|it| it.0).collect::<Vec<_>>());
        for (index, reason) in invalid {
            self.report(span(&patterns[index].1), format!("invalid pattern: {reason}"));
        }
        matcher
    }

    fn table<'t, 'a>(&mut self, value: &'t Value<'a>) -> Option<&'t DeTable<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected("a table", value);
        }
        table
    }

    fn list<'t, 'a>(&mut self, value: &'t Value<'a>, expected: &str) -> &'t [Value<'a>] {
        match value.get_ref() {
            DeValue::Array(array) => items(array),
            _ => {
                self.expected(expected, value);
                &[]
            }
        }
    }

    fn string<'t>(&mut self, value: &'t Value<'_>, expected: &str) -> Option<&'t str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(expected, value);
        }
        text
    }

    fn expected(&mut self, expected: &str, value: &Value<'_>) {
        self.report(span(&value.span()), format!("expected {expected}, found {}", type_of(value.get_ref())));
    }
}

/// Maximum number of characters that a message repeats.
const MAX_SHOWN: usize = 60;

/// Whether a line of a `pyproject.toml` that does not parse is the header of the table, or of one below it, complete or not.
fn opens_table(line: &str) -> bool {
    let Some(header) = line.trim_start().strip_prefix('[') else { return false };
    let mut keys = header.trim_start_matches('[').split(['.', ']']).map(|it| it.trim().trim_matches(['"', '\'']));
    keys.next() == Some("tool") && keys.next() == Some(TABLE)
}

fn items<'t, 'a>(array: &'t DeArray<'a>) -> &'t [Value<'a>] {
    array
}

fn span(range: &std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// `` `a`, `b` or `c` ``
fn alternatives(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<String> = names.map(|it| format!("`{it}`")).collect();
    ide::or(&names)
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The mistakes, each with the text that it is about.
    fn problems(text: &str) -> Vec<(String, String)> {
        let config = Config::parse(text);
        config.problems.into_iter().map(|it| (text[it.span.range()].to_owned(), it.message)).collect()
    }

    #[track_caller]
    fn check(text: &str, at: &str, message: &str) {
        assert_eq!(problems(text), [(at.to_owned(), message.to_owned())], "{text}");
    }

    #[test]
    fn mistakes_are_reported_where_they_are() {
        check("ruls = {}\n", "ruls", "unknown key `ruls`; did you mean `rules`?");
        check("colour = 1\n", "colour", "unknown key `colour`; expected `release`, `rules`, `exclude` or `overrides`");
        check(
            "[rules]\nunknwon-field = \"off\"\n",
            "unknwon-field",
            "unknown rule `unknwon-field`; did you mean `unknown-field`?",
        );
        check(
            "[rules]\nunknown-field = \"of\"\n",
            "\"of\"",
            "unknown level `of`; expected `off`, `error`, `warning`, `info` or `hint`",
        );
        check("[rules]\nunknown-field = true\n", "true", "expected a level such as `\"off\"`, found a boolean");
        check("release = 0.20\n", "0.20", "expected a release such as `\"0.20.1\"`, found a number");
        check("exclude = \"a\"\n", "\"a\"", "expected a list of patterns, found a string");
        check("exclude = [\"a[\"]\n", "\"a[\"", "invalid pattern: unclosed character class; missing ']'");
        check("rules = []\n", "[]", "expected a table, found a list");
        assert!(problems("a = [\n")[0].1.starts_with("invalid TOML: "), "{:?}", problems("a = [\n"));
        let missing = problems("[[overrides]]\nrules = {}\n");
        assert_eq!(missing.len(), 1);
        assert_eq!(missing[0].1, "an override requires `paths`");
        let many: String = (0..1_000).map(|it| format!("k{it} = 1\n")).collect();
        assert_eq!(problems(&many).len(), MAX_PROBLEMS);
    }

    #[test]
    fn a_mistake_costs_its_own_entry() {
        let config = Config::parse("bogus = 1\n[rules]\nbogus = \"off\"\nduplicate-key = \"error\"\n");
        assert_eq!(config.problems.len(), 2);
        let rule = ide::rules::named("duplicate-key").unwrap().id;
        let level = config.resolve(Path::new("a.yml")).rules.level(rule);
        assert_eq!(level.map(Level::name), Some("error"));
    }

    #[test]
    fn overrides_apply_to_their_paths_and_the_last_one_takes_precedence() {
        let config = Config::parse(
            r#"
release = "0.20.1"
exclude = ["vendor/"]
rules = { duplicate-key = "off" }
[[overrides]]
paths = ["old/"]
release = "0.18.43"
rules = { duplicate-key = "hint", deprecated-field = "off" }
[[overrides]]
paths = ["old/new/"]
rules = { duplicate-key = "error" }
"#,
        );
        assert_eq!(config.problems, []);
        let resolved = |file: &str| {
            let it = config.resolve(Path::new(file));
            let rules: Vec<String> = it.rules.iter().map(|(rule, level)| format!("{rule}={}", level.name())).collect();
            (it.release.unwrap().release.to_string(), rules.join(" "), it.is_excluded)
        };
        let expected = |release: &str, rules: &str, is_excluded| (release.to_owned(), rules.to_owned(), is_excluded);
        assert_eq!(resolved("a.yml"), expected("0.20.1", "duplicate-key=off", false));
        assert_eq!(resolved("vendor/a.yml"), expected("0.20.1", "duplicate-key=off", true));
        assert_eq!(resolved("old/a.yml"), expected("0.18.43", "deprecated-field=off duplicate-key=hint", false));
        assert_eq!(resolved("old/new/a.yml"), expected("0.18.43", "deprecated-field=off duplicate-key=error", false));
    }

    #[test]
    fn a_project_file_has_a_table_for_it() {
        let config = Config::parse_project("[tool.dstack-lsp]\nrelease = \"0.20.1\"\nbogus = 1\n").unwrap();
        assert_eq!(config.resolve(Path::new("a")).release.unwrap().release.to_string(), "0.20.1");
        assert_eq!(config.problems.len(), 1);
        for text in ["[project]\nname = \"a\"\n", "[tool.ruff]\n", "# dstack-lsp\n", "tool = 1\n"] {
            assert!(Config::parse_project(text).is_none(), "{text}");
        }
        let config = Config::parse_project("[tool]\ndstack-lsp = 1\n").unwrap();
        assert_eq!(config.problems[0].message, "expected a table, found an integer");
    }

    #[test]
    fn a_project_file_that_does_not_parse_is_reported_if_it_has_the_table() {
        for header in [
            "[tool.dstack-lsp]",
            "[tool.dstack-lsp.rules]",
            " [[ tool . dstack-lsp . overrides ]] # a",
            "[tool.\"dstack-lsp\"]",
        ] {
            let text = format!("{header}\n\n[project\n");
            let config = Config::parse_project(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(config.problems.len(), 1, "{text}");
            let Problem { span, message } = &config.problems[0];
            assert!(
                message.starts_with("invalid TOML: ") && text[..span.start as usize].ends_with("[project"),
                "{message}"
            );
        }
        assert!(Config::parse_project("[tool.dstack-lsp\nrelease = \"0.20.1\"\n").is_some());
        for header in
            ["[tool.dstack-lsp-x]", "[tool.x.dstack-lsp]", "[dstack-lsp]", "# [tool.dstack-lsp]", "dstack-lsp = 1"]
        {
            assert!(Config::parse_project(&format!("{header}\n[project\n")).is_none(), "{header}");
        }
    }
}
