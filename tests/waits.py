"""Looks for tests that wait for something without an end: a hang has to become a failure that says what hung.

    waits.py [FOLDER]

Reads the programs of tests and of packaging. A line that waits for what is limited elsewhere says so: `# ends: …` with the
reason, at its end or above it. Prints each wait without limit as `FILE:LINE: …`; the exit code is 1 if there is one.
"""

import ast
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
# Calls that end only with what they wait for, unless they get this argument, by its name or at this place.
PYTHON = {
    "subprocess.run": ("timeout", None),
    "subprocess.call": ("timeout", None),
    "subprocess.check_call": ("timeout", None),
    "subprocess.check_output": ("timeout", None),
    "urllib.request.urlopen": ("timeout", 2),
    ".communicate": ("timeout", 1),
    ".wait": ("timeout", 0),
    ".join": ("timeout", 0),
    ".accept": (None, None),
    ".recv": (None, None),
    ".stdout.read": (None, None),
    ".stdout.readline": (None, None),
    "os.wait": (None, None),
    "os.waitpid": (None, None),
}
# The same in other languages, as regular expressions.
OTHERS = {
    ".rs": r"\.recv\(\)|\.join\(\)|\.wait\(\)|\.wait_with_output\(\)|\.output\(\)|\.status\(\)",
    ".mjs": r"\b(spawnSync|execSync|execFileSync)\(",
    ".js": r"\b(spawnSync|execSync|execFileSync)\(",
    ".lua": r":wait\(\)|vim\.fn\.system\(",
    ".sh": r"^\s*wait\s*$|\bflock (?!-w)\d",
}


def main(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "corpus" in path.parts or "node_modules" in path.parts:
            continue
        text = path.read_bytes().decode(errors="replace")
        if path.suffix == ".py" or text.startswith("#!/usr/bin/env python3"):
            lines = python(ast.parse(text))
        elif path.suffix in OTHERS or text.startswith("#!/usr/bin/env bash"):
            lines = others(OTHERS[path.suffix or ".sh"], text)
        else:
            continue
        every = text.split("\n")
        found += [f"{path.relative_to(TOP)}:{line}: {what}" for line, what in lines if not is_explained(every, line)]
    print("\n".join(found) or "no test waits without a limit")
    return 1 if found else 0


def python(tree):
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        for end, (keyword, place) in PYTHON.items():
            if name == end or end[0] == "." and name.endswith(end):
                given = any(it.arg == keyword for it in call.keywords)
                if not given and (place is None or len(call.args) <= place):
                    yield call.lineno, f"{name} has no limit"


def others(pattern, text):
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        call = "".join(lines[number - 1 : number + 5])
        if (it := re.search(pattern, line)) and not re.match(r"\s*(//|#|--)", line) and not re.search(r"\btimeout\b", call):
            yield number, f"{it[0].strip()} has no limit"


def is_explained(lines, number):
    return any("ends: " in it for it in lines[max(0, number - 2) : number])


if __name__ == "__main__":
    sys.exit(main(TOP / (sys.argv[1] if len(sys.argv) > 1 else "tests")))
