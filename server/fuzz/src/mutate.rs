//! Random changes of dstack files. They alternate with libFuzzer's own changes of bytes.

use crate::common::{Random, mutant};

/// Lines that cause findings, most of them with fixes.
const LINES: &[&str] = &[
    "type: task",
    "type: servce",
    "type: fleet",
    "commands: [echo]",
    "- echo Done: ok",
    "resources: {gpu: A100:80GB:2}",
    "resources:\n  gpu:\n    name: H100\n    memory: 80GB..",
    "gpu: 24GB",
    "shm_size: 16GB",
    "spot_polcy: auto",
    "ports: [8000, 2222:22]",
    "- 2222:22",
    "env:\n  - A=1\n  - B",
    "env: {A: 1, B: off}",
    "setup: [a, b]",
    "pool_name: p",
    "home_dir: /r",
    "termination_idle_time: 30m",
    "termination_policy: dont-destroy",
    "retry_policy: {retry: true, duration: 1h}",
    "max_duration: off",
    "nodes: 0..",
    "replicas: 1..3",
    "scaling: {metric: rps, target: 1}",
    "registry_auth:\n  username: u\n  password: hf_abcdefghijklmnopqrstuvwxyz01234567",
    "volumes: [name:/a, /b:/c:ro]",
    "files: [./a, {local_path: b, path: c}]",
    "<<: *x",
    "x: &x {image: a}",
    "# dstack-lsp: ignore[unknown-field]",
    "# dstack-lsp: release=0.18.43",
    "{{ name }}: ${{ env.X }}",
    "<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> x",
];

/// Returns the text after a change chosen by `seed`; `None` if libFuzzer's own change is due, or the bytes are not text.
pub fn mutated(bytes: &[u8], seed: u32) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut random = Random::new(u64::from(seed));
    match random.below(4) {
        0 => None,
        1 => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let at = random.below(lines.len() + 1);
            let below = lines.get(at).copied().unwrap_or("");
            let indent = &below[..below.len() - below.trim_start_matches(' ').len()];
            let line = random.choice(LINES).replace('\n', &format!("\n{indent}"));
            Some(format!("{}{indent}{line}\n{}", lines[..at].concat(), lines[at..].concat()).into_bytes())
        }
        _ => Some(mutant(text, &mut random).into_bytes()),
    }
}
