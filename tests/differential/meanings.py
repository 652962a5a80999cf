"""Translates types of the catalogue to those of dstack's models, for `drift.py`.

The catalogue names scalars by their grammar, and mappings by names of its own. In the models, one of our grammars is a
plain type with a validator, a class, or nothing: if a validator turns the string into a mapping before the type is checked,
the type is the mapping alone.
"""

import itertools
import json
import re


def numbers(release):
    return tuple(map(int, release.split(".")))


# The forms of grammars in the models: types, their words and limits, from one release until another.
GRAMMARS = {}


def grammar(name, *types, since="0.18.0", until="1000.0.0", **more):
    """One row of the table. `words=OFFERED` are the words that the grammar itself offers. If two rows apply to a
    release, one of them must fit; a row with a later `since` replaces an earlier one."""
    rows = GRAMMARS.setdefault(name, [])
    for row in rows:
        if numbers(row["since"]) < numbers(since) < numbers(row["until"]):
            row["until"] = since
    rows.append({"types": types, "since": since, "until": until, **more})


OFFERED = "offered"
# The pattern of an item of a list at `env`.
ENV = r"^([a-zA-Z_][a-zA-Z0-9_]*)(=.*$|$)"

for name in ("interpolated", "image", "user", "shell", "gpu-name", "mount-path", "container-path", "repo-path", "cron",
             "probe-url", "group-name", "tag-key", "tag-value", "env-name", "env-value", "entity", "fleet-reference",
             "private-address", "private-network", "dataset", "model-repo", "model-repo-text", "preset-id", "prompt",
             "prompt-path", "encryption-key-name", "aes-secret"):
    grammar(name, "string")
grammar("ami-owner", "string", limits={"pattern": r"^(\d{12}|self)$"})
grammar("blocks", "integer", "words", words=["auto"], limits={"min": 1})
# Before 0.21.0 the pattern exists, but pydantic 1 ignores it within a list.
grammar("env-item", "string")
grammar("env-item", "string", limits={"pattern": ENV}, since="0.21.0")
grammar("header-name", "string", limits={"max-length": 500, "pattern": "^[a-zA-Z0-9-_]+$"})
grammar("url-path-prefix", "string", limits={"max-length": 4094, "pattern": r"^/[^\s\\{}]*$"})
grammar("python", "words", words=OFFERED)
grammar("memory", "Memory")
grammar("compute-capability", "ComputeCapability")
# Each of the two numbers of one ComputeCapability, which is also a list in the catalogue.
grammar("compute-capability-version", "ComputeCapability")

grammar("port-number", "integer", limits={"above": 0, "max": 65536})
grammar("port-number", "integer", limits={"above": 0, "max": 65535}, since="0.21.0")
grammar("port-mapping", "integer", "string", limits={"above": 0, "max": 65536, "pattern": r"^(?:[0-9]+|\*):[0-9]+$"})
grammar("port-mapping", since="0.21.0")
PORTS = "^[0-9]+:[0-9]+$"
grammar("service-port", "integer", "string", limits={"above": 0, "max": 65536, "pattern": PORTS})
grammar("service-port", "integer", "string", limits={"above": 0, "max": 65535, "pattern": PORTS}, since="0.21.0")

grammar("mount", "string")
grammar("mount", since="0.19.0")
grammar("model", "string")
grammar("model", since="0.19.0")
grammar("gateway-reference", "boolean", "string")
for name in ("file-mapping", "repo", "instance-name"):
    grammar(name)

# A class or, if a validator makes the number, its type before or after.
grammar("duration", "Duration")
grammar("duration", "integer", "string", until="0.20.0")
grammar("duration", "integer", until="0.21.0")
grammar("termination-idle-time", "integer", "string")
for name in ("max-duration", "stop-duration"):
    grammar(name, "boolean", "integer", "string", "words", words=["off"])
    grammar(name, "integer", "words", words=["off"], since="0.19.0")
grammar("idle-duration", "boolean", "integer", "string", "words", words=["off"])
grammar("idle-duration", "integer", "string", "words", words=["off"], until="0.19.0")
grammar("idle-duration", "integer", since="0.19.0")
grammar("cleanup-duration", "integer", "string")
grammar("cleanup-duration", "integer", since="0.21.0")
grammar("inactivity-duration", "boolean", "integer", "string", "words", words=["off"])
grammar("inactivity-duration", "integer", since="0.21.0")
for name in ("time-window", "probe-duration"):
    grammar(name, "integer")
    grammar(name, "Duration", since="0.21.0")
grammar("scaling-window", "Duration")

# The names in the catalogue of mappings that no field distinguishes.
CLASSES = {
    "VolumeMountPoint": "network-mount",
    "InstanceMountPoint": "instance-mount",
    "InstanceNameSelector": "instance-by-name",
    "InstanceHostnameSelector": "instance-by-hostname",
    "FleetInstanceSelector": "instance-of-fleet",
    "EndpointModelBase": "model-by-base",
    "EndpointModelRepo": "model-by-repo",
    "PresetModelBase": "model-by-base",
    "PresetModelRepo": "model-by-repo",
    "ACMGatewayCertificate": "acm-certificate",
    "LetsEncryptGatewayCertificate": "lets-encrypt-certificate",
    "CPUSpec": "cpu-spec",
    "Range": "int-bounds",
    "LetsEncryptGatewayCertificate": "lets-encrypt-certificate",
    "ACMGatewayCertificate": "acm-certificate",
}


def path(text, release):
    """A path of the models in the notation of the catalogue."""
    text = re.sub("<([^>]*)>", lambda it: f"<{CLASSES.get(it[1], it[1])}>", text)
    # A validator turns a range of CPUs into the mapping with `arch` and `count`; the catalogue has both.
    return re.sub(r"\.cpu\.(arch|count)\b", r".cpu<cpu-spec>.\1", text) if numbers(release) >= (0, 21, 0) else text


def as_in_models(field, theirs, release):
    """A field of the catalogue in the notation of the models; `theirs` decides if a grammar has several meanings."""
    names = [name for name in GRAMMARS if any(name in words_of(text) for text in field["type"])]
    best = None
    for rows in itertools.product(*(meanings(name, release) for name in names)):
        found = translated(field, dict(zip(names, rows, strict=True)))
        if best is None or found["type"] == theirs["type"]:
            best = found
    return best


def translated(field, rows):
    types, words, limits = set(), set(field["words"]), dict(field["limits"])
    for text in field["type"]:
        found = {""}
        for piece in re.split("([a-z-]+)", text):
            found = {it + one for it in found for one in (rows[piece]["types"] if piece in rows else [piece])}
        types |= found
    for name, row in rows.items():
        words |= set(field["offers"].get(name, []) if row.get("words") == OFFERED else row.get("words", []))
        limits |= row.get("limits", {})
    return {**field, "type": sorted(types), "words": sorted(words), "limits": limits}


def words_of(text):
    return re.findall("[a-z-]+", text)


def meanings(name, release):
    """The possible forms of a grammar in the models of a release."""
    rows = [row for row in GRAMMARS[name] if numbers(row["since"]) <= numbers(release) < numbers(row["until"])]
    assert rows, f"{name} means nothing in {release}"
    return rows


def limits(field):
    """Its limits; for an integer, `above 0` is `min 1`."""
    found = dict(field.get("limits", {}))
    if "above" in found and not any("float" in words_of(text) for text in field["type"]):
        found["min"] = found.pop("above") + 1
    return found


def is_same_default(ours, theirs):
    """Whether a default, as it is written in a file, is the one of the model, or else one that its description names."""
    mine, its = ours.get("default"), theirs.get("default")
    mine = None if mine == "[]" else mine
    if its is None:
        return mine is None if not theirs.get("told") else mine in theirs["told"]
    return mine is not None and (mine == written(its) or seconds(mine) == its)


def written(value):
    """A default of a model in one line; a mapping whose only field is a range is written as its shorthand."""
    if isinstance(value, dict):
        texts = {name: written(it) for name, it in value.items()}
        if len(texts) == 1 and (only := next(iter(texts.values()))).endswith(".."):
            return only
        return "{" + ", ".join(f"{name}: {it}" for name, it in texts.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def seconds(text):
    """`5m` is 300."""
    found = re.fullmatch(r"(\d+)([smhdw])", text)
    return found and int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[found[2]]
