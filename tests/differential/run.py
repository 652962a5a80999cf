"""Compares the verdicts of dstack-lsp with those of dstack, and the places of their errors.

    run.py SERVER --python 0.22.5=VENV/bin/python [--python 0.18.43=...] [--documents PROGRAM] [--mutants N] [--seed S]
           [--of FOLDER] [--only SET] [--show N] [--places N] [--sample]

SERVER is the executable of dstack-lsp; each Python has the release of `dstack[server]` before it. The sets are

cases       documents with one question each (`cases/`)
documents   the examples in our own documentation, which PROGRAM prints (`cargo build -p ide --example documents`)
corpus      the files of tests/corpus
fixed       the same files after `--fix`
mutants     files and documents with random changes; `--of` names another folder of files

Prints one `ok` or `FAILED` line for each set and release with its figures and, at the end, `N passed, N failed`. A different
verdict fails unless `known.md` lists it with a reason; a row of `known.md` that no case needs fails as well.
`--sample` selects fewer questions, always the same: one in EVERY of the cases, different ones for each release and at least one
about each place in each kind of file; and each mutant for one release.
For at least LEAST percent of the mutants that dstack rejects, one of our findings must be where dstack points.
"""

import argparse
import collections
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
sys.path.insert(0, str(HERE))
import asking  # noqa: E402
import cases  # noqa: E402
import mutants  # noqa: E402
import places  # noqa: E402
from asking import Question  # noqa: E402

LEAST = 98.0
EVERY = 30
SETS = ["cases", "documents", "corpus", "fixed", "mutants"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("--python", action="append", default=[], metavar="RELEASE=PATH", required=True)
    parser.add_argument("--documents", type=pathlib.Path)
    parser.add_argument("--mutants", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of", type=pathlib.Path, default=CORPUS)
    parser.add_argument("--only", action="append", choices=SETS)
    parser.add_argument("--sample", action="store_true", help="ask about a part of the cases and mutants")
    parser.add_argument("--show", type=int, default=20, help="how many disagreements to print for each set and release")
    parser.add_argument("--places", type=int, default=0, help="how many wrong places to print for each set and release")
    arguments = parser.parse_args()
    server = arguments.server.resolve()
    pythons = dict(it.split("=", 1) for it in arguments.python)
    known = Known(HERE / "known.md")
    passed = failed = 0
    for name in arguments.only or SETS:
        for good in ask(name, arguments, server, pythons, known):
            passed, failed = passed + good, failed + (not good)
    if not arguments.only and not arguments.sample and (idle := known.idle(pythons)):
        failed += 1
        for row in idle:
            print(f"FAILED known.md names a difference that no longer exists: {row}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def ask(name, arguments, server, pythons, known):
    """Asks all releases about one set; yields for each whether it passed."""
    questions = {}
    files = files_of(server, arguments.of if name == "mutants" else CORPUS)
    same = questions_of(name, arguments, files)
    for turn, release in enumerate(pythons):
        every = fixed(server, release, files) if name == "fixed" else same
        every = [it for it in every if asking.is_asked(it, release)]
        if arguments.sample and name == "cases":
            every = sample(every, turn)
        if arguments.sample and name == "mutants":
            every = every[turn :: len(pythons)]
        questions[release] = every
    with asking.workers() as pool:
        told = {it: pool.submit(asking.ask_dstack, pythons[it], questions[it]) for it in pythons}
        for release in pythons:
            if questions[release]:
                ours = asking.ask_us(server, release, questions[release])
                comparison = Comparison(name, release, questions[release], told[release].result(), ours, known)
                yield comparison.report(arguments)


def sample(questions, turn):
    """One in EVERY of the cases, at least one about each place in each kind of file; different ones at each turn."""
    groups = collections.defaultdict(list)
    for it in questions:
        groups[it.kind, it.place].append(it)
    chosen = []
    for (_, place), group in groups.items():
        first = (zlib.crc32(place.encode()) + turn) % min(EVERY, len(group))
        chosen += group[first::EVERY]
    return chosen


def questions_of(name, arguments, files):
    """The questions for every release; for `fixed`, the files that are fixed for each."""
    if name == "cases":
        return list(cases.all_cases())
    if name in ("corpus", "fixed"):
        return files
    examples = documents(arguments.documents)
    if name == "documents":
        return examples
    # Whole files are chosen more often than examples of single fields.
    often = files * max(1, len(examples) // len(files))
    return list(mutants.all_mutants(often + examples, arguments.mutants, arguments.seed))


def files_of(server, folder):
    """All YAML files of a folder, each with the kind that dstack-lsp detects."""
    kinds = {pathlib.Path(it["path"]): it["kind"] for it in asking.check(server, folder)["files"]}
    paths = sorted(it for it in folder.rglob("*") if it.suffix in (".yml", ".yaml"))
    named = [(str(it.relative_to(folder)), it) for it in paths]
    return [Question(name, kinds.get(pathlib.Path(name), "configuration"), path.read_bytes().decode()) for name, path in named]


def documents(program):
    """The examples of our documentation, each once, for every release."""
    if program is None:
        return []
    ran = subprocess.run([program], capture_output=True, encoding="utf-8", timeout=600, check=True)
    every = [json.loads(line) for line in ran.stdout.splitlines()]
    return list({(it["kind"], it["text"]): Question(it["id"], it["kind"], it["text"]) for it in every}.values())


def fixed(server, release, files):
    """The files after `check --fix`."""
    with asking.Folder(files) as folder:
        for kind in folder.kinds:
            asking.check(server, pathlib.Path(folder.root.name) / kind, "--release", release, "--kind", kind, "--fix")
        paths = sorted(pathlib.Path(folder.root.name).glob("*/*"), key=lambda it: it.name)
        assert len(paths) == len(files), "nothing is left beside the files"
        return [it._replace(text=path.read_bytes().decode()) for it, path in zip(files, paths, strict=True)]


class Comparison:
    """dstack's answers and ours about one set at one release."""

    def __init__(self, name, release, questions, told, ours, known):
        self.name, self.release = name, release
        self.wrong, self.excused, self.of_the_machine = [], 0, []
        self.asked, self.agreed = collections.Counter(), collections.Counter()
        self.places = places.Places()
        for question, dstack, our in zip(questions, told, ours, strict=True):
            if asking.OF_THE_MACHINE.search(dstack["words"]):
                self.of_the_machine.append(question.ident)
                continue
            self.asked[question.sort] += 1
            if dstack["accept"] == our.accept:
                self.agreed[question.sort] += 1
                if not our.accept:
                    self.places.add(question, dstack, our)
            elif known.explains(question.ident, dstack["words"], release):
                self.excused += 1
            else:
                self.wrong.append((question, dstack, our))

    def report(self, arguments):
        """Prints the figures; returns whether the set passed."""
        good = not self.wrong and (self.name != "mutants" or self.places.share() >= LEAST)
        asked, agreed = sum(self.asked.values()), sum(self.agreed.values())
        print(
            f"{'ok' if good else 'FAILED'} dstack {self.release} on {self.name}: {agreed} of {asked} verdicts agree ({percent(agreed, asked)})"
            f"{f', {self.excused} known differences' if self.excused else ''}"
            f"{f', {len(self.of_the_machine)} left out that hang on files of the machine' if self.of_the_machine else ''}"
        )
        if len(self.asked) > 1:
            print("  " + ", ".join(f"{it} {self.agreed[it]}/{n}" for it, n in sorted(self.asked.items())))
        print(f"  {self.places.summary()}", flush=True)
        for question, dstack, our in self.wrong[: arguments.show]:
            says = f"rejects ({dstack['how']}) {dstack['nodes'][:3]}: {dstack['words']}" if not dstack["accept"] else "accepts"
            print(f"  {question.ident} ({question.sort})\n    dstack {says!r}\n    dstack-lsp says {words_of(our)!r}")
            if self.name != "cases":
                print("".join(f"    | {line}\n" for line in question.text.split("\n")), end="")
        if len(self.wrong) > arguments.show:
            print(f"  … and {len(self.wrong) - arguments.show} more")
        for line in self.places.worst(arguments.places):
            print(f"  {line}")
        return good


def words_of(our):
    return "; ".join(it["words"] for it in our.findings) or "nothing"


def percent(part, whole):
    """A percentage that is never rounded up to 100."""
    share = 100 * part / whole if whole else 100
    return "100 %" if part == whole else f"{min(share, 99.999):.3f} %"


class Known:
    """The rows of known.md: `| id | dstack says | releases | why |`, where the first two are glob patterns."""

    def __init__(self, path):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
        self.rows = [(ident.strip("`"), words.strip("`"), releases.split(), why) for ident, words, releases, why in rows]
        self.used = set()

    def explains(self, ident, words, release):
        for i, (pattern, says, releases, _) in enumerate(self.rows):
            if release in releases and fnmatch.fnmatchcase(ident, pattern) and fnmatch.fnmatchcase(words, says):
                self.used.add(i)
                return True
        return False

    def idle(self, pythons):
        return [row[0] for i, row in enumerate(self.rows) if i not in self.used and set(row[2]) & set(pythons)]


if __name__ == "__main__":
    main()
