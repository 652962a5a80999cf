"""Lists what is new in a release of dstack, and what to change here.

    news.py FACTS 0.23.0=VENV/bin/python [--old 0.22.5=VENV/bin/python]

`tests/run new 0.23.0` installs what it needs and runs it; `server/schema/catalogue/README.md` describes the next steps.
FACTS is the executable that `cargo build -p schema --example facts` makes; each Python has the release of
`dstack[server]` before it. The models of the release are compared with the newest facts of the catalogue, without the
intended differences in `drift.md`. With `--old` it also lists code behind the models that changed in the new release:
validators have rules that no field shows.
"""

import argparse
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import drift  # noqa: E402
import meanings  # noqa: E402

TOP = HERE.parent.parent
GRAMMARS = TOP / "server" / "schema" / "src" / "grammar"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", type=pathlib.Path)
    parser.add_argument("new", metavar="RELEASE=PATH")
    parser.add_argument("--old", metavar="RELEASE=PATH")
    arguments = parser.parse_args()
    release, python = arguments.new.split("=", 1)
    theirs = drift.models(release, python)
    old = drift.models(*arguments.old.split("=", 1)) if arguments.old else None
    catalogue = drift.facts(arguments.facts, release)
    ours = catalogue["fields"]
    known = drift.Known(HERE / "drift.md")
    per_kind = drift.differences(ours, theirs, release)
    open_ones = [it for _, wrong in per_kind.values() for it in wrong if not known.explains(it, release)]
    n_items = 0
    for title, items in (
        ("New mappings, and kinds of files", new_mappings(open_ones, catalogue, theirs, release)),
        ("New fields", new_fields(open_ones, ours, theirs, release)),
        ("What is gone", removed(open_ones, catalogue, theirs, release)),
        ("Changed fields", changed(open_ones, ours, release)),
        ("GPUs (`server/schema/catalogue/vocab/gpus.json`)", gpus(theirs)),
        ("Code that is another one: read it, and look for rules that no field shows", code(old, theirs) if old else []),
        ("Rows of `tests/differential/drift.md` that this release needs no more", idle(known, release)),
    ):
        if not items:
            continue
        n_items += len(items)
        print(f"\n{title}\n")
        for item, details in items:
            print(f"- [ ] {item}")
            for detail in details:
                print(f"      {detail}")
    what = f"{n_items} things to look at" if n_items else "nothing new"
    print(f"\ndstack {release} against the catalogue: {what}")


def new_mappings(wrong, catalogue, theirs, release):
    """Kinds of files, and variants that a field selects, of which the catalogue has no field."""
    fields = named(theirs, release)
    outers = {outer(it.path): None for it in wrong if is_missing(it) and is_new(outer(it.path), catalogue["fields"])}
    items = []
    for path in outers:
        label = path.rstrip(">").rpartition("<")[2]
        union = union_of(path, catalogue)
        where = place(union, None) if union else "the type of the field that has it"
        details = [f"{where}: a variant `{label}` with `since: {release}`", "a mapping with these fields:"]
        items.append((f"`{path}` is new", details + within(path, fields)))
    return items


def union_of(path, catalogue):
    """The entry of the catalogue that lists the variants at a path, if a field selects among them."""
    stem = path.rstrip(">").rpartition("<")[0]
    return catalogue["unions"].get(stem) or ("configuration" if path == drift.kind_of(path) else None)


def named(theirs, release):
    """The fields of the models, by their paths in the catalogue."""
    return {meanings.path(path, release): field for path, field in theirs["fields"].items()}


def outer(path):
    return path.rsplit(".", 1)[0]


def is_missing(difference):
    return difference.fact == "field" and difference.theirs == "yes"


def is_new(path, ours):
    return not any(drift.is_within(it, path) for it in ours)


def new_fields(wrong, ours, theirs, release):
    """Each field that the catalogue lacks, once, with all its paths and the fields within it."""
    fields = named(theirs, release)
    groups = {}
    for it in wrong:
        if is_missing(it) and not is_new(outer(it.path), ours):
            groups.setdefault((fields[it.path]["class"], it.path.rsplit(".", 1)[1]), []).append(it.path)
    items = []
    for (owner, name), paths in groups.items():
        beside = [it for it in ours if outer(it) == outer(paths[0])]
        # Preferably next to one of the same class, which may be in a group that several mappings share.
        same = [it for it in beside if fields.get(it, {}).get("class") == owner] or beside
        where = f"{place(*ours[same[-1]]['at'].split('.'))}, beside `{same[-1].rsplit('.', 1)[1]}`"
        details = [described(fields[paths[0]]), f"{where}: `{name}` with `since: {release}`"]
        items.append((f"{all_of(paths)} is new", details + within(paths[0], fields)))
    return items


def within(path, fields):
    """The fields within a place."""
    inner = sorted(it for it in fields if drift.is_within(it, path))
    return [f"  {it[len(path) :].lstrip('.')}: {described(fields[it])}" for it in inner]


def described(field):
    said = [(fact, drift.text_of(fact, field)) for fact in ("words", "limits", "default")]
    said = [f"{fact} {text}" for fact, text in said if text != "nothing"]
    return "; ".join([drift.text_of("type", field), *said, *(["required"] if field["required"] else [])])


def removed(wrong, catalogue, theirs, release):
    ours, fields = catalogue["fields"], named(theirs, release)
    groups = {}
    for it in wrong:
        if it.fact == "field" and it.theirs == "no":
            path, where = it.path, place(*ours[it.path]["at"].split("."))
            if is_new(outer(path), fields) and (union := union_of(outer(path), catalogue)):
                path, where = outer(path), f"{place(union, None)}, at its variant"
            groups.setdefault(where, {})[path] = None
    return [(f"{all_of(list(paths))} is gone", [f"{where}: `removed: {release}`"]) for where, paths in groups.items()]


def changed(wrong, ours, release):
    groups = {}
    for it in wrong:
        if it.fact != "field":
            field = ours[it.path]
            where = lists_of(field) if it.fact == "words" else place(*field["at"].split("."))
            groups.setdefault((where, it.fact, it.ours, it.theirs), []).append(it.path)
    items = []
    for (where, fact, mine, its), paths in groups.items():
        what = "the limit" if fact == "limits" else f"`{fact}`"
        details = [f"was {mine}, is {its}", f"{where}: a line in {what} for {release}"]
        if fact == "words":
            before, after = (set() if it == "nothing" else set(it.split(", ")) for it in (mine, its))
            news, gone = (", ".join(sorted(it)) for it in (after - before, before - after))
            details = [f"{where}: " + "; ".join(filter(None, [news and f"new {news}", gone and f"gone {gone}"]))]
        items.append((f"{all_of(paths)}: {fact}", details))
    return items


def lists_of(field):
    """The places that list the words of a field."""
    lists = [place(name, None) for name in field["words-at"]]
    lists += [grammar_place(name) for name, words in field["offers"].items() if words]
    return ", ".join(lists) or place(*field["at"].split("."))


def gpus(theirs):
    return [(it, []) for it in drift.gpu_differences(theirs["gpus"])]


def code(old, new):
    names = sorted(old["code"].keys() | new["code"].keys())
    different = [it for it in names if old["code"].get(it) != new["code"].get(it)]

    def what(name):
        return "new" if name not in old["code"] else "gone" if name not in new["code"] else "changed"

    return [(f"{it.replace(':', ' ')} ({what(it)})", []) for it in different]


def idle(known, release):
    return [(row, [f"let its releases end before {release}, unless they do"]) for row in known.idle([release])]


def all_of(paths):
    """The places that share one entry of the catalogue."""
    more = [*paths[1:4], "…"] if len(paths) > 4 else paths[1:]
    return f"`{paths[0]}`" + (f" (and {len(paths) - 1} more places: {', '.join(more)})" if more else "")


def place(name, field):
    """The file and line of an entry of the catalogue, or of a field of it."""
    for path in sorted(drift.CATALOGUE.glob("*.yaml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if f"{name}:" not in lines:
            continue
        start = lines.index(f"{name}:")
        if field is None:
            return f"{path.relative_to(TOP)}:{start + 1}"
        groups = []
        for i, line in enumerate(lines[start + 1 :], start + 1):
            if re.match(r"\S", line):
                break
            if line.startswith(f"    {field}:"):
                return f"{path.relative_to(TOP)}:{i + 1}"
            if group := re.match(r"    \+([a-z-]+):", line):
                groups.append(group[1])
        return next(filter(None, (place(group, field) for group in groups)), None)
    return None


def grammar_place(name):
    """The file of a grammar."""
    found = [path for path in sorted(GRAMMARS.rglob("*.rs")) if f'"{name}"' in path.read_text(encoding="utf-8")]
    return str(found[0].relative_to(TOP)) if found else f"the grammar `{name}`"


if __name__ == "__main__":
    main()
