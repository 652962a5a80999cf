"""Finds tests that wait without a limit, so that a hang becomes a failure that names what hung.

    waits.py [FOLDER...]

Reads the programs of tests, and the tests of the crates. A line whose wait is limited elsewhere needs a comment `# ends: …` with the
reason, at its end or above it. Reads and writes of pipes are also waits. Prints each wait without a limit as `FILE:LINE: …`; the
exit code is 1 if there is one, or if one of the waits in SAMPLES is not found.

It recognizes calls by their names and does not find

* waits with names that are too common: `lines()`, `read(&mut buffer)` and `write!` of a pipe in Rust, `read` and `write` of a
  pipe under another name than `stdin` and `stdout` in Python, `os.read`, and `result()` of a future;
* promises of JavaScript that a library makes, such as those of events: whatever runs such a program must limit it as a whole;
* loops in languages other than that of the shell, and in the shell those that `read`, which end with their input;
* connections without a timeout, and locks of threads.
"""

import ast
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
# Calls without a limit unless they have this argument, by its name or at this position.
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
    ".readline": (None, None),
    ".sendall": (None, None),
    ".stdin.flush": (None, None),
    ".stdin.write": (None, None),
    ".stdout.read": (None, None),
    "os.wait": (None, None),
    "os.waitpid": (None, None),
}
# A promise that is created directly must be that of a timer.
JAVASCRIPT = r"\b(spawnSync|execSync|execFileSync)\(|\bnew Promise\((?!\w+ => setTimeout\()"
# The same in other languages, as regular expressions.
OTHERS = {
    # `fs::read_to_string` is not among them: a file ends.
    ".rs": r"\.recv\(\)|\.join\(\)|\.wait\(\)|\.wait_with_output\(\)|\.output\(\)|\.status\(\)"
    r"|\.read_(exact|line|to_end|to_string|until)\(|\.write_all\(",
    ".mjs": JAVASCRIPT,
    ".js": JAVASCRIPT,
    ".lua": r":wait\(\)|vim\.fn\.system\(",
    ".sh": r"^\s*wait\b|\bflock (?!-w)\d|^\s*(while|until)\b(?! (IFS= )?read\b)",
}
# Waits that must be found, one for each way to write them.
SAMPLES = [
    (".py", "subprocess.run(['x'])"),
    (".py", "child.communicate()"),
    (".py", "with subprocess.Popen(['x']) as child:\n    pass"),
    (".py", "process.stdin.write(b'x')"),
    (".py", "while line := process.stdout.readline():\n    pass"),
    (".py", "for line in process.stdout:\n    pass"),
    (".rs", "let code = child.wait();"),
    (".rs", "stdout.read_exact(&mut [0; 16])"),
    (".rs", "input.write_all(bytes)"),
    (".rs", "receiver.recv().unwrap()"),
    (".mjs", "spawnSync('x', [])"),
    (".mjs", "await new Promise(resolve => child.once('exit', resolve))"),
    (".lua", "vim.fn.system('x')"),
    (".sh", 'wait "$child"'),
    (".sh", "flock 9"),
    (".sh", "until test -e x; do"),
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
        if isinstance(call, ast.For) and ast.unparse(call.iter).endswith((".stdout", ".stderr")):
            yield call.iter.lineno, "the end of this output has no limit"
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
