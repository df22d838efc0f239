#!/usr/bin/env python3
"""Runs the models of every protocol under loom, and says how many executions each took.

    proofs/loom.py
"""

import re

import gate


def main():
    command = [
        "cargo", "test", "--release", "-p", "lock-free-ring", "--features", "async",
        "--target-dir", gate.TARGET / "loom", "--lib", "--test", "loom_*", "--", "--nocapture",
    ]
    env = {"RUSTFLAGS": "--cfg ring_loom -Awarnings", "RUST_BACKTRACE": "0"}
    code, said = gate.run(command, limit_s=2400, env=env)
    models = re.findall(r"model ([^\n]*): (\d+) executions at bound (\d)", said)
    for name, executions, bound in models:
        print(f"  {name}: {executions} executions at bound {bound}")
    total = sum(int(executions) for _, executions, _ in models)
    canary = "test the_documents_algorithm_loses_accepted_items ... " in said
    passed = code == 0 and canary and models
    if not passed:
        print(said[-4000:])
    gate.report(
        "test-race", "every protocol, each in all interleavings within its bound (loom)",
        f"{len(models)} models, {total} executions" if passed else "see above",
        "the document's algorithm: " + ("loses items" if passed else "see above"), bool(passed),
    )
    gate.finish()


if __name__ == "__main__":
    main()
