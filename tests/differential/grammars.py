"""Compares the scalars that our grammars accept with those that dstack accepts.

    grammars.py SCALAR --python 0.22.5=VENV/bin/python [--python 0.18.43=...] [--count N] [--sample] [--seed S] [--show N]

SCALAR is the executable of `cargo build -p schema --example scalar`; each Python has the release of `dstack[server]` that
is before it. Each grammar is tested with typical scalars, small changes of them, and all kinds of YAML values, in a
field that has the grammar. Prints one `ok` or `FAILED` line per release and, at the end, `N passed, N failed`.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

sys.dont_write_bytecode = True
ORACLE = pathlib.Path(__file__).resolve().parent / "oracle.py"

TASK = "type: task\ncommands: [a]\n"
SERVICE = "type: service\ncommands: [a]\nport: 8000\n"
DEV = "type: dev-environment\nide: vscode\n"
SCALED = SERVICE + "replicas: 1..2\nscaling: {metric: rps, target: 1, "
PROBE = SERVICE + "probes: [{type: http, "
LIMIT = SERVICE + "rate_limits: [{rps: 1, "
GROUP = "type: service\nport: 8000\nreplicas: [{count: 1, commands: [a], name: X}]\n"

# The characters of such scalars.
DURATIONS = "5m|5 m|2h30m|1.5h|5min|3D|90|1w|5m\n| 5m|m5|off|on|-5|+5|-5m|300|30s|60s|٣m|5ms|0x10".split("|")
SIZES = "16GB|16 gb|16GiB|1TB|512MB|16G|GB|-1GB|1e3GB|infGB|nan|1_0GB|16\tGB|16GB\n|t|tb|KB".split("|")
RANGES = "16GB..32GB|16GB..|..16GB|32GB..16GB|16GB...32GB|1....4|2..8|2 .. 8|2. .8|8..2|..|2-4|1..nan|-1..2|..-1|0..4|1.0..2.0|49GB".split("|")
CPUS = "arm:8|8:arm|x86|X86:2..|arm64|arm:x86|8:8|arm:|-1|²|arm:²|A R M".split("|")
GPUS = (
    "A100|A100:8|A100:80GB:2|nvidia:A100|tt:n150|tpu:v2-8|A100,H100|A100,|,A100|80GB|80|80G|24GB..80GB:2|A100:H100|2:4|É:2|Ⅷ|8a|A100:|amd:nvidia"
    "|80GB:40GB|2..1|*|tpu-"
).split("|")
PORTS = "80|8080:80|*:80|80:|*|:80|0:80|65535|65536|65536:80|80:80\n|８０|８０:80|80/tcp|1:2:3|*:*|+80|80.0|1_0:80|007:08".split("|")
ENV = "A=1|A|A=|1A=1|a-b=1|A = 1|A=1\n|A=a\nb|_|=1|É=1|export A=1|A=${{ secrets.x }}".split("|")
PATHS = (
    "v:/a|:/a|v:a|v|/a:/b|./a:/c|/a/..:/c|v:/a/|a:b:c|C:\\x|C:/x:/y|//a/b|\\\\a\\b|a://b/c|\\\\?\\C:\\x|/|/..|~u|~/x|https://h/x:/w|git@h:a/b.git:/w|:"
    "|https://h:80/x:/w|@a:b|a:~u|a:~|.|1:/x"
).split("|")
NAMES = "a|a-b|-a|A|0|a\n|é|a_b||a.b|a b|b,c|p/a|p/a/b|/a|a/|true|yes|no|1|Off|t".split("|") + ["a" * n for n in (40, 41, 60, 61, 256, 257)]
CRON = (
    "0 8 * * *|*/5 * * * *|0 8 * * 7|0 8 * * SUN|0 8 * JAN mon-fri|0 0 last * *|0 0 lastx * *|@daily|* * * *|5-1 * * * *|*/0 * * * *|*/60 * * * *|0/60 * * * *"
    "|0-0/5 * * * *|1,,2 * * * *|60 * * * *|0 0 0 * *|0 0 * * mon-|0 0 * * mon1|0 0 * * monx|٣ * * * *|0\x1c0\x1c*\x1c*\x1c*"
).split("|")
TEXTS = "/|/a|/a b|a|/{x}|/a\n|/\\|/é|/\x1c|/\x85|/\u200b|/\u0301|/\U0001f600|/\u2028|X-Key|é|-".split("|") + ["/" + "x" * n for n in (2047, 2048, 4093, 4094)]
USERS = "a|a:b|1000:1000|-1|1000:-1|:a|a:|a:b:c|-1_0|-０|-0|sh|bash|zsh|/bin/zsh|SH|3.9|3.10|3.1|3.8|3.14|3.15|3.11.4|7.5|8|8.0|a.b| 7.5 |7 .5".split("|")

# Grammar, its field, the release that added it (and the one that removed it), and the scalars.
ASKED = [
    ("duration", SCALED + "scale_up_delay: X}\n", "0.18.0", DURATIONS),
    ("max-duration", TASK + "max_duration: X\n", "0.18.1", DURATIONS),
    ("stop-duration", TASK + "stop_duration: X\n", "0.18.38", DURATIONS),
    ("inactivity-duration", DEV + "inactivity_duration: X\n", "0.18.41", DURATIONS),
    ("idle-duration", TASK + "idle_duration: X\n", "0.18.34", DURATIONS),
    ("time-window", TASK + "utilization_policy: {min_gpu_utilization: 1, time_window: X}\n", "0.18.44", DURATIONS),
    ("scaling-window", SCALED + "window: X}\n", "0.20.19", DURATIONS),
    ("probe-duration", PROBE + "timeout: X}]\n", "0.19.22", DURATIONS),
    ("memory", TASK + "resources: {shm_size: X}\n", "0.18.0", SIZES),
    ("memory-range", TASK + "resources: {memory: X}\n", "0.18.0", SIZES + RANGES),
    ("disk", TASK + "resources: {disk: X}\n", "0.18.0", SIZES + RANGES),
    ("count-range", TASK + "resources: {gpu: {count: X}}\n", "0.18.0", RANGES),
    ("nodes-range", "type: fleet\nname: f\nnodes: X\n", "0.18.7", RANGES),
    ("cpu", TASK + "resources: {cpu: X}\n", "0.18.0", CPUS + RANGES),
    ("gpu", TASK + "resources: {gpu: X}\n", "0.18.0", GPUS + SIZES),
    ("gpu-name", TASK + "resources: {gpu: {name: [X]}}\n", "0.18.0", GPUS),
    ("compute-capability", TASK + "resources: {gpu: {compute_capability: X}}\n", "0.18.0", USERS),
    ("port-mapping", TASK + "ports: [X]\n", "0.18.0", PORTS),
    ("service-port", "type: service\ncommands: [a]\nport: X\n", "0.18.0", PORTS),
    ("port-number", TASK + "ports: [{container_port: X}]\n", "0.18.0", PORTS),
    ("env-item", TASK + "env: [X]\n", "0.18.0", ENV),
    ("env-value", TASK + "env: {A: X}\n", "0.18.0", ENV),
    ("mount", TASK + "volumes: [X]\n", "0.18.21", PATHS),
    ("mount-path", TASK + "volumes: [{name: v, path: X}]\n", "0.18.21", PATHS),
    ("file-mapping", TASK + "files: [X]\n", "0.19.17", PATHS),
    ("container-path", TASK + "files: [{local_path: a, path: X}]\n", "0.19.17", PATHS),
    ("repo", TASK + "repos: [X]\n", "0.19.26", PATHS),
    ("repo-path", TASK + "repos: [{local_path: ., path: X}]\n", "0.19.26", PATHS),
    ("entity", TASK + "instances: [{fleet: X, instance: 1}]\n", "0.20.25", NAMES),
    ("instance-name", TASK + "instances: [X]\n", "0.20.25", NAMES),
    ("fleet-reference", TASK + "fleets: [X]\n", "0.19.3", NAMES),
    ("gateway-reference", SERVICE + "gateway: X\n", "0.18.23", NAMES),
    ("cron", TASK + "schedule: {cron: X}\n", "0.19.21", CRON),
    ("python", TASK + "python: X\n", "0.18.0", USERS),
    ("user", TASK + "user: X\n", "0.18.30", USERS),
    ("shell", TASK + "shell: X\n", "0.19.5", USERS + PATHS),
    ("url-path-prefix", LIMIT + "prefix: X}]\n", "0.19.4", TEXTS),
    ("header-name", LIMIT + "key: {type: header, header: X}}]\n", "0.19.4", TEXTS + NAMES),
    ("probe-url", PROBE + "url: X}]\n", "0.19.22", TEXTS),
    ("group-name", GROUP, "0.20.7", NAMES),
    ("tag-key", TASK + "tags: {X: a}\n", "0.19.5", NAMES),
    ("tag-value", TASK + "tags: {a: X}\n", "0.19.5", NAMES),
    ("model", SERVICE + "model: X\n", "0.18.23", NAMES),
    ("image", TASK + "image: X\n", "0.18.0", NAMES),
    ("interpolated", TASK + "name: X\n", "0.18.7", ENV),
    ("plain:boolean", TASK + "privileged: X\n", "0.18.30", NAMES),
]

# Values of all kinds, as YAML would pass them; null depends on the field.
VALUES = [
    True, False, 1, 0, -1, 2, 8, 30, 60, 300, 510, 1342, 65535, 65536, 70000, 10**20, 2.5, 2.0, -0.5, 0.5, 3.1, 7.5, 8.1, 299.9, 1e16, 1e-5, 1.5e300,
    float("inf"), float("-inf"), float("nan"),
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scalar", type=pathlib.Path)
    parser.add_argument("--python", action="append", default=[], metavar="RELEASE=PATH", required=True)
    parser.add_argument("--count", type=int, default=120, help="how many texts a grammar is asked about")
    parser.add_argument("--sample", action="store_true", help="ask about the typical texts and only a few changes of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    passed = failed = 0
    for release, python in (it.split("=", 1) for it in arguments.python):
        asked = questions(release, 0 if arguments.sample else arguments.count, random.Random(arguments.seed))
        texts = [{"id": i, "kind": "configuration", "text": it[2]} for i, it in enumerate(asked)]
        theirs = answers([python, str(ORACLE)], texts)
        ours = answers([str(arguments.scalar)], [{"release": release, "grammar": it[0], "value": json_of(it[1])} for it in asked])
        different = [(it, a, b) for it, a, b in zip(asked, theirs, ours, strict=True) if a["accept"] != b["ok"]]
        for (grammar, value, _), a, b in different[: arguments.show]:
            print(f"{release} {grammar} {value!r}: dstack {a['accept']} {a.get('words') or ''}; we {b['problems']}")
        print(f"{'FAILED' if different else 'ok'} grammars at {release}: {len(asked)} scalars, {len(different)} disagreements")
        passed, failed = passed + (not different), failed + bool(different)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


def questions(release, count, rng):
    asked = []
    for grammar, field, since, typical in ASKED:
        if numbers(release) < numbers(since):
            continue
        texts = list(dict.fromkeys(typical + ["", "1", "a", " "]))
        while len(texts) < count:
            texts.append(changed(rng, rng.choice(typical)))
        for value in VALUES + list(dict.fromkeys(texts)):
            asked.append((grammar, value, field.replace("X", written(value))))
    return asked


def changed(rng, text):
    for _ in range(rng.randint(1, 2)):
        at = rng.randint(0, len(text))
        end = at + rng.choice([0, 0, 1])
        text = text[:at] + rng.choice(["", rng.choice(" .:,-+_/\\*0159aGgBbsmhTx\n\t~@=$٣é²{}\u00a0\x1c\x85"), text[at : at + 3] * 2]) + text[end:]
    return text


def written(value):
    """A scalar of YAML 1.1 with this value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # `1e-05` has no dot and would be a string.
        mantissa, e, exponent = repr(value).partition("e")
        special = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value))
        return special or (mantissa if "." in mantissa else mantissa + ".0") + e + exponent
    if isinstance(value, int):
        return str(value)
    plain = lambda c: " " <= c <= "~" and c not in '"\\'
    return '"' + "".join(c if plain(c) else f"\\U{ord(c):08x}" for c in value) + '"'


def json_of(value):
    if isinstance(value, (bool, str)):
        return value
    return {"float": repr(value)} if isinstance(value, float) else {"int": str(value)}


def answers(command, lines):
    text = "".join(json.dumps(it) + "\n" for it in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=1200)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return [json.loads(it) for it in done.stdout.split("\n") if it]


def numbers(release):
    return tuple(map(int, release.split(".")))


if __name__ == "__main__":
    main()
