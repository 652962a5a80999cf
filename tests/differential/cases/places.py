"""Places for values: valid documents except for one field.

A document is written as Python data, with scalars in the spelling of YAML:

    fields("configuration", "fleet.ssh_config", FLEET | {"ssh_config": {"hosts": ["h"]}}, ["ssh_config"], "user port")

makes a place for `user`, one for `port`, and one for an unknown key. `@` marks the place of the value.
"""

import copy
from typing import NamedTuple


class Place(NamedTuple):
    """A document with `@` in it."""

    name: str
    kind: str
    text: str


def fields(kind, name, document, path, names):
    """A place for each field of the mapping at `path`: the value of that field is replaced, and the others remain."""
    for field in names.split() + ["no_such_field"]:
        yield Place(f"{name}.{field}", kind, text_with(document, [*path, field], "@"))


def items(kind, name, document, path):
    """A place for the only item of the list at `path`."""
    yield Place(f"{name}[0]", kind, text_with(document, path, ["@"]))


def keys(kind, name, document, path):
    """A place for the only key of the table at `path`, and one for its value."""
    yield Place(f"{name} key", kind, text_with(document, path, {"@": "a"}))
    yield Place(f"{name}.a", kind, text_with(document, path, {"a": "@"}))


def without(kind, name, document, path=()):
    """The document without each of the fields of the mapping at `path`, to find out which ones are required."""
    for field in node_at(document, path):
        changed = copy.deepcopy(document)
        del node_at(changed, path)[field]
        yield Place(f"{name} without {field}", kind, written(changed))


def node_at(document, path):
    for step in path:
        document = document[step]
    return document


def text_with(document, path, value):
    changed = copy.deepcopy(document)
    node_at(changed, path[:-1])[path[-1]] = value
    return written(changed)


def written(node, indent=0):
    """The document as YAML in block style, with scalars unchanged."""
    lines = ""
    blanks = " " * indent
    for key, value in node.items() if isinstance(node, dict) else [(None, it) for it in node]:
        head = blanks + ("-" if key is None else f"{key}:")
        if not isinstance(value, (dict, list)):
            lines += f"{head} {value}\n"
        elif not value:
            lines += f"{head} {'{}' if isinstance(value, dict) else '[]'}\n"
        elif key is None and isinstance(value, dict):
            lines += head + " " + written(value, indent + 2).lstrip()
        else:
            lines += f"{head}\n{written(value, indent + 2)}"
    return lines
