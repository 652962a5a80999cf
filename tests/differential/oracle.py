"""Asks dstack itself: runs with the Python of a virtual environment that has one release of `dstack[server]`.

    oracle.py [--src FOLDER]

With `--src`, dstack is imported from an unpacked wheel instead. Reads one case per line from standard input,
`{"id", "kind", "text"}`, and prints one answer per line, `{"id", "accept", "how", "words", "nodes", "lines"}`:

how     "ok", "yaml" (PyYAML rejects the text), "parse" (dstack's own error) or "crash" (a traceback, also a rejection)
words   the message of the first error
nodes   for "parse", the places that dstack names, as keys and indexes of the document (see `nodes.py`)
lines   for "yaml", the lines of PyYAML's marks: where it stopped, and where the construct that it was reading began

The text is processed like on the command line: `yaml.safe_load`, then the function that `dstack apply` calls (or the model
that the server, the client or the reader of profiles validates with). Nothing of dstack is reimplemented here.
"""

import json
import logging
import os
import pathlib
import sys
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
if "--src" in sys.argv:
    sys.path.insert(0, sys.argv[sys.argv.index("--src") + 1])
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
os.environ.setdefault("HOME", "/")

import nodes  # noqa: E402
import pydantic  # noqa: E402
import yaml  # noqa: E402

READERS = {}


def reader(kind):
    """The function that makes a model of the loaded data."""
    if kind == "configuration":
        return configuration_reader()
    if kind == "profiles":
        from dstack._internal.core.models.profiles import ProfilesConfig as Model
    elif kind == "server-config":
        ask_nobody()
        from dstack._internal.server.services.config import ServerConfig as Model
    elif kind == "client-config":
        from dstack._internal.core.models.config import GlobalConfig as Model
    elif kind == "template":
        from dstack._internal.core.models.templates import UITemplate as Model
    else:
        raise SystemExit(f"no such kind: {kind}")
    return getattr(Model, "model_validate", None) or Model.parse_obj


def ask_nobody():
    """Keeps releases of gpuhunt that request the GPUs of Runpod on import from failing without a network. No verdict depends on it."""
    import requests

    class NoGpus:
        def raise_for_status(self):
            pass

        def json(self):
            return {"data": {"gpuTypes": []}}

    requests.post = lambda *_, **__: NoGpus()


def configuration_reader():
    """The reader of files for `dstack apply`; up to 0.18.6, runs were started by `dstack run`, which has its own reader."""
    from dstack._internal.core.models import configurations

    applied = [it.value for it in getattr(configurations, "ApplyConfigurationType", ())]
    if "task" in applied:
        return configurations.parse_apply_configuration
    of_runs = getattr(configurations, "parse_run_configuration", None) or configurations.parse

    def read(data):
        is_applied = isinstance(data, dict) and data.get("type") in applied
        return (configurations.parse_apply_configuration if is_applied else of_runs)(data)

    return read


def validation_error(error):
    """The pydantic error behind one of dstack's, if there is one."""
    while error is not None:
        if isinstance(error, pydantic.ValidationError):
            return error
        for argument in error.args:
            if isinstance(argument, pydantic.ValidationError):
                return argument
        error = error.__cause__ or error.__context__
    return None


def verdict(text, kind):
    from dstack._internal.core.errors import ConfigurationError

    def rejected(how, words, places=(), lines=()):
        return {"accept": False, "how": how, "words": words.strip()[:300], "nodes": places, "lines": lines}

    try:
        data = yaml.safe_load(text)
    except Exception as error:
        marks = [getattr(error, it, None) for it in ("problem_mark", "context_mark")]
        return rejected("yaml", f"{type(error).__name__}: {error}", lines=[it.line + 1 for it in marks if it])
    if kind not in READERS:
        READERS[kind] = reader(kind)
    try:
        READERS[kind](data)
    except (ConfigurationError, pydantic.ValidationError) as error:
        cause = validation_error(error)
        if cause is None:
            return rejected("parse", str(error))
        errors = cause.errors()
        return rejected("parse", str(errors[0]["msg"]), nodes.all_named(data, errors))
    except Exception as error:
        return rejected("crash", f"{type(error).__name__}: {error}")
    return {"accept": True, "how": "ok", "words": "", "nodes": [], "lines": []}


def main():
    for line in sys.stdin:
        case = json.loads(line)
        answer = verdict(case["text"], case.get("kind", "configuration"))
        print(json.dumps({"id": case.get("id"), **answer}), flush=True)


if __name__ == "__main__":
    main()
