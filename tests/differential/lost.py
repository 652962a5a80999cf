"""Lists what `check --fix` makes disappear from real files and their mutants.

    lost.py SERVER FOLDER [--mutants N] [--seed N] [--release R] [--show N]

FOLDER has `corpus/` and `corpus.tsv`. Each comment must remain, and each word too, unless it is in the title of an applied
fix, or in an entry whose removal is a `Removal` of `server/ide/src/fixes.rs`. Prints what disappears otherwise, a table of it,
and, at the end, `N passed, N failed`.
"""

import argparse
import collections
import csv
import difflib
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import asking  # noqa: E402
import corpus  # noqa: E402
import mutants  # noqa: E402

# Maximum number of rounds of fixes whose titles are collected; `--fix` itself makes as many rounds as necessary.
ROUNDS = 8
COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
WORD = re.compile(r"[^\s\[\]{},\"'#]+")
QUOTED = re.compile(r"`([^`]*)`")
# The titles of removals and replacements of whole entries.
WHOLE = re.compile(
    r"Remove (?P<gone>.*), which has no effect|Remove (?P<beside>.*), overridden by `.*`|Remove the empty (?P<empty>.*)"
    r"|Remove the earlier (?P<same>.*), which has the same value"
    r"|Replace (?P<old>(?:`(?:termination_policy|termination_idle_time|idle_duration|retry_policy)`(?: and )?)+) with `.*`"
)
SORTS = ["comment lost", "lines removed", "replaced, old not named"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mutants", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--release", default="0.22.5")
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    if not (arguments.folder / "corpus.tsv").exists():
        print(f"skipped: there are no real files at {arguments.folder}")
        print("0 passed, 0 failed")
        return
    with open(arguments.folder / "corpus.tsv", encoding="utf-8") as table:
        files = [corpus.question(row, arguments.folder) for row in csv.DictReader(table, delimiter="\t")]
    failed = 0
    sets = {"real files": files, "mutants": list(mutants.all_mutants(files, arguments.mutants, arguments.seed))}
    for name, questions in sets.items():
        server = arguments.server.resolve()
        titles, after = all_titles(server, questions, arguments.release), fixed(server, questions, arguments.release)
        words, touched = collections.Counter(), collections.Counter()
        shown = []
        for question, made, new in zip(questions, titles, after, strict=True):
            lost = sorted(disappeared(question.text, new, made))
            words.update(sort for sort, _ in lost)
            touched.update({sort for sort, _ in lost})
            shown += [f"{question.ident}: {sort}: {word}" for sort, word in lost]
        changed = sum(it.text != new for it, new in zip(questions, after, strict=True))
        justified = collections.Counter(reason for made in titles for title in made if (reason := removal(title)))
        failed += bool(shown)
        print(f"{'FAILED' if shown else 'ok'} nothing is lost from {len(questions)} {name} at {arguments.release}: {changed} changed")
        print("  justified: " + (", ".join(f"{reason} {n}" for reason, n in sorted(justified.items())) or "none"))
        for sort in SORTS:
            print(f"  {sort}: {words[sort]} in {touched[sort]} files")
        for line in shown[: arguments.show]:
            print(f"  {line}")
    print(f"{len(sets) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def fixed(server, questions, release):
    """The texts after `check --fix`."""
    with asking.Folder(questions) as folder:
        for kind in folder.kinds:
            asking.check(server, pathlib.Path(folder.root.name) / kind, "--fix", "--release", release, "--kind", kind)
        paths = [pathlib.Path(folder.root.name) / it.kind / f"{i:07}.dstack.yml" for i, it in enumerate(questions)]
        return [path.read_bytes().decode("utf-8", "surrogatepass") for path in paths]


def all_titles(server, questions, release):
    """The titles of the safe fixes of each text, round by round: those that `--fix` may have applied."""
    titles = [[] for _ in questions]
    for _ in range(ROUNDS):
        with asking.Folder(questions) as folder:
            texts = [it.text for it in questions]
            for kind in folder.kinds:
                report = asking.check(server, pathlib.Path(folder.root.name) / kind, "--release", release, "--kind", kind)
                for file in report["files"]:
                    i = int(pathlib.Path(file["path"]).name.split(".")[0])
                    titles[i] += [fix["title"] for it in file["diagnostics"] for fix in it["fixes"] if fix["safe"]]
                    texts[i] = edited(texts[i], file)
        if all(it.text == text for it, text in zip(questions, texts, strict=True)):
            break
        questions = [it._replace(text=text) for it, text in zip(questions, texts, strict=True)]
    return titles


def edited(text, file):
    """The text after the first safe fix of each finding that does not overlap with the ones before it."""
    edits = []
    for finding in file["diagnostics"]:
        fix = next((it for it in finding["fixes"] if it["safe"]), {"edits": []})
        clear = lambda it: all(it["end"] < other["start"] or it["start"] > other["end"] for other in edits)
        if all(map(clear, fix["edits"])):
            edits += fix["edits"]
    out = text.encode("utf-8", "surrogatepass")
    for it in sorted(edits, key=lambda it: (it["start"], it["end"]), reverse=True):
        out = out[: it["start"]] + it["text"].encode() + out[it["end"] :]
    return out.decode("utf-8", "surrogatepass")


def removal(title):
    """The reason for a removal that a title gives, if any."""
    found = WHOLE.fullmatch(title)
    return found and found.lastgroup


def disappeared(before, after, titles):
    """The comments and words of `before` that are not in `after`, each with its line afterwards."""
    # Of two equal entries one disappears, including text that looks like a comment in a script.
    still = comments(after) if any(removal(title) == "same" for title in titles) else ()
    yield from ((SORTS[0], comment) for comment in comments(before) - comments(after) if comment not in still)
    excused = collections.Counter(WORD.findall(" ".join(part for title in titles for part in QUOTED.findall(title))))
    for key in whole_entries(titles):
        excused.update(entry(before, key))
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    removed = set()
    for tag, start, end, *_ in matcher.get_opcodes():
        if tag == "delete":
            removed.update(it for line in before.splitlines()[start:end] for it in words(line))
    for word, n in (words(before) - words(after)).items():
        n -= excuses(word, excused) + ("`" in word and sum(f"`{word}" in title for title in titles))
        if n > 0:
            yield SORTS[1] if word in removed else SORTS[2], word


def comments(text):
    return collections.Counter(it.group().rstrip() for line in text.splitlines() if (it := COMMENT.search(line)))


def words(text):
    """Keys and values, without colons, dashes and quotes around them."""
    return collections.Counter(word for it in WORD.findall(text) if (word := it.strip(":")) and word not in "-|>")


def excuses(word, excused):
    """How often a word may have disappeared: it is in a title, as a whole or as a part of `KEY=VALUE` and `A:B`."""
    return sum(n for it, n in excused.items() if word == it.strip(":") or word in re.split(r"[:=]", it))


def whole_entries(titles):
    """The keys whose entries may disappear, also under the names that they had before a rename."""
    keys = set()
    for title in reversed(titles):
        found = WHOLE.fullmatch(title)
        if found:
            keys.update(QUOTED.findall(found[found.lastgroup]))
        renamed = re.fullmatch(r"Rename `(.*)` to `(.*)`", title)
        if renamed and renamed[2] in keys:
            keys.add(renamed[1])
    return keys


def entry(text, key):
    """The words of the entries with this key: those of its line and of the deeper lines below."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not re.search(rf"(?:^|[\s{{,\"'-]){re.escape(key)}[\"']?\s*:", line):
            continue
        yield from words(line).elements()
        depth = mutants.depth_of(line)
        for below in lines[i + 1 :]:
            if below.strip() and mutants.depth_of(below) <= depth and not below.lstrip().startswith("- "):
                break
            yield from words(below).elements()


if __name__ == "__main__":
    main()
