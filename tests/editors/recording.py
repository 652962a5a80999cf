"""Tests record.py and protocol.py: nothing is lost between an editor and the server, and each kind of bad message is found.

Usage: recording.py     with the Python of the environment with lsprotocol. Prints `ok NAME` lines and, at the end, `N passed, N failed`.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading

import protocol

HERE = pathlib.Path(__file__).parent
# Maximum number of seconds of a session.
LIMIT = 60
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 4}}
EDIT = {"changes": {"file:///a": [{"range": RANGE, "newText": "b"}]}}

passed = failed = 0


def check(name, is_right, seen=None):
    global passed, failed
    if is_right:
        passed += 1
        print(f"ok {name}")
    else:
        failed += 1
        print(f"FAILED {name}\n  {seen!r}"[:2000])


def frame(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def recorded(server, said, *arguments, end=None, ignored=None, limit=LIMIT):
    """Runs a session with this Python program as the server, to which an editor sends these bytes. Returns its exit code (`-SIGKILL`
    if it took longer than the limit), what the editor received, and the recorded lines. An editor that ends it with a signal waits
    for some output first. A signal may be ignored when the session starts, like SIGHUP under `nohup`."""
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "server.py")
        program.write_text(f"#!{sys.executable}\nimport os, signal, sys\n{textwrap.dedent(server)}")
        program.chmod(0o755)
        messages = pathlib.Path(folder, "messages")
        messages.mkdir()
        command = [sys.executable, HERE / "record.py", messages, program, *arguments]
        pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
        start = lambda: signal.signal(ignored, signal.SIG_IGN) if ignored else None
        # ends: when the session is killed, at the latest.
        with subprocess.Popen(command, **pipes, preexec_fn=start, start_new_session=True) as process:
            killed = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
            killed.start()
            first = b""
            if end:
                # ends: when the session is killed, at the latest.
                first = process.stdout.read(1)
                process.send_signal(end)
            heard, _ = process.communicate(said, timeout=limit + 10)
            killed.cancel()
        lines = [json.loads(line) for it in messages.iterdir() for line in it.read_text().splitlines()]
        return process.returncode, first + heard, lines


def recording():
    hello, big = {"jsonrpc": "2.0", "method": "a"}, {"jsonrpc": "2.0", "method": "b", "params": ["ä€😀" * 1_000_000]}
    said = frame(hello) + frame(big)
    code, heard, lines = recorded("sys.stdout.buffer.write(sys.stdin.buffer.read())", said, "--stdio")
    check("every byte is passed on, of messages of megabytes, too", (code, heard) == (0, said), (code, len(heard)))
    expected = [{"from": who, "message": it} for who in ("client", "server") for it in (hello, big)]
    check("and every message is written down, both ways", lines == expected, lines[:1])

    half = frame(hello) + frame(big)[:100]
    code, heard, lines = recorded(f"sys.stdout.buffer.write({half!r})", b"")
    check("half a message at the end is passed on", heard == half, heard)
    check("and written down as what it is", [*map(list, lines)] == [["from", "message"], ["from", "broken"]], lines)

    odd = b"warning: this is no message\r\n\r\n" + frame(b"{nonsense") + b"content-length:2\r\nX: y\r\n\r\n{}" + frame(b"")
    code, heard, lines = recorded(f"sys.stdout.buffer.write({odd!r})", b"")
    check("what is no message is passed on", heard == odd, heard)
    check("and written down as none", ["broken" in it for it in lines] == [True, True, False, True], lines)

    code, _, _ = recorded("sys.exit(7)", b"")
    check("the exit code is passed on", code == 7, code)
    code, _, _ = recorded("os.kill(os.getpid(), signal.SIGABRT)", b"")
    check("so is the signal that ends the server", code == -signal.SIGABRT, code)
    waits = f"os.write(1, {frame(hello)!r}); signal.pause()"
    for it in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for ignored in (None, it):
            # Python would turn an interrupt into an exception, and an ignored signal would stay ignored.
            code, _, _ = recorded(f"signal.signal({it}, signal.SIG_DFL); {waits}", None, end=it, ignored=ignored)
            check(f"a {it.name} of the editor reaches the server{', ignored before or not' if ignored else ''}", code == -it, code)
    code, _, _ = recorded("signal.pause()", b"", limit=2)
    check("a session that hangs fails, and is not waited for", code == -signal.SIGKILL, code)
    code, _, _ = recorded("signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); " + waits, None, end=signal.SIGTERM)
    check("which may live on to end as it likes", code == 3, code)
    code, heard, lines = recorded("print(sys.argv[1:]); sys.exit(1)", b"", "--version")
    check("commands are passed on and not recorded", (code, heard, lines) == (1, b"['--version']\n", []), (code, heard, lines))


def ask(method, *answers, left=True):
    """The problems of a session in which the editor sends a request, and the server sends this."""
    said = [("client", {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}), *(("server", it) for it in answers)]
    if left:
        said += [("client", {"jsonrpc": "2.0", "id": 9, "method": "shutdown"}), ("server", {"jsonrpc": "2.0", "id": 9, "result": None})]
    return protocol.check(json.dumps({"from": who, "message": message}) for who, message in said)[0]


def answer(result):
    return {"jsonrpc": "2.0", "id": 1, "result": result}


def notify(method, params):
    return {"jsonrpc": "2.0", "method": method, "params": params}


def published(**diagnostic):
    return notify("textDocument/publishDiagnostics", {"uri": "file:///a", "diagnostics": [{"range": RANGE, "message": "m"} | diagnostic]})


def release(**params):
    return notify("dstack/release", {"uri": "file:///a", "release": "0.22.5", "origin": "newest", "source": ""} | params)


def messages():
    hover, hovered = "textDocument/hover", answer({"contents": {"kind": "markdown", "value": "a"}})
    actions = "textDocument/codeAction"
    for name, method, *said in [
        ("an answer", hover, hovered),
        ("an answer that is nothing", hover, answer(None)),
        ("an error", hover, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32800, "message": "cancelled"}}),
        ("diagnostics", hover, published(severity=1, code="a", source="dstack", data={"any": [1, None]}), hovered),
        ("a release", hover, release(), release(note="b"), hovered),
        ("an action with a command in it", actions, answer([{"title": "a", "command": {"title": "a", "command": "b"}, "edit": EDIT}])),
        ("a command", actions, answer([{"title": "a", "command": "b"}])),
    ]:
        problems = ask(method, *said)
        check(f"{name} is right", problems == [], problems)

    question = {"jsonrpc": "2.0", "id": 5, "method": "workspace/configuration", "params": {"items": []}}
    for name, method, *said in [
        ("a text that is a number", hover, answer({"contents": {"kind": "markdown", "value": 5}})),
        ("a word that the protocol does not have", hover, answer({"contents": {"kind": "html", "value": "a"}})),
        ("a member that the protocol does not have", hover, answer({"contents": "a", "tooltip": "b"})),
        ("a member that is null where it may only be absent", hover, answer({"contents": "a", "range": None})),
        ("a missing member", hover, answer({"range": RANGE})),
        ("an answer without result", hover, {"jsonrpc": "2.0", "id": 1}),
        ("an answer with result and error", hover, {**hovered, "error": {"code": 1, "message": "a"}}),
        ("another version of JSON-RPC", hover, {**hovered, "jsonrpc": "1.0"}),
        ("an answer to no question", hover, hovered, {**hovered, "id": 2}),
        ("a second answer", hover, hovered, hovered),
        ("no answer", hover, published()),
        ("a method that does not exist", hover, hovered, notify("textDocument/color", {})),
        ("a severity that does not exist", hover, hovered, published(severity=9)),
        ("a position before the beginning", hover, hovered, published(range={"start": {"line": -1, "character": 0}, "end": RANGE["end"]})),
        ("a flag that is a number", "textDocument/completion", answer({"isIncomplete": 0, "items": []})),
        ("an action without title", actions, answer([{"kind": "quickfix", "edit": EDIT}])),
        ("a fault within an action's command", actions, answer([{"title": "a", "command": {"title": "a", "command": 1}}])),
        ("a fault within an action's edit", actions, answer([{"title": "a", "edit": {"changes": {"file:///a": [{"newText": "b"}]}}}])),
        ("a release without its document", hover, hovered, notify("dstack/release", {"release": "1", "origin": "a", "source": ""})),
        ("a release that is a number", hover, hovered, release(release=0.22)),
        ("a release with more to it", hover, hovered, release(color="red")),
        ("a question that is wrong", hover, hovered, {**question, "params": {"items": [{"scope": "a"}]}}),
    ]:
        check(f"{name} is found", len(ask(method, *said)) == 1, ask(method, *said))
    check("an editor that is killed may have asked in vain", ask(hover, published(), left=False) == [])
    broken = json.dumps({"from": "server", "broken": "{"})
    check("what is no message is found", len(protocol.check([broken])[0]) == 1)
    check("a server that says nothing is found", len(protocol.check([])[0]) == 1)


recording()
messages()
print(f"{passed} passed, {failed} failed")
sys.exit(0 if failed == 0 else 1)
