"""Does dstack-lsp accept what dstack accepts, and reject what it rejects?

    run.py SERVER --python 0.22.5=VENV/bin/python [--python 0.18.43=...] [--mutants N] [--seed S] [--only SET] [--show N]

SERVER is the executable of dstack-lsp; each Python has the release of `dstack[server]` that stands before it. Asked are
`cases` (one-question documents), `corpus` (the files of tests/corpus), `fixed` (the same files after `--fix`) and
`mutants` of them. Prints one `ok` or `FAILED` line for each set and release and, last, `N passed, N failed`.

Disagreements fail, unless `known.md` names them with a reason; a row of `known.md` that no case needs fails, too.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
sys.path.insert(0, str(HERE))
import cases  # noqa: E402
import mutants  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("--python", action="append", default=[], metavar="RELEASE=PATH", required=True)
    parser.add_argument("--mutants", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=["cases", "corpus", "fixed", "mutants"])
    parser.add_argument("--show", type=int, default=20, help="how many disagreements to print for each set and release")
    arguments = parser.parse_args()
    server = arguments.server.resolve()
    pythons = dict(it.split("=", 1) for it in arguments.python)

    files = [(str(path.relative_to(CORPUS)), path.read_bytes().decode()) for path in sorted(CORPUS.rglob("*.yml"))]
    asked = {
        "cases": lambda _: list(cases.all_cases()),
        "corpus": lambda _: files,
        "fixed": lambda release: fixed(server, release, files),
        "mutants": lambda _: list(mutants.all_mutants(files, arguments.mutants, arguments.seed)),
    }
    known = Known(HERE / "known.md")
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(pythons)) as pool:
        for name in arguments.only or asked:
            questions = {release: asked[name](release) for release in pythons}
            told = {it: pool.submit(ask_dstack, pythons[it], questions[it]) for it in pythons}
            for release in pythons:
                ours = ask_us(server, release, questions[release])
                if judge(name, release, questions[release], told[release].result(), ours, known, arguments.show):
                    passed += 1
                else:
                    failed += 1
    if not arguments.only and (idle := known.idle(pythons)):
        failed += 1
        for row in idle:
            print(f"FAILED known.md names a difference that no longer exists: {row}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def judge(name, release, questions, told, ours, known, show):
    """Compares and prints; whether all is well."""
    wrong, excused = [], 0
    for (ident, text), dstack, (accept, findings) in zip(questions, told, ours, strict=True):
        if dstack["accept"] == accept:
            continue
        if known.explains(ident, dstack["words"], release):
            excused += 1
            continue
        wrong.append((ident, text, dstack, findings))
    total = len(questions)
    agreed = total - len(wrong) - excused
    share = 100 * agreed / total if total else 100
    aside = f", {excused} known differences" if excused else ""
    print(
        f"{'FAILED' if wrong else 'ok'} dstack {release} on {name}: {agreed} of {total} verdicts agree ({share:.2f} %){aside}",
        flush=True,
    )
    for ident, text, dstack, findings in wrong[:show]:
        says = f"rejects ({dstack['how']}): {'.'.join(dstack['where'])}: {dstack['words']}" if not dstack["accept"] else "accepts"
        print(f"  {ident}\n    dstack {says!r}\n    dstack-lsp says {findings or 'nothing'!r}")
        if name == "mutants":
            print("".join(f"    | {line}\n" for line in text.split("\n")), end="")
    if len(wrong) > show:
        print(f"  … and {len(wrong) - show} more")
    return not wrong


def ask_dstack(python, questions):
    """dstack's verdicts in the order of the questions."""
    lines = "".join(json.dumps({"id": ident, "text": text}) + "\n" for ident, text in questions)
    ran = subprocess.run(
        [python, HERE / "oracle.py"], input=lines, capture_output=True, encoding="utf-8", timeout=1800, check=False
    )
    if ran.returncode != 0:
        sys.exit(f"{python}: {ran.stderr}")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def write_all(folder, questions):
    for i, (_, text) in enumerate(questions):
        # As bytes: no line ending is touched, and what is no character for UTF-8 stays out of the cases.
        (folder / f"{i:06}.dstack.yml").write_bytes(text.encode("utf-8", "surrogatepass"))


def ask_us(server, release, questions):
    """Whether dstack-lsp finds that the text parses, and what it says otherwise, in the order of the questions."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_all(folder, questions)
        command = [server, "check", "--release", release, "--kind", "configuration", "--format", "json", "--exit-zero", "."]
        ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=1800, check=False)
        if ran.returncode != 0:
            sys.exit(f"dstack-lsp failed: {ran.stderr}")
        report = json.loads(ran.stdout)
    assert len(report["files"]) == len(questions), "one answer for each question"

    def answer(file):
        findings = [f"{it['rule']}: {it['message']}" for it in file["diagnostics"] if it["stage"] == "parse"]
        assert file["parses"] == (not findings)
        return file["parses"], "; ".join(findings)

    return [answer(file) for file in report["files"]]


def fixed(server, release, files):
    """The files after `check --fix`."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_all(folder, files)
        command = [server, "check", "--release", release, "--fix", "--exit-zero", "."]
        ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=600, check=False)
        if ran.returncode != 0:
            sys.exit(f"dstack-lsp failed: {ran.stderr}")
        paths = sorted(folder.iterdir())
        assert len(paths) == len(files), "nothing is left beside the files"
        return [(name, path.read_bytes().decode()) for (name, _), path in zip(files, paths, strict=True)]


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
