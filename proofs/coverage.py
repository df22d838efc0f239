#!/usr/bin/env python3
"""Measures which lines and regions of the library its tests reach; HTML in target/coverage/html.

    proofs/coverage.py
"""

import json
from pathlib import Path

import gate

LEAST_PERCENT = 97.0
# Of each file's lines: none may hide behind the others.
LEAST_OF_A_FILE = 90.0
LLVM = "/usr/lib/llvm-22/bin"


def percentages(command, env):
    """Answers (percent of lines, of regions, names of the files that are below their bar)."""
    said = gate.must([*command, "report", "--json", "--summary-only", "-p", "lock-free-ring"], env=env)
    data = json.loads(said[said.index("{"):])["data"][0]
    poor = [
        Path(file["filename"]).name
        for file in data["files"]
        if file["summary"]["lines"]["percent"] < LEAST_OF_A_FILE
    ]
    totals = data["totals"]
    return totals["lines"]["percent"], totals["regions"]["percent"], poor


def main():
    gate.need(f"{LLVM}/llvm-cov", "llvm-22")
    gate.need_cargo("cargo-llvm-cov", "cargo-llvm-cov", "0.9.1")
    env = {"LLVM_COV": f"{LLVM}/llvm-cov", "LLVM_PROFDATA": f"{LLVM}/llvm-profdata"}
    command = ["cargo", "llvm-cov"]
    tests = [*command, "-p", "lock-free-ring", "--features", "async"]
    # Neither what earlier runs reached counts, nor what they built.
    gate.must([*command, "clean", "--workspace"], env=env)
    gate.must(
        [*tests, "--lib", "--tests", "--html", "--output-dir", gate.TARGET / "coverage"],
        limit_s=1800, env=env,
    )
    lines, regions, poor = percentages(command, env)
    # One file of tests alone reaches so little that it misses every bar. After the others, since what
    # was never built is not counted.
    gate.must([*command, "clean", "--profraw-only"], env=env)
    gate.must([*tests, "--test", "pool", "--no-report"], limit_s=1200, env=env)
    pool_lines, _, pool_poor = percentages(command, env)
    below = f", below: {', '.join(poor)}" if poor else ""
    gate.report(
        "test-coverage",
        f"lines and regions of the library, at least {LEAST_PERCENT} %, and {LEAST_OF_A_FILE} % of each file",
        f"lines {lines:.2f} %, regions {regions:.2f} % (target/coverage/html/index.html){below}",
        f"the pool's tests alone: {pool_lines:.0f} % of lines, {len(pool_poor)} files below",
        min(lines, regions) >= LEAST_PERCENT > pool_lines and not poor and len(pool_poor) > 0,
    )
    gate.finish()


if __name__ == "__main__":
    main()
