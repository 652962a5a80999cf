"""Files with one to three random but plausible changes, the same ones for the same seed."""

import random
import re

import cases

# The keys of all kinds of files.
WORDS = sorted({name for place in cases.all_places() if re.fullmatch("[a-z_]+", name := place.name.split(".")[-1])})

SCALARS = """
~ true false yes off 0 1 -1 2 2.5 "2" '' abc "a b" 5m 1h30m off 1..2 2.. 16GB 8GB..16GB A100 A100:2 80 8080:80 /data /a:/b
a/b 2024-01-01 1:30 1e3 0x10 010 [] [a] [1,2] {} {a: b} {min: 1, max: 2} auto spot on-demand error [error] vscode 3.12 "3.12"
aws gcp kubernetes runpod default api_key cluster 10.0.0.1 8.8.8.8 10.0.0.0/24 [aws] [a,a] {type: a} {name: a} [{name: a}] [{}] 1000 65536
*x &x !!str ${{x}} | > @ ` % "a 'a [a {a a: - # -
""".split(" ")
SCALARS = [it.strip() for it in " ".join(SCALARS).split()]

KEY = re.compile(r"^(\s*(?:- )*)([A-Za-z_][\w-]*)(:(?:\s|$))(.*)$", re.DOTALL)


def mutant(text, rng, others):
    """`text` with one to three changes, and a description of them; `others` are files to take lines from."""
    lines = text.split("\n")
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        change = rng.choice(CHANGES)
        at = rng.randrange(len(lines))
        if change(lines, at, rng, others):
            done.append(change.__name__)
        if not lines:
            lines = [""]
    return "\n".join(lines), done


def key_misspelled(lines, at, rng, _):
    found = KEY.match(lines[at])
    if not found:
        return False
    before, key, colon, rest = found.groups()
    i = rng.randrange(len(key))
    key = rng.choice(
        (key[:i] + key[i + 1 :], key[:i] + key[i] + key[i:], key[:i] + key[i + 1 : i + 2] + key[i : i + 1] + key[i + 2 :], key.upper(), key + "s")
    )
    lines[at] = before + key + colon + rest
    return True


def key_replaced(lines, at, rng, _):
    found = KEY.match(lines[at])
    if found:
        lines[at] = found[1] + rng.choice(WORDS) + found[3] + found[4]
    return bool(found)


def value_replaced(lines, at, rng, _):
    found = KEY.match(lines[at])
    if found:
        lines[at] = found[1] + found[2] + ": " + rng.choice(SCALARS)
    return bool(found)


def item_replaced(lines, at, rng, _):
    found = re.match(r"^(\s*- )", lines[at])
    if found:
        lines[at] = found[1] + rng.choice(SCALARS)
    return bool(found)


def value_of_another(lines, at, rng, others):
    found = KEY.match(lines[at])
    if not found:
        return False
    same = [it for it in others if it[1] == found[2]]
    if not same:
        return False
    lines[at] = found[1] + found[2] + found[3] + rng.choice(same)[3]
    return True


def line_of_another(lines, at, rng, others):
    lines.insert(at, "".join(rng.choice(others)))
    return True


def block(lines, at):
    """The end of the entry that begins in a line: before the next line that is not deeper."""
    depth = depth_of(lines[at])
    end = at + 1
    while end < len(lines) and lines[end].strip() and depth_of(lines[end]) > depth:
        end += 1
    return end


def depth_of(line):
    return len(line) - len(line.lstrip(" "))


def entry_dropped(lines, at, _rng, _):
    del lines[at : block(lines, at)]
    return True


def entry_moved(lines, at, rng, others):
    return entry_doubled(lines, at, rng, others, keep=False)


def entry_doubled(lines, at, rng, _, keep=True):
    """Copies the entry with its contents to another place, with the indentation of that place."""
    entry = lines[at : block(lines, at)]
    if not entry[0].strip():
        return False
    if not keep:
        del lines[at : at + len(entry)]
    to = rng.randrange(len(lines) + 1)
    by = (depth_of(lines[to]) if to < len(lines) else 0) - depth_of(entry[0])
    lines[to:to] = [" " * by + it if by > 0 else it[min(-by, depth_of(it)) :] for it in entry]
    return True


def line_dropped(lines, at, _rng, _):
    del lines[at]
    return True


def line_doubled(lines, at, rng, _):
    lines.insert(rng.randrange(len(lines) + 1), lines[at])
    return True


def line_moved(lines, at, rng, _):
    line = lines.pop(at)
    lines.insert(rng.randrange(len(lines) + 1), line)
    return True


def line_shifted(lines, at, rng, _):
    by = rng.choice((-4, -2, -1, 1, 2, 4))
    lines[at] = " " * by + lines[at] if by > 0 else lines[at][min(-by, len(lines[at]) - len(lines[at].lstrip(" "))) :]
    return True


def quotes_removed(lines, at, _rng, _):
    before = lines[at]
    lines[at] = before.replace('"', "").replace("'", "")
    return lines[at] != before


def half_of_a_pair(lines, at, rng, _):
    places = [i for i, c in enumerate(lines[at]) if c in "\"'[]{}:,"]
    if not places:
        return False
    i = rng.choice(places)
    lines[at] = lines[at][:i] + lines[at][i + 1 :]
    return True


def value_quoted(lines, at, rng, _):
    found = KEY.match(lines[at])
    if not found or not found[4].strip():
        return False
    quote = rng.choice("\"'")
    lines[at] = found[1] + found[2] + ": " + quote + found[4].strip() + quote
    return True


def digit_changed(lines, at, rng, _):
    places = [i for i, c in enumerate(lines[at]) if c.isdigit()]
    if not places:
        return False
    i = rng.choice(places)
    lines[at] = lines[at][:i] + rng.choice(("0", "9", "-1", "1.5", "")) + lines[at][i + 1 :]
    return True


def character_typed(lines, at, rng, _):
    i = rng.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:i] + rng.choice(" :-#\"'[]{},&*!|>%@`\tx0é") + lines[at][i:]
    return True


CHANGES = [
    key_misspelled,
    key_replaced,
    value_replaced,
    value_replaced,
    item_replaced,
    value_of_another,
    line_of_another,
    entry_dropped,
    entry_moved,
    entry_doubled,
    line_dropped,
    line_doubled,
    line_moved,
    line_shifted,
    quotes_removed,
    half_of_a_pair,
    value_quoted,
    digit_changed,
    character_typed,
]


def all_mutants(files, count, seed):
    """`count` mutants of `files`, which are questions."""
    rng = random.Random(seed)
    others = [found.groups() for file in files for line in file.text.split("\n") if (found := KEY.match(line))]
    files = [it for it in files if it.text.strip()]
    for i in range(count):
        file = files[rng.randrange(len(files))]
        changed, done = mutant(file.text, rng, others)
        yield file._replace(ident=f"mutant {seed}/{i} of {file.ident}: {', '.join(done)}", text=changed)
