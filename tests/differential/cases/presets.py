"""Places in presets and endpoints."""

from .places import Place, fields, items, keys, without

PROFILE = """
backends regions availability_zones instance_types reservation spot_policy retry max_duration stop_duration max_price
creation_policy idle_duration utilization_policy startup_order stop_criteria schedule fleets instances tags backend_options
"""
PRESET = {"type": "preset", "name": "p", "base": "a/b"}
PRESET_FIELDS = """
type name model base repo prompt context_length max_trials concurrency gateway env min_context_length max_ttft trials
input_tokens output_tokens shared_prefix_tokens baseline previous dataset agent
"""
ENDPOINT = {"type": "endpoint", "name": "e", "model": "a/b"}
ENDPOINT_FIELDS = "type name model context_length preset gateway env"


def places():
    kind = "configuration"
    yield from fields(kind, "preset", PRESET, [], PRESET_FIELDS + PROFILE)
    yield from without(kind, "preset", PRESET)
    yield from fields(kind, "bare preset", {"type": "preset"}, [], "model base repo")
    yield from fields(kind, "preset.prompt", PRESET | {"prompt": {}}, ["prompt"], "path")
    yield from fields(kind, "preset.agent", PRESET | {"agent": {"provider": "claude"}}, ["agent"], "provider model effort")
    yield from without(kind, "preset.agent", PRESET | {"agent": {"provider": "claude", "model": "m"}}, ["agent"])
    full = PRESET | {"trials": "3", "max_ttft": "100", "min_context_length": "8192", "concurrency": "4"}
    yield from fields(kind, "full preset", full, [], "trials max_ttft min_context_length concurrency input_tokens output_tokens dataset")
    for name, base, document in [
        ("preset", {"type": "preset"}, PRESET),
        ("endpoint", {"type": "endpoint"}, ENDPOINT),
    ]:
        yield from fields(kind, f"{name}.model", base | {"model": {"base": "a"}}, ["model"], "base repo name")
        yield from fields(kind, f"{name}.model.repo", base | {"model": {"repo": "a"}}, ["model"], "base repo name")
        yield from fields(kind, f"{name}.gateway", document | {"gateway": {"project": "p", "name": "a"}}, ["gateway"], "project name")
        yield from without(kind, f"{name}.gateway", document | {"gateway": {"project": "p", "name": "a"}}, ["gateway"])
        yield from fields(kind, f"{name}.retry", document | {"retry": {}}, ["retry"], "on_events duration")
        policy = document | {"utilization_policy": {"min_gpu_utilization": "1", "time_window": "5m"}}
        yield from fields(kind, f"{name}.utilization_policy", policy, ["utilization_policy"], "min_gpu_utilization time_window")
        yield from fields(kind, f"{name}.schedule", document | {"schedule": {}}, ["schedule"], "cron")
        for field in "fleets instances env backends backend_options".split():
            yield from items(kind, f"{name}.{field}", document, [field])
        yield from fields(kind, f"{name}.fleets[0]", document | {"fleets": [{"name": "a"}]}, ["fleets", 0], "project name")
        chosen = document | {"instances": [{"fleet": "f", "instance": "0"}]}
        yield from fields(kind, f"{name}.instances[0]", chosen, ["instances", 0], "name hostname fleet instance")
        chosen = document | {"instances": [{"fleet": {"project": "p", "name": "f"}, "instance": "0"}]}
        yield from fields(kind, f"{name}.instances[0].fleet", chosen, ["instances", 0, "fleet"], "project name")
        options = document | {"backend_options": [{"type": "vastai"}]}
        yield from fields(kind, f"{name}.backend_options[0]", options, ["backend_options", 0], "type offer_order min_reliability min_score")
        yield from keys(kind, f"{name}.tags", document, ["tags"])
        yield from keys(kind, f"{name}.env", document, ["env"])
        yield Place(f"{name}.env.A.key", kind, f"type: {name}\nmodel: a\nenv:\n  A:\n    key: @\n")
    yield from fields(kind, "endpoint", ENDPOINT, [], ENDPOINT_FIELDS + PROFILE)
    yield from without(kind, "endpoint", ENDPOINT)


COUNTS = '0 1 2 8192 1K 8k "8K" 8192.0 0.5 -1 "1" "0" 1e3 true 1024 1_024 100000000 1M 8KB'
NAMES = 'a a/b a/b/c /a a/ "" " " "a b" Qwen/Qwen3-8B 1 {repo: a} {base: a} {repo: a, base: b} {repo: a, name: b} {base: a, name: b} {name: b} {repo: ~} {}'
AGENTS = """
claude codex opencode claude/opus claude:opus "claude/" "" Claude {provider: claude} {provider: codex} {provider: opencode} {provider: a}
{provider: claude, model: m} {provider: claude, effort: high} {provider: claude, model: m, effort: low} {model: m} {provider: claude, effort: max}
{provider: ~} {provider: claude, model: ""} cursor gemini
""".strip()
DATASETS = 'sharegpt random ShareGPT "" a path/to.json'
EFFORTS = "low medium high max xhigh minimal none HIGH"
PROMPTS = 'a "" " " {path: a.md} {path: ""} {path: ~} {path: 1} {path: a, x: 1} {text: a} "a\\nb" [a]'

ASKED = {
    COUNTS: """preset.trials, preset.max_trials, preset.concurrency, preset.context_length, preset.min_context_length, preset.max_ttft,
        preset.input_tokens, preset.output_tokens, preset.shared_prefix_tokens, endpoint.context_length""",
    NAMES: """preset.model, preset.base, preset.repo, bare preset.model, bare preset.base, bare preset.repo, endpoint.model, preset.model.base,
        preset.model.repo.repo, preset.baseline, preset.previous, endpoint.preset""",
    AGENTS: "preset.agent, preset.agent.provider, preset.agent.model",
    DATASETS: "preset.dataset",
    EFFORTS: "preset.agent.effort",
    PROMPTS: "preset.prompt",
}
DOCUMENTS = [
    "type: preset\n",
    "type: preset\nname: a\n",
    "type: preset\nbase: a\nrepo: b\n",
    "type: preset\nbase: a\nmodel: b\n",
    "type: preset\nmodel: a\nrepo: ~\n",
    "type: preset\nbase: ~\nrepo: ~\nmodel: ~\n",
    "type: preset\nbase: ''\n",
    "type: preset\nbase: ''\nrepo: a\n",
    "type: preset\nbase: a\ndataset: sharegpt\ninput_tokens: 10\n",
    "type: preset\nbase: a\ndataset: sharegpt\noutput_tokens: 10\n",
    "type: preset\nbase: a\ndataset: random\ninput_tokens: 10\n",
    "type: preset\nbase: a\ninput_tokens: 10\nshared_prefix_tokens: 10\n",
    "type: preset\nbase: a\ninput_tokens: 10\nshared_prefix_tokens: 11\n",
    "type: preset\nbase: a\nshared_prefix_tokens: 11\n",
    "type: preset\nbase: a\ndataset: random\nshared_prefix_tokens: 11\n",
    "type: preset\nbase: a\noutput_tokens: 1\n",
    "type: preset\nbase: a\nbaseline: b\nprevious: c\n",
    "type: preset\nbase: a\nbaseline: true\nprevious: true\n",
    "type: preset\nbase: a\nmax_trials: 1\ntrials: 1\n",
    "type: preset\nbase: a\ncontext_length: 1\nmin_context_length: 1\n",
    "type: preset\nbase: a\nresources: {gpu: 1}\n",
    "type: preset\nmodel: {repo: a, base: b}\n",
    "type: preset\nmodel: {name: b}\n",
    "type: preset\nmodel: {}\n",
    "type: endpoint\n",
    "type: endpoint\nmodel: a\n",
    "type: endpoint\nmodel: {repo: a}\n",
    "type: endpoint\nmodel: {repo: a, base: b}\n",
    "type: endpoint\nmodel: {base: b, name: c}\n",
    "type: endpoint\nmodel: a\npreset: a\ncontext_length: 1\n",
]
