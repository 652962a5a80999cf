"""Looks for tests that wait without a limit: a hang has to become a failure that says what hung.

    waits.py [FOLDER...]

Reads the programs of tests, and the tests of the crates. A line that waits for what is limited elsewhere says so: `# ends: …`
with the reason, at its end or above it. Prints each wait without a limit as `FILE:LINE: …`; the exit code is 1 if there is one,
or if one of the waits in SAMPLES is not found.
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
    ".sh": r"^\s*wait\b|\bflock (?!-w)\d",
}
# Waits that have to be found, one for each way to write them.
SAMPLES = [
    (".py", "subprocess.run(['x'])"),
    (".py", "child.communicate()"),
    (".py", "with subprocess.Popen(['x']) as child:\n    pass"),
    (".rs", "let code = child.wait();"),
    (".rs", "receiver.recv().unwrap()"),
    (".mjs", "spawnSync('x', [])"),
    (".lua", "vim.fn.system('x')"),
    (".sh", 'wait "$child"'),
    (".sh", "flock 9"),
]


def main(folders):
    missed = [f"not found: {text!r} in {suffix}" for suffix, text in SAMPLES if not waits(suffix, text)]
    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if not path.is_file() or {"corpus", "node_modules", "target"} & set(path.parts):
            continue
        text = path.read_bytes().decode(errors="replace")
        first = text.partition("\n")[0]
        suffix = ".py" if first == "#!/usr/bin/env python3" else ".sh" if first == "#!/usr/bin/env bash" else path.suffix
        if suffix == ".rs" and "src" in path.parts:
            text = only_tests(text)
        found += [f"{path.relative_to(TOP)}:{line}: {what}" for line, what in waits(suffix, text)]
    print("\n".join(missed + found) or "no test waits without a limit")
    return 1 if missed or found else 0


def waits(suffix, text):
    """The waits without a limit in a program, with their lines."""
    lines = python(ast.parse(text)) if suffix == ".py" else others(OTHERS[suffix], text) if suffix in OTHERS else []
    every = text.split("\n")
    return [(line, what) for line, what in lines if not is_explained(every, line)]


def only_tests(text):
    """The program, with nothing but blank lines before its tests."""
    before, mark, tests = text.partition("#[cfg(test)]\nmod tests {")
    return "\n" * before.count("\n") + mark + tests if mark else ""


def python(tree):
    for call in ast.walk(tree):
        if isinstance(call, ast.withitem) and ast.unparse(call.context_expr).startswith("subprocess.Popen("):
            yield call.context_expr.lineno, "the end of this `with` has no limit"
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
    sys.exit(main([TOP / it for it in sys.argv[1:] or ["tests", "server"]]))
