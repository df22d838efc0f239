#!/usr/bin/env python3
"""Runs every gate, and ends with one table: gate, what it checks, result, canary.

    proofs/prove.py [--quick]

Quick is what CI runs: a part of each gate. Not in either: the long soak (make test-soak) and
cargo-mutants (make mutants).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gate

# (script, arguments, arguments when quick)
GATES = [
    ("models.py", [], []),
    ("loom.py", [], []),
    ("protocol_mutants.py", [], ["--every", "12"]),
    ("shuttle.py", ["--schedules", "100000"], ["--schedules", "2000"]),
    ("sanitizers.py", [], ["--quick"]),
    ("compile_fail.py", [], []),
    ("examples.py", [], []),
    ("crossbeam_mpsc.py", [], []),
    ("fuzz.py", ["--seconds", "30"], ["--seconds", "5", "--dev"]),
    ("coverage.py", [], []),
    ("faults.py", [], ["--quick"]),
    ("public_api.py", [], []),
    ("package.py", [], []),
    ("deny.py", [], []),
]


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def table(rows):
    lines = ["| gate | checks | result | canary |", "|---|---|---|---|"]
    for row in rows:
        verdict = "ok" if row["passed"] else "**FAILED**"
        lines.append(f"| {row['gate']} | {row['checks']} | {verdict}: {row['result']} | {row['canary']} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    began, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        for script, full, little in GATES:
            arguments = little if quick else full
            report = Path(folder) / script
            print(f"\n== {script} {' '.join(arguments)} ({clock(time.monotonic() - began)})", flush=True)
            command = [gate.ROOT / "proofs" / script, *arguments]
            env = os.environ | {"RING_PROVE_TABLE": str(report)}
            code = subprocess.run(command, cwd=gate.ROOT, env=env).returncode
            said = report.read_text().splitlines() if report.exists() else []
            rows += [json.loads(line) for line in said]
            if code != 0 and all(json.loads(line)["passed"] for line in said):
                ended = f"ended with {code}"
                rows.append({"gate": script, "checks": "", "result": ended, "canary": "", "passed": False})
    print(f"\n{table(rows)}\n\n{clock(time.monotonic() - began)} minutes in all")
    sys.exit(0 if rows and all(row["passed"] for row in rows) else 1)


if __name__ == "__main__":
    main()
