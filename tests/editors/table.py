"""Compares the table of editors in editors/README.md with what the tests have just seen; with UPDATE=1, writes its rows.

Usage: table.py FOLDER     (of files NAME, each the output of tests/editors/NAME/run and a last line `seconds N`)

The table must not claim a feature for an editor that ran and did not show it. Versions and seconds are those of the last update,
and rows of editors that did not run are not changed. Prints `N passed, N failed` at the end.
"""

import os
import pathlib
import re
import sys

README = pathlib.Path(__file__).resolve().parent.parent.parent / "editors" / "README.md"
BEGIN, END = "<!-- rows: UPDATE=1 tests/run -->\n", "<!-- end of the rows -->\n"

FEATURES = ["diagnostics", "hover", "completion", "action", "release"]
COLUMNS = ["editor", "version that ran", "diagnostics", "hover", "completion", "fixes", "release shown", "seconds"]

# From the most to the fewest users; each has a folder with its name next to the table.
EDITORS = {
    "vscode": "VS Code",
    "jetbrains": "JetBrains IDEs",
    "vim": "Vim",
    "neovim": "Neovim",
    "sublime": "Sublime Text",
    "emacs": "Emacs",
    "zed": "Zed",
    "helix": "Helix",
    "kate": "Kate",
    "kakoune": "Kakoune",
}


def seen(output):
    """The cells of an editor's row, after its name, according to its run."""
    good = set(re.findall(r"^ok (\w+):", output, re.MULTILINE))
    bad = set(re.findall(r"^FAILED (\w+):", output, re.MULTILINE))
    versions = re.findall(r"^version (.+)", output, re.MULTILINE)
    seconds = re.findall(r"^seconds (\d+)", output, re.MULTILINE)
    return [", ".join(versions), *("yes" if it in good - bad else "" for it in FEATURES), *seconds]


def cells(line):
    """The cells of a line of the table."""
    return [it.strip() for it in line.strip().strip("|").split("|")]


def row(name, found):
    """A line of the table."""
    return "| " + " | ".join([f"[{EDITORS[name]}]({name}/README.md)", *found]) + " |"


def untrue(name, claimed, shown):
    """The claims of a row that the run did not show."""
    more = [feature for feature, ours, theirs in zip(FEATURES, claimed[2:], shown[1:]) if ours and not theirs]
    return [f"{EDITORS[name]}: {it} was not seen working" for it in more]


def main(folder):
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    # By the folder to which a row links.
    rows = {re.search(r"\]\((\w+)/", line)[1]: line for line in table.splitlines() if "](" in line}
    runs = {path.name: seen(path.read_text(encoding="utf-8")) for path in sorted(pathlib.Path(folder).iterdir())}
    # An editor that did not even start has failed already.
    runs = {name: found for name, found in runs.items() if found[0]}
    if os.environ.get("UPDATE") == "1":
        rows |= {name: row(name, found) for name, found in runs.items()}
        head = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
        table = "\n".join([*head, *(rows.get(name) or row(name, ["not run"] + [""] * 6) for name in EDITORS), ""])
        README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
    problems = []
    for name, shown in runs.items():
        if name in rows:
            problems += untrue(name, cells(rows[name]), shown)
        else:
            problems.append(f"{EDITORS[name]} has no row")
    if problems:
        print("\n  ".join(["FAILED editors/README.md", *problems]))
    else:
        print(f"ok editors/README.md: {', '.join(runs)}")
    print(f"{int(not problems)} passed, {int(bool(problems))} failed")
    return not problems


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)
