"""Test data for terminal editors: a project to work on, in the home folder of a user who follows a README."""

import json
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent

# A file with dstack's default name, with two fields that were replaced by one.
DEV = """\
type: dev-environment
ide: vscode
# how long to wait
termination_policy: destroy-after-idle # agreed with the team
termination_idle_time: 30m
max_duration: 1d
"""

DEV_FIXED = """\
type: dev-environment
ide: vscode
# how long to wait
# agreed with the team
idle_duration: 30m
max_duration: 1d
"""

# A file with a misspelled field in line 5.
TASK = """\
type: task
name: train

python: 3.12
comands:
  - python train.py --epochs 3

# two of them
resources:
  gpu: A100:80GB:2
"""

# The same file after the fix, with two more fields.
TASK_FIXED = """\
type: task
name: train

python: 3.12
commands:
  - python train.py --epochs 3

# two of them
resources:
  shm_size: 16GB
  gpu: A100:80GB:2
priority: 10
"""

# The file that pins the release.
LOCK = """\
[[package]]
name = "dstack"
version = "0.19.40"
"""

# Other files that are dstack files by name.
OTHERS = [".dstack/profiles.yml", ".dstack/config.yaml", ".dstack/server/config.yml", ".dstack/templates/train.yml"]


def project(folder):
    """Makes the project: the files above, and `other.yml`, which is not a dstack file."""
    files = {".dstack.yml": DEV, "train.dstack.yml": TASK, "uv.lock": LOCK, "other.yml": "comands: []\n"}
    for name, text in files.items() | {(name, f"comands: [] # {name}\n") for name in OTHERS}:
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pathlib.Path(folder)


def examples(readme, language):
    """The examples in a language from a README in editors/."""
    text = (HERE.parent.parent / "editors" / readme).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", example, flags=re.MULTILINE) for indent, example in found]


def environment(home):
    """The environment of a user with this home folder and the recorded server on the PATH."""
    server = subprocess.check_output([HERE / "recorded", home / "bin"], text=True, timeout=60).strip()
    return os.environ | {"HOME": str(home), "PATH": f"{server}:{os.environ['PATH']}"}


def opened():
    """The names of the files that have been opened in servers so far."""
    found = []
    for path in pathlib.Path(os.environ["MESSAGES"]).glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            message = json.loads(line)["message"]
            if message.get("method") == "textDocument/didOpen":
                found.append(message["params"]["textDocument"]["uri"].rsplit("/", 1)[-1])
    return found
