"""Compares the catalogue with dstack's own models.

    drift.py FACTS --python 0.22.5=VENV/bin/python [--python 0.18.43=...] [--kind fleet ...] [--show N]

FACTS is the executable that `cargo build -p schema --example facts` makes; each Python has the release of
`dstack[server]` before it. Compares each field in both directions: whether it exists, its type, words, limits and
default, and whether it is required. Prints one `ok` or `FAILED` line for each release and kind of file and, at the end,
`N passed, N failed`. A difference fails unless `drift.md` lists it with a reason; a row of `drift.md` that no difference
needs fails as well.
"""

import argparse
import collections
import concurrent.futures
import functools
import json
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
CATALOGUE = HERE.parent.parent / "server" / "schema" / "catalogue"
sys.path.insert(0, str(HERE))
import meanings  # noqa: E402

FACTS = ["type", "words", "limits", "required", "default"]
# The releases to which the rows of drift.md apply.
RELEASES = {"0.18.43", "0.19.40", "0.20.29", "0.21.5", "0.22.5"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", type=pathlib.Path)
    parser.add_argument("--python", action="append", default=[], metavar="RELEASE=PATH", required=True)
    parser.add_argument("--kind", action="append", help="only this kind of file")
    parser.add_argument("--show", type=int, default=40, help="how many differences to print for each release and kind")
    arguments = parser.parse_args()
    pythons = dict(it.split("=", 1) for it in arguments.python)
    sys.exit(compare_all(arguments.facts, pythons, arguments.kind, arguments.show))


def compare_all(executable, pythons, kinds, show):
    known = Known(HERE / "drift.md")
    passed = failed = 0

    def tell(is_right, line, details=()):
        nonlocal passed, failed
        passed, failed = passed + is_right, failed + (not is_right)
        print(f"{'ok' if is_right else 'FAILED'} {line}")
        for detail in details[:show]:
            print(f"  {detail}")
        if len(details) > show:
            print(f"  … and {len(details) - show} more")

    with concurrent.futures.ThreadPoolExecutor(max_workers=len(pythons)) as pool:
        asked = {release: pool.submit(models, release, python) for release, python in pythons.items()}
        for release in pythons:
            theirs, ours = asked[release].result(), facts(executable, release)["fields"]
            tell(not theirs["open"], f"{release}: no mapping takes keys that it does not know", theirs["open"])
            per_kind = differences(ours, theirs, release)
            for kind in kinds or sorted(per_kind):
                n_fields, wrong = per_kind.get(kind, (0, []))
                open_ones = [it for it in wrong if not known.explains(it, release)]
                aside = f", {len(wrong) - len(open_ones)} known differences" if len(wrong) > len(open_ones) else ""
                words = [it.words() for it in open_ones]
                tell(not words, f"{release} {kind}: {n_fields} fields, {len(words)} differences{aside}", words)
    if kinds:
        print(f"{passed} passed, {failed} failed")
        return 1 if failed else 0
    newest = max(pythons, key=version)
    wrong = gpu_differences(asked[newest].result()["gpus"])
    tell(not wrong, f"{newest} GPUs: {len(wrong)} differences", wrong)
    if pythons.keys() >= RELEASES:
        idle = known.idle(pythons)
        tell(not idle, f"drift.md: {len(known.rows)} rows, {len(idle)} of them not needed", idle)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def models(release, python):
    """The facts of dstack's models."""
    said = json.loads(run([python, HERE / "models.py"]))
    assert said["release"] == release, f"{python} has dstack {said['release']}, not {release}"
    return said


def facts(executable, release):
    """The facts of the catalogue."""
    return json.loads(run([executable, release]))


def run(command):
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600, check=False)
    if ran.returncode != 0:
        sys.exit(f"{command[0]}: {ran.stderr}")
    return ran.stdout


class Difference(collections.namedtuple("Difference", "path fact ours theirs at")):
    """One fact that differs. `ours` and `theirs` are strings; `at` is the entry of the catalogue, if there is one."""

    def words(self):
        if self.fact == "field":
            what = "is no field of dstack" if self.theirs == "no" else "is missing in the catalogue"
            return f"{self.path} {what}"
        return f"{self.path}: {self.fact}: with us `{self.ours}`, in dstack `{self.theirs}`"


def differences(ours, theirs, release):
    """For each kind of file, the number of its fields and the differences."""
    theirs = {meanings.path(path, release): field for path, field in theirs["fields"].items()}
    found = {}
    for path in sorted(ours.keys() | theirs.keys()):
        n_fields, wrong = found.get(kind_of(path), (0, []))
        found[kind_of(path)] = (n_fields + 1, wrong)
        mine, its = ours.get(path), theirs.get(path)
        if mine is None or its is None:
            # If a field is missing, the fields within it are not reported as well.
            above = [it for it in wrong if it.fact == "field" and is_within(path, it.path)]
            if not above:
                one, other = ("no", "yes") if mine is None else ("yes", "no")
                wrong.append(Difference(path, "field", one, other, mine and mine["at"]))
            continue
        mine = meanings.as_in_models(mine, its, release)
        mine, its = ({**it, "limits": meanings.limits(it)} for it in (mine, its))
        for fact in FACTS:
            one, other = (text_of(fact, it) for it in (mine, its))
            if fact == "default" and meanings.is_same_default(mine, its):
                continue
            if one != other:
                wrong.append(Difference(path, fact, one, other, mine["at"]))
    return found


def is_within(path, outer):
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in (".", "[", "{", "<")


def text_of(fact, field):
    """A fact as text for a cell of a table."""
    value = field.get(fact)
    if fact == "default" and value is None and field.get("told"):
        return f"told: {', '.join(field['told'])}"
    if fact == "limits" and value:
        return ", ".join(f"{name} {it if isinstance(it, str) else f'{it:g}'}" for name, it in sorted(value.items()))
    if fact == "default" and value is not None:
        return meanings.written(value)
    if isinstance(value, list) and value:
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, "nothing") if isinstance(value, bool) else value or "nothing"


def kind_of(path):
    return re.split(r"[.<\[{]", path, maxsplit=1)[0]


def version(release):
    return tuple(map(int, release.split(".")))


class Known:
    """The rows of drift.md: `| path | fact | releases | with us | in dstack | why |`."""

    def __init__(self, path):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        self.rows = []
        for line in lines:
            cells = [cell.strip().strip("`") for cell in line.strip("|\n ").split(" | ")]
            assert len(cells) == 6, f"drift.md: {line}"
            self.rows.append(cells)
        self.used = set()

    def explains(self, difference, release):
        for i, (path, fact, releases, ours, theirs, _) in enumerate(self.rows):
            texts = ((path, difference.path), (ours, difference.ours), (theirs, difference.theirs))
            if fact == difference.fact and is_among(release, releases) and all(fits(*it) for it in texts):
                self.used.add(i)
                return True
        return False

    def idle(self, asked):
        """The rows that no difference in the tested releases needed."""
        unused = [row for i, row in enumerate(self.rows) if i not in self.used]
        return [" | ".join(row) for row in unused if any(is_among(release, row[2]) for release in asked)]


@functools.cache
def pattern(text):
    """A pattern in which `*` matches anything; all other characters, including brackets, match themselves."""
    return re.compile(".*".join(map(re.escape, text.split("*"))))


def fits(text, value):
    return pattern(text).fullmatch(value) is not None


def is_among(release, releases):
    """`all`, `0.22.5`, `0.21.0..`, `..0.20.29` or `0.19.0..0.20.29`."""
    if releases == "all":
        return True
    first, dots, last = releases.partition("..")
    last = last if dots else first
    return (not first or version(first) <= version(release)) and (not last or version(release) <= version(last))


def gpu_differences(theirs):
    """Compares the GPUs that completion offers with those that gpuhunt knows."""
    ours = {f"{it['vendor']}:{it['name']}": it for it in json.loads((CATALOGUE / "vocab" / "gpus.json").read_text())}
    wrong = [f"{it}: not in vocab/gpus.json: {json.dumps(theirs[it])}" for it in sorted(theirs.keys() - ours.keys())]
    wrong += [f"{it}: not known to gpuhunt" for it in sorted(ours.keys() - theirs.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        for fact, value in theirs[name].items():
            if fact == "memory" and value == [0]:
                value = []
            if ours[name].get(fact) != value:
                wrong.append(f"{name}: {fact}: with us {ours[name].get(fact)}, in gpuhunt {value}")
    return wrong


if __name__ == "__main__":
    main()
