//! Docker images and models: `nvcr.io/nvidia/pytorch:25.05-py3`, `meta-llama/Llama-3.1-8B-Instruct`.
//!
//! ```ebnf
//! image = [ registry , "/" ] , repository , [ ":" , tag ] , [ "@" , digest ] ;
//! model = { any } ;
//! ```
//!
//! dstack's parser accepts any string; the parts of an image are Docker's and only serve hover. A model is a string: until
//! 0.19.25 numbers are converted (`convert_model` in dstack's `configurations.py`), since 0.19.26 they are refused.

use super::{
    plain,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `image: nginx`
pub struct Image;
/// `model: meta-llama/Llama-3.1-8B-Instruct`
pub struct Model;

const MODEL_TEXTS_ONLY: Release = Release::new(0, 19, 26);

impl Grammar for Image {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "image",
            title: "an image",
            docs: "A Docker image: registry (Docker Hub by default), repository and tag, such as \
                   `nvcr.io/nvidia/pytorch:25.05-py3`.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        match value {
            Value::Str(text) => Parsed { parts: parts(text), problems: Vec::new() },
            _ => plain::any_text(value, release, Role::Image, "a Docker Hub image"),
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [
            ("vllm/vllm-openai:latest", "vLLM with its OpenAI-compatible API"),
            ("lmsysorg/sglang:latest", "SGLang"),
            ("ghcr.io/huggingface/text-generation-inference:latest", "Text Generation Inference"),
            ("nvcr.io/nvidia/pytorch:25.05-py3", "PyTorch by NVIDIA"),
            ("rocm/pytorch:latest", "PyTorch for AMD GPUs"),
            ("ollama/ollama", "Ollama"),
        ];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}

impl Grammar for Model {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "model",
            title: "a model name",
            docs: "The name of the model that the service provides with an OpenAI-compatible API at `/v1`, such as \
                   `meta-llama/Llama-3.1-8B-Instruct`.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        match value {
            Value::Str(_) => {
                plain::any_text(value, release, Role::Model, "served with an OpenAI-compatible API at `/v1`")
            }
            _ if release < MODEL_TEXTS_ONLY => plain::any_text(value, release, Role::Model, "a model with this name"),
            _ => Parsed::wrong(Problem::whole("expected a string; quote the value")),
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

/// Registry, repository, tag and digest.
fn parts(text: &str) -> Vec<Part> {
    let (name, digest) = match text.split_once('@') {
        Some((name, _)) => (name, Some(name.len() + 1..text.len())),
        None => (text, None),
    };
    // The first component is a registry if it looks like a host.
    let is_host = |it: &str| it.contains(['.', ':']) || it == "localhost";
    let registry = name.split_once('/').map(|it| it.0).filter(|it| is_host(it)).map(|it| 0..it.len());
    let start = registry.as_ref().map_or(0, |it| it.end + 1);
    let (repository, tag) = match name[start..].split_once(':') {
        Some((repository, _)) => (start..start + repository.len(), Some(start + repository.len() + 1..name.len())),
        None => (start..name.len(), None),
    };
    let part = |range: &std::ops::Range<usize>, role, name| {
        Part::new(range.clone(), role, format!("{name} `{}`", &text[range.clone()]))
    };
    let registry = registry.as_ref().map(|it| part(it, Role::Registry, "registry"));
    let tag = tag.as_ref().map(|it| part(it, Role::Tag, "tag"));
    let digest = digest.as_ref().map(|it| part(it, Role::Digest, "digest"));
    registry.into_iter().chain([part(&repository, Role::Repository, "repository")]).chain(tag).chain(digest).collect()
}
