"""Ask dstack itself: runs with the Python of a virtual environment that has one release of `dstack[server]`.

One case a line on standard input, `{"id", "kind", "text"}`; one answer a line on standard output,
`{"id", "accept", "how", "where", "words"}`:

how     "ok", "yaml" (PyYAML refuses the text), "parse" (dstack's own error) or "crash" (a traceback: a rejection, too)
where   for "parse", the place of the first error as pydantic names it
words   what the first error says

The text goes the way of the command line: `yaml.safe_load`, then the function that `dstack apply` calls (or the model
that the server, the client or the profiles' reader validates with). Nothing of dstack is imitated here.
"""

import json
import logging
import os
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
os.environ.setdefault("HOME", "/")

import pydantic  # noqa: E402
import yaml  # noqa: E402


def reader(kind):
    """The function that makes a model of the loaded data."""
    if kind == "configuration":
        from dstack._internal.core.models.configurations import parse_apply_configuration

        return parse_apply_configuration
    if kind == "profiles":
        from dstack._internal.core.models.profiles import ProfilesConfig as Model
    elif kind == "server-config":
        from dstack._internal.server.services.config import ServerConfig as Model
    elif kind == "client-config":
        from dstack._internal.core.models.config import GlobalConfig as Model
    elif kind == "template":
        from dstack._internal.core.models.templates import UITemplate as Model
    else:
        raise SystemExit(f"no such kind: {kind}")
    return getattr(Model, "model_validate", None) or Model.parse_obj


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

    def rejected(how, words, where=()):
        return {"accept": False, "how": how, "where": [str(it) for it in where], "words": words.strip()[:300]}

    try:
        data = yaml.safe_load(text)
    except Exception as error:
        return rejected("yaml", f"{type(error).__name__}: {error}")
    try:
        reader(kind)(data)
    except (ConfigurationError, pydantic.ValidationError) as error:
        cause = validation_error(error)
        first = cause.errors()[0] if cause is not None else {"loc": (), "msg": str(error)}
        return rejected("parse", str(first["msg"]), first["loc"])
    except Exception as error:
        return rejected("crash", f"{type(error).__name__}: {error}")
    return {"accept": True, "how": "ok", "where": [], "words": ""}


def main():
    for line in sys.stdin:
        case = json.loads(line)
        answer = verdict(case["text"], case.get("kind", "configuration"))
        print(json.dumps({"id": case["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
