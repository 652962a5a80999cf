"""Real files with dstack's verdicts at several releases, which are no part of the project.

    corpus.py SERVER FOLDER [--least PERCENT] [--show N]

FOLDER has `corpus/` and `corpus.tsv` (file, kind, type, …, one column with `ok` or a way to fail for each release).
Compares on the run configurations: a dev environment, a task, a service, or what has no type. Prints one line for each
check and, last, `N passed, N failed`.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys

RELEASES = ["0.18.43", "0.22.5"]
RUNS = {"dev-environment", "task", "service", "None", ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--least", type=float, default=98.0, help="the share of verdicts that must agree, in percent")
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    with open(arguments.folder / "corpus.tsv", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "apply" and row["type"] in RUNS]
    failed = 0
    for release in RELEASES:
        wrong = []
        findings = ask_us(arguments.server.resolve(), release, arguments.folder / "corpus", [row["file"] for row in rows])
        for row, ours in zip(rows, findings, strict=True):
            if (row[release] == "ok") != (not ours):
                wrong.append(f"{row['file']}: dstack says {row[release]}, dstack-lsp {'; '.join(ours) or 'nothing'}")
        share = 100 * (len(rows) - len(wrong)) / len(rows)
        enough = share >= arguments.least
        failed += not enough
        print(
            f"{'ok' if enough else 'FAILED'} dstack {release} on real files: "
            f"{len(rows) - len(wrong)} of {len(rows)} verdicts agree ({share:.2f} %, at least {arguments.least} %)"
        )
        for line in wrong[: arguments.show]:
            print(f"  {line}")
    print(f"{len(RELEASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def ask_us(server, release, folder, names):
    """The `parse` findings of each file."""
    command = [server, "check", "--release", release, "--format", "json", "--exit-zero", "--kind", "configuration", *names]
    ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=600, check=False)
    if ran.returncode != 0:
        sys.exit(f"dstack-lsp failed: {ran.stderr}")
    files = json.loads(ran.stdout)["files"]
    return [[f"{it['rule']}: {it['message']}" for it in file["diagnostics"] if it["stage"] == "parse"] for file in files]


if __name__ == "__main__":
    main()
