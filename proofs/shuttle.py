#!/usr/bin/env python3
"""Runs the tests of scale under shuttle: random schedules of whole runs of 8 producers.

    proofs/shuttle.py [--schedules N]   # 100000 unless told; the test file shares them out
"""

import argparse
import re

import gate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schedules", type=int, default=100_000)
    schedules = parser.parse_args().schedules
    command = [
        "cargo", "test", "--release", "-p", "lock-free-ring", "--target-dir", gate.TARGET / "shuttle",
        "--test", "shuttle_*", "--", "--nocapture", "--test-threads=2",
    ]
    env = {"RUSTFLAGS": "--cfg ring_shuttle", "RING_SCHEDULES": str(schedules), "RUST_BACKTRACE": "0"}
    code, said = gate.run(command, limit_s=3000, env=env)
    runs = re.findall(r"^.*?shuttle (\d+ producers.*): (\d+) schedules$", said, re.M)
    for what, count in runs:
        print(f"  {what}: {count} schedules")
    total = sum(int(count) for _, count in runs)
    fault = re.search(r"the document: at fault in schedule (\d+)", said)
    passed = code == 0 and fault is not None and total >= schedules
    if not passed:
        print(said[-4000:])
    canary = f"found in schedule {fault[1]}" if fault else "NOT FOUND"
    gate.report(
        "prove-shuttle", "8 producers at scale: nothing lost, nothing twice, nobody sleeps for ever",
        f"{total} schedules" if passed else "see above", f"the document's algorithm: {canary}", passed,
    )
    gate.finish()


if __name__ == "__main__":
    main()
