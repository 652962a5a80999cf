"""Places in profiles, the configuration of the client, and templates."""

from .places import fields, items, keys, without

PROFILES = {"profiles": [{"name": "a"}]}
PROFILE_FIELDS = """
name default backends regions availability_zones instance_types reservation spot_policy retry max_duration stop_duration
max_price creation_policy idle_duration utilization_policy startup_order stop_criteria schedule fleets instances tags
backend_options retry_policy termination_policy termination_idle_time pool_name instance_name project resources
"""
PROJECT = {"name": "main", "url": "http://127.0.0.1:3000", "token": "t", "default": "true"}
CLIENT = {"projects": [PROJECT]}
REPO = {"path": "p", "repo_id": "i", "repo_type": "remote", "ssh_key_path": "k"}
TEMPLATE = {"type": "template", "name": "a", "title": "A", "configuration": {"type": "task"}}
PARAMETERS = "name ide resources python_or_docker repo working_dir env".split()


def places():
    yield from profiles()
    yield from client()
    yield from templates()


def profiles():
    kind = "profiles"
    yield from fields(kind, "profiles", PROFILES, [], "profiles")
    yield from without(kind, "profiles", PROFILES)
    yield from items(kind, "profiles.profiles", PROFILES, ["profiles"])
    yield from without(kind, "profiles[0]", PROFILES, ["profiles", 0])
    one = ["profiles", 0]
    yield from fields(kind, "profile", PROFILES, one, PROFILE_FIELDS)

    def with_field(field, value):
        return {"profiles": [{"name": "a", field: value}]}

    for field in "backends regions availability_zones instance_types fleets instances backend_options".split():
        yield from items(kind, f"profile.{field}", PROFILES, [*one, field])
    for field, value, names in [
        ("retry", {"on_events": "[error]"}, "on_events duration"),
        ("retry_policy", {"retry": "true"}, "retry duration limit"),
        ("utilization_policy", {"min_gpu_utilization": "1", "time_window": "5m"}, "min_gpu_utilization time_window"),
        ("schedule", {"cron": "'* * * * *'"}, "cron"),
    ]:
        yield from fields(kind, f"profile.{field}", with_field(field, value), [*one, field], names)
        yield from without(kind, f"profile.{field}", with_field(field, value), [*one, field])
    for field, value, names in [
        ("fleets", {"name": "a"}, "project name"),
        ("instances", {"fleet": "f", "instance": "0"}, "name hostname fleet instance"),
        ("instances", {"fleet": {"name": "f"}, "instance": "0"}, "fleet"),
        ("backend_options", {"type": "vastai"}, "type offer_order min_reliability min_score"),
    ]:
        yield from fields(kind, f"profile.{field}[0]", with_field(field, [value]), [*one, field, 0], names)
        yield from without(kind, f"profile.{field}[0]", with_field(field, [value]), [*one, field, 0])
    chosen = with_field("instances", [{"fleet": {"project": "p", "name": "f"}, "instance": "0"}])
    yield from fields(kind, "profile.instances[0].fleet", chosen, [*one, "instances", 0, "fleet"], "project name")
    yield from keys(kind, "profile.tags", PROFILES, [*one, "tags"])


def client():
    kind = "client-config"
    yield from fields(kind, "client", CLIENT, [], "projects repos server")
    yield from items(kind, "client.projects", CLIENT, ["projects"])
    yield from fields(kind, "client.projects[0]", CLIENT, ["projects", 0], "name url token default")
    yield from without(kind, "client.projects[0]", CLIENT, ["projects", 0])
    repos = CLIENT | {"repos": [REPO]}
    yield from items(kind, "client.repos", repos, ["repos"])
    yield from fields(kind, "client.repos[0]", repos, ["repos", 0], "path repo_id repo_type ssh_key_path")
    yield from without(kind, "client.repos[0]", repos, ["repos", 0])


def templates():
    kind = "template"
    yield from fields(kind, "template", TEMPLATE, [], "type name title description parameters configuration")
    yield from without(kind, "template", TEMPLATE)
    yield from items(kind, "template.parameters", TEMPLATE, ["parameters"])
    yield from keys(kind, "template.configuration", TEMPLATE, ["configuration"])
    for parameter in PARAMETERS:
        document = TEMPLATE | {"parameters": [{"type": parameter}]}
        yield from fields(kind, f"template.parameters {parameter}", document, ["parameters", 0], "type title name value default")
        document = TEMPLATE | {"parameters": [{"type": parameter, "title": "A", "name": "A", "value": "a"}]}
        yield from without(kind, f"template.parameters {parameter}", document, ["parameters", 0])


URLS = 'http://a https://a:3000 a "" "http://a b" 1 http:// ftp://a'
REPO_TYPES = "remote local virtual Remote git"
PARAMETER_TYPES = " ".join(PARAMETERS) + " Name int"

ASKED = {
    URLS: "client.projects[0].url",
    REPO_TYPES: "client.repos[0].repo_type",
    PARAMETER_TYPES: "template.parameters name.type",
}
# `(kind, text)`
DOCUMENTS = [
    *[(kind, text) for kind in ("profiles", "client-config", "template", "server-config") for text in ("", "{}\n", "[]\n", "a\n", "~\n", "1\n")],
    ("profiles", "profiles:\n- name: a\n- name: a\n"),
    ("profiles", "profiles:\n- {name: a, default: true}\n- {name: b, default: true}\n"),
    ("profiles", "profiles:\n- {name: a, default: true}\n- {name: b, default: false}\n"),
    ("profiles", "profiles:\n- {name: a, idle_duration: 5m, termination_idle_time: 5m}\n"),
    ("profiles", "x: &p {name: a}\nprofiles: [*p]\n"),
    ("profiles", "profiles:\n- &p {name: a}\n- {<<: *p, name: b, spot_policy: spot}\n"),
    ("client-config", "projects:\n- {name: a, url: u, token: t}\n- {name: a, url: u, token: t}\n"),
    ("client-config", "projects:\n- {name: a, url: u, token: t, default: true}\n- {name: b, url: u, token: t, default: true}\n"),
    ("client-config", "projects: []\nrepos: []\n"),
    ("template", "type: template\n"),
    ("template", "type: task\nname: a\ntitle: a\nconfiguration: {}\n"),
    ("template", "type: template\nname: a\ntitle: a\nconfiguration: {type: nonsense, x: [1, {y: ~}]}\n"),
    ("template", "type: template\nname: a\ntitle: a\nparameters: [{type: env, title: a, name: A}, {type: env, title: a, name: A}]\nconfiguration: {}\n"),
    ("template", "type: template\nname: a\ntitle: a\nparameters: [{type: ide}, {type: ide}]\nconfiguration: {}\n"),
]
