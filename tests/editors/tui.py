"""Drives a terminal editor like a user: types keys and reads the screen, in a separate tmux server.

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

It waits for what is visible, never for a time: the next key is sent as soon as the editor has read the previous one. A failed check
prints the screen and ends the run, because the following checks depend on it.
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

# Runs the command after it in the Debian tree of tests/setup.sh.
IN_TREE = [str(HERE / "in-tree")]

# Maximum number of seconds until a state is reached, on a busy machine.
PATIENCE = 60

# Maximum number of seconds that a command may run; then it counts as hung.
LIMIT = 300

# A run that is ended by a signal leaves nothing behind.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

_counts = {"passed": 0, "failed": 0}


class Failed(Exception):
    """An awaited state was not reached."""


def version(text):
    """Prints the version of the editor, once."""
    print(f"version {text}", flush=True)


@contextlib.contextmanager
def check(name):
    """One check: it passes if its body completes."""
    try:
        yield
    except (Failed, AssertionError, subprocess.SubprocessError) as problem:
        _counts["failed"] += 1
        print("\n  ".join([f"FAILED {name}", *str(problem).splitlines()]), flush=True)
        finish()
    _counts["passed"] += 1
    print(f"ok {name}", flush=True)


def equal(seen, wanted):
    """Fails and prints both values if they differ."""
    if seen != wanted:
        raise Failed(f"seen:\n{seen}\nwanted:\n{wanted}")


def finish():
    """Prints the number of checks and ends the program."""
    print(f"{_counts['passed']} passed, {_counts['failed']} failed", flush=True)
    sys.exit(0 if _counts["failed"] == 0 else 1)


def until(condition, what):
    """Waits until `condition` returns a value, and returns it. `what` describes the state if that does not happen."""
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(what())
        time.sleep(0.02)


class Terminal:
    """A command in a separate terminal, with the variables of `environment` added to ours."""

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
        # tmux does not always learn how a program has ended, so the exit status is written to a file.
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
        # An editor that is being ended may still write to the home folder.
        with contextlib.suppress(ProcessLookupError):
            until(lambda: os.killpg(program, 0), lambda: f"process {program} does not go away")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self._socket, *arguments], capture_output=True, text=True, check=False, timeout=LIMIT)
        return done.stdout

    def _ask(self, what):
        return self._tmux("display-message", "-p", what).strip()

    def _unread(self):
        """The number of typed bytes that the program has not read yet."""
        try:
            tty = os.open(self._tty, os.O_RDONLY | os.O_NOCTTY)
        except OSError:
            return 0
        try:
            return int.from_bytes(fcntl.ioctl(tty, termios.FIONREAD, b"\0" * 4), sys.byteorder)
        except OSError:
            # It has ended in the meantime.
            return 0
        finally:
            os.close(tty)

    def _send(self, *arguments):
        self._tmux("send-keys", *arguments)
        until(lambda: self._unread() == 0, lambda: f"{arguments[-1]!r} was not read; on the screen:\n{self.screen()}")

    def keys(self, *names):
        """Types keys, by their names in tmux: `Enter`, `Escape`, `C-x`, `Down`."""
        for name in names:
            self._send(name)
        return self

    def type(self, text):
        """Types text, character by character."""
        for character in text:
            self._send("-l", "\\;" if character == ";" else character)
        return self

    def screen(self):
        """The visible screen, as lines of text."""
        return self._tmux("capture-pane", "-p")

    def drawn(self):
        """The visible screen, with the escape sequences for colors."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def wait(self, pattern, *more, gone=False):
        """Waits until all regular expressions match the screen (`^` and `$` match at lines), or until none does."""
        wanted = (pattern, *more)

        def there():
            screen = self.screen()
            if all(bool(re.search(it, screen, re.MULTILINE)) != gone for it in wanted):
                return screen or " "
            return None

        until(there, lambda: f"{'still' if gone else 'not all'} there: {wanted}; on the screen:\n{self.screen()}")
        return self

    def wait_exit(self, status=0):
        """Waits until the program has ended, and fails if its exit status differs."""
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
