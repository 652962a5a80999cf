"""Documents with one question each: all fields of all kinds of files with all sorts of values, and the cases of each grammar.

`all_cases()` yields questions whose IDs describe them: `task.nodes = "2"`. Each module has the places of some kinds
(`places()`), tables of values for some of these places by name (`ASKED`), and whole documents (`DOCUMENTS`).
"""

import collections

from asking import Question

from . import fleets, others, presets, runs, server, volumes
from .values import FEW, OF_FIELDS, VALUES, split_values

MODULES = [runs, fleets, volumes, presets, others, server]
# Places that take mostly plain strings are tested with fewer values.
MOSTLY_TEXTS = [volumes, others, server]


def all_places():
    for module in MODULES:
        yield from module.places()


def all_cases():
    """Each question once."""
    asked = set()
    for question in questions():
        if (question.kind, question.text) not in asked:
            asked.add((question.kind, question.text))
            yield question


def questions():
    of_fields = tables_by_name(OF_FIELDS)
    for module in MODULES:
        own = tables_by_name(module.ASKED)
        for place in module.places():
            tables = [FEW if module in MOSTLY_TEXTS else VALUES] + own[place.name]
            if module not in (runs, server):
                tables += of_fields[place.name.split(".")[-1]]
            for value in values_of(place, tables):
                yield Question(f"{place.name} = {value}", place.kind, place.text.replace("@", value))
        for document in module.DOCUMENTS:
            kind, text = document if isinstance(document, tuple) else ("configuration", document)
            yield Question(f"document {text!r}", kind, text)


def tables_by_name(asked):
    """Maps the name of each place to its tables."""
    tables = collections.defaultdict(list)
    for table, names in asked.items():
        for name in names.split(","):
            tables[name.strip()].append(table)
    return tables


def values_of(place, tables):
    """The values for a place; only one if the question is not about a value."""
    if "@" not in place.text or place.name.endswith(".no_such_field"):
        return ["1"]
    return dict.fromkeys(value for table in tables for value in split_values(table))

