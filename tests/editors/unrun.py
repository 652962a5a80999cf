"""Reads the files of editors that cannot be run here, like these editors do: Zed, JetBrains IDEs, Sublime Text.

Checks that they are well-formed, and which names they match. How the editors compare names was taken from their documentation
and source. Prints `ok NAME` lines and, at the end, `N passed, N failed`.
"""

import fnmatch
import json
import pathlib
import re
import sys
import tomllib
import xml.etree.ElementTree

EDITORS = pathlib.Path(__file__).resolve().parent.parent.parent / "editors"

ANYWHERE = ["/a/.dstack.yml", "/a/.dstack.yaml", "/a/train.dstack.yml", "/a/b.c.dstack.yaml"]
IN_FOLDER = [f"/a/.dstack/{name}.{end}" for name in ("profiles", "config", "server/config") for end in ("yml", "yaml")]
FOREIGN = ["/a/main.yml", "/a/.dstack.yml.bak", "/a/traindstack.yml", "/a/compose.yaml", "/a/.dstack/other.yml"]
NAMESAKES = ["/a/profiles.yml", "/a/config.yaml", "/a/server/config.yml"]


def read(path):
    return (EDITORS / path).read_text(encoding="utf-8")


def lenient(text):
    """The JSON of Sublime Text, with comments on separate lines and commas before a closing bracket."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", text))


def taken(what, takes, wanted, foreign):
    """Checks that exactly the wanted paths match."""
    for path in wanted:
        assert takes(path), f"{what} does not take {path}"
    for path in foreign:
        assert not takes(path), f"{what} takes {path}"


def zed():
    """Zed: the extension and its names"""
    extension = tomllib.loads(read("zed/extension.toml"))
    language = tomllib.loads(read("zed/languages/dstack/config.toml"))
    (server,) = extension["language_servers"].values()
    assert server["languages"] == [language["name"]], server
    assert language["grammar"] in extension["grammars"], extension["grammars"]
    assert re.fullmatch("[0-9a-f]{40}", extension["grammars"]["yaml"]["commit"])
    assert extension["version"] == tomllib.loads(read("zed/Cargo.toml"))["package"]["version"]
    # The end of the name or of the whole path, after a dot.
    takes = lambda path: any(path.endswith("." + it) for it in language["path_suffixes"])
    taken("Zed", takes, ANYWHERE + IN_FOLDER, FOREIGN + NAMESAKES)
    # Its README has patterns for the others.
    (block,) = (it for it in blocks("zed/README.md") if "file_types" in it)
    assert all("/.dstack/templates/" in it for it in block["file_types"]["dstack"]), block
    (block,) = (it for it in blocks("zed/README.md") if "lsp" in it)
    assert list(block["lsp"]) == list(extension["language_servers"]), block


def blocks(path):
    """The JSON examples of a README."""
    return [json.loads(it) for it in re.findall(r"^```json\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL)]


def jetbrains():
    """JetBrains IDEs: the template for LSP4IJ and its names"""
    template = json.loads(read("jetbrains/template.json"))
    assert template["id"] and template["name"] and "default" in template["programArgs"], template
    assert json.loads(read("jetbrains/settings.json")) == {"dstack": {"release": "auto"}}
    (mapping,) = template["fileTypeMappings"]
    # The IDE compares only the name of a path. The server ignores files of the language `yaml` that are not dstack files; but it
    # treats every file of the language `dstack` as a dstack file, whatever its path and content are.
    assert mapping["languageId"] == "yaml", mapping
    takes = lambda path: any(fnmatch.fnmatchcase(pathlib.Path(path).name, it) for it in mapping["fileType"]["patterns"])
    taken("LSP4IJ", takes, ANYWHERE + IN_FOLDER + NAMESAKES, FOREIGN)


def sublime():
    """Sublime Text: the syntax, its settings and names"""
    syntax = read("sublime/dstack.sublime-syntax")
    assert syntax.startswith("%YAML 1.2\n---\n"), syntax
    (scope,) = re.findall(r"^scope: (.+)$", syntax, re.MULTILINE)
    (client,) = lenient(read("sublime/LSP.sublime-settings"))["clients"].values()
    assert client["selector"] == scope and client["command"] == ["dstack-lsp"], client
    # Below `source.yaml`, servers for all YAML would also start.
    assert not scope.startswith("source.yaml")
    lenient(read("sublime/dstack.sublime-settings"))
    assert scope in xml.etree.ElementTree.fromstring(read("sublime/Comments.tmPreferences")).itertext()
    extensions = re.findall(r"^  - (\S+\.ya?ml)$", syntax, re.MULTILINE)
    # The whole name, or its end after a dot.
    takes = lambda path: any(pathlib.Path(path).name == it or path.endswith("." + it) for it in extensions)
    taken("Sublime Text", takes, ANYWHERE, FOREIGN + NAMESAKES + IN_FOLDER)


def main():
    failed = 0
    checks = [zed, jetbrains, sublime]
    for check in checks:
        try:
            check()
            print(f"ok {check.__doc__}")
        except (AssertionError, LookupError, ValueError, OSError, xml.etree.ElementTree.ParseError) as problem:
            failed += 1
            print(f"FAILED {check.__doc__}\n  {problem!r}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed == 0


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
