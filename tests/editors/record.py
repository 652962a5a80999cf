"""Stands between an editor and the server and records what they say.

Usage: record.py FOLDER SERVER [ARGUMENT...]

Passes every byte on as it came, at once; writes each message as a line `{"from": "client" | "server", "message": …}` into a
file of its own in FOLDER. Ends as the server ends. What is no language server, such as `check` or `--version`, is only started.
"""

import json
import os
import signal
import subprocess
import sys
import threading


def messages(read):
    """The messages of one direction, each with its bytes as they came."""
    while True:
        head, length = b"", None
        while (line := read.readline()) not in (b"\r\n", b""):
            head += line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if length is None:
            return
        body = read.read(length)
        yield head + b"\r\n" + body, body


def main(folder, command):
    if command[1:] not in ([], ["--stdio"]):
        os.execv(command[0], command)
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # An editor that kills us means the server.
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    lock = threading.Lock()
    with open(os.path.join(folder, f"{os.getpid()}-{server.pid}.jsonl"), "w", encoding="utf-8") as record:

        def pass_on(who, read, write):
            try:
                for raw, body in messages(read):
                    with lock:
                        record.write(json.dumps({"from": who, "message": json.loads(body)}) + "\n")
                        record.flush()
                    write.write(raw)
                    write.flush()
                write.close()
            except (BrokenPipeError, ValueError):
                # The other side has left; what it said is recorded.
                pass

        client = threading.Thread(target=pass_on, args=("client", sys.stdin.buffer, server.stdin), daemon=True)
        client.start()
        pass_on("server", server.stdout, sys.stdout.buffer)
        code = server.wait()
    os._exit(code if code >= 0 else 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
