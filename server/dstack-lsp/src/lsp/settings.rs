//! The settings: one table, from which the documentation and the settings of the editors are generated.

use ide::{Level, RuleOptions};
use schema::{Release, release::Named};
use serde_json::{Value, json};

/// The settings of an editor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// The release of dstack to check against; `None` if the project's own files decide.
    pub(crate) release: Option<Named>,
    /// The levels of rules.
    pub(crate) rules: RuleOptions,
}

/// A setting. Clients know it as `dstack.NAME`.
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its default value, as JSON.
    pub(crate) default: &'static str,
    /// The type of its value as a JSON Schema, for editors with a page of settings. It accepts every valid value.
    #[cfg_attr(not(test), expect(dead_code, reason = "the editors' lists of settings are made by a test"))]
    pub(crate) schema: fn() -> Value,
    /// What it does, in Markdown.
    pub(crate) docs: &'static str,
    /// Sets it as far as the value is valid, and returns what is not.
    set: fn(&mut Settings, &Value) -> Result<(), String>,
}

/// Maximum number of characters of a value that a message repeats.
const MAX_SHOWN: usize = 60;

/// Every setting.
pub(crate) const ALL: &[Setting] = &[RELEASE, RULES];

const RELEASE: Setting = Setting {
    name: "release",
    default: r#""auto""#,
    schema: || {
        json!({
            "type": "string",
            "pattern": "^(auto|[vV]?[0-9]+[.][0-9]+[.][0-9]+.*)$",
            "patternErrorMessage": "Write `auto`, or a release with its three numbers.",
        })
    },
    docs: "The release of dstack that files are checked against: a version such as `0.22.5`, or `auto` for the release that \
           the configuration file chooses, or else the one that the project pins in `uv.lock`, `poetry.lock`, `pdm.lock`, \
           `pylock.toml`, `requirements*.txt` or `pyproject.toml`, or has installed in `.venv` or `venv`, or else the newest \
           known release. It can differ between the folders of a workspace. For an unknown release, the nearest known one is \
           used. A comment at the top of a file takes precedence: `# dstack-lsp: release=0.19.40`.",
    set: |settings, value| {
        settings.release = match value.as_str() {
            Some("auto") => None,
            Some(text) => Some(text.parse()?),
            None => return Err(format!("{} is not a release; write it as `\"{}\"`", shown(value), Release::NEWEST)),
        };
        Ok(())
    },
};

const RULES: Setting = Setting {
    name: "rules",
    default: "{}",
    schema: || {
        let levels: Vec<&str> = Level::all().map(Level::name).collect();
        let rule = |it: &ide::Rule| {
            (it.name().to_owned(), json!({"enum": levels, "default": it.severity.name(), "description": it.summary}))
        };
        let properties: serde_json::Map<String, Value> = ide::rules::all().iter().map(rule).collect();
        json!({"type": "object", "properties": properties, "additionalProperties": false})
    },
    docs: "The levels of rules, by their names: `\"off\"`, or the severity of their findings (`\"error\"`, `\"warning\"`, \
           `\"info\"`, `\"hint\"`). A rule that is not named has the level of the configuration file, or else its default.",
    set: |settings, value| {
        let Some(levels) = value.as_object() else {
            return Err(format!("{} is not an object; write it as `{{\"deprecated-field\": \"off\"}}`", shown(value)));
        };
        settings.rules = RuleOptions::default();
        let mut invalid = Ok(());
        for (name, value) in levels {
            let name_shown = schema::shown(name, MAX_SHOWN);
            let level = Level::all().find(|it| Some(it.name()) == value.as_str());
            let problem = match (ide::rules::named(name), level) {
                (Some(rule), Some(level)) => {
                    settings.rules.set(rule.id, level);
                    continue;
                }
                (None, _) => format!("unknown rule `{name_shown}`"),
                (_, None) => format!("{} is not a level of `{name_shown}`", shown(value)),
            };
            // The first one is reported.
            invalid = invalid.and(Err(problem));
        }
        invalid
    },
};

/// A value as a message repeats it.
fn shown(value: &Value) -> String {
    schema::shown(&value.to_string(), MAX_SHOWN).to_string()
}

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
    use crate::generated::fresh;

    fn release(sent: Value) -> String {
        let before = Settings { release: Some("0.20.1".parse().unwrap()), ..Settings::default() };
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
        let problem = release(json!({"release": 0.19}));
        let expected =
            format!("setting `dstack.release`: 0.19 is not a release; write it as `\"{}\"`", Release::NEWEST);
        assert_eq!(problem, expected);
        assert!(release(json!({"release": "latest"})).contains("`latest` is not a release"));
        for long in [json!("x".repeat(1_000_000)), json!(vec![0; 1_000_000]), json!("9".repeat(1_000_000))] {
            let problem = release(json!({"release": long}));
            assert!(problem.contains('…') && problem.len() < 200, "{problem}");
        }
    }

    #[test]
    fn levels_of_rules_are_set_together() {
        let rules = |sent: Value| {
            let (settings, problems) = Settings::default().with(&sent);
            let rules: Vec<String> = settings.rules.iter().map(|(rule, it)| format!("{rule}={}", it.name())).collect();
            problems.first().cloned().unwrap_or(rules.join(" "))
        };
        let sent = json!({"rules": {"deprecated-field": "off", "duplicate-key": "error"}});
        assert_eq!(rules(sent), "deprecated-field=off duplicate-key=error");
        assert_eq!(rules(json!({"rules": null})), "");
        assert_eq!(rules(json!({"rules": {"bogus": "off"}})), "setting `dstack.rules`: unknown rule `bogus`");
        let (settings, problems) = Settings::default().with(&json!({"rules": {"bogus": 1, "duplicate-key": "off"}}));
        assert_eq!((settings.rules.iter().count(), problems.len()), (1, 1), "the valid ones apply");
        let problem = "setting `dstack.rules`: true is not a level of `duplicate-key`";
        assert_eq!(rules(json!({"rules": {"duplicate-key": true}})), problem);
        assert!(rules(json!({"rules": []})).contains("[] is not an object"));
    }

    #[test]
    fn an_unknown_release_becomes_the_nearest_known_one() {
        let note = format!("unknown dstack release 0.99.0; using the nearest known release, {}", Release::NEWEST);
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
            let schema = (setting.schema)();
            (regex::Regex::new(schema["pattern"].as_str().unwrap()).unwrap().is_match(text), is_set)
        };
        let release = &RELEASE;
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
    fn a_list_of_settings_is_renewed_where_it_stands() {
        let rules = in_package(&RULES, 2, "  ");
        let entries = format!("{},\n{rules}", in_package(&RELEASE, 1, "  "));
        let stale = "{\n  \"dstack.release\": {\n    \"x\": {\n      \"y\": 1\n    }\n  },\n  \"dstack.rules\": {\n  },\n  \
                     \"dstack.a.b\": {\n  }\n}\n";
        let fresh = format!("{{\n{entries},\n  \"dstack.a.b\": {{\n  }}\n}}\n");
        assert_eq!(with_settings(stale), fresh);
        assert_eq!(with_settings(&fresh), fresh);
        let last = "{\n  \"dstack.release\": {\n  },\n  \"dstack.rules\": {\n  }\n}\n";
        assert_eq!(with_settings(last), format!("{{\n{entries}\n}}\n"));
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
        let Setting { name, default, docs, schema, .. } = setting;
        let schema = schema();
        let head = [("order", json!(order)), ("default", serde_json::from_str(default).unwrap())];
        let tail = [("scope", json!("resource")), ("markdownDescription", json!(docs))];
        let schema = schema.as_object().unwrap().iter().map(|(key, value)| (&**key, value.clone()));
        let entries = head.into_iter().chain(schema).chain(tail);
        let entries: Vec<String> = entries.map(|(key, value)| format!("{indent}  \"{key}\": {value}")).collect();
        format!("{indent}\"dstack.{name}\": {{\n{}\n{indent}}}", entries.join(",\n"))
    }
}
