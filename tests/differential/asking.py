"""Asks dstack and dstack-lsp the same questions."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

ORACLE = pathlib.Path(__file__).resolve().parent / "oracle.py"
TYPE = re.compile(r"""^["']?type["']?: *["']?([a-z-]+)""", re.MULTILINE)
TYPES = {"dev-environment", "task", "service", "fleet", "volume", "gateway", "preset", "endpoint"}
# Whether a file exists on the machine does not concern a checker of text; these are the messages of PyYAML and dstack about it.
OF_THE_MACHINE = re.compile(r"No such file|Failed to load file|Is a directory|Permission denied")
# Earlier releases have no templates.
FIRST_TEMPLATE = (0, 20, 12)
# Maximum number of seconds in which a program answers all questions.
LIMIT = 1200


class Question(NamedTuple):
    """A document, its kind, and a name for it."""

    ident: str
    kind: str
    text: str

    @property
    def place(self):
        """The place that a case is about; a document that is about the whole file is a place by itself."""
        place, equals, _ = self.ident.partition(" = ")
        return place if equals else self.ident

    @property
    def sort(self):
        """The group of a question in the figures: its kind, and for a configuration its type."""
        if self.kind != "configuration":
            return self.kind
        found = TYPE.search(self.text)
        return found[1] if found and found[1] in TYPES else "other"


class Ours(NamedTuple):
    """The answer of dstack-lsp: whether the text parses, and the `parse` findings, each with `path`, `line` and `words`."""

    accept: bool
    findings: list


def numbers(release):
    return tuple(map(int, release.split(".")))


def is_asked(question, release):
    """Whether the release reads files of this kind."""
    return question.kind != "template" or numbers(release) >= FIRST_TEMPLATE


def ask_dstack(python, questions, src=None):
    """dstack's answers in the order of the questions."""
    lines = "".join(json.dumps({"kind": it.kind, "text": it.text}) + "\n" for it in questions)
    command = [str(python), str(ORACLE)] + (["--src", str(src)] if src else [])
    ran = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", timeout=LIMIT, check=False)
    if ran.returncode != 0:
        sys.exit(f"{src or python}: {ran.stderr}")
    return [json.loads(line) for line in ran.stdout.split("\n") if line]


def workers():
    """The number of threads that wait for dstack, each for a separate process."""
    return concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2)


class Folder:
    """The questions as files, in a folder per kind, so that dstack-lsp can check them at any number of releases."""

    def __init__(self, questions):
        self.questions = questions
        self.root = tempfile.TemporaryDirectory()
        self.kinds = sorted({it.kind for it in questions})
        for kind in self.kinds:
            (pathlib.Path(self.root.name) / kind).mkdir()
        for i, question in enumerate(questions):
            # As bytes, so that line endings are not changed; texts that UTF-8 cannot encode are not among the cases.
            path = pathlib.Path(self.root.name) / question.kind / f"{i:07}.dstack.yml"
            path.write_bytes(question.text.encode("utf-8", "surrogatepass"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.root.cleanup()

    def ask(self, server, release):
        """Our answers in the order of the questions."""
        answers = [None] * len(self.questions)
        for kind in self.kinds:
            report = check(server, pathlib.Path(self.root.name) / kind, "--release", release, "--kind", kind)
            for file in report["files"]:
                answers[int(pathlib.Path(file["path"]).name.split(".")[0])] = ours(file)
        assert None not in answers, "one answer for each question"
        return answers


def ask_us(server, release, questions):
    """Our answers in the order of the questions."""
    with Folder(questions) as folder:
        return folder.ask(server, release)


def check(server, folder, *options):
    """The report of `dstack-lsp check` on a folder."""
    command = [server, "check", "--format", "json", "--exit-zero", *options, "."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=LIMIT, check=False)
    if ran.returncode != 0:
        sys.exit(f"dstack-lsp failed: {ran.stderr}")
    return json.loads(ran.stdout)


def ours(file):
    """A file of the report."""
    findings = [
        {"path": it["path"], "line": it["start"]["line"], "words": f"{it['rule']}: {it['message']}"}
        for it in file["diagnostics"]
        if it["stage"] == "parse"
    ]
    assert file["parses"] == (not findings)
    return Ours(file["parses"], findings)
