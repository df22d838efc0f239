#!/usr/bin/env python3
"""Runs the tests again and again on an overloaded machine: none may depend on who runs first.

    proofs/flakes.py [--package NAME] [--rounds N] [--minutes M] [--only TEXT]

Six test binaries at a time are each other's load, in random order: by turns on one core, on all
cores, and on one core beside two busy loops. Ends after the rounds, or when the minutes are over, and
names each test that failed, and how often.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gate

AT_ONCE = 6
ONE_CORE = ["taskset", "-c", "0"]
# (name, words before the test, busy loops beside it)
BURDENS = [
    ("one core", ONE_CORE, 0),
    ("all cores", [], 0),
    ("one core and busy loops", ONE_CORE, 2),
]
LIMIT_S = 600
# Ends with us, however we end.
BUSY_LOOP = "while kill -0 $PPID; do :; done 2> /dev/null"


def binaries(package):
    """Yields (name, path, folder to run in) of each test binary."""
    chosen = ["-p", package] if package else ["--workspace"]
    said = gate.must(["cargo", "test", *chosen, "--no-run", "--message-format=json"], limit_s=1800)
    for line in said.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("executable") and message["profile"]["test"]:
            folder = Path(message["manifest_path"]).parent
            yield f"{folder.name}/{message['target']['name']}", message["executable"], folder


def failed_tests(said):
    names = re.findall(r"^test (\S+)(?: - .*)? \.\.\. FAILED$", said, re.M)
    return names or re.findall(r"^    (\S+)$", said, re.M) or ["(the process)"]


def run_one(name, path, folder, words):
    """Runs one binary once; answers the tests that failed."""
    code, said = gate.run([*words, path], limit_s=LIMIT_S, cwd=folder)
    if code == 0:
        return []
    tests = failed_tests(said) if code is not None else [f"(not done in {LIMIT_S} s)"]
    print(f"  {name}: {tests}\n{said[-2500:]}", flush=True)
    return [f"{name} {test}" for test in tests]


def round_of(chosen, words, loops):
    """Runs each binary once, some at a time; answers the tests that failed."""
    beside = [subprocess.Popen([*words, "sh", "-c", BUSY_LOOP]) for _ in range(loops)]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            runs = [pool.submit(run_one, *binary, words) for binary in chosen]
            return [test for run in runs for test in run.result()]
    finally:
        for loop in beside:
            loop.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--only", default="", help="binaries whose name contains this")
    args = parser.parse_args()
    chosen = [binary for binary in binaries(args.package) if args.only in binary[0]]
    deadline, failures, runs = time.monotonic() + 60 * args.minutes, Counter(), 0
    for nth in range(args.rounds):
        burden, words, loops = BURDENS[nth % len(BURDENS)]
        if time.monotonic() > deadline:
            print(f"out of time after {nth} rounds")
            break
        began = time.monotonic()
        failures.update(round_of(random.sample(chosen, len(chosen)), words, loops))
        runs += len(chosen)
        print(f"round {nth + 1}, {burden}: {time.monotonic() - began:.0f} s", flush=True)
    for test, times in failures.most_common():
        print(f"failed {times} times: {test}")
    print(f"{runs} runs of {len(chosen)} test binaries, {sum(failures.values())} failures")
    sys.exit(1 if failures or not runs else 0)


if __name__ == "__main__":
    main()
