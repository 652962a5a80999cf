//! NVIDIA's compute capability: `7.5`, `"8.0"`.
//!
//! ```ebnf
//! compute-capability = integer , "." , integer ;    (* integers as Python's int() reads them *)
//! ```
//!
//! Mirrors `ComputeCapability.validate` in dstack's `resources.py`. A YAML number is first written as Python
//! writes it, so `8.10` is 8.1; an integer is refused.

use super::{
    python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
    vocabulary,
};
use crate::{release::Release, value::Value};

/// `compute_capability: 7.5`
pub struct ComputeCapability;

const DOCS: &str = "The minimum CUDA compute capability, as major and minor version: `7.5`, `8.0`. T4 has 7.5, A100 8.0, \
    H100 9.0.";

impl Grammar for ComputeCapability {
    fn meta(&self) -> &Meta {
        &Meta { name: "compute-capability", title: "a compute capability", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        match value {
            Value::Str(text) => read(text, 0..text.len()),
            Value::Float(number) => read(&python::float_repr(number), 0..0),
            Value::Int(number @ 0..1000) => {
                let fixed = format!("{number}.0");
                let message = format!("missing minor version; write `{fixed}`");
                Parsed::wrong(Problem::whole(message).offer(fixed, number < 20))
            }
            _ => Parsed::wrong(Problem::whole("expected a compute capability such as `7.5`")),
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let mut all: Vec<&str> = vocabulary::gpus().iter().filter_map(|it| it.compute_capability.as_deref()).collect();
        all.sort_by(|one, two| number(one).total_cmp(&number(two)));
        all.dedup();
        let offer = |it: &str| {
            let of = |gpu: &&vocabulary::Gpu| gpu.compute_capability.as_deref() == Some(it);
            let names: Vec<&str> = vocabulary::gpus().iter().filter(of).take(3).map(|it| it.name.as_str()).collect();
            Expected::new(0..text.len(), it, names.join(", "))
        };
        all.into_iter().map(offer).collect()
    }
}

/// One of the two numbers of `compute_capability: [7, 5]`, which Python's `int()` reads.
pub struct Version;

impl Grammar for Version {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "compute-capability-version",
            title: "a version number",
            docs: "The major or minor version of a compute capability, as in `[7, 5]`. `7.5` is simpler.",
        }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        let is_number = match value {
            Value::Str(text) => python::int(text).is_some(),
            Value::Int(_) | Value::Bool(_) => true,
            Value::Float(number) => number.is_finite(),
            Value::Null | Value::Bytes | Value::Other => false,
        };
        if is_number { Parsed::default() } else { Parsed::wrong(Problem::whole("expected an integer")) }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

fn read(text: &str, range: std::ops::Range<usize>) -> Parsed {
    let trimmed = text.trim_matches(python::is_space);
    let mut versions = trimmed.split('.').map(python::int);
    if let (Some(Some(major)), Some(Some(minor)), None) = (versions.next(), versions.next(), versions.next()) {
        return Parsed::right(range, Role::Capability, format!("{major}.{minor} or newer"));
    }
    let of_nvcc = trimmed.strip_prefix("sm_");
    let bare = of_nvcc.or(trimmed.strip_prefix(['v', 'V'])).unwrap_or(trimmed);
    let (meant, is_same) = match (bare.parse::<u32>(), bare.split_once('.')) {
        // `sm_86`
        (Ok(number), _) if of_nvcc.is_some() && number >= 10 => {
            (Some(format!("{}.{}", number / 10, number % 10)), true)
        }
        // `86` more likely means 8.6 than 86.0.
        (Ok(number), _) if number < 100 => (Some(format!("{number}.0")), of_nvcc.is_none() && number < 20),
        (_, Some((major, minor))) if major.parse::<u32>().is_ok() && minor.parse::<u32>().is_ok() => {
            (Some(bare.to_string()), true)
        }
        _ => (None, false),
    };
    let message = match trimmed {
        "" => "the compute capability is empty; expected a version such as `7.5`".to_string(),
        _ => format!("invalid compute capability `{trimmed}`; expected a version such as `7.5`"),
    };
    Parsed::wrong(Problem::at(range, message).offer(meant, is_same))
}
