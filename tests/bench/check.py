#!/usr/bin/env python3
"""Measures time and memory of `dstack-lsp check FOLDER`: the release executable, several runs, the best and the median.

    cargo build --release && python3 tests/bench/check.py [FOLDER] [--server PATH] [--runs N]

Without a folder, checks the 905 real files of ../shared/dstack/corpus if they exist, or else tests/corpus. Needs only Python, on
Linux or macOS. Run it on an idle machine.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared/dstack/corpus"


def run(command):
    """The seconds, the peak in MiB, and the output of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    limit = threading.Timer(600, process.kill)
    limit.start()
    # ends: when it is killed, at the latest.
    output = process.stdout.read()
    # `wait4` reports on this child only, unlike RUSAGE_CHILDREN.
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    limit.cancel()
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command} failed")
    unit = 1 if sys.platform == "darwin" else 1024
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 2**20, output


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=str(REAL if REAL.is_dir() else ROOT / "tests/corpus"))
    parser.add_argument("--server", default=str(ROOT / "target/release/dstack-lsp"))
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    for form in ("human", "json"):
        runs = [run([arguments.server, "check", "--format", form, arguments.folder]) for _ in range(arguments.runs)]
        if form == "json":
            summary = json.loads(runs[0][3])["summary"]
            print(f"{summary['files']} files are dstack's: {summary['errors']} errors, {summary['warnings']} warnings")
        times, processor, memory = ([it[i] for it in runs] for i in range(3))
        print(f"{form:5}  best {min(times):.3f} s, median {statistics.median(times):.3f} s, "
              f"processor {min(processor):.3f} s, peak memory {max(memory):.1f} MiB")


if __name__ == "__main__":
    main()
