#!/usr/bin/env python3
"""Measures which lines and regions of the library its tests reach; HTML in target/coverage/html.

    proofs/coverage.py
"""

import json

import gate

LEAST_PERCENT = 97.0
LLVM = "/usr/lib/llvm-22/bin"


def percentages(command, env):
    said = gate.must([*command, "report", "--json", "--summary-only", "-p", "lock-free-ring"], env=env)
    totals = json.loads(said[said.index("{"):])["data"][0]["totals"]
    return totals["lines"]["percent"], totals["regions"]["percent"]


def main():
    gate.need(f"{LLVM}/llvm-cov", "llvm-22")
    gate.need_cargo("cargo-llvm-cov", "cargo-llvm-cov", "0.9.1")
    env = {"LLVM_COV": f"{LLVM}/llvm-cov", "LLVM_PROFDATA": f"{LLVM}/llvm-profdata"}
    command = ["cargo", "llvm-cov"]
    # What earlier runs reached does not count.
    gate.must([*command, "clean", "--profraw-only"], env=env)
    # One test alone reaches so little: the bar is one that can be missed.
    few = [*command, "-p", "lock-free-ring", "--features", "async", "--test", "pool", "--no-report"]
    gate.must(few, limit_s=1200, env=env)
    pool_lines, _ = percentages(command, env)
    gate.must(
        [*command, "-p", "lock-free-ring", "--features", "async", "--lib", "--tests", "--html",
         "--output-dir", gate.TARGET / "coverage"], limit_s=1800, env=env
    )
    lines, regions = percentages(command, env)
    gate.report(
        "test-coverage", f"lines and regions of the library, at least {LEAST_PERCENT} %",
        f"lines {lines:.2f} %, regions {regions:.2f} % (target/coverage/html/index.html)",
        f"the pool's tests alone: {pool_lines:.0f} % of lines",
        min(lines, regions) >= LEAST_PERCENT > pool_lines,
    )
    gate.finish()


if __name__ == "__main__":
    main()
