#!/usr/bin/env python3
"""Measures how long an editor waits for the release executable over the real protocol, at 40, 2,000 and 20,000 lines.

    cargo build --release && python3 tests/bench/protocol.py [--server PATH] [--rounds N] [--json]

Needs only Python. For each size:

open        didOpen to the diagnostics of that version
keystroke   didChange of one character to the diagnostics of that version; each key makes one line in the middle of the
            file wrong or right again, and the clock stops only at the matching diagnostics
completion  didChange of one character and a completion request, written together, to a list with the expected item
hover       a hover request to its answer
outline     a documentSymbol request about an unchanged document
new outline didChange of one character and a documentSymbol request, written together
profiles    the same as outline, for a `profiles.yml` that contains only mappings with a few fields each
action      a codeAction request on a diagnostic, to an answer that offers its fix
no action   a codeAction request elsewhere
fix all     a codeAction request for `source.fixAll`, in a file with two mistakes far from each other

and, once, start: from starting the process to the answer of `initialize`. Times are in milliseconds: minimum, p50 and p99 of
all samples, as seen by a client in Python, which takes about 0.05 ms of each. `cpu` is the average processor time of the
server for one sample. On a busy machine only `cpu` and the minimum are meaningful. Run it on an idle machine.
"""
import argparse
import faulthandler
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
URI = "file:///bench/{}.dstack.yml"
NOW = time.perf_counter
CAPABILITIES = {"textDocument": {
    "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}}},
    "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
}}


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen([command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.last_id = 0
        # Bytes of the last message.
        self.size = 0

    def write(self, *messages):
        out = b""
        for message in messages:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            out += b"Content-Length: %d\r\n\r\n" % len(body) + body
        # ends: the whole run is limited (`main`).
        self.process.stdin.write(out)
        # ends: as above.
        self.process.stdin.flush()

    def read(self):
        """The next message and the moment when its last byte was read."""
        length = 0
        # ends: the whole run is limited (`main`).
        while line := self.process.stdout.readline().strip():
            length = int(line.split(b":")[1])
        if not length:
            sys.exit("the server ended")
        # ends: as above.
        body = self.process.stdout.read(length)
        at = NOW()
        self.size = length
        return json.loads(body), at

    def until(self, fits):
        while True:
            message, at = self.read()
            if fits(message):
                return message, at

    def request(self, method, params):
        self.last_id += 1
        return {"id": self.last_id, "method": method, "params": params}

    def ask(self, method, params, *before):
        """Writes notifications and a request together; returns the answer and the time that it took."""
        request = self.request(method, params)
        begin = NOW()
        self.write(*before, request)
        message, at = self.until(lambda it: it.get("id") == request["id"] and "method" not in it)
        return message["result"], at - begin

    def memory(self):
        """The resident memory in MiB, if the system reports it."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            return int(status.split("VmRSS:")[1].split()[0]) / 1024
        except (OSError, IndexError):
            return float("nan")

    def cpu(self):
        """Seconds of processor time so far, in steps of a clock tick."""
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return float("nan")

    def end(self):
        self.ask("shutdown", None)
        self.write({"method": "exit"})
        return self.process.wait(10)


def text(lines):
    """A realistic task with about this many lines, and the line of `priority`, in the middle."""
    head = ["type: task", "name: bench", "# Trains a model", "image: ghcr.io/acme/train:1.2", "resources:", "  gpu: A100:2",
            "  memory: 64GB..", "  disk: 200GB", "env:"]
    half = (lines - len(head) - 3) // 2
    env = [f"  VARIABLE_{i}: value {i} # why" if i % 3 else f'  VARIABLE_{i}: "${{{{ env.HOME }}}}/{i}"' for i in range(half)]
    middle = ["priority: 7", "commands:"]
    commands = [f"  - python train.py --step {i} --name step-{i}" for i in range(lines - len(head) - half - 3)]
    return "\n".join(head + env + middle + commands) + "\n", len(head) + half


def profiles(lines):
    """A `profiles.yml` with about this many lines."""
    one = """  - name: profile-{0}
    # The cheap one
    backends: [aws, gcp]
    regions: [us-east-1, us-west-2]
    spot_policy: auto
    max_price: 1.5
    max_duration: 1d
    retry:
      on_events: [no-capacity, interruption]
      duration: 1h
"""
    return "profiles:\n" + "".join(one.format(i) for i in range(lines // 10))


def change(uri, version, line, start, end, new):
    range_ = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    document = {"uri": uri, "version": version}
    params = {"textDocument": document, "contentChanges": [{"range": range_, "text": new}]}
    return {"method": "textDocument/didChange", "params": params}


def measure(server, lines, rounds):
    samples = {it: [] for it in ("open", "keystroke", "hover", "outline", "new outline", "profiles", "action", "no action",
                                 "fix all", "completion")}
    spent, sizes = {}, {}
    content, line = text(lines)

    def spend(what, since):
        spent[what] = (server.cpu() - since) / len(samples[what])
        return server.cpu()

    def diagnosed(uri, version, wrong):
        message, at = server.until(lambda it: it.get("method") == "textDocument/publishDiagnostics"
                                   and it["params"]["uri"] == uri and it["params"].get("version") == version)
        found = [it["range"]["start"]["line"] for it in message["params"]["diagnostics"]]
        if found != ([line] if wrong else []):
            sys.exit(f"wrong diagnostics at {lines} lines, version {version}: {found}")
        return at

    cpu = server.cpu()
    for n in range(max(3, rounds // 20)):
        uri = URI.format(f"open-{lines}-{n}")
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": content}
        begin = NOW()
        server.write({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        samples["open"].append(diagnosed(uri, 1, False) - begin)
        server.write({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
        server.until(lambda it: it.get("params", {}).get("uri") == uri and not it["params"].get("version"))

    spend("open", cpu)

    uri, version = URI.format(lines), 1
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": content}
    server.write({"method": "textDocument/didOpen", "params": {"textDocument": document}})
    diagnosed(uri, 1, False)
    cpu = server.cpu()
    for n in range(rounds):
        version += 1
        wrong = n % 2 == 0
        key = change(uri, version, line, 8, 8, "x") if wrong else change(uri, version, line, 8, 9, "")
        begin = NOW()
        server.write(key)
        samples["keystroke"].append(diagnosed(uri, version, wrong) - begin)

    cpu = spend("keystroke", cpu)

    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 2}}
    for _ in range(rounds):
        samples["hover"].append(server.ask("textDocument/hover", place)[1])
    cpu = spend("hover", cpu)

    whole = {"textDocument": {"uri": uri}}
    for _ in range(rounds):
        outline, took = server.ask("textDocument/documentSymbol", whole)
        sizes["outline"] = server.size
        samples["outline"].append(took)
        if "image" not in [it["name"] for it in outline]:
            sys.exit(f"the outline at {lines} lines has no `image`")
    cpu = spend("outline", cpu)
    for n in range(rounds):
        version += 1
        key = change(uri, version, line, 8, 8, "x") if n % 2 == 0 else change(uri, version, line, 8, 9, "")
        outline, took = server.ask("textDocument/documentSymbol", whole, key)
        sizes["new outline"] = server.size
        samples["new outline"].append(took)
        if ("x" in str(outline[-2])) != (n % 2 == 0):
            sys.exit(f"the outline at {lines} lines is not that of version {version}")
    spend("new outline", cpu)
    measure_profiles(server, lines, rounds, samples["profiles"], sizes)
    spent["profiles"] = sizes.pop("cpu of profiles")

    version += 1
    server.write(change(uri, version, 1, 0, 4, "naem"))
    server.until(lambda it: it.get("params", {}).get("version") == version)
    cpu = server.cpu()
    for what, row in (("action", 1), ("no action", line)):
        begin = {"line": row, "character": 2}
        place = {"textDocument": {"uri": uri}, "range": {"start": begin, "end": begin},
                 "context": {"diagnostics": [], "only": ["quickfix"]}}
        for _ in range(rounds):
            actions, took = server.ask("textDocument/codeAction", place)
            sizes[what] = server.size
            samples[what].append(took)
            if any(it["title"].startswith("Rename") for it in actions) != (what == "action"):
                sys.exit(f"wrong actions at {lines} lines, row {row}: {actions}")
        cpu = spend(what, cpu)

    # A mistake with a safe fix, above the other one.
    version += 1
    server.write(change(uri, version, line, 0, 8, "priorty"))
    server.until(lambda it: it.get("params", {}).get("version") == version)
    place["context"]["only"] = ["source.fixAll"]
    cpu = server.cpu()
    for _ in range(max(3, rounds // 20)):
        actions, took = server.ask("textDocument/codeAction", place)
        sizes["fix all"] = server.size
        samples["fix all"].append(took)
        edits = [it["range"] for action in actions for it in action["edit"]["changes"][uri]]
        if [min(it["start"]["line"] for it in edits), max(it["end"]["line"] for it in edits)] != [1, line]:
            sys.exit(f"wrong fixes at {lines} lines: {edits}")
    spend("fix all", cpu)
    version += 1
    server.write(change(uri, version, line, 0, 7, "priority"))
    version += 1
    server.write(change(uri, version, 1, 0, 4, "name"))

    version += 1
    server.write(change(uri, version, line, 0, 0, "retr\n"))
    server.until(lambda it: it.get("params", {}).get("version") == version)
    cpu = server.cpu()
    for n in range(rounds):
        version += 1
        # `ret` and `retr` alternately.
        key = change(uri, version, line, 3, 4, "") if n % 2 == 0 else change(uri, version, line, 3, 3, "r")
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 3 + n % 2}}
        result, took = server.ask("textDocument/completion", place, key)
        samples["completion"].append(took)
        labels = [it["label"] for it in (result or {}).get("items", [])]
        if "retry" not in labels:
            sys.exit(f"`retry` is not offered at {lines} lines: {labels[:9]}")
    spend("completion", cpu)
    server.write({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    return samples, spent, sizes


def measure_profiles(server, lines, rounds, samples, sizes):
    """The outline of many mappings."""
    uri = f"file:///bench/{lines}/.dstack/profiles.yml"
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": profiles(lines)}
    server.write({"method": "textDocument/didOpen", "params": {"textDocument": document}})
    server.until(lambda it: it.get("params", {}).get("uri") == uri)
    cpu = server.cpu()
    for _ in range(rounds):
        outline, took = server.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        sizes["profiles"] = server.size
        samples.append(took)
        if outline[0]["children"][0]["name"] != "profile-0":
            sys.exit(f"the outline of profiles at {lines} lines does not begin with the first one")
    sizes["cpu of profiles"] = (server.cpu() - cpu) / rounds
    server.write({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})


def percentile(samples, q):
    samples = sorted(samples)
    return samples[min(len(samples) - 1, round((len(samples) - 1) * q))] * 1000


def start(command):
    begin = NOW()
    server = Server(command)
    server.ask("initialize", {"processId": os.getpid(), "capabilities": CAPABILITIES})
    took = NOW() - begin
    server.write({"method": "initialized", "params": {}})
    return server, took


def main():
    arguments = argparse.ArgumentParser(description="Benchmark of the protocol")
    arguments.add_argument("--server", default=str(ROOT / "target/release/dstack-lsp"))
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--json", action="store_true")
    arguments = arguments.parse_args()
    if not Path(arguments.server).exists():
        sys.exit(f"{arguments.server} is not there; run `cargo build --release`")

    # A hang is reported instead of waited for.
    faulthandler.dump_traceback_later(3600, exit=True)
    rows, starts = [], []
    for _ in range(20):
        server, took = start(arguments.server)
        starts.append(took)
        server.end()
    rows.append(row("start", 0, starts, None))
    for lines in (40, 2_000, 20_000):
        server, _ = start(arguments.server)
        samples, spent, sizes = measure(server, lines, arguments.rounds)
        rows += [row(what, lines, it, spent[what], sizes.get(what)) for what, it in samples.items()]
        rows.append({"what": "memory", "lines": lines, "MiB": server.memory()})
        server.end()

    if arguments.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'':12}{'lines':>7}{'n':>6}{'least':>9}{'p50':>9}{'p99':>9}{'cpu':>9}  (ms){'kB':>9}")
    for it in rows:
        line = f"{it['what']:12}{it['lines'] or '':>7}"
        if it["what"] == "memory":
            print(f"{line}{it['MiB']:>15.1f}  (MiB)")
        else:
            cpu = "" if it["cpu"] is None else f"{it['cpu']:.2f}"
            kb = f"{it['bytes'] / 1000:.1f}" if it["bytes"] else ""
            print(f"{line}{it['n']:>6}{it['least']:>9.2f}{it['p50']:>9.2f}{it['p99']:>9.2f}{cpu:>9}      {kb:>9}".rstrip())
    print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def row(what, lines, samples, cpu, size=None):
    cpu = None if cpu is None else cpu * 1000
    return {"what": what, "lines": lines, "n": len(samples), "least": min(samples) * 1000,
            "p50": percentile(samples, 0.5), "p99": percentile(samples, 0.99), "cpu": cpu, "bytes": size}


if __name__ == "__main__":
    main()
