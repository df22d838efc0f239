#!/usr/bin/env python3
"""Runs the models of every protocol under loom, and says how many executions each took.

    proofs/loom.py
"""

import concurrent.futures
import re

import gate

# One model of a file is far longer than the others, so that two files at a time fill two cores.
JOBS = 2


def build():
    """The test binaries."""
    command = [
        "cargo", "test", "--release", "-p", "lock-free-ring", "--features", "async",
        "--target-dir", gate.TARGET / "loom", "--lib", "--test", "loom_*", "--no-run",
    ]
    env = {"RUSTFLAGS": "--cfg ring_loom -Awarnings", "CARGO_PROFILE_RELEASE_DEBUG": "false"}
    return gate.executables(gate.must(command, limit_s=1200, env=env))


def run(binary):
    """Answers (whether all its models passed, what it said)."""
    command = [gate.ROOT / binary, "--nocapture"]
    code, said = gate.run(command, limit_s=1200, env={"RUST_BACKTRACE": "0"}, cwd=gate.LIBRARY)
    for name, executions, bound in models_in(said):
        print(f"  {name}: {executions} executions at bound {bound}", flush=True)
    if code != 0:
        print(said[-4000:])
    return code == 0, said


def models_in(said):
    return re.findall(r"model ([^\n]*): (\d+) executions at bound (\d)", said)


def main():
    print("building the models", flush=True)
    binaries = build()
    print(f"running them: {len(binaries)} files, the longest a minute", flush=True)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        ran = list(pool.map(run, binaries))
    said = "".join(said for _, said in ran)
    models = models_in(said)
    total = sum(int(executions) for _, executions, _ in models)
    canary = "test the_documents_algorithm_loses_accepted_items ... " in said
    passed = all(passed for passed, _ in ran) and canary and models
    gate.report(
        "test-race", "every protocol, each in all interleavings within its bound (loom)",
        f"{len(models)} models, {total} executions" if passed else "see above",
        "the document's algorithm: " + ("loses items" if passed else "see above"), bool(passed),
    )
    gate.finish()


if __name__ == "__main__":
    main()
