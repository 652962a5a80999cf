"""Drives an editor of the terminal as a person does: types keys and looks at the screen, in a tmux server of its own.

    import tui
    tui.version("helix 25.01.1")
    with tui.Terminal([*tui.IN_TREE, "hx", "train.dstack.yml"], folder=project) as screen:
        with tui.check("diagnostics: drawn under the line"):
            screen.wait("unknown field")
        with tui.check("hover: on a key"):
            screen.type(" k").wait("What this run is")
            screen.picture("editors/helix/hover.svg", "train.dstack.yml")
        with tui.check("the editor ends without an error"):
            screen.type(":wq").keys("Enter").wait_exit()
    tui.finish()

It waits for what is to be seen, never for a time: a key is followed by the next as soon as the editor has read it. A check that
fails says what was on the screen and ends the run, as what follows builds upon it.
"""

import contextlib
import fcntl
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

import picture

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent

# What stands before a command that is to run in the Debian tree of tests/setup.sh.
IN_TREE = [str(HERE / "in-tree")]

# How long a state may take to come on a machine that is busy with other things, in seconds.
PATIENCE = 60

# How long a command may run before it counts as hung, in seconds.
LIMIT = 300

# Who is told to end leaves nothing behind.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

_counts = {"passed": 0, "failed": 0}


class Failed(Exception):
    """What was awaited has not come."""


def version(text):
    """Says what ran, once."""
    print(f"version {text}", flush=True)


@contextlib.contextmanager
def check(name):
    """One check: it passes if its body goes through."""
    try:
        yield
    except (Failed, AssertionError, subprocess.SubprocessError) as problem:
        _counts["failed"] += 1
        print("\n  ".join([f"FAILED {name}", *str(problem).splitlines()]), flush=True)
        finish()
    _counts["passed"] += 1
    print(f"ok {name}", flush=True)


def equal(seen, wanted):
    """Fails, with both, if the two are not the same."""
    if seen != wanted:
        raise Failed(f"seen:\n{seen}\nwanted:\n{wanted}")


def finish():
    """Says how many checks there were, and ends the program."""
    print(f"{_counts['passed']} passed, {_counts['failed']} failed", flush=True)
    sys.exit(0 if _counts["failed"] == 0 else 1)


def until(condition, what):
    """Waits until `condition` gives something, which it returns. `what` says what there is if it never does."""
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(what())
        time.sleep(0.02)


class Terminal:
    """A command in a terminal of its own. Of the environment it sees what `environment` says, on top of ours."""

    def __init__(self, command, folder=".", environment=None, columns=100, rows=26):
        self._folder = tempfile.mkdtemp(prefix="tui-")
        self._socket = os.path.join(self._folder, "socket")
        configuration = os.path.join(self._folder, "tmux.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(
                "set -g default-terminal tmux-256color\n"
                "set -g status off\n"
                "set -g remain-on-exit on\n"
                "set -g history-limit 0\n"
                "set -sg escape-time 0\n"
            )
        ours = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE", "NO_COLOR")}
        ours |= {"COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **(environment or {})}
        size = ["-x", str(columns), "-y", str(rows)]
        start = ["tmux", "-S", self._socket, "-f", configuration, "new-session", "-d", *size, "-c", str(folder)]
        # tmux does not always get to know how a program has ended, so it is written down.
        self._status = pathlib.Path(self._folder, "status")
        self._status.touch()
        command = ["sh", "-c", '"$@"; echo $? > "$0"', str(self._status), *map(str, command)]
        subprocess.run([*start, shlex.join(command)], env=ours, check=True, timeout=LIMIT)
        self._tty = self._ask("#{pane_tty}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        program = int(self._ask("#{pane_pid}"))
        self._tmux("kill-server")
        # An editor that is sent away may still write to its user's home.
        with contextlib.suppress(ProcessLookupError):
            until(lambda: os.killpg(program, 0), lambda: f"process {program} does not go away")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self._socket, *arguments], capture_output=True, text=True, check=False, timeout=LIMIT)
        return done.stdout

    def _ask(self, what):
        return self._tmux("display-message", "-p", what).strip()

    def _unread(self):
        """How many typed bytes the program has not read yet."""
        try:
            tty = os.open(self._tty, os.O_RDONLY | os.O_NOCTTY)
        except OSError:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(tty, termios.FIONREAD, b"\0" * 4), sys.byteorder)
        except OSError:
            # It has ended meanwhile.
            return 0
        finally:
            os.close(tty)

    def _send(self, *arguments):
        self._tmux("send-keys", *arguments)
        until(lambda: self._unread() == 0, lambda: f"{arguments[-1]!r} was not read; on the screen:\n{self.screen()}")

    def keys(self, *names):
        """Types keys by the names that tmux has for them: `Enter`, `Escape`, `C-x`, `Down`."""
        for name in names:
            self._send(name)
        return self

    def type(self, text):
        """Types text, character by character."""
        for character in text:
            self._send("-l", "\\;" if character == ";" else character)
        return self

    def screen(self):
        """What is to be seen, as lines of text."""
        return self._tmux("capture-pane", "-p")

    def drawn(self):
        """What is to be seen, with the escape sequences that color it."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def wait(self, pattern, *more, gone=False):
        """Waits until all of the regular expressions match the screen (`^` and `$` are ends of lines), or none of them does."""
        wanted = (pattern, *more)

        def there():
            screen = self.screen()
            if all(bool(re.search(it, screen, re.MULTILINE)) != gone for it in wanted):
                return screen or " "
            return None

        until(there, lambda: f"{'still' if gone else 'not all'} there: {wanted}; on the screen:\n{self.screen()}")
        return self

    def wait_exit(self, status=0):
        """Waits until the program has ended, and fails if its exit status is another one."""
        ended = until(lambda: self._status.read_text().strip(), lambda: f"it has not ended; on the screen:\n{self.screen()}")
        if ended != str(status):
            raise Failed(f"exit status {ended}; on the screen:\n{self.screen()}")

    def picture(self, path, title):
        """With UPDATE=1, takes a picture of the screen, an SVG at this path of the checkout."""
        if os.environ.get("UPDATE") == "1":
            cursor = None
            if self._ask("#{cursor_flag}") == "1":
                cursor = tuple(map(int, self._ask("#{cursor_x} #{cursor_y}").split()))
            (CHECKOUT / path).write_text(picture.svg(self.drawn(), title, cursor), encoding="utf-8")
        return self
