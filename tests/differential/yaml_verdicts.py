#!/usr/bin/env python3
"""Prints mutants of texts with PyYAML's verdicts, as JSON lines: {"text": …, "accepted": …, "error": …}.

    yaml_verdicts.py [SEED [COUNT]] [FILE…]

Without files, the texts are those below. The Rust test `server/yaml/tests/pyyaml.rs` reads the lines and compares.
"""

import json
import random
import sys

import yaml

TEXTS = [
    """\
type: task
name: train # a name
python: "3.12"
env:
  - HF_TOKEN
  - MODEL=llama
commands:
  # get it
  - pip install -r requirements.txt
  - |
    for i in 1 2 3; do
      echo "x # y" $i
    done

  - >-
    python train.py
      --epochs 3
ports:
- 8080
- "8000:80"
resources:
  gpu: {name: [A100, H100], count: 1..8, memory: 24GB..}
  shm_size: 16GB
""",
    """\
type: service
image: 'it''s'
env:
  A: "1"
  B: &b two
  C: *b
  "D E": ~
base: &base
  spot_policy: auto
  max_price: 1.5
more:
  <<: *base
  region: eu
list:
  - &m {x: 1}
  - <<: [*m, *base]
? complex
: value
when: 2024-01-01
at: 2024-01-01 10:00:00
auth: off
""",
    """\
%YAML 1.1
---
a: !!str 12
b: !!int "3"
c: !!float 1
d: ! 12
e: !!set {x, y}
f: !!omap [a: 1, b: 2]
g: !!binary aGk=
h: !!null ""
i: !!bool yes
j: !!seq [1]
k: !!map {a: 1}
...
""",
    """\
a:
  b:
    c:
      - d: 1
        e: 2
        f:
        - g
        - h: |+
            text

          i: j
      - - k
        - - l
      -
        n: o
  r: 'a

    b'
s: []
t: {}
u:
v: "\\x41\\u00e9\\n \\
  x"
""",
    "- 1\n- 0x1F\n- 1:30\n- 017\n- 1e3\n- .inf\n- -1_000\n- 08\n- 1.5e+3\n- null\n- ~\n- =x\n- <<x\n",
    "plain text\nover lines\n",
    "{a: 1, b: [x, y, {z: 1}], ? c : d}\n",
]

BITS = [
    "x", " ", "\n", ":", ": ", '"', "'", "[", "]", "{", "}", "#", " # c", "- ", "-", "|", "|\n", ">", "&a ", "*a", "*b", "&b ",
    "!t ", "!!int ", "!!str ", "!!map ", "!!seq ", "!!set ", "!!timestamp ", "! ", "%", "@", "`", ",", "\t", "  ", "\n  ",
    "\nkey: v\n", "\n- i\n", "? ", "---\n", "--- ", "...\n", "\r\n", "é", "🎉", "\u2028", "\u0085", "\\", "\\q", "\n\n", "<<: *a",
    "<<: ", "=", "= ", "\n=: 1\n", "\n\"", "\n]", "a: b\n", "\r", "\ufeff", "\0", "\x7f", "\x1b", "2024-13-01", "2024-02-30 ",
    "0b", "0x", "1:60", "\n%TAG ! x\n", "~", "\t#", "\n\t", "&é ", "!<x> ", "!e!x ", "|2\n", ">+\n", "|0\n", "'' ", "?\n",
    "＃", "\nＡ: x\n", "\n\uf000", "\ufffd", "\n\ufeff", "\n\ufeff# c\n", "%FOO x # c\n---\n", "\\ud83d", "\\U0000dfff", "!x,", "[!!str, ",
    "! ,", "[!!str a !x, b]", "%BAR\n%FOO\n---\n", "\n! <<: {a: 1}\n", "!!merge ", "!!value ", "\n! =: 1\n",
]


def mutant(text, rng):
    if rng.random() < 0.1:
        text = text.replace("\n", "\r\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        line = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        match rng.randint(0, 10):
            case 0 | 1 | 2 | 3:
                text = text[:at] + rng.choice(BITS) + text[at:]
            case 4 | 5:
                text = text[:at] + text[at + rng.randint(1, 4) :]
            case 6:
                text = text[:at] + rng.choice(BITS) + text[at + 1 :]
            case 7:
                text = text[:line] + text[line:end] + text[line:]
            case 8:
                text = text[:line] + text[end:]
            case 9:
                text = text[:line] + " " * rng.randint(1, 3) + text[line:]
            case 10:
                indent = len(text[line:]) - len(text[line:].lstrip(" "))
                text = text[:line] + text[line + rng.randint(0, indent) :]
    return text


def verdict(text):
    try:
        yaml.safe_load(text)
        return None
    except Exception as error:  # a crash of PyYAML is also a rejection
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def main():
    arguments = sys.argv[1:]
    numbers = [int(it) for it in arguments if it.isdigit()]
    files = [it for it in arguments if not it.isdigit()]
    rng = random.Random(numbers[0] if numbers else 1)
    count = numbers[1] if len(numbers) > 1 else 5000
    texts = [open(it, encoding="utf-8", newline="").read() for it in files] or list(TEXTS)
    texts += ["\ufeff" + text for text in TEXTS]
    for i in range(count):
        text = texts[i] if i < len(texts) else mutant(rng.choice(texts), rng)
        error = verdict(text)
        print(json.dumps({"text": text, "accepted": error is None, "error": error}))


if __name__ == "__main__":
    main()
