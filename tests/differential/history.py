"""For maintainers: compares the verdicts with those of every release of dstack, not only of those that the tests install.

    history.py SERVER --wheels FOLDER --python 0.18.0=VENV/bin/python --python 0.21.0=VENV/bin/python [--release R]...
               [--sort S]... [--sample N] [--answers FOLDER] [--of FOLDER] [--mutants N] [--seed S] [--show N]

FOLDER has one unpacked wheel of dstack for each release, named after the release. Each Python has the packages that dstack
needs from the release before it onwards: up to 0.20.29 that includes pydantic 1. The questions are the documents of `cases/`
or, with `--of`, the files of a folder and their mutants. `--sort` keeps only these kinds or types, and `--sample` limits the
questions for each release to a number, different ones each time. `--answers` keeps dstack's answers, so that after a
correction only our own answers are computed again.

Prints a line for each release with disagreements, then the disagreements by question with their releases and, at the end,
`N passed, N failed`.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import random
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import asking  # noqa: E402
import cases  # noqa: E402
import mutants  # noqa: E402
import run  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", type=pathlib.Path)
    parser.add_argument("--wheels", type=pathlib.Path, required=True)
    parser.add_argument("--python", action="append", default=[], metavar="SINCE=PATH", required=True)
    parser.add_argument("--release", action="append")
    parser.add_argument("--sort", action="append")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--answers", type=pathlib.Path)
    parser.add_argument("--of", type=pathlib.Path)
    parser.add_argument("--mutants", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=100)
    arguments = parser.parse_args()
    server = arguments.server.resolve()

    questions = list(cases.all_cases())
    if arguments.of:
        files = run.files_of(server, arguments.of)
        questions = files + list(mutants.all_mutants(files, arguments.mutants, arguments.seed))
    if arguments.sort:
        questions = [it for it in questions if it.sort in arguments.sort]
    found = [it.name for it in arguments.wheels.iterdir() if it.name.count(".") == 2]
    releases = sorted(arguments.release or found, key=asking.numbers)
    print(f"{len(questions)} questions at {len(releases)} releases", flush=True)

    different = collections.defaultdict(list)
    failed = 0
    chosen = {it: sample(arguments, it, questions) for it in releases}
    with asking.workers() as pool:
        told = {it: pool.submit(answers, arguments, it, chosen[it]) for it in releases}
        for release in releases:
            ours = asking.ask_us(server, release, chosen[release])
            wrong = []
            for question, dstack, our in zip(chosen.pop(release), told.pop(release).result(), ours, strict=True):
                if dstack["accept"] != our.accept and not asking.OF_THE_MACHINE.search(dstack["words"]):
                    wrong.append(question.ident)
                    different[question].append((release, dstack, our))
            if wrong:
                failed += 1
                print(f"{release}: {len(wrong)} disagreements, as {', '.join(wrong[:5])}", flush=True)
    for question, told_by in list(different.items())[: arguments.show]:
        print_difference(question, told_by)
    if len(different) > arguments.show:
        print(f"… and {len(different) - arguments.show} more questions")
    print(f"{len(releases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def print_difference(question, told_by):
    at = ", ".join(release for release, _, _ in told_by)
    _, dstack, ours = told_by[-1]
    says = "accepts" if dstack["accept"] else f"rejects ({dstack['how']}): {dstack['words']}"
    print(f"{question.ident} ({question.sort})\n  at {at}\n  dstack {says!r}\n  dstack-lsp says {run.words_of(ours)!r}\n  {question.text!r}")


def sample(arguments, release, questions):
    """The questions for the release."""
    asked = [it for it in questions if asking.is_asked(it, release)]
    if arguments.sample is None or arguments.sample >= len(asked):
        return asked
    return random.Random(f"{arguments.seed} {release}").sample(asked, arguments.sample)


def answers(arguments, release, asked):
    """dstack's answers in the order of the questions, kept in a file."""
    digest = hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept = arguments.answers and arguments.answers / f"{release}-{digest}.jsonl"
    if kept and kept.exists():
        return [json.loads(line) for line in kept.read_text(encoding="utf-8").split("\n") if line]
    pythons = [it.split("=", 1) for it in arguments.python]
    fitting = [it for it in pythons if asking.numbers(it[0]) <= asking.numbers(release)]
    python = max(fitting, key=lambda it: asking.numbers(it[0]))[1]
    told = asking.ask_dstack(python, asked, arguments.wheels / release)
    told = [{"accept": it["accept"], "how": it["how"], "words": it["words"][:120]} for it in told]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text("".join(json.dumps(it) + "\n" for it in told), encoding="utf-8")
    return told


if __name__ == "__main__":
    main()
