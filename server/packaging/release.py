#!/usr/bin/env python3
"""Builds what a release consists of, for the system that it runs on, and tries the executable.

    release.py TARGET [--out FOLDER] [--only PART...]   into `dist`, which Git ignores
    release.py sums FOLDER                              SHA256SUMS of what is there of this version

TARGET is what rustc calls the system, such as x86_64-unknown-linux-gnu. The parts are `wheel`, `sdist`, `archive`, `npm`
and `vsix`; `sdist` and the npm package that chooses among the platforms are the same everywhere and made on one only.

Needed: cargo, what requirements.txt names, in the Python that runs this; for `vsix` also node and npm. With
DSTACK_LSP_NODE_MODULES, a folder with what editors/vscode/package-lock.json says, nothing is installed for it.
"""

import argparse
import functools
import gzip
import hashlib
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
# By the names of rustc: those of npm, of Visual Studio Code, and of the C library that a wheel is made for.
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
# Where what is the same for all is made.
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
    parser.add_argument("target", choices=[*TARGETS, "sums"], metavar="TARGET")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--out", type=Path, default=TOP / "dist")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    if arguments.target == "sums":
        return sums(arguments.folder or arguments.out)
    Release(arguments.target, arguments.out.resolve()).make(arguments.only)


class Release:
    """All that is made for one system."""

    def __init__(self, target, out):
        self.target, self.out = target, out
        self.npm, self.vscode, self.libc = TARGETS[target]
        self.program = "dstack-lsp.exe" if "windows" in target else "dstack-lsp"

    def make(self, parts):
        self.out.mkdir(parents=True, exist_ok=True)
        # Said before minutes are spent on building.
        for name in ["cargo", *(["node", "npm"] if "vsix" in parts else [])]:
            program(name)
        with tempfile.TemporaryDirectory() as temporary:
            self.temporary = Path(temporary)
            # All get the executable that is in the wheel: what one of them shows to work, works in all.
            self.made("executable and wheel", self.wheel)
            self.tried()
            if "wheel" in parts:
                shutil.copy2(self.wheel_file, self.out)
            if "sdist" in parts and self.target == FIRST:
                self.made("sdist", lambda: maturin("sdist", "--out", self.out))
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
        self.executable = self.temporary / self.program
        with zipfile.ZipFile(self.wheel_file) as wheel:
            [name] = [it for it in wheel.namelist() if it.endswith(f".data/scripts/{self.program}")]
            self.executable.write_bytes(wheel.read(name))
        self.executable.chmod(0o755)

    def environment(self):
        cargo = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
        # Where the builder keeps its packages is nobody's business, and the same everywhere for the same result.
        flags = [f"--remap-path-prefix={cargo}=cargo"]
        if "msvc" in self.target:
            # So that no redistributable has to be installed first.
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
        for licence in licences():
            files[licence.name] = licence.read_bytes()
        for shell, name in SHELLS.items():
            files[f"completions/{name}"] = run([self.executable, "completions", shell], output=True).encode()
        name = f"dstack-lsp-{VERSION}-{self.target}"
        files = {f"{name}/{it}": content for it, content in files.items()}
        if "windows" in self.target:
            with zipfile.ZipFile(self.out / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for path, content in files.items():
                    archive.writestr(zipfile.ZipInfo(path, time.gmtime(date())[:6]), content, zipfile.ZIP_DEFLATED)
        else:
            tarball(self.out / f"{name}.tar.gz", files)

    def npm_packages(self):
        common = {"version": VERSION, "license": MANIFEST["license"], "preferUnplugged": True}
        system, processor, *libc = self.npm.split("-")
        manifest = {
            "name": f"@dstack-lsp/{self.npm}",
            "description": f"The executable of dstack-lsp for {self.target}",
            **common,
            "os": [system],
            "cpu": [processor],
        }
        if system == "linux":
            # Of the two, npm installs the one for the C library of the system.
            manifest["libc"] = ["musl"] if libc else ["glibc"]
        self.npm_package(manifest, {self.program: self.executable.read_bytes()})
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
        files = {"package.json": (json.dumps(manifest, indent=2) + "\n").encode(), **files}
        for licence in licences():
            files[licence.name] = licence.read_bytes()
        name = manifest["name"].removeprefix("@").replace("/", "-")
        tarball(self.out / f"{name}-{VERSION}.tgz", {f"package/{it}": content for it, content in files.items()})

    def vsix(self):
        source, copy = TOP / "editors" / "vscode", self.temporary / "editors" / "vscode"
        version = json.loads((source / "package.json").read_text("utf-8"))["version"]
        if version != VERSION:
            sys.exit(f"editors/vscode/package.json says {version}, Cargo.toml {VERSION}")
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "server", "*.vsix"))
        for licence in licences():
            shutil.copy(licence, self.temporary)
        (copy / "server").mkdir()
        shutil.copy2(self.executable, copy / "server")
        if modules := os.environ.get("DSTACK_LSP_NODE_MODULES"):
            (copy / "node_modules").symlink_to(modules, target_is_directory=True)
        else:
            run([program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=copy)
        file = self.out / f"dstack-lsp-{VERSION}-{self.vscode}.vsix"
        run([program("npm"), "run", "package", "--", "--target", self.vscode, "--out", file], cwd=copy)


def maturin(command, *arguments, env=None):
    # Zig is found as a package of this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    manifest = ["--manifest-path", CRATE / "Cargo.toml"]
    run([sys.executable, "-m", "maturin", command, *manifest, *arguments], env={"PATH": path, **(env or {})})


def program(name):
    """Where a program is that is not ours."""
    return shutil.which(name) or sys.exit(f"there is no `{name}` in PATH, which is needed")


def run(command, cwd=TOP, env=None, output=False):
    """Runs a program. Its output is returned or, at once and on standard error, shown."""
    pipe = subprocess.PIPE if output else None
    ran = subprocess.run(
        [str(it) for it in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=pipe or sys.stderr,
        stderr=pipe,
        encoding="utf-8",
    )
    if ran.returncode != 0:
        sys.exit(f"{ran.stdout or ''}{ran.stderr or ''}{' '.join(map(str, command))} ended with exit code {ran.returncode}")
    return ran.stdout


def licences():
    return [TOP / "LICENSE-MIT", TOP / "LICENSE-APACHE"]


@functools.cache
def date():
    """When the files of the release were changed: the time of the commit, not of the build."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or run([program("git"), "log", "-1", "--format=%ct"], output=True))


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


def sums(folder):
    # As Cargo writes this version, or as Python does: 0.2.0-rc.1 is 0.2.0rc1.
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
