"""Prints the facts of dstack's models: runs with the Python of a virtual environment that has one release of `dstack[server]`.

Prints one JSON object:

release   the release of dstack
fields    each field by its path, such as `service.probes[].headers[].name`, `task.env{}.key` or `volume<aws>.size`
open      the classes that take unknown keys
code      the functions, methods and constants behind the models, each with a hash of its text, to show which of them
          changed between two releases
gpus      the GPUs that `gpuhunt` knows by name

In a path, `[]` is an item of a list, and `{}` a value of a mapping with free keys. If a place allows several mappings, `<…>`
selects one: by the value of the field that distinguishes them, or else by the name of the class.

A field has

type      what it takes: `string`, `integer`, `float`, `boolean`, `any`, `null`, `mapping` (into which the path continues),
          `words`, a class with its own parser by its name, and these in `[…]` and `{…: …}`
words     the values of an enum, if it is one
limits    `min`, `above`, `max`, `below`, `min-length`, `max-length`, `min-items`, `max-items`, `pattern`
required  whether it is required
default   the default of the model, and `told`, the default that its description names
class     the class that defines it

It supports pydantic 1 and pydantic 2, and does not refer to any field of dstack by name. Texts of dstack are neither
printed nor kept.
"""

import ast
import collections.abc
import enum
import hashlib
import importlib
import importlib.metadata
import inspect
import json
import logging
import os
import re
import sys
import types
import typing
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
os.environ.setdefault("HOME", "/")

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import offline  # noqa: E402, F401
import pydantic  # noqa: E402

V2 = pydantic.VERSION.startswith("2")
MODELS = "dstack._internal.core.models"

# The place of the model of each kind of file, if the release has one.
ROOTS = {
    "profiles": (f"{MODELS}.profiles", "ProfilesConfig"),
    "server-config": ("dstack._internal.server.services.config", "ServerConfig"),
    "client-config": (f"{MODELS}.config", "GlobalConfig"),
    "template": (f"{MODELS}.templates", "UITemplate"),
    # Before `dstack apply` read presets, a separate command did, and in 0.20.28 one for endpoints.
    "endpoint": ("dstack._internal.cli.models.endpoints", "EndpointConfiguration"),
    "preset": ("dstack._internal.cli.models.configurations", "PresetConfiguration"),
}
# The files that `dstack apply` reads. A volume is read a second time, by its backend.
CONFIGURATION = (f"{MODELS}.configurations", ("BaseApplyConfiguration", "ApplyConfiguration"))
AGAIN = {"BaseVolumeConfiguration": (f"{MODELS}.volumes", "VolumeConfiguration")}

# The limits of pydantic, by their names in the catalogue.
LIMITS = {
    "ge": "min",
    "gt": "above",
    "le": "max",
    "lt": "below",
    "min_length": "min-length",
    "max_length": "max-length",
    "min_items": "min-items",
    "max_items": "max-items",
    "regex": "pattern",
    "pattern": "pattern",
}


def main():
    walk = Walk()
    for kind, (module, name) in ROOTS.items():
        if (model := find(module, name)) is not None:
            # These two are also selected by `type`.
            walk.mapping(model, kind, {"type"} if kind in ("endpoint", "preset") else frozenset())
    module, names = CONFIGURATION
    root = next(filter(None, (find(module, name) for name in names)))
    for label, model in labelled(kinds(root)):
        if class_name(model) in AGAIN:
            # One of several mappings, distinguished by a field of theirs.
            again = kinds(find(*AGAIN[class_name(model)]))
            for inner, variant in labelled(again):
                walk.mapping(variant, f"{label}<{inner}>", tags(kinds(root)) | tags(again))
        else:
            walk.mapping(model, label, tags(kinds(root)))
    answer = {
        "release": importlib.metadata.version("dstack"),
        "fields": walk.fields,
        "open": sorted({class_name(it) for it in walk.classes if is_open(it)}),
        "code": code(walk.classes),
        "gpus": gpus(),
    }
    json.dump(answer, sys.stdout, indent=1)


def find(module, name):
    try:
        return getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError:
        return None


class Kind(typing.NamedTuple):
    """One of the kinds of values that an annotation allows."""

    # As it is written in `type`.
    text: str
    # How the path continues: ``, `[]`, `{}`.
    steps: str = ""
    # The class, for `mapping`.
    model: typing.Optional[type] = None
    # The field that distinguishes this mapping from others at the place.
    tag: typing.Optional[str] = None
    words: tuple = ()
    limits: tuple = ()


def kinds(annotation, info=None):
    """All kinds that an annotation allows. `info` is what pydantic knows about the field besides the annotation."""
    tag, limits = (getattr(info, "discriminator", None), limits_of(info)) if info is not None else (None, [])
    while typing.get_origin(annotation) is typing.Annotated:
        annotation, *rest = typing.get_args(annotation)
        for it in rest:
            tag = getattr(it, "discriminator", None) or tag
            # pydantic 1 ignores the limits of an annotation within another one.
            limits += limits_of(it) if V2 else []
    if is_root(annotation):
        found = kinds(*root_of(annotation))
    else:
        found = plain_kinds(annotation)
    if tag is not None:
        found = [it._replace(tag=it.tag or tag) if it.model else it for it in found]
    return [limited(it, limits) for it in found] if limits else found


def limited(kind, limits):
    """The kind with more limits. pydantic 2 calls the number of items of a list its length."""
    if kind.text == "null":
        return kind
    if kind.text.startswith(("[", "{")):
        limits = [(name.replace("length", "items"), value) for name, value in limits]
    return kind._replace(limits=kind.limits + tuple(limits))


def plain_kinds(annotation):
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return [Kind("null")]
    if annotation is typing.Any or isinstance(annotation, typing.TypeVar):
        return [Kind("any")]
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        return [kind for argument in arguments for kind in kinds(argument)]
    if origin is typing.Literal:
        return [Kind("words", words=tuple(plain(it) for it in arguments))]
    if origin in (list, collections.abc.Sequence):
        return [it._replace(text=f"[{it.text}]", steps="[]" + it.steps) for it in kinds(*arguments)]
    if origin in (dict, collections.abc.Mapping):
        keys, values = kinds(arguments[0]), kinds(arguments[1])
        return [
            value._replace(
                text=f"{{{key.text}: {value.text}}}", steps="{}" + value.steps, limits=value.limits + key.limits
            )
            for key in keys
            for value in values
        ]
    if not isinstance(annotation, type):
        return [Kind(str(annotation))]
    if issubclass(annotation, pydantic.BaseModel):
        return [Kind("mapping", model=annotation)]
    if issubclass(annotation, enum.Enum):
        return [Kind("words", words=tuple(plain(it) for it in annotation))]
    # A type of pydantic 1 with limits as attributes: `conint(ge=1)`.
    if hasattr(annotation, "item_type"):
        found = kinds(typing.List[annotation.item_type])
        return [limited(it, limits_of(annotation)) for it in found]
    for base, name in ((bool, "boolean"), (int, "integer"), (float, "float"), (str, "string")):
        if annotation is base:
            return [Kind(name)]
        if issubclass(annotation, base) and annotation.__name__.startswith(("Constrained", "Positive", "NonNegative")):
            return [Kind(name, limits=tuple(limits_of(annotation)))]
    return [Kind(annotation.__name__)]


def limits_of(it):
    """The limits in the attributes of the metadata of a type, or of the type itself."""
    found = []
    for one in [it, *getattr(it, "metadata", ())]:
        # pydantic 2 keeps what `annotated_types` cannot express in a dictionary.
        values = {**{name: getattr(one, name, None) for name in LIMITS}, **(getattr(one, "__dict__", None) or {})}
        for name, limit in LIMITS.items():
            value = values.get(name)
            if isinstance(value, (int, float, str, re.Pattern)):
                found.append((limit, getattr(value, "pattern", value)))
    return found


def is_root(annotation):
    is_model = isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel)
    return is_model and root_of(annotation) is not None


def root_of(model):
    """The annotation of a root model, which is not a mapping itself, and its metadata."""
    if V2:
        field = model.model_fields.get("root") if issubclass(model, pydantic.RootModel) else None
    else:
        field = request(model).__fields__.get("__root__")
    return None if field is None else (field.annotation, field if V2 else field.field_info)


def request(model):
    """With `pydantic-duality` each model exists twice; this is the one that reads files."""
    return model.__request__ if type(model).__name__ == "DualBaseModelMeta" else model


def class_name(model):
    """The name of the class in the source."""
    name = model.__name__.split("[")[0]
    return name if V2 else name.removesuffix("Request")


def labelled(found):
    """The mappings, each with what distinguishes it from the others at its place."""
    models = {it.model: it for it in found if it.model is not None}
    if len(models) == 1:
        return [(None, model) for model in models]
    labels = []
    for model, kind in models.items():
        field = fields(request(model)).get(kind.tag)
        words = kinds(*field[:2])[0].words if field else ()
        labels += [(word, model) for word in words] or [(class_name(model), model)]
    return labels


def tags(found):
    """The fields that distinguish mappings, which are required for that, whatever the models say."""
    return {it.tag for it in found if it.tag is not None}


def fields(model):
    """The fields by their keys in a file: annotation, metadata, required, default."""
    if V2:
        return {
            field.alias or name: (field.annotation, field, field.is_required(), default_of(field))
            for name, field in model.model_fields.items()
        }
    return {
        field.alias: (annotation_of(field), field.field_info, bool(field.required), default_of(field))
        for field in model.__fields__.values()
    }


def annotation_of(field):
    """The annotation of a field of pydantic 1, which loses it if the type is a parameter: `Range[int]`."""
    if not isinstance(field.annotation, (type, typing.TypeVar)) and type(field.annotation).__name__ == "DeferredType":
        return typing.Optional[field.outer_type_] if field.allow_none else field.outer_type_
    return field.annotation


def origin(model, name):
    """The class from which a model has the field."""
    return next((it for it in model.__mro__ if name in inspect.get_annotations(it)), model)


def default_of(field):
    value = field.default_factory() if field.default_factory is not None else field.default
    return None if type(value).__name__ in ("PydanticUndefinedType", "UndefinedType", "ellipsis") else value


def plain(value):
    """A default as it would be written in a file, without null values."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, pydantic.BaseModel):
        if class_name(type(value)) == "Range":
            return str(value)
        if hasattr(value, "__root__") or hasattr(value, "root"):
            return plain(getattr(value, "root", None) or getattr(value, "__root__", None))
        pairs = {name: plain(getattr(value, name)) for name in fields(type(value))}
        return {name: it for name, it in pairs.items() if it not in (None, [], {})}
    if isinstance(value, (list, tuple)):
        return [plain(it) for it in value]
    if isinstance(value, dict):
        return {str(key): plain(it) for key, it in value.items()}
    if value is None or type(value) in (bool, int, float, str):
        return value
    return repr(value) if type(value).__repr__ not in (int.__repr__, float.__repr__) else value


class Walk:
    def __init__(self):
        self.fields, self.classes, self.open = {}, set(), []

    def mapping(self, model, path, discriminators=frozenset()):
        """All fields of the model at a path."""
        model = request(model)
        if model in self.open:
            return
        self.open.append(model)
        self.classes.add(model)
        for name, (annotation, info, required, default) in fields(model).items():
            self.field(f"{path}.{name}", model, annotation, info, required or name in discriminators, default)
        self.open.pop()

    def field(self, path, model, annotation, info, required, default):
        found = kinds(annotation, info)
        entry = {
            "type": sorted({it.text for it in found}),
            "words": sorted({str(word) for it in found for word in it.words}),
            "limits": dict(sorted(limit for it in found for limit in it.limits)),
            "required": required,
            "default": None if required else plain(default),
            "told": told(getattr(info, "description", None) or ""),
            "class": class_name(origin(model, path.rsplit(".", 1)[1])),
        }
        self.fields[path] = {name: it for name, it in entry.items() if it not in (None, "", [], {})}
        for steps in dict.fromkeys(it.steps for it in found if it.model is not None):
            here = [it for it in found if it.steps == steps and it.model is not None]
            for label, inner in labelled(here):
                at = f"{path}{steps}" + ("" if label is None else f"<{label}>")
                self.mapping(inner, at, tags(here))


def told(description):
    """The default that a description names."""
    sentences = re.findall(r"[Dd]efaults? (?:to|is) ([^.]*(?:\.\S[^.]*)*)", description)
    return [word for sentence in sentences for word in re.findall("`([^`]*)`", sentence)]


def is_open(model):
    """Whether it accepts unknown keys."""
    extra = model.model_config.get("extra", "ignore") if V2 else model.__config__.extra.value
    return extra != "forbid"


def code(classes):
    """The functions, methods and constants that the models may use, by module and name, with a hash of their text."""
    modules = {sys.modules[it.__module__] for it in classes}
    for module in list(modules):
        used = (it.__module__ for it in vars(module).values() if inspect.isfunction(it))
        modules |= {sys.modules[name] for name in used if name.startswith("dstack.")}
    found = {}
    names = {class_name(it) for it in classes}
    for module in sorted(modules, key=lambda it: it.__name__):
        for name, node in parts(ast.parse(inspect.getsource(module)).body):
            owner = getattr(module, name.split(".")[0], None)
            is_other_model = isinstance(owner, type) and issubclass(owner, pydantic.BaseModel)
            if not is_other_model or name.split(".")[0] in names:
                found[f"{module.__name__}:{name}"] = mark(node)
    return found


def parts(body, prefix=""):
    """The definitions in a module and in its classes, except for the fields of classes."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from parts(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + node.name, node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and not prefix:
            for target in getattr(node, "targets", None) or [node.target]:
                yield ast.unparse(target), node


def mark(node):
    """A short hash of the code, without its docstrings."""
    for it in ast.walk(node):
        if isinstance(it, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(it) is not None:
            it.body = it.body[1:]
    return hashlib.sha256(ast.dump(node).encode()).hexdigest()[:12]


def gpus():
    """The tables of `gpuhunt`, in the form of `catalogue/vocab/gpus.json`."""
    import gpuhunt._internal.constraints as tables

    found = {}
    for name in [name for name in vars(tables) if name.startswith("KNOWN_")]:
        for gpu in getattr(tables, name):
            entry = found.setdefault(f"{plain(gpu.vendor)}:{gpu.name}", {"memory": set()})
            entry["memory"].add(gpu.memory)
            if (capability := getattr(gpu, "compute_capability", None)) is not None:
                entry["compute_capability"] = ".".join(map(str, capability))
            if (architecture := getattr(gpu, "architecture", None)) is not None:
                entry["architecture"] = getattr(architecture, "value", str(architecture))
    return {name: {**entry, "memory": sorted(entry["memory"])} for name, entry in found.items()}


if __name__ == "__main__":
    main()
