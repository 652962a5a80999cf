//! The shell that runs the commands: `bash`, `/usr/bin/zsh`.
//!
//! ```ebnf
//! shell = "sh" | "bash" | "/" , { any } ;
//! ```
//!
//! Mirrors `validate_shell` in dstack's `configurations.py`.

use super::types::{Expected, Grammar, Meta, Parsed, Problem, Role};
use crate::{release::Release, value::Value};

/// `shell: bash`
pub struct Shell;

impl Grammar for Shell {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "shell",
            title: "a shell",
            docs: "The shell that runs the commands: `sh`, `bash`, or the absolute path of another shell, such as `/usr/bin/zsh`.",
        }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        let Value::Str(text) = value else {
            return Parsed::wrong(Problem::whole("expected `sh`, `bash` or an absolute path"));
        };
        if matches!(text, "sh" | "bash") || text.starts_with('/') {
            return Parsed::right(0..text.len(), Role::Shell, format!("commands run in `{text}`"));
        }
        let meant = match text.trim().to_ascii_lowercase().as_str() {
            "sh" => Some("sh"),
            "bash" => Some("bash"),
            // The actual path depends on the image.
            "zsh" => Some("/usr/bin/zsh"),
            "fish" => Some("/usr/bin/fish"),
            "bin/sh" => Some("/bin/sh"),
            "bin/bash" => Some("/bin/bash"),
            _ => None,
        };
        let message = match text.trim() {
            "" => "the shell is empty; expected `sh`, `bash` or an absolute path".to_string(),
            _ => {
                format!("unsupported shell `{text}`; expected `sh`, `bash` or an absolute path such as `/usr/bin/zsh`")
            }
        };
        let is_same = meant.is_some_and(|it| !it.starts_with("/usr"));
        Parsed::wrong(Problem::at(0..text.len(), message).offer(meant.map(str::to_string), is_same))
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [("bash", "Bash"), ("sh", "the system shell"), ("/usr/bin/zsh", "Zsh, if installed in the image")];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}
