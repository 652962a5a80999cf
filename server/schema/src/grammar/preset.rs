//! Texts of presets and endpoints that may not be blank: models, prompts, datasets, IDs.
//!
//! ```ebnf
//! model-repo = prompt-path = preset-id = { any } , not blank , { any } ;
//! prompt     = { any } , not blank , { any } ;      (* 10,000 characters at most *)
//! dataset    = { any } , not blank , { any } ;      (* from 0.21.3 on not "random" *)
//! ```
//!
//! Mirrors `_validate_model`, `validate_prompt`, `validate_path`, `validate_dataset_name` and `validate_preset` of dstack's
//! preset and endpoint models. Numbers are made texts, but for a model that is written alone (`model: x`).

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A text of a preset.
pub struct Text {
    meta: Meta,
    /// What it is to a reader of a hover.
    meaning: &'static str,
    /// What is wrong with an empty one.
    blank: &'static str,
}

/// `repo` and `base` of a `model`.
pub const MODEL_REPO: Text = Text {
    meta: Meta {
        name: "model-repo",
        title: "a model's repository",
        docs: "A model by its name at Hugging Face, as `Qwen/Qwen3-8B`, or a path.",
    },
    meaning: "the model's repository",
    blank: "the name is empty; write that of a model, as `Qwen/Qwen3-8B`",
};
/// `model: Qwen/Qwen3-8B`, which takes no numbers.
pub const MODEL_REPO_TEXT: Text = Text { meta: Meta { name: "model-repo-text", ..MODEL_REPO.meta }, ..MODEL_REPO };
/// `prompt: Use vLLM only`
pub const PROMPT: Text = Text {
    meta: Meta {
        name: "prompt",
        title: "a text for the agent",
        docs: "What the agent should know or do beyond the other fields, up to 10,000 characters; or a file, as \
           `{path: prompt.md}`.",
    },
    meaning: "told to the agent",
    blank: "the prompt is empty; write what the agent should know, or remove it",
};
/// `prompt: {path: prompt.md}`
pub const PROMPT_PATH: Text = Text {
    meta: Meta {
        name: "prompt-path",
        title: "a path",
        docs: "A file, from the folder of the configuration, as `prompt.md`.",
    },
    meaning: "a file beside the configuration",
    blank: "the path is empty; write that of a file, as `prompt.md`",
};
/// `dataset: sharegpt`
pub const DATASET: Text = Text {
    meta: Meta {
        name: "dataset",
        title: "a dataset",
        docs: "A dataset that the benchmark tool knows, such as `sharegpt`, or one of Hugging Face by its ID.",
    },
    meaning: "the dataset with the requests",
    blank: "the dataset's name is empty; remove it for made-up requests",
};
/// `preset: 375abe60`
pub const PRESET_ID: Text = Text {
    meta: Meta {
        name: "preset-id",
        title: "a preset's ID",
        docs: "The ID of a preset, as `dstack endpoint preset` lists it.",
    },
    meaning: "the preset's ID",
    blank: "the ID is empty; write that of a preset, or remove it",
};

/// Whether the name of a dataset says in `release` that there is none: requests are made up, as if it were left out.
pub fn is_made_up(dataset: &str, release: Release) -> bool {
    release < NO_RANDOM && dataset.trim_matches(python::is_space) == "random"
}

const LONGEST_PROMPT: usize = 10_000;
/// From here on, made-up requests are asked for by leaving `dataset` out.
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
                "model-repo-text" => Parsed::wrong(Problem::whole("a model's name is a text; put it in quotes")),
                _ => plain::any_text(value, release, Role::Text, self.meaning),
            };
        };
        let stripped = text.trim_matches(python::is_space);
        let problem = match self.meta.name {
            _ if stripped.is_empty() => Some(self.blank.to_string()),
            "prompt" => {
                let length = text.chars().count();
                let wrong = length > LONGEST_PROMPT;
                wrong.then(|| format!("the prompt has {length} characters; write at most 10000, or put it into a file"))
            }
            "dataset" if stripped == "random" && release >= NO_RANDOM => {
                Some("`random` is no dataset from 0.21.3 on; remove it for made-up requests".into())
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
        let known = [("sharegpt", "conversations of people with ChatGPT"), ("spec_bench", "for speculative decoding")];
        let random = (release < NO_RANDOM).then_some(("random", "made-up requests"));
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
    fn blank_texts() {
        for grammar in [&MODEL_REPO, &MODEL_REPO_TEXT, &PROMPT, &PROMPT_PATH, &DATASET, &PRESET_ID] {
            for blank in ["", " ", "\n\t", "\u{a0}", "\u{1f}", "\u{3000}"] {
                assert_eq!(wrong(grammar, Value::Str(blank), Release::NEWEST), grammar.blank, "{}", grammar.meta.name);
            }
            assert_eq!(wrong(grammar, Value::Str(" a/b"), Release::NEWEST), "");
        }
    }

    #[test]
    fn numbers() {
        let old = Release::new(0, 20, 29);
        assert_eq!(wrong(&MODEL_REPO, Value::Int(5), old), "");
        assert_eq!(wrong(&MODEL_REPO, Value::Bool(true), old), "");
        assert_ne!(wrong(&MODEL_REPO, Value::Bool(true), Release::NEWEST), "");
        assert_ne!(wrong(&MODEL_REPO_TEXT, Value::Int(5), old), "");
    }

    #[test]
    fn limits() {
        let text = "ü".repeat(10_000);
        assert_eq!(wrong(&PROMPT, Value::Str(&text), Release::NEWEST), "");
        assert!(wrong(&PROMPT, Value::Str(&(text + "x")), Release::NEWEST).contains("10001 characters"));
        assert_eq!(wrong(&DATASET, Value::Str(" random "), Release::new(0, 21, 2)), "");
        assert!(wrong(&DATASET, Value::Str(" random "), NO_RANDOM).starts_with("`random` is no dataset"));
        assert_eq!(wrong(&DATASET, Value::Str("random2"), NO_RANDOM), "");
    }
}
