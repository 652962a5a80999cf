//! The settings: one table, from which the documentation and the settings of the editors are generated.

use schema::{Release, release::Named};
use serde_json::Value;

/// The values of all settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The release of dstack to check against; `None` for the one that the project pins.
    pub(crate) release: Option<Named>,
}

/// A setting. Clients know it as `dstack.NAME`.
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its default, as JSON.
    pub(crate) default: &'static str,
    /// Its type in terms of JSON Schema, for editors with a page of settings.
    #[cfg_attr(not(test), expect(dead_code, reason = "editors' lists of settings are made by a test"))]
    pub(crate) shape: Shape,
    /// What it does, in Markdown.
    pub(crate) docs: &'static str,
    /// Sets it. The error says what is wrong and what to write.
    set: fn(&mut Settings, &Value) -> Result<(), String>,
}

/// The form of a setting's value.
#[cfg_attr(not(test), expect(dead_code, reason = "editors' lists of settings are made by a test"))]
pub(crate) struct Shape {
    /// `string`, `boolean`, …
    pub(crate) kind: &'static str,
    /// A regular expression for strings, with the syntax that JavaScript and Rust share. It matches every accepted value.
    pub(crate) pattern: &'static str,
    /// The message about a string that does not match.
    pub(crate) otherwise: &'static str,
}

/// Maximum number of characters of a value in a message.
const MAX_SHOWN: usize = 60;

/// All settings.
pub(crate) const ALL: &[Setting] = &[Setting {
    name: "release",
    default: r#""auto""#,
    shape: Shape {
        kind: "string",
        pattern: "^(auto|[vV]?[0-9]+[.][0-9]+[.][0-9]+.*)$",
        otherwise: "Write `auto`, or a release with its three numbers.",
    },
    docs: "The release of dstack that files are checked against: a version such as `0.22.5`, or `auto` for the one that \
           the project pins in `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`, `requirements*.txt` or \
           `pyproject.toml`, or has installed in `.venv` or `venv`; if it pins none, the newest known one. It can differ \
           between the folders of a workspace. For an unknown release, the nearest known one is used. A comment at the \
           top of a file takes precedence over this setting: `# dstack-lsp: release=0.19.40`.",
    set: |settings, value| {
        settings.release = match value.as_str() {
            Some("auto") => None,
            Some(text) => Some(text.parse()?),
            None => {
                let value = schema::shown(&value.to_string(), MAX_SHOWN);
                return Err(format!("{value} is not a release; write it as `\"{}\"`", Release::NEWEST));
            }
        };
        Ok(())
    },
}];

/// The settings as a list in plain text, for `--help`.
pub(crate) fn list() -> String {
    let line = |it: &Setting| {
        format!("  dstack.{} [default: {}]\n          {}", it.name, it.default, it.docs.replace('`', ""))
    };
    let lines: Vec<String> = ALL.iter().map(line).collect();
    format!("Settings that an editor may send:\n{}", lines.join("\n"))
}

impl Settings {
    /// Applies what a client sends: `{"release": …}`, `{"dstack": {"release": …}}` or `{"dstack.release": …}`. Settings that
    /// are not mentioned keep their values, and `null` means the default. Also returns a message for each invalid value.
    pub(crate) fn with(&self, sent: &Value) -> (Settings, Vec<String>) {
        let mut settings = self.clone();
        let mut problems = vec![];
        for setting in ALL {
            let dotted = format!("dstack.{}", setting.name);
            let places =
                [sent.get("dstack").and_then(|it| it.get(setting.name)), sent.get(dotted), sent.get(setting.name)];
            let Some(value) = places.into_iter().flatten().next() else { continue };
            let default = serde_json::from_str(setting.default).unwrap_or_default();
            let value = if value.is_null() { &default } else { value };
            if let Err(problem) = (setting.set)(&mut settings, value) {
                problems.push(format!("setting `dstack.{}`: {problem}", setting.name));
            }
        }
        (settings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn release(sent: Value) -> String {
        let before = Settings { release: Some("0.20.1".parse().unwrap()) };
        let (settings, problems) = before.with(&sent);
        let release = settings.release.map_or("auto".to_owned(), |it| it.note().unwrap_or(it.release.to_string()));
        problems.first().cloned().unwrap_or(release)
    }

    #[test]
    fn a_release_is_set_in_each_form_that_clients_send() {
        assert_eq!(release(json!({"release": "0.19.40"})), "0.19.40");
        assert_eq!(release(json!({"dstack": {"release": "v0.19.40"}})), "0.19.40");
        assert_eq!(release(json!({"dstack.release": "auto"})), "auto");
        assert_eq!(release(json!({"dstack": {"release": null}})), "auto");
    }

    #[test]
    fn settings_that_are_not_mentioned_keep_their_values() {
        for sent in [json!({}), json!(null), json!([1]), json!({"dstack": null}), json!({"yaml": {"release": "1"}})] {
            assert_eq!(release(sent), "0.20.1");
        }
    }

    #[test]
    fn a_bad_value_is_reported_and_not_used() {
        let problem = release(json!({"release": 0.22}));
        assert_eq!(problem, "setting `dstack.release`: 0.22 is not a release; write it as `\"0.22.5\"`");
        assert!(release(json!({"release": "latest"})).contains("`latest` is not a release"));
        for long in [json!("x".repeat(1_000_000)), json!(vec![0; 1_000_000]), json!("9".repeat(1_000_000))] {
            let problem = release(json!({"release": long}));
            assert!(problem.contains('…') && problem.len() < 200, "{problem}");
        }
    }

    #[test]
    fn an_unknown_release_becomes_the_nearest_known_one() {
        let note = "unknown dstack release 0.99.0; using the nearest known release, 0.22.5";
        assert_eq!(release(json!({"release": "0.99.0"})), note);
    }

    #[test]
    fn defaults_can_be_set_and_are_documented() {
        for setting in ALL {
            let value = serde_json::from_str(setting.default).unwrap();
            let mut settings = Settings::default();
            assert_eq!((setting.set)(&mut settings, &value), Ok(()));
            assert_eq!(settings, Settings::default(), "{}", setting.name);
            assert!(setting.docs.ends_with('.'), "{}", setting.name);
        }
    }

    #[test]
    fn an_editor_does_not_warn_of_valid_values() {
        let matches = |setting: &Setting, text: &str| {
            let is_set = (setting.set)(&mut Settings::default(), &text.into()).is_ok();
            (regex::Regex::new(setting.shape.pattern).unwrap().is_match(text), is_set)
        };
        let [release] = ALL else { panic!("a setting without its examples") };
        for text in ["auto", "0.22.5", "v0.19.40", "0.19.40rc1", "V1.2.3.dev0+local", "0.19.40.post1"] {
            assert_eq!(matches(release, text), (true, true), "{text}");
        }
        for text in ["", "latest", "0.22", "Auto", ">=0.19.0", "22"] {
            assert_eq!(matches(release, text), (false, false), "{text}");
        }
    }

    #[test]
    fn the_documentation_of_settings_is_up_to_date() {
        let mut text = "# Settings\n\nGenerated from the code by `UPDATE=1 cargo test -p dstack-lsp settings`.\n\nAn editor sends them in \
                        `initializationOptions`, with `workspace/didChangeConfiguration`, or when it is asked for the section \
                        `dstack`.\n"
            .to_owned();
        for setting in ALL {
            text += &format!("\n## `dstack.{}`\n\nDefault: `{}`. {}\n", setting.name, setting.default, setting.docs);
        }
        fresh("server/docs/settings.md", |_| text);
    }

    #[test]
    fn the_settings_of_the_vs_code_extension_are_up_to_date() {
        fresh("editors/vscode/package.json", with_settings);
    }

    #[test]
    fn the_settings_of_an_extension_are_replaced_in_place() {
        let entry = |comma| in_package(&ALL[0], 1, "  ") + comma;
        let stale =
            "{\n  \"dstack.release\": {\n    \"x\": {\n      \"y\": 1\n    }\n  },\n  \"dstack.a.b\": {\n  }\n}\n";
        let fresh = format!("{{\n{}  \"dstack.a.b\": {{\n  }}\n}}\n", entry(",\n"));
        assert_eq!(with_settings(stale), fresh);
        assert_eq!(with_settings(&fresh), fresh);
        assert_eq!(with_settings("{\n  \"dstack.release\": {\n  }\n}\n"), format!("{{\n{}}}\n", entry("\n")));
        let known: Value = serde_json::from_str(&with_settings(stale)).unwrap();
        assert_eq!(known["dstack.release"]["default"], "auto");
    }

    #[test]
    #[should_panic(expected = "`dstack.old` is not a setting of the server")]
    fn a_removed_setting_is_noticed() {
        with_settings("{\n  \"dstack.release\": {\n  },\n  \"dstack.old\": {\n  }\n}\n");
    }

    /// The manifest of the VS Code extension with the current settings; those with two dots belong to the extension.
    fn with_settings(package: &str) -> String {
        let lines: Vec<&str> = package.split_inclusive('\n').collect();
        let named = |line: &str| Some(line.trim_start().strip_prefix("\"dstack.")?.split_once("\": {")?.0.to_owned());
        let mut text = String::new();
        let mut met = vec![];
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let Some(name) = named(line).filter(|it| !it.contains('.')) else {
                text += line;
                at += 1;
                continue;
            };
            let place = ALL.iter().position(|it| it.name == name);
            let place = place.unwrap_or_else(|| panic!("`dstack.{name}` is not a setting of the server"));
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = format!("{indent}}}");
            at += lines[at..].iter().position(|it| it.starts_with(&end)).expect("an entry has an end");
            text += &in_package(&ALL[place], place + 1, indent);
            text += &lines[at][end.len()..];
            at += 1;
            met.push(name);
        }
        let missing = ALL.iter().map(|it| it.name).find(|it| !met.iter().any(|name| name == it));
        assert!(
            missing.is_none(),
            "add `\"dstack.{}\": {{` and a line `}}`; the rest is written",
            missing.unwrap_or("")
        );
        text
    }

    /// An entry of `contributes.configuration.properties`, up to its last brace.
    fn in_package(setting: &Setting, order: usize, indent: &str) -> String {
        let Setting { name, default, docs, shape, .. } = setting;
        let entries = [
            ("order", json!(order)),
            ("type", json!(shape.kind)),
            ("default", serde_json::from_str(default).unwrap()),
            ("pattern", json!(shape.pattern)),
            ("patternErrorMessage", json!(shape.otherwise)),
            ("scope", json!("resource")),
            ("markdownDescription", json!(docs)),
        ];
        let entries = entries.map(|(key, value)| format!("{indent}  \"{key}\": {value}"));
        format!("{indent}\"dstack.{name}\": {{\n{}\n{indent}}}", entries.join(",\n"))
    }

    /// Checks that a generated file is up to date; `UPDATE=1` writes it.
    fn fresh(name: &str, made: impl FnOnce(&str) -> String) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let made = made(&committed);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let now = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(now == made, "{name} is out of date; run `UPDATE=1 cargo test -p dstack-lsp settings`");
    }
}
