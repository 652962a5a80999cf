"""Prints scalars with their values in PyYAML's `SafeLoader`, as JSON lines.

    python scalars.py [COUNT] [SEED]

Each line is {"text", "tag" (if explicit, in its long form), "quoted", "type", "value"}. `type` is null, bool, int, float,
str, timestamp, binary or error; `value` is a string: the decimal digits of an int (limited to 128 bits), the `repr` of a
float. The generator targets the edges of the regular expressions in `resolver.py`: single characters of numbers, dates
and words, and small changes to accepted scalars.
"""

import datetime
import json
import random
import sys

import yaml
from yaml.nodes import ScalarNode

WORDS = """~ null Null NULL nULL yes Yes YES yEs no No NO true True TRUE tRUE false False FALSE on On ON off Off OFF y n Y N
= << < ! .inf .Inf .INF .iNF -.inf +.INF .nan .NaN .NAN .Nan -.nan inf nan infinity 0 00 08 017 0o17 0O7 1_000 1__ _1 +1 -1 --1 +-1
0b 0b_ 0b1 0b2 0b_1_0 -0b11 0x 0x_ 0x_f 0xFF 0XFF -0xdead_beef 0_ 0_7 0_8 -0_ 1e3 1E5 1.0e3 1.0e+3 1.e+3 .5 -.5 +.5 .5e-3 ._5 5. 5_.
1_.5_ 1.5_e+3 1:30 01:30 0:30 1:60 1:5 1:75 190:20:30 190:20:30.15 1:30. 1:30._ -1:30 1:30:5.5 1:30:99 0:0.0 1: :1 1::2
2001-12-14 2001-1-1 2001-13-14 2001-02-29 2000-02-29 1900-02-29 0000-01-01 9999-12-31 2001-12-14t21:59:43.10-05:00
2001-12-14T21:59:43Z 2001-12-14T24:00:00 2001-12-14T1:60:00 2001-12-14T1:00:60 2001-12-15 2:59:43.10 2001-12-14T1:00:00+24:00
2001-12-14T1:00:00-23:59 2001-12-14T1:00:00+23:60 2001-12-14T1:00:00+9 2001-12-14T1:00:00+99 2001-12-14T1:00:00. 5m 1h30m 24GB
16.. 1..8 8..16GB A100:8 0.0.0.0 1.2.3 127.0.0.1:80 8080:80 3000 3:11 3.11 3.10 1e400 1.0e+400 1.0e-400 0.1 1e+3""".split()
EXTRA = ["", " 5 ", "5 ", "\t5", "1.5 ", " yes", "2001-12-14 1:00:00", "2001-12-14\t \t1:00:00 +1", "2001-12-14 1:00:00  Z",
         "1\n", "yes\n", "~\n", "=\n", "2001-12-14\n", "\n", " ", "\x1c5", "\xa05", "aGVsbG8=", "aGVsbG8", "aGVsbG", "a", "a=", "ab=",
         "ab==", "abc=", "abc=d", "é", "ab==cd", "a b c d", "====", "1" * 40, "-" + "9" * 40, "0x" + "f" * 40, "0b" + "1" * 130,
         "1" * 4300, "1" * 4301, "0" + "7" * 60, "1" + ":0" * 30, "1" + ":1" * 170 + ".5", "1" + ":1" * 180 + ".5", "59" + ":59" * 20 + ".",
         "1" * 400 + ".0", "170141183460469231731687303715884105727", "-170141183460469231731687303715884105728"]
ALPHABETS = ["0123456789", "01_", "0123456789_", "01234567_:", "0123456789:.", "0123456789.eE+-_", "+-.0123456789abcdefx_",
             "0bx_1f", ".infINFanA-+", "yesnotrufalYESNOTRUFAL", "0123456789-T:Z+. ", "ab=+/ "]
TAGS = ["!"] + ["tag:yaml.org,2002:" + name for name in
                ["str", "int", "float", "bool", "null", "binary", "timestamp", "merge", "value", "seq", "map", "set", "omap",
                 "pairs", "python/tuple", "other"]] + ["!local"]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    out = sys.stdout
    fixed = [(text, tag, quoted) for text in WORDS + EXTRA for tag in [None] + TAGS for quoted in (False, True)]
    for i in range(count):
        text, tag, quoted = fixed[i] if i < len(fixed) else scalar(rng)
        kind, value = ask(text, tag, quoted)
        line = {"text": text, "quoted": quoted, "type": kind, "value": value}
        if tag is not None:
            line["tag"] = tag
        out.write(json.dumps(line) + "\n")


def scalar(rng):
    text = rng.choice([random_text, date, changed])(rng)
    tag = rng.choice(TAGS[:8]) if rng.random() < 0.25 else None
    return text, tag, rng.random() < 0.1


def random_text(rng):
    alphabet = rng.choice(ALPHABETS)
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 9)))


def date(rng):
    number = lambda high: str(rng.randint(0, high)).zfill(rng.choice([1, 2, 2, 2]))
    text = f"{rng.choice([0, 1, 1900, 2000, 2023, 2024, 9999]):04}-{number(13)}-{number(32)}"
    if rng.random() < 0.8:
        text += rng.choice(["T", "t", " ", "  ", "\t", "x"]) + f"{number(25)}:{number(61)}:{number(61)}"
        text += rng.choice(["", "", ".", ".5", ".123456789"])
        text += rng.choice(["", "Z", " Z", "z", f"+{number(25)}", f" -{number(25)}:{number(61)}", f"+{number(25)}:{number(99)}"])
    return text


def changed(rng):
    text = rng.choice(WORDS)
    for _ in range(rng.randint(1, 2)):
        at = rng.randint(0, len(text))
        end = at + rng.choice([0, 0, 1])
        text = text[:at] + rng.choice(["", rng.choice("0159_:.-+eEx bTZ")]) + text[end:]
    return text


LOADER = yaml.SafeLoader("")
LIMIT = 2**127


def ask(text, tag, quoted):
    """Does the same as `Composer.compose_scalar_node` and `BaseConstructor.construct_document`."""
    if tag in (None, "!"):
        tag = LOADER.resolve(ScalarNode, text, (not quoted, quoted) if tag is None else (True, False))
    try:
        value = LOADER.construct_document(ScalarNode(tag, text))
    except Exception:
        # `safe_load` raises any of these; a new loader is needed, since this one is in the middle of a document.
        LOADER.constructed_objects, LOADER.recursive_objects = {}, {}
        LOADER.state_generators, LOADER.deep_construct = [], False
        return "error", ""
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "bool", str(value).lower()
    if isinstance(value, int):
        return "int", str(max(-LIMIT, min(LIMIT - 1, value)))
    if isinstance(value, float):
        return "float", repr(value)
    if isinstance(value, str):
        return "str", value
    if isinstance(value, bytes):
        return "binary", ""
    assert isinstance(value, datetime.date), repr(value)
    return "timestamp", ""


if __name__ == "__main__":
    main()
