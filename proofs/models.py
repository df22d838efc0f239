#!/usr/bin/env python3
"""Checks the formal models in proofs/models with spin, and that what is broken is refuted.

    proofs/models.py
"""

import re
import tempfile
from pathlib import Path

import gate

MODELS = Path(__file__).resolve().parent / "models"
SPIN = ("spin", "spin")
MEMORY_MB = 6000

# (model, switches, what it shows)
HOLDS = [
    ("shard", "-DCAPACITY=1", "1 slot, full"),
    ("shard", "-DCAPACITY=2", "2 slots, full"),
    ("shard", "-DCAPACITY=3", "3 slots, full"),
    ("shard", "-DCAPACITY=3 -DFILLED=0", "3 slots, empty"),
    ("shard", "-DCAPACITY=1 -DABORTS -DITEMS=2", "1 slot, aborted claims"),
    ("shard", "-DCAPACITY=2 -DABORTS -DBATCHES -DITEMS=2", "2 slots, aborts, batches"),
    ("shard", "-DCAPACITY=3 -DFILLED=1 -DABORTS -DBATCHES -DITEMS=2", "3 slots, aborts, batches"),
    ("sleep", "-DCAPACITY=1", "membarrier, 1 slot"),
    ("sleep", "-DCAPACITY=2", "membarrier, 2 slots"),
    ("sleep", "-DCAPACITY=1 -DFENCES", "fences, 1 slot"),
    ("sleep", "-DCAPACITY=2 -DFENCES", "fences, 2 slots"),
]
REFUTED = [
    ("shard", "-DDOCUMENT -DCAPACITY=2", "the document's algorithm, 2 slots", "assertion violated"),
    ("shard", "-DDOCUMENT -DCAPACITY=1", "the document's algorithm, 1 slot", "assertion violated"),
    ("sleep", "-DNO_SECOND_LOOK", "sleep without a second look", "invalid end state"),
    ("sleep", "-DNO_BARRIER", "second look without the barrier", "invalid end state"),
    ("sleep", "-DNO_BARRIER -DFENCES", "a fence on one side only", "invalid end state"),
]
SUBJECTS = {
    "shard": "shared shard: nothing lost, nothing twice, order (spin)",
    "sleep": "sleep and wake on x86's memory: nobody sleeps for ever (spin)",
}


def check(model, switches):
    """Answers (states, what is wrong or None)."""
    with tempfile.TemporaryDirectory() as scratch:
        source = MODELS / f"{model}.pml"
        gate.must(["spin", "-a", *switches.split(), source], cwd=scratch)
        compiler = ["gcc", "-O2", "-w", "-DSAFETY", f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"]
        gate.must(compiler, cwd=scratch)
        _, said = gate.run(["./pan", "-m1000000", "-w24"], cwd=scratch)
    states = re.search(r"(\d+) states, stored", said)
    errors = re.search(r"errors: (\d+)", said)
    if "max search depth too small" in said or not states or not errors:
        return 0, f"spin did not come to an end: {said[-300:]}"
    wrong = re.search(r"^pan:1: (.*?) \(at depth", said, re.M)
    return int(states[1]), wrong[1] if wrong else None


def main():
    gate.need(*SPIN)
    gate.need("gcc", "gcc")
    for subject, checks in SUBJECTS.items():
        total, fine = 0, True
        for model, switches, what in (row for row in HOLDS if row[0] == subject):
            states, wrong = check(model, switches)
            total += states
            fine &= wrong is None
            print(f"  {subject}: {what}: {states} states: {wrong or 'holds'}", flush=True)
        caught = []
        for model, switches, what, expected in (row for row in REFUTED if row[0] == subject):
            states, wrong = check(model, switches)
            fine &= wrong is not None and expected in wrong
            print(f"  {subject}: {what}: {states} states: {wrong or 'NOT REFUTED'}", flush=True)
            caught.append(f"{what}: {'refuted' if wrong else 'not refuted'} in {states} states")
        report = f"{total} states, no error" if fine else "see above"
        gate.report("prove-models", checks, report, ", ".join(caught), fine)
    gate.finish()


if __name__ == "__main__":
    main()
