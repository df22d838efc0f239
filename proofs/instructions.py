#!/usr/bin/env python3
"""Counts the instructions of the hot paths under callgrind, and compares them with those kept.

A clock on a busy machine says little about a few per cent; the number of instructions does, and
it is the same in each run. (It is no time: a cache miss counts as one.) Ends with 1 if a case
got worse by more than the tolerance, with 2 if it cannot count.

    proofs/instructions.py [--update] [--tolerance PERCENT]
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "crates/lock-free-ring/benches/instructions.json"
ITEMS = 8 * 512  # LAPS times LAP in benches/instructions.rs
KINDS = ("shared", "dedicated")
# What is counted, and the function of benches/instructions.rs; {} is the kind.
CASES = {
    "write": "write_{}",
    "read": "read",
    "batch write (64)": "write_batch_{}",
    "batch read (64)": "read_batch",
}


def fail(message):
    print(f"proofs/instructions.py: {message}", file=sys.stderr)
    sys.exit(2)


def build():
    """The path of the program whose functions are counted."""
    command = [os.environ.get("CARGO", "cargo"), "bench", "-p", "lock-free-ring"]
    command += ["--bench", "instructions", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        fail("the benchmark does not build")
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "instructions":
            return message["executable"]
    fail("cargo names no program")


def count(program, kind, function):
    """Instructions inside `function`, what it calls included."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        command += [f"--toggle-collect=instructions::{function}", program, kind]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            fail(f"{function} under callgrind:\n{run.stderr}")
        total = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
    if not total or int(total[1]) == 0:
        fail(f"{function} was never entered: is it inlined, or renamed?")
    return int(total[1])


def compiler():
    return subprocess.run(["rustc", "-V"], capture_output=True, text=True, check=True).stdout.strip()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--update", action="store_true", help="keep these figures")
    options.add_argument("--tolerance", type=float, default=2.0, metavar="PERCENT")
    options = options.parse_args()
    if not shutil.which("valgrind"):
        fail("valgrind is missing: install it (apt-get install valgrind) to count instructions")

    program = build()
    now = {
        f"{kind}: {case}": count(program, kind, function.format(kind))
        for kind in KINDS
        for case, function in CASES.items()
    }
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"compiler": None, "instructions": {}}
    before = kept["instructions"]

    print(f"{'instructions per item':<28}{'kept':>10}{'now':>10}{'change':>10}")
    worse = []
    for case, instructions in now.items():
        old = before.get(case)
        change = 100 * (instructions - old) / old if old else 0.0
        verdict = "" if old else "  new"
        if change > options.tolerance:
            worse.append(case)
            verdict = "  WORSE"
        elif change < -options.tolerance:
            verdict = "  better: keep it with --update"
        was = f"{old / ITEMS:.3f}" if old else "-"
        print(f"{case:<28}{was:>10}{instructions / ITEMS:>10.3f}{change:>+9.2f}%{verdict}")

    if options.update:
        figures = {"compiler": compiler(), "items": ITEMS, "instructions": now}
        KEPT.write_text(json.dumps(figures, indent=2) + "\n")
        print(f"kept in {KEPT.relative_to(ROOT)}")
        return 0
    if kept["compiler"] not in (None, compiler()):
        print(f"note: kept by {kept['compiler']}, now {compiler()}; compilers differ in this too")
    if missing := [case for case in now if case not in before]:
        print(f"not kept yet: {', '.join(missing)}; keep them with --update")
        return 1
    if worse:
        print(f"worse by more than {options.tolerance} %: {', '.join(worse)}")
        print("if that is meant, keep the new figures with --update")
        return 1
    print(f"none is worse by more than {options.tolerance} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
