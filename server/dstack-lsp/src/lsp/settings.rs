//! The settings: one table, from which the documentation and the editors' own lists are made.

use schema::{Release, release::Named};
use serde_json::Value;

/// What can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The release of dstack to check against; `None` where the project's own files tell.
    pub(crate) release: Option<Named>,
}

/// A setting. Clients know it as `dstack.NAME`.
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its value where nothing is set, as JSON.
    pub(crate) default: &'static str,
    /// What it does, in Markdown.
    pub(crate) docs: &'static str,
    /// Sets it; or says what is wrong and what to write.
    set: fn(&mut Settings, &Value) -> Result<(), String>,
}

/// All settings.
pub(crate) const ALL: &[Setting] = &[Setting {
    name: "release",
    default: r#""auto""#,
    docs: "The release of dstack that files are checked against: a version such as `0.22.5`, or `auto` for the one that \
           the project pins in `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`, `requirements*.txt` or \
           `pyproject.toml`, or has installed in `.venv` or `venv`; where it pins none, the newest that is known. It can \
           differ from one folder of the workspace to another. A release that is not known is taken for the nearest one. A \
           comment at the top of a file decides over this setting: `# dstack-lsp: release=0.19.40`.",
    set: |settings, value| {
        settings.release = match value.as_str() {
            Some("auto") => None,
            Some(text) => Some(text.parse()?),
            None => return Err(format!("{value} is not a release; write it as `\"{}\"`", Release::NEWEST)),
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
    /// The settings after what a client sends: `{"release": …}`, `{"dstack": {"release": …}}` or `{"dstack.release": …}`.
    /// What is not mentioned stays as it is, `null` stands for the default. And what could not be understood.
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
    fn a_release_is_set_wherever_a_client_puts_it() {
        assert_eq!(release(json!({"release": "0.19.40"})), "0.19.40");
        assert_eq!(release(json!({"dstack": {"release": "v0.19.40"}})), "0.19.40");
        assert_eq!(release(json!({"dstack.release": "auto"})), "auto");
        assert_eq!(release(json!({"dstack": {"release": null}})), "auto");
    }

    #[test]
    fn what_is_not_mentioned_stays() {
        for sent in [json!({}), json!(null), json!([1]), json!({"dstack": null}), json!({"yaml": {"release": "1"}})] {
            assert_eq!(release(sent), "0.20.1");
        }
    }

    #[test]
    fn a_bad_value_is_reported_and_not_used() {
        let problem = release(json!({"release": 0.22}));
        assert_eq!(problem, "setting `dstack.release`: 0.22 is not a release; write it as `\"0.22.5\"`");
        assert!(release(json!({"release": "latest"})).contains("`latest` is not a release"));
    }

    #[test]
    fn a_release_that_is_not_known_is_the_nearest() {
        let note = "dstack 0.99.0 is not known; 0.22.5 is the nearest release that is";
        assert_eq!(release(json!({"release": "0.99.0"})), note);
    }

    #[test]
    fn defaults_are_values_that_can_be_set_and_have_words() {
        for setting in ALL {
            let value = serde_json::from_str(setting.default).unwrap();
            let mut settings = Settings::default();
            assert_eq!((setting.set)(&mut settings, &value), Ok(()));
            assert_eq!(settings, Settings::default(), "{}", setting.name);
            assert!(setting.docs.ends_with('.'), "{}", setting.name);
        }
    }

    #[test]
    fn the_list_of_settings_is_fresh() {
        let mut text = "# Settings\n\nMade from the code: `UPDATE=1 cargo test -p dstack-lsp settings`.\n\nAn editor sends them in \
                        `initializationOptions`, with `workspace/didChangeConfiguration`, or when it is asked for the section \
                        `dstack`.\n"
            .to_owned();
        for setting in ALL {
            text += &format!("\n## `dstack.{}`\n\nDefault: `{}`. {}\n", setting.name, setting.default, setting.docs);
        }
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "server/docs/settings.md is stale; run `UPDATE=1 cargo test -p dstack-lsp settings`"
        );
    }
}
