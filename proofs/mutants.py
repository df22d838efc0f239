#!/usr/bin/env python3
"""Runs cargo-mutants over the library: each function's result replaced, each operator changed.

    proofs/mutants.py [--file NAME ...] [--again] [--jobs N] [--through 'nice -n 19']

Which mutants, and why some are left out: .cargo/mutants.toml. Not among them: unsafe functions and
orderings; the latter are `make prove-protocols`. The work goes in chunks of half a minute; what each has
found is kept in target/mutants/outcomes.json, by the text of the mutated file, so that a run that
was stopped goes on where it was, and a file that has changed is done anew. `--again` repeats the
mutants that survived, for when tests were added. `--through` puts a command before each chunk.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import itertools
import json
import re
import shlex
import sys
import threading
from collections import Counter

import gate
import mutant_tree

PLACE = gate.TARGET / "mutants"
OUTCOMES = PLACE / "outcomes.json"
CHUNK = 8
# "Hung": a test gave up waiting, or all of them were ended; "Timeout": cargo-mutants gave up.
KILLED = ("CaughtMutant", "Hung", "Timeout")
HUNG = ("hung: this test was not done in time", "exit status: 124")
FAIL_FAST = ["--", "-Z", "unstable-options", "--fail-fast"]
TESTS = ["--features=async", "--lib", "--test=all"]
# Of what is not compiled there: a pattern for names, and how those are tested.
OTHER_TESTS = [
    # Without `async`.
    (re.compile(r"replace none::"), ["--lib", "--test=all"]),
    # Without `std`.
    (re.compile(r"/spin_lock\.rs:"),
     ["--no-default-features", "--features=async", "--lib", "--test=bare_alone"]),
]
CONFIG = gate.ROOT / ".cargo/mutants.toml"
# The test binary may be told to stop at the first failure, if it takes rustc for a nightly one.
ENV = {
    "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER":
        f"timeout {mutant_tree.LIMIT_OF_ALL_S} env RUSTC_BOOTSTRAP=1",
    "RUSTFLAGS": "-Awarnings",
    "RUST_BACKTRACE": "0",
}
writing = threading.Lock()


def listed(args, *, excluded=False):
    """The names of all mutants, by file."""
    config = ["--no-config"] if excluded else ["--config", CONFIG]
    command = ["cargo", "mutants", "--list", "--json", "-p", "lock-free-ring", *config]
    for name in args.file:
        command += ["--file", f"{mutant_tree.SOURCES}/{name}"]
    by_file = {}
    for mutant in json.loads(gate.must(command)):
        by_file.setdefault(mutant["file"], []).append(mutant["name"])
    return by_file


def known():
    return json.loads(OUTCOMES.read_text()) if OUTCOMES.exists() else {}


@functools.cache
def text_of(file):
    """Tells versions of a file apart, but for the tests at its end; the one of when we began."""
    code = (gate.ROOT / file).read_text().split("#[cfg(all(test")[0].rstrip()
    return hashlib.sha256(code.encode()).hexdigest()


def outcomes_of(kept, file):
    """What is known of the mutants of `file` as it is now."""
    text = text_of(file)
    entry = kept.setdefault(file, {"text": text, "mutants": {}})
    if entry["text"] != text:
        entry |= {"text": text, "mutants": {}}
    return entry["mutants"]


def tests_of(name):
    return next((tests for pattern, tests in OTHER_TESTS if pattern.search(name)), TESTS)


def chunks(by_file, again):
    """Yields (file, names, tests) of what is to be done."""
    kept = known()
    for file, names in by_file.items():
        done = outcomes_of(kept, file)
        due = [name for name in names if name not in done or again and done[name] == "MissedMutant"]
        for tests, alike in itertools.groupby(sorted(due, key=tests_of), tests_of):
            alike = list(alike)
            for start in range(0, len(alike), CHUNK):
                yield file, alike[start : start + CHUNK], tests


def environment(tree):
    return ENV | {"CARGO_TARGET_DIR": str(tree / "target")}


def make_tree(number, through):
    """A copy of the library in which the tests pass."""
    tree = PLACE / f"tree-{number}"
    mutant_tree.copy_library(tree)
    mutant_tree.make_mutants_cheap(tree)
    gate.must([*through, "cargo", "test", *TESTS, *FAIL_FAST], limit_s=1200, cwd=tree, env=environment(tree))
    return tree


def hung(log):
    return any(sign in log for sign in HUNG)


def run_chunk(tree, through, file, names, tests):
    """Tries some mutants of one file, in the copy `tree`; keeps what became of them."""
    pattern = "^(?:" + "|".join(re.escape(name) for name in names) + ")$"
    command = [
        *through, "cargo", "mutants", "--dir", tree, "--in-place", "--output", tree / "found",
        "--config", CONFIG, "--file", file, "--re", pattern, "--no-shuffle", "--timeout", "120",
        # For the build too, which else builds everything, with other features.
        *(f"--cargo-arg={test}" for test in tests), "--baseline", "skip", "--", *FAIL_FAST,
    ]
    code, said = gate.run(command, limit_s=2 * 3600, env=environment(tree))
    # 0: all caught, 2: some missed, 3: some hung. Anything else is no result.
    if code not in (0, 2, 3):
        sys.exit(f"cargo-mutants ended with {code}:\n{said[-3000:]}")
    folder = tree / "found/mutants.out"
    found = {}
    for outcome in json.loads((folder / "outcomes.json").read_text())["outcomes"]:
        summary = outcome["summary"]
        if summary == "CaughtMutant" and hung((folder / outcome["log_path"]).read_text()):
            summary = "Hung"
        found[outcome["scenario"]["Mutant"]["name"]] = summary
    with writing:
        kept = known()
        outcomes_of(kept, file).update(found)
        OUTCOMES.with_suffix(".new").write_text(json.dumps(kept, indent=1) + "\n")
        OUTCOMES.with_suffix(".new").rename(OUTCOMES)
    print(f"{short(file)}: {dict(Counter(found.values()))}", flush=True)


def work(args, by_file):
    """Does all that is due, in as many copies of the library as there are jobs."""
    due = list(chunks(by_file, args.again))
    lock, through = threading.Lock(), shlex.split(args.through)

    def worker(number):
        tree = make_tree(number, through)
        while True:
            with lock:
                if not due:
                    return
                chunk = due.pop(0)
            run_chunk(tree, through, *chunk)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for done in [pool.submit(worker, number) for number in range(args.jobs)]:
            done.result()


def summed(by_file, all_by_file):
    """Prints a table of all files; answers how many were viable and killed, and who survived."""
    kept, total, survivors = known(), Counter(), []
    print("| file | mutants | excluded | unviable | killed | of them hung | survived |")
    print("|---|---|---|---|---|---|---|")
    for file, everything in all_by_file.items():
        names = by_file.get(file, [])
        done = outcomes_of(kept, file)
        count = Counter(done.get(name, "not done") for name in names)
        count["mutants"], count["excluded"] = len(everything), len(everything) - len(names)
        survivors += [name for name in names if done.get(name) == "MissedMutant"]
        total += count
        print(row(short(file), count))
    print(row("all", total), "\n", sep="")
    print("\n".join(survivors))
    if total["not done"]:
        sys.exit(f"{total['not done']} were not done")
    return total, survivors


def short(file):
    return file.removeprefix(f"{mutant_tree.SOURCES}/")


def row(name, count):
    killed = sum(count[kind] for kind in KILLED)
    return (
        f"| {name} | {count['mutants']} | {count['excluded']} | {count['Unviable']} "
        f"| {killed} | {count['Hung'] + count['Timeout']} | {count['MissedMutant']} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", action="append", default=[], help="one of the library's src")
    parser.add_argument("--again", action="store_true", help="repeat those that survived")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--through", default="", help="a command to put before each chunk")
    parser.add_argument("--least", type=float, default=95.0, help="percent to be killed")
    args = parser.parse_args()
    gate.need_cargo("cargo-mutants", "cargo-mutants", "27.1.0")
    by_file = listed(args)
    work(args, by_file)
    total, survivors = summed(by_file, listed(args, excluded=True))
    killed = sum(total[kind] for kind in KILLED)
    viable = killed + len(survivors)
    percent = 100 * killed / viable if viable else 0
    gate.report(
        "mutants", f"at least {args.least} % of viable mutants killed (cargo-mutants)",
        f"{killed} of {viable} killed ({percent:.1f} %), {total['Hung'] + total['Timeout']} of them by hanging",
        "they are canaries themselves", viable > 0 and percent >= args.least,
    )
    gate.finish()


if __name__ == "__main__":
    main()
