"""Compares with dstack's verdicts on real files at five releases. The files are not part of the project.

    corpus.py SERVER FOLDER [--show N]

FOLDER has `corpus/` and `corpus.tsv` (file, kind, type, …, and a column with `ok` or a way to fail for each release). All
verdicts must agree. Prints one line for each release and, at the end, `N passed, N failed`.
"""

import argparse
import collections
import csv
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import asking  # noqa: E402
from asking import Question  # noqa: E402

RELEASES = ["0.18.43", "0.19.40", "0.20.29", "0.21.5", "0.22.5"]
# These name a key or a kubeconfig that dstack reads while parsing, and are rejected if that file does not exist.
OF_THE_MACHINE = """
docs__changelog__posts__0.15.1.md__L35__a0ab31ea.yml
docs__changelog__posts__0.15.1.md__L72__1ab23ac5.yml
docs__docs__concepts__backends.md__L436__462a4452.yml
docs__docs__concepts__backends.md__L1046__1b511dad.yml
docs__docs__concepts__backends.md__L1047__fca5d4c9.yml
docs__docs__concepts__backends.md__L1089__68ede1bf.yml
docs__docs__installation__index.md__L241__d67382dd.yml
mkdocs__docs__concepts__backends.md__L484__56a0bee5.yml
mkdocs__docs__concepts__backends.md__L695__8d692984.yml
mkdocs__docs__concepts__backends.md__L723__811c6b4a.yml
mkdocs__docs__concepts__backends.md__L1095__b9357b75.yml
mkdocs__docs__concepts__backends.md__L1194__48dade7c.yml
mkdocs__docs__concepts__backends.md__L1291__00d445a4.yml
mkdocs__docs__examples__clusters__crusoe.md__L92__e6125b3d.yml
mkdocs__docs__examples__clusters__nebius.md__L34__dd8561a0.yml
mkdocs__docs__examples__clusters__nebius.md__L115__f5467426.yml
""".split()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    with open(arguments.folder / "corpus.tsv", encoding="utf-8") as table:
        every = list(csv.DictReader(table, delimiter="\t"))
    rows = [row for row in every if row["file"] not in OF_THE_MACHINE]
    questions = [question(row, arguments.folder) for row in rows]
    failed = 0
    with asking.Folder(questions) as folder:
        for release in RELEASES:
            asked, agreed, wrong = collections.Counter(), collections.Counter(), []
            for row, it, ours in zip(rows, questions, folder.ask(arguments.server.resolve(), release), strict=True):
                asked[it.sort] += 1
                if (row[release] == "ok") == ours.accept:
                    agreed[it.sort] += 1
                else:
                    words = "; ".join(it["words"] for it in ours.findings) or "nothing"
                    wrong.append(f"{row['file']}: dstack says {row[release]}, dstack-lsp {words}")
            failed += bool(wrong)
            print(
                f"{'FAILED' if wrong else 'ok'} dstack {release} on real files: {sum(agreed.values())} of {len(rows)} verdicts agree, "
                f"{len(OF_THE_MACHINE)} left out that hang on files of the machine"
            )
            print("  " + ", ".join(f"{sort} {agreed[sort]}/{n}" for sort, n in sorted(asked.items())))
            for line in wrong[: arguments.show]:
                print(f"  {line}")
    print(f"{len(RELEASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def question(row, folder):
    kind = "configuration" if row["kind"] == "apply" else row["kind"]
    return Question(row["file"], kind, (folder / "corpus" / row["file"]).read_bytes().decode())


if __name__ == "__main__":
    main()
