#!/usr/bin/env python3
"""Runs the library's tests under what finds faults of memory, each beside its canary.

ThreadSanitizer, AddressSanitizer and LeakSanitizer need a nightly compiler, without its sources;
valgrind takes the release build of the stable one.

    proofs/sanitizers.py [--quick]   # quick: without LeakSanitizer and valgrind, and fewer tests
"""

import argparse
import re

import gate

CANARIES = gate.ROOT / "proofs/canaries.rs"
SUPPRESSIONS = gate.ROOT / "proofs/tsan.supp"
VALGRIND = [
    "valgrind", "-q", "--fair-sched=yes", "--leak-check=full",
    "--errors-for-leak-kinds=definite", "--error-exitcode=9",
]
# Needs a limited address space, which the sanitizers themselves exceed.
SKIPPED = ["--skip", "what_cannot_be_had_is_an_error_and_no_abort"]
# Tests that leak on purpose: whole files of them, and some by name.
FORGETTING = {"model", "capacity"}
SKIPPED_LEAKS = [*SKIPPED, "--skip", "forgotten"]


def sanitizing(sanitizer):
    flags = f"-Zsanitizer={sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer"
    # As every allocator does: tests ask for more than there is.
    refuses = "allocator_may_return_null=1"
    return {
        "RUSTFLAGS": flags, "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS}", "RUST_BACKTRACE": "0",
        # Leaks are the leak sanitizer's subject.
        "ASAN_OPTIONS": f"{refuses}:detect_leaks=0", "LSAN_OPTIONS": refuses,
        **({"RING_STRESS": "20"} if sanitizer == "thread" else {}),
    }


def test_binaries(sanitizer, tests):
    """Builds the library's tests; answers {name: path}. `tests` names files, or is empty for all."""
    chosen = [word for test in tests for word in ("--test", test)] or ["--lib", "--tests"]
    command = ["cargo"]
    if sanitizer:
        command += ["+nightly", "test", "--target", gate.HOST]
        command += ["--target-dir", gate.TARGET / "sanitizer" / sanitizer]
    else:
        command += ["test", "--release"]
    command += ["-p", "lock-free-ring", "--features", "async", *chosen, "--no-run"]
    said = gate.must(command, limit_s=1200, env=sanitizing(sanitizer) if sanitizer else None)
    paths = [gate.ROOT / path for path in gate.executables(said)]
    return {re.sub(r"-[0-9a-f]+$", "", path.name): path for path in paths}


def canary_binary(sanitizer):
    folder = gate.TARGET / "sanitizer"
    folder.mkdir(parents=True, exist_ok=True)
    binary = folder / f"canary-{sanitizer or 'plain'}"
    command = ["rustc", "--edition", "2024", "--test", "-g", "-O", "-o", binary, CANARIES]
    if sanitizer:
        flags = sanitizing(sanitizer)["RUSTFLAGS"].split()
        command = ["rustc", "+nightly", *command[1:], "--target", gate.HOST, *flags]
    gate.must(command)
    return binary


def try_canaries(binary, faults, wrapper, env):
    """The sound one must pass, and each fault be reported. Answers (words, passed)."""
    words, passed = [], True
    for name, sign in {"fine": None, **faults}.items():
        code, said = gate.run([*wrapper, binary, "--exact", name, "--test-threads=1", "--nocapture"], env=env)
        caught = code not in (0, None) and sign is not None and sign in said
        passed &= code == 0 if sign is None else caught
        if sign is not None:
            words.append(f"{name}: {'reported' if caught else 'NOT REPORTED'}")
        elif code != 0:
            words.append(f"the sound one was reported: {said[-300:]}")
    return ", ".join(words), passed


def check(tool, sanitizer, tests, faults, options, wrapper=(), without=()):
    env = sanitizing(sanitizer) if sanitizer else {}
    total, bad = 0, []
    binaries = test_binaries(sanitizer, tests)
    for name, path in binaries.items():
        if name in without or name.startswith(("loom_", "shuttle_")):
            continue
        code, said = gate.run([*wrapper, path, *options], cwd=gate.LIBRARY, env=env)
        total += gate.tests_passed(said)
        if code != 0:
            bad.append(name)
            print(said[-4000:])
    words, caught = try_canaries(canary_binary(sanitizer), faults, wrapper, env)
    result = f"{total} tests, no report" if not bad else f"see above: {', '.join(bad)}"
    checks = "memory of the library's tests" if sanitizer != "thread" else "races of plain memory"
    gate.report("prove-sanitizers", f"{tool}: {checks}", result, words, not bad and caught and total > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    race = {"race": "ThreadSanitizer: data race"}
    check("ThreadSanitizer", "thread", ["threads"], race, ["--test-threads=1"])
    freed = {"use_after_free": "AddressSanitizer: heap-use-after-free"}
    few = ["threads", "drops", "unfinished", "stress"] if quick else []
    check("AddressSanitizer", "address", few, freed, SKIPPED)
    if not quick:
        leaked = {"leak": "LeakSanitizer: detected memory leaks"}
        check("LeakSanitizer", "leak", [], leaked, SKIPPED_LEAKS, without=FORGETTING)
        gate.need("valgrind", "valgrind")
        faults = {
            "leak": "definitely lost",
            "use_after_free": "Invalid read of size 8",
            "uninitialised": "depends on uninitialised value",
        }
        tests = ["threads", "described", "drops", "unfinished", "close"]
        check("valgrind memcheck", None, tests, faults, SKIPPED_LEAKS, wrapper=VALGRIND)
    gate.finish()


if __name__ == "__main__":
    main()
