"""Records the messages between an editor and the server.

Usage: record.py FOLDER SERVER [ARGUMENT...]

Passes on all bytes unchanged, as soon as a message is complete; bytes that are not a message are passed on as well. Each message
becomes a line `{"from": "client" | "server", "message": …}` in a new file in FOLDER, written before the other side receives the
message; anything else becomes a line `{"from": …, "broken": "the bytes"}`. Ends like the server, with the same exit code or by
the same signal. A command that is not a language server, such as `check` or `--version`, is only passed on.
"""

import json
import os
import signal
import subprocess
import sys
import threading


def messages(read):
    """The messages of one direction, each as its bytes with and without its header."""
    while True:
        head, length = b"", None
        # ends: with the editor and its server, which their tests limit.
        while (line := read.readline()) not in (b"\r\n", b"\n", b""):
            head += line
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        head += line
        body = read.read(length or 0)
        if head + body:
            yield head + body, body if length is not None and len(body) == length else None
        if not line or len(body) < (length or 0):
            return


def entry(who, raw, body):
    """The recorded line for a message."""
    try:
        message = json.loads(body)
    except (TypeError, ValueError):
        return {"from": who, "broken": raw.decode("utf-8", "replace")}
    return {"from": who, "message": message}


def session(folder, command):
    """Runs the server and returns its exit code."""
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # An editor that ends this program means the server.
    for it in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(it, lambda number, _: server.send_signal(number))
    lock = threading.Lock()
    with open(os.path.join(folder, f"{os.getpid()}-{server.pid}.jsonl"), "w", encoding="utf-8") as record:

        def pass_on(who, read, write):
            is_heard = True
            for raw, body in messages(read):
                with lock:
                    record.write(json.dumps(entry(who, raw, body)) + "\n")
                    record.flush()
                try:
                    if is_heard:
                        write.write(raw)
                        write.flush()
                except OSError:
                    # The other side has closed. The remaining output is read, so that no process waits for this one.
                    is_heard = False
            try:
                write.close()
            except OSError:
                pass

        threading.Thread(target=pass_on, args=("client", sys.stdin.buffer, server.stdin), daemon=True).start()
        pass_on("server", server.stdout, sys.stdout.buffer)
        # ends: soon after the server has closed its output, or with the signal that the editor sends.
        code = server.wait()
        # The thread may be in the middle of a read, so its file is not closed, and the thread is not awaited.
        with lock:
            record.flush()
            if code < 0:
                signal.signal(-code, signal.SIG_DFL)
                os.kill(os.getpid(), -code)
            os._exit(code if code >= 0 else 128 - code)


def main(folder, command):
    if command[1:] in ([], ["--stdio"]):
        session(folder, command)
    else:
        os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
