#!/usr/bin/env python3
"""Measures how long the user of an editor waits: from a key until the finding of the server is drawn on the screen.

    cargo build --release && python3 tests/bench/editors.py [neovim|emacs|lsp-mode|helix|vscode ...] [--rounds N]

The editors are those of tests/setup.sh, which `tests/run EDITOR` installs into the cache, with the files of their folder in
editors/ and the settings of its README. Each runs in a terminal that this program reads; VS Code runs in a browser, whose page
measures the times. Two times are measured, in milliseconds: minimum, p50 and maximum of all rounds.

pause   a key that makes a value wrong, a second after the previous key
burst   the same key right after others, 60 ms apart, which do not change the findings

`key` is the time until the letter itself is drawn in a terminal, which depends only on the editor. `--editors FOLDER` uses the
folder of another checkout, to compare; `--set WORDS` appends Lua (Neovim) or Lisp (Emacs) to the settings of the README.
"""
import argparse
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
IN_TREE = str(CHECKOUT / "tests/editors/in-tree")
NOW = time.perf_counter
# `nodes` is in the last line, so that typing at the end of the file changes it.
TEXT = "type: fleet\nname: bench\nresources:\n  gpu: A100\nnodes: 1"
# A part of the message about `nodes: 1234x` that no other message contains.
FOUND = b"1234x`"
COLUMNS, ROWS = 120, 30


class Screen:
    """A command in a separate terminal, whose output is read as bytes."""

    def __init__(self, command, folder, environment):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.drawn = b""

    def read(self, seconds):
        """Reads what is drawn within this time; returns whether anything was."""
        if not select.select([self.file], [], [], seconds)[0]:
            return False
        try:
            new = os.read(self.file, 65536)
        except OSError:
            sys.exit("the editor ended")
        self.drawn = (self.drawn + new)[-1_000_000:]
        # A program that queries the type of its terminal waits for the answer.
        if b"\x1b[c" in new:
            os.write(self.file, b"\x1b[?62;22c")
        return True

    def quiet(self, seconds):
        """Waits until nothing has been drawn for this long."""
        end = NOW() + 30
        while self.read(seconds) and NOW() < end:
            pass

    def until(self, words, seconds=30):
        """The moment at which `words` were drawn since the last key."""
        end = NOW() + seconds
        while words not in self.drawn:
            if NOW() > end:
                return None
            self.read(0.5)
        return NOW()

    def type(self, keys):
        """The moment before these keys are typed."""
        while self.read(0):
            pass
        self.drawn = b""
        start = NOW()
        os.write(self.file, keys.encode())
        return start

    def end(self):
        os.kill(self.pid, 9)
        # ends: it was killed.
        os.waitpid(self.pid, 0)
        os.close(self.file)


def blocks(editor, language):
    """The examples in the README of an editor."""
    text = (ARGUMENTS.editors / editor / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def neovim(home):
    words = [it for it in blocks("neovim", "lua") if "virtual_text" in it or "update_in_insert" in it]
    drawn = "vim.diagnostic.config({ virtual_text = true, update_in_insert = true })"
    init = ["vim.o.swapfile = false", f"vim.opt.runtimepath:append('{ARGUMENTS.editors}/neovim')", *words, drawn, ARGUMENTS.set or ""]
    (home / ".config/nvim").mkdir(parents=True)
    # The list of completions would cover the finding.
    init.append("vim.lsp.completion = setmetatable({ enable = function() end }, { __index = vim.lsp.completion })")
    (home / ".config/nvim/init.lua").write_text("\n".join(init))
    return [str(ARGUMENTS.cache / "neovim/bin/nvim"), "train.dstack.yml"], "GA", "\x1b"


def emacs(home, client="eglot-ensure"):
    setup = blocks("emacs", "elisp")[0].replace("/path/to/dstack-lsp/editors", str(ARGUMENTS.editors))
    setup = setup.replace("eglot-ensure", client)
    (home / ".emacs.d").mkdir()
    # The message at the end of the line can be recognized in a terminal; a line under the value could not be distinguished.
    init = ["(setq make-backup-files nil lsp-auto-guess-root t lsp-enable-snippet nil flymake-show-diagnostics-at-end-of-line t)", "(package-initialize)", setup, ARGUMENTS.set or ""]
    (home / ".emacs.d/init.el").write_text("\n".join(init))
    return [IN_TREE, "emacs", "-nw", "train.dstack.yml"], "\x1b>", ""


def lsp_mode(home):
    return emacs(home, "lsp")


def helix(home):
    folder = home / ".config/helix"
    shutil.copytree(ARGUMENTS.editors / "helix/runtime", folder / "runtime")
    shutil.copy(ARGUMENTS.editors / "helix/languages.toml", folder)
    (folder / "config.toml").write_text(blocks("helix", "toml")[0].replace("[editor]", "[editor]\nauto-completion = false"))
    return [IN_TREE, "hx", "train.dstack.yml"], "geA", "\x1b"


EDITORS = {"neovim": neovim, "emacs": emacs, "lsp-mode": lsp_mode, "helix": helix}


def measure(name):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = pathlib.Path(folder)
        project = home / "project"
        (project / ".git").mkdir(parents=True)
        (project / ".git/HEAD").write_text("ref: refs/heads/main\n")
        (project / "train.dstack.yml").write_text(TEXT)
        (home / "bin").mkdir()
        shutil.copy(ARGUMENTS.server, home / "bin/dstack-lsp")
        command, insert, leave = EDITORS[name](home)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "NVIM", "TMUX"))}
        environment |= {"HOME": folder, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "CACHE": str(ARGUMENTS.cache)}
        environment |= {"PATH": f"{home}/bin:{environment['PATH']}", "SERVER": str(home / "bin/dstack-lsp")}
        screen = Screen(command, project, environment)
        if screen.until(b"nodes") is None:
            sys.exit(f"{name}: it does not show the file")
        screen.quiet(4)
        screen.type(insert)
        screen.quiet(2)
        key, times = [], {"pause": [], "burst": []}
        try:
            for _ in range(ARGUMENTS.rounds):
                for kind, samples in times.items():
                    for letter in "234":
                        screen.type(letter)
                        time.sleep(0.06)
                        screen.quiet(0.001)
                    if kind == "pause":
                        screen.quiet(1)
                        time.sleep(1)
                    start = screen.type("x")
                    drawn = screen.until(b"x", 5)
                    found = screen.until(FOUND, 5)
                    if found is None:
                        sys.exit(f"{name}: nothing is found; drawn last:\n{screen.drawn[-3000:]!r}")
                    key.append(1000 * (drawn - start))
                    samples.append(1000 * (found - start))
                    # One by one: Helix 25.01 sends the edits of keys that arrive at the same time in any order.
                    for _ in range(4):
                        screen.type("\x7f")
                        time.sleep(0.06)
                    screen.quiet(1)
        finally:
            screen.end()
        tell(name, times | {"key": key})


def measure_vscode(name):
    """Measures VS Code, with the program that drives it in its tests."""
    environment = {"SERVER": ARGUMENTS.server.resolve(), "CACHE": ARGUMENTS.cache, "ONLY": "times", "ROUNDS": ARGUMENTS.rounds}
    command = [CHECKOUT / "tests/editors/vscode/run"]
    ran = subprocess.run(
        command, env=os.environ | {key: str(it) for key, it in environment.items()}, stdout=subprocess.PIPE, text=True, timeout=700
    )
    found = [it for it in ran.stdout.splitlines() if it.startswith("{")]
    if not found:
        sys.exit(f"{name}: no times were taken:\n{ran.stdout}")
    tell(name, json.loads(found[0]))


def tell(name, times):
    """Prints the times of an editor: minimum, p50 and maximum of each kind."""
    line = lambda it: f"{min(it):7.1f} {statistics.median(it):7.1f} {max(it):7.1f}"
    print(f"{name:10} " + "   ".join(f"{kind} {line(it)}" for kind, it in times.items()), flush=True)


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    every = [*EDITORS, "vscode"]
    parser.add_argument("names", nargs="*", default=every, metavar="EDITOR", help=", ".join(every))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--server", type=pathlib.Path, default=CHECKOUT / "target/release/dstack-lsp")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(os.environ.get("DSTACK_LSP_CACHE", home / "dstack-lsp-tests")))
    parser.add_argument("--editors", type=pathlib.Path, default=CHECKOUT / "editors")
    parser.add_argument("--set", metavar="WORDS")
    ARGUMENTS = parser.parse_args()
    for name in ARGUMENTS.names:
        measure_vscode(name) if name == "vscode" else measure(name)


main()
