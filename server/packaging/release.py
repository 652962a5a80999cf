#!/usr/bin/env python3
"""Builds the parts of a release for the system that it runs on, and tests the executable.

    release.py TARGET [--out FOLDER] [--only PART...]   into `dist`, which Git ignores
    release.py sums FOLDER                              writes SHA256SUMS of the files of this version there
    release.py zed                                      writes `repository` into editors/zed/extension.toml
    release.py publish REGISTRY FOLDER [--dry-run]      publishes the files there to `npm`, `vscode` or `openvsx`; for `pypi`, copies
                                                        them to the folder `pypi` there, for GitHub's action to publish

TARGET is rustc's name of the system, such as x86_64-unknown-linux-gnu. The parts are `wheel`, `sdist`, `archive`, `npm` and
`vsix`; `sdist` and the npm package that chooses among the platforms are the same everywhere and built on one system only.

Requires cargo, cargo-about, and the packages of requirements.txt in the Python that runs this; for `vsix` also node and npm. With
DSTACK_LSP_NODE_MODULES, a folder with the packages of editors/vscode/package-lock.json, nothing is installed for it.

Each package with the executable also has the licenses of the software in it (THIRD-PARTY-LICENSES.txt) and a list of that software
(an SBOM, in the format of CycloneDX). The same commit yields the same files, except for differences between compilers.
"""

import argparse
import base64
import csv
import functools
import gzip
import hashlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
CRATE = TOP / "server" / "dstack-lsp"
MANIFEST = tomllib.loads((TOP / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]
VERSION = MANIFEST["version"]
# The address of the project, such as https://github.com/NAME/dstack-lsp, from its only place. Empty while there is none.
REPOSITORY = tomllib.loads((CRATE / "Cargo.toml").read_text("utf-8"))["package"].get("repository", "")
# The manifest of the Zed extension. Zed builds it from the repository, so `repository` must be in the file itself.
ZED = TOP / "editors" / "zed" / "extension.toml"
# For each target of rustc: its name for npm, for Visual Studio Code, and the C library of its wheel.
TARGETS = {
    "x86_64-unknown-linux-gnu": ("linux-x64", "linux-x64", "manylinux2014"),
    "aarch64-unknown-linux-gnu": ("linux-arm64", "linux-arm64", "manylinux2014"),
    "x86_64-unknown-linux-musl": ("linux-x64-musl", "alpine-x64", "musllinux_1_2"),
    "aarch64-unknown-linux-musl": ("linux-arm64-musl", "alpine-arm64", "musllinux_1_2"),
    "x86_64-apple-darwin": ("darwin-x64", "darwin-x64", None),
    "aarch64-apple-darwin": ("darwin-arm64", "darwin-arm64", None),
    "x86_64-pc-windows-msvc": ("win32-x64", "win32-x64", None),
    "aarch64-pc-windows-msvc": ("win32-arm64", "win32-arm64", None),
}
# The target that builds the parts that are the same for all.
FIRST = "x86_64-unknown-linux-gnu"
PARTS = ["wheel", "sdist", "archive", "npm", "vsix"]
SHELLS = {
    "bash": "dstack-lsp.bash",
    "zsh": "_dstack-lsp",
    "fish": "dstack-lsp.fish",
    "powershell": "_dstack-lsp.ps1",
    "elvish": "dstack-lsp.elv",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "sums", "zed", "publish"], metavar="TARGET")
    parser.add_argument("more", nargs="*")
    parser.add_argument("--out", type=Path, default=TOP / "dist")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    if arguments.target == "sums":
        sums(Path(*arguments.more) if arguments.more else arguments.out)
    elif arguments.target == "zed":
        ZED.write_text(zed_manifest(), "utf-8", newline="\n")
    elif arguments.target == "publish":
        registry, folder = arguments.more
        publish(registry, Path(folder), arguments.dry_run)
    else:
        Release(arguments.target, arguments.out.resolve()).make(arguments.only)


class Release:
    """Everything that is built for one system."""

    def __init__(self, target, out):
        self.target, self.out = target, out
        self.npm, self.vscode, self.libc = TARGETS[target]
        self.program = "dstack-lsp.exe" if "windows" in target else "dstack-lsp"

    def make(self, parts):
        if ZED.read_text("utf-8") != zed_manifest():
            sys.exit("`repository` in editors/zed/extension.toml is not that of Cargo.toml: run `release.py zed`")
        self.out.mkdir(parents=True, exist_ok=True)
        # Reported before minutes are spent on building.
        for name in ["cargo", "cargo-about", *(["node", "npm"] if "vsix" in parts else [])]:
            program(name)
        with tempfile.TemporaryDirectory() as temporary:
            self.temporary = Path(temporary)
            # All parts get the executable of the wheel: what works in one of them works in all.
            self.made("executable and wheel", self.wheel)
            self.tried()
            if "wheel" in parts:
                shutil.copy2(self.wheel_file, self.out)
            if "sdist" in parts and self.target == FIRST:
                self.made("sdist", self.sdist)
            if "archive" in parts:
                self.made("archive", self.archive)
            if "npm" in parts:
                self.made("npm", self.npm_packages)
            if "vsix" in parts:
                self.made("vsix", self.vsix)
        sums(self.out)

    def made(self, what, make):
        started = time.monotonic()
        make()
        print(f"made {what} in {time.monotonic() - started:.1f} s", flush=True)

    def wheel(self):
        more = ["--zig", "--compatibility", self.libc] if self.libc else []
        folder = self.temporary / "wheel"
        maturin("build", "--target", self.target, "--out", folder, *more, env=self.environment())
        [self.wheel_file] = folder.glob("*.whl")
        self.read(self.wheel_file)
        self.others["THIRD-PARTY-LICENSES.txt"] = third_party_licenses(self.target).encode()
        self.finish_wheel()

    def read(self, wheel_file):
        """Reads what the other parts need from a wheel: the executable and the files that accompany it."""
        self.executable = self.temporary / self.program
        with zipfile.ZipFile(wheel_file) as wheel:
            files = {it.partition("/")[2]: wheel.read(it) for it in wheel.namelist()}
        self.executable.write_bytes(files[f"scripts/{self.program}"])
        self.executable.chmod(0o755)
        # It contains paths of the build machine.
        sbom = files["sboms/dstack-lsp.cyclonedx.json"].decode().replace(TOP.as_uri(), "file:///dstack-lsp")
        self.others = {"sbom.cdx.json": sbom.encode()}
        if licenses := files.get("licenses/THIRD-PARTY-LICENSES.txt"):
            self.others["THIRD-PARTY-LICENSES.txt"] = licenses

    def finish_wheel(self):
        """Adds the licenses, the SBOM and the addresses to the wheel that maturin has built."""
        with zipfile.ZipFile(self.wheel_file) as wheel:
            files = {it: wheel.read(it) for it in wheel.namelist()}
        [about] = {it.partition("/")[0] for it in files if ".dist-info/" in it}
        licenses = f"{about}/licenses/THIRD-PARTY-LICENSES.txt"
        files[licenses] = self.others["THIRD-PARTY-LICENSES.txt"]
        files[f"{about}/sboms/dstack-lsp.cyclonedx.json"] = self.others["sbom.cdx.json"]
        lines = ["License-File: THIRD-PARTY-LICENSES.txt", *project_urls()]
        files[f"{about}/METADATA"] = with_fields(files[f"{about}/METADATA"], lines)
        record = io.StringIO()
        rows = csv.writer(record, lineterminator="\n")
        for name, content in files.items():
            if name != f"{about}/RECORD":
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                rows.writerow([name, f"sha256={digest}", len(content)])
        rows.writerow([f"{about}/RECORD", "", ""])
        files[f"{about}/RECORD"] = record.getvalue().encode()
        zipped(self.wheel_file, files)

    def sdist(self):
        folder = self.temporary / "sdist"
        maturin("sdist", "--out", folder)
        [made] = folder.glob("*.tar.gz")
        self.finish_sdist(made)
        shutil.copy2(made, self.out)

    def finish_sdist(self, file):
        """Adds the addresses to the sdist that maturin has built, and to the wheels that are built from it."""
        if not addresses():
            return
        with tarfile.open(file) as tar:
            files = {it.name: tar.extractfile(it).read() for it in tar if it.isfile()}
        [about] = {it.partition("/")[0] for it in files}
        files[f"{about}/PKG-INFO"] = with_fields(files[f"{about}/PKG-INFO"], project_urls())
        urls = "".join(f"{name} = {json.dumps(address)}\n" for name, address in addresses().items())
        files[f"{about}/pyproject.toml"] += f"\n[project.urls]\n{urls}".encode()
        tarball(file, files)

    def environment(self):
        cargo = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
        # Removes Cargo's home on the build machine from the executable, so that it is the same wherever it is built.
        flags = [f"--remap-path-prefix={cargo}=cargo"]
        if "msvc" in self.target:
            # So that users need not install a redistributable first.
            flags.append("-Ctarget-feature=+crt-static")
        given = os.environ.get("RUSTFLAGS", "").split()
        return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(given + flags)}

    def tried(self):
        said = run([self.executable, "--version"], output=True)
        if not said.startswith(f"dstack-lsp {VERSION} "):
            sys.exit(f"the executable says it is {said!r}, not {VERSION}")
        print(f"built {said.strip()}", flush=True)

    def archive(self):
        files = {self.program: self.executable.read_bytes(), "README.md": (CRATE / "README.md").read_bytes()}
        files |= licenses() | self.others
        for shell, name in SHELLS.items():
            files[f"completions/{name}"] = run([self.executable, "completions", shell], output=True).encode()
        name = f"dstack-lsp-{VERSION}-{self.target}"
        files = {f"{name}/{it}": content for it, content in files.items()}
        if "windows" in self.target:
            zipped(self.out / f"{name}.zip", files)
        else:
            tarball(self.out / f"{name}.tar.gz", files)

    def npm_packages(self):
        common = {"version": VERSION, "license": MANIFEST["license"], **npm_addresses(), "preferUnplugged": True}
        system, processor, *libc = self.npm.split("-")
        manifest = {
            "name": f"@dstack-lsp/{self.npm}",
            "description": f"The executable of dstack-lsp for {self.target}",
            **common,
            "os": [system],
            "cpu": [processor],
        }
        if system == "linux":
            # npm installs the one of the two that matches the C library of the system.
            manifest["libc"] = ["musl"] if libc else ["glibc"]
        self.npm_package(manifest, {self.program: self.executable.read_bytes(), **self.others})
        if self.target == FIRST:
            manifest = {
                "name": "dstack-lsp",
                "description": "Language server and checker for dstack configuration files",
                **common,
                "keywords": ["dstack", "yaml", "language-server", "lsp", "linter"],
                "bin": {"dstack-lsp": "dstack-lsp.js"},
                "engines": {"node": ">=18"},
                "optionalDependencies": {f"@dstack-lsp/{npm}": VERSION for npm, _, _ in TARGETS.values()},
            }
            readme = (CRATE / "README.md").read_text("utf-8")
            readme = readme.replace(
                "pip install dstack-lsp     # or without installing: uvx",
                "npm install -g dstack-lsp  # or without installing: npx",
            )
            shim = (HERE / "npm" / "dstack-lsp.js").read_bytes()
            self.npm_package(manifest, {"dstack-lsp.js": shim, "README.md": readme.encode()})

    def npm_package(self, manifest, files):
        files = {"package.json": (json.dumps(manifest, indent=2) + "\n").encode(), **files, **licenses()}
        name = manifest["name"].removeprefix("@").replace("/", "-")
        tarball(self.out / f"{name}-{VERSION}.tgz", {f"package/{it}": content for it, content in files.items()})

    def vsix(self):
        source, copy = TOP / "editors" / "vscode", self.temporary / "editors" / "vscode"
        manifest = json.loads((source / "package.json").read_text("utf-8"))
        if manifest["version"] != VERSION:
            sys.exit(f"editors/vscode/package.json says {manifest['version']}, Cargo.toml {VERSION}")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "server", "*.vsix"))
        (copy / "package.json").write_text(json.dumps(manifest | npm_addresses(), indent=2, ensure_ascii=False), "utf-8")
        for name, content in licenses().items():
            (self.temporary / name).write_bytes(content)
        (copy / "server").mkdir()
        shutil.copy2(self.executable, copy / "server")
        for name, content in self.others.items():
            (copy / "server" / name).write_bytes(content)
        if modules := os.environ.get("DSTACK_LSP_NODE_MODULES"):
            (copy / "node_modules").symlink_to(modules, target_is_directory=True)
        else:
            run([program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=copy)
        (copy / "sbom.cdx.json").write_text(json.dumps(self.bundled(copy), indent=2) + "\n", "utf-8")
        file = self.out / f"dstack-lsp-{VERSION}-{self.vscode}.vsix"
        run([program("npm"), "run", "package", "--", "--target", self.vscode, "--out", file], cwd=copy)

    def bundled(self, extension):
        """The SBOM of the extension's bundle: all packages except those for development."""
        arguments = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"]
        sbom = json.loads(run([program("npm"), *arguments], cwd=extension, output=True))
        # With `--omit dev`, npm also omits packages that both kinds need.
        locked = json.loads((extension / "package-lock.json").read_text("utf-8"))["packages"]
        shipped = {f"{path.rpartition('node_modules/')[2]}@{it['version']}" for path, it in locked.items() if not it.get("dev")}
        sbom["components"] = [it for it in sbom["components"] if it["bom-ref"] in shipped]
        # npm uses the name of the folder.
        sbom["metadata"]["component"]["name"] = "dstack-lsp"
        own = sbom["metadata"]["component"]["bom-ref"]
        sbom["dependencies"] = [
            {**it, "dependsOn": [other for other in it["dependsOn"] if other in shipped]}
            for it in sbom["dependencies"]
            if it["ref"] in shipped | {own}
        ]
        # So that it is the same whenever it is built.
        del sbom["serialNumber"]
        sbom["metadata"]["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(date()))
        return sbom


def maturin(command, *arguments, env=None):
    # Zig is a package of this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    manifest = ["--manifest-path", CRATE / "Cargo.toml"]
    run([sys.executable, "-m", "maturin", command, *manifest, *arguments], env={"PATH": path, **(env or {})})


def program(name):
    """The path of an external program."""
    return shutil.which(name) or sys.exit(f"there is no `{name}` in PATH, which is needed")


def run(command, cwd=TOP, env=None, output=False):
    """Runs a program. Its output is returned, or passed to standard error at once."""
    pipe = subprocess.PIPE if output else None
    # ends: these are compilers and packers, limited by the workflow and by `tests/packages/run`.
    ran = subprocess.run(
        [str(it) for it in command],
        cwd=cwd,
        # So that archives are the same whenever they are built.
        env={**os.environ, "SOURCE_DATE_EPOCH": str(date()), **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=pipe or sys.stderr,
        stderr=pipe,
        encoding="utf-8",
    )
    if ran.returncode != 0:
        sys.exit(f"{ran.stdout or ''}{ran.stderr or ''}{' '.join(map(str, command))} ended with exit code {ran.returncode}")
    return ran.stdout


def licenses():
    """Our own licenses, by their names."""
    return {it: (TOP / it).read_bytes() for it in ["LICENSE-MIT", "LICENSE-APACHE"]}


def addresses():
    """The addresses of the project, by the names that PyPI shows; maturin adds `Source Code`."""
    return {"Homepage": REPOSITORY, "Issues": f"{REPOSITORY}/issues"} if REPOSITORY else {}


def project_urls():
    """The same as fields of a METADATA or PKG-INFO."""
    return [f"Project-URL: {name}, {address}" for name, address in addresses().items()]


def with_fields(metadata, lines):
    """A METADATA or PKG-INFO with more fields."""
    head, blank, text = metadata.decode().partition("\n\n")
    return ("\n".join([head, *lines]) + blank + text).encode()


def zed_manifest():
    """The manifest of the Zed extension with `repository`, or without it while the project has no address."""
    head, mark, tables = ZED.read_text("utf-8").partition("\n[")
    lines = [it for it in head.splitlines() if not it.startswith("repository =")]
    if REPOSITORY:
        lines.insert(lines.index("schema_version = 1") + 1, f"repository = {json.dumps(REPOSITORY)}")
    return "\n".join(lines) + "\n" + mark + tables


def npm_addresses():
    """The same for a package.json; npm compares `repository` with the repository that built a package."""
    if not REPOSITORY:
        return {}
    git = {"type": "git", "url": f"git+{REPOSITORY}.git"}
    return {"homepage": f"{REPOSITORY}#readme", "repository": git, "bugs": {"url": f"{REPOSITORY}/issues"}}


RULE = f"\n\n{'-' * 100}\n\n"


def third_party_licenses(target):
    """The licenses of all software in the executable for a target: crates, Rust's standard library, and what Zig links."""
    # cargo-about must not use a server, so all crates must be present.
    run(["cargo", "fetch", "--locked"])
    with tempfile.TemporaryDirectory() as folder:
        configuration, found = Path(folder) / "about.toml", Path(folder) / "about.json"
        text = (HERE / "about.toml").read_text("utf-8")
        configuration.write_text(f'targets = ["{target}"]\n{text}', "utf-8")
        about = ["generate", "--format", "json", "--locked", "--offline", "--fail"]
        manifest = ["--config", configuration, "--manifest-path", CRATE / "Cargo.toml", "--output-file", found]
        run([program("cargo-about"), *about, *manifest])
        licenses = json.loads(found.read_text("utf-8"))["licenses"]
    parts = []
    for it in licenses:
        crates = sorted(f"{by['crate']['name']} {by['crate']['version']}" for by in it["used_by"])
        parts.append(f"{', '.join(crates)}: {it['name']}\n\n{it['text'].strip()}")
    toolchain = Path(run(["rustc", "--print", "sysroot"], output=True).strip())
    page = (toolchain / "share" / "doc" / "rust" / "COPYRIGHT-library.html").read_text("utf-8")
    page = html.unescape(re.sub(r"<(head|style)>.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL))
    parts.append(re.sub(r"\n\s*\n", "\n\n", page).strip())
    if "linux" in target:
        import ziglang

        zig = Path(ziglang.__file__).parent
        linked = {"Zig's compiler_rt": "LICENSE", "LLVM's libunwind": "lib/libunwind/LICENSE.TXT"}
        if "musl" in target:
            linked["musl"] = "lib/libc/musl/COPYRIGHT"
        parts += [f"{name}\n\n{(zig / path).read_text('utf-8').strip()}" for name, path in linked.items()]
    return f"The executable dstack-lsp {VERSION} for {target} contains this software of others.{RULE}{RULE.join(parts)}\n"


@functools.cache
def date():
    """The modification time of the files of the release: the time of the commit, not of the build."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    git = [program("git"), "-C", TOP, "log", "-1", "--format=%ct"]
    return int(given or subprocess.run(git, stdout=subprocess.PIPE, check=True, timeout=60).stdout)


def tarball(path, files):
    """The same files make the same bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), date()
            entry.mode = 0o755 if re.search(r"/dstack-lsp(\.exe|\.js)?$", name) else 0o644
            tar.addfile(entry, io.BytesIO(content))


def zipped(path, files):
    """The same files make the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, time.gmtime(date())[:6])
            entry.external_attr = (0o100755 if re.search(r"/dstack-lsp(\.exe)?$", name) else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def publish(registry, folder, dry_run):
    """Publishes the files of this version in a folder."""
    if not REPOSITORY:
        sys.exit("nothing is published: `repository` in server/dstack-lsp/Cargo.toml is empty, so nobody could find the project")
    patterns = {"pypi": ["dstack_lsp-*"], "npm": [f"dstack-lsp-[a-z]*-{VERSION}.tgz", f"dstack-lsp-{VERSION}.tgz"]}
    patterns = patterns.get(registry, [f"*-{VERSION}-*.vsix"])
    # The packages of the platforms first: the one that names them must find them. As a path: npm treats `dist/name.tgz` as a
    # repository of GitHub's.
    files = [f"./{it.name}" for pattern in patterns for it in sorted(folder.glob(pattern))]
    if not files:
        sys.exit(f"nothing is published: {folder} has no files of {VERSION} for `{registry}`")
    if registry == "pypi":
        (folder / "pypi").mkdir()
        for file in files:
            shutil.move(folder / file, folder / "pypi")
    elif registry == "npm":
        for file in files:
            how = ["--dry-run"] if dry_run else ["--provenance"]
            run([program("npm"), "publish", "--access", "public", *how, file], cwd=folder)
    else:
        tool = {"vscode": "@vscode/vsce@4.1.0", "openvsx": "ovsx@1.3.0"}[registry]
        command = [program("npx"), "--yes", tool, "publish", "--packagePath", *files]
        print(*command) if dry_run else run(command, cwd=folder)


def sums(folder):
    # The version as Cargo writes it, or as Python does: 0.2.0-rc.1 is 0.2.0rc1.
    python = re.sub("-(alpha|beta|rc)[.]?", lambda it: {"alpha": "a", "beta": "b", "rc": "rc"}[it[1]], VERSION)
    ours = re.compile(rf"dstack[-_]lsp-([a-z].*-)?({re.escape(VERSION)}|{re.escape(python)})(-|[.][a-z])")
    lines = []
    for file in sorted(it for it in folder.iterdir() if it.is_file() and it.name != "SHA256SUMS"):
        if not ours.match(file.name):
            print(f"left out {file.name}: it is not of {VERSION}")
            continue
        print(f"{file.stat().st_size:>10}  {file.name}")
        lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
