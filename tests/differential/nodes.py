"""Translates the places that pydantic names to places in the document.

pydantic's `loc` mixes keys and indexes of the data with its own labels: `__root__` and class names in version 1, tags
of unions and names of validators in version 2 (`["task", "volumes", 0, "VolumeMountPoint", "path"]`). A step that is
neither a key of the current mapping nor an index of the current list is such a label, or a missing field: both are skipped,
so that the result is the nearest place that exists.
"""


def named(data, loc):
    """The node that a `loc` names, or its nearest existing parent, as a list of keys and indexes."""
    path = []
    for step in loc:
        if isinstance(data, dict):
            key = key_of(data, step)
            if key is None:
                continue
            data = data[key[0]]
            path.append(text_of(key[0]))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
            path.append(step)
    return path


def all_named(data, errors):
    """The nodes of all of pydantic's errors, each once."""
    paths = []
    for error in errors:
        path = named(data, [*error["loc"], *discriminator(error)])
        if path not in paths:
            paths.append(path)
    return paths


def discriminator(error):
    """The key whose value selects a variant; pydantic names it in the message of an error about it."""
    if "discriminat" not in error["type"] and "union_tag" not in error["type"]:
        return []
    ctx = error.get("ctx", {})
    return [str(ctx.get("discriminator_key") or ctx.get("discriminator") or "").strip("'")]


def key_of(mapping, step):
    """The key of the mapping that a step means, in a list; `None` if there is none. Keys that are not strings are compared as text."""
    if step in mapping:
        return [step]
    if not isinstance(step, str):
        return None
    return next(([key] for key in mapping if not isinstance(key, str) and str(key) == step), None)


def text_of(key):
    return key if isinstance(key, str) else str(key)
