//! Strings of presets and endpoints that must not be blank: models, prompts, datasets, IDs.
//!
//! ```ebnf
//! model-repo = prompt-path = preset-id = { any } , not blank , { any } ;
//! prompt     = { any } , not blank , { any } ;      (* at most 10,000 characters *)
//! dataset    = { any } , not blank , { any } ;      (* since 0.21.3 not "random" *)
//! ```
//!
//! Mirrors `_validate_model`, `validate_prompt`, `validate_path`, `validate_dataset_name` and `validate_preset` of dstack's
//! preset and endpoint models. Numbers are converted to strings, except in the short form of a model (`model: x`).

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A string of a preset.
pub struct Text {
    meta: Meta,
    /// What it means, for hover.
    meaning: &'static str,
    /// The message for a blank string.
    blank: &'static str,
}

/// `repo` and `base` of a `model`.
pub const MODEL_REPO: Text = Text {
    meta: Meta {
        name: "model-repo",
        title: "a model repository",
        docs: "A Hugging Face model ID, such as `Qwen/Qwen3-8B`, or a path.",
    },
    meaning: "the model repository",
    blank: "the name is empty; expected a model such as `Qwen/Qwen3-8B`",
};
/// `model: Qwen/Qwen3-8B`, which accepts no numbers.
pub const MODEL_REPO_TEXT: Text = Text { meta: Meta { name: "model-repo-text", ..MODEL_REPO.meta }, ..MODEL_REPO };
/// `prompt: Use vLLM only`
pub const PROMPT: Text = Text {
    meta: Meta {
        name: "prompt",
        title: "a prompt for the agent",
        docs: "Additional instructions for the agent, up to 10,000 characters, or a file: `{path: prompt.md}`.",
    },
    meaning: "instructions for the agent",
    blank: "`prompt` is empty; add instructions or remove `prompt`",
};
/// `prompt: {path: prompt.md}`
pub const PROMPT_PATH: Text = Text {
    meta: Meta {
        name: "prompt-path",
        title: "a path",
        docs: "A file path relative to the configuration file, such as `prompt.md`.",
    },
    meaning: "a file relative to the configuration file",
    blank: "the path is empty; expected a file such as `prompt.md`",
};
/// `dataset: sharegpt`
pub const DATASET: Text = Text {
    meta: Meta {
        name: "dataset",
        title: "a dataset",
        docs: "A dataset known to the benchmark tool, such as `sharegpt`, or a Hugging Face dataset ID.",
    },
    meaning: "the dataset that provides the requests",
    blank: "the dataset is empty; remove it to use random requests",
};
/// `preset: 375abe60`
pub const PRESET_ID: Text = Text {
    meta: Meta {
        name: "preset-id",
        title: "a preset ID",
        docs: "The ID of a preset as listed by `dstack endpoint preset`, such as `375abe60`.",
    },
    meaning: "the preset ID",
    blank: "the ID is empty; add a preset ID or remove it",
};

/// Whether the dataset means random requests in `release`, as if it were omitted.
pub fn is_random(dataset: &str, release: Release) -> bool {
    release < NO_RANDOM && dataset.trim_matches(python::is_space) == "random"
}

const MAX_PROMPT: usize = 10_000;
/// Since this release, random requests are chosen by omitting `dataset`.
const NO_RANDOM: Release = Release::new(0, 21, 3);

impl Grammar for Text {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn takes_bytes(&self) -> bool {
        self.meta.name != MODEL_REPO_TEXT.meta.name
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Value::Str(text) = value else {
            return match self.meta.name {
                "model-repo-text" => Parsed::wrong(Problem::whole("expected a string; quote the value")),
                _ => plain::any_text(value, release, Role::Text, self.meaning),
            };
        };
        let stripped = text.trim_matches(python::is_space);
        let problem = match self.meta.name {
            _ if stripped.is_empty() => Some(self.blank.to_string()),
            "prompt" => {
                let length = text.chars().count();
                let wrong = length > MAX_PROMPT;
                wrong.then(|| format!("the prompt has {length} characters; expected at most 10000, or use a file"))
            }
            "dataset" if stripped == "random" && release >= NO_RANDOM => {
                Some("`random` was removed in dstack 0.21.3; remove `dataset` to use random requests".into())
            }
            _ => None,
        };
        match problem {
            Some(message) => Parsed::wrong(Problem::at(0..text.len(), message)),
            None => Parsed::right(0..text.len(), Role::Text, self.meaning),
        }
    }

    fn expected(&self, text: &str, _: usize, release: Release) -> Vec<Expected> {
        if self.meta.name != "dataset" {
            return Vec::new();
        }
        let known = [("sharegpt", "ChatGPT conversations"), ("spec_bench", "for speculative decoding")];
        let random = (release < NO_RANDOM).then_some(("random", "random requests"));
        known.into_iter().chain(random).map(|(it, detail)| Expected::new(0..text.len(), it, detail)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn wrong(grammar: &Text, value: Value<'_>, release: Release) -> String {
        grammar.parse(value, release).problems.first().map_or(String::new(), |it| it.message.clone())
    }

    #[test]
    fn blank_strings_are_refused() {
        for grammar in [&MODEL_REPO, &MODEL_REPO_TEXT, &PROMPT, &PROMPT_PATH, &DATASET, &PRESET_ID] {
            for blank in ["", " ", "\n\t", "\u{a0}", "\u{1f}", "\u{3000}"] {
                assert_eq!(wrong(grammar, Value::Str(blank), Release::NEWEST), grammar.blank, "{}", grammar.meta.name);
            }
            assert_eq!(wrong(grammar, Value::Str(" a/b"), Release::NEWEST), "");
        }
    }

    #[test]
    fn numbers_depend_on_the_release() {
        let old = Release::new(0, 20, 29);
        assert_eq!(wrong(&MODEL_REPO, Value::Int(5), old), "");
        assert_eq!(wrong(&MODEL_REPO, Value::Bool(true), old), "");
        assert_ne!(wrong(&MODEL_REPO, Value::Bool(true), Release::NEWEST), "");
        assert_ne!(wrong(&MODEL_REPO_TEXT, Value::Int(5), old), "");
    }

    #[test]
    fn prompts_and_datasets_have_limits() {
        let text = "ü".repeat(10_000);
        assert_eq!(wrong(&PROMPT, Value::Str(&text), Release::NEWEST), "");
        assert!(wrong(&PROMPT, Value::Str(&(text + "x")), Release::NEWEST).contains("10001 characters"));
        assert_eq!(wrong(&DATASET, Value::Str(" random "), Release::new(0, 21, 2)), "");
        assert!(wrong(&DATASET, Value::Str(" random "), NO_RANDOM).starts_with("`random` was removed"));
        assert_eq!(wrong(&DATASET, Value::Str("random2"), NO_RANDOM), "");
    }
}
