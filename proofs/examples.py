#!/usr/bin/env python3
"""Runs each example of the library, and compares what it prints with what its head says.

    proofs/examples.py
"""

import re

import gate

EXAMPLES = gate.LIBRARY / "examples"
MOST_LINES = 60
# What needs no `std` of the library is built without it.
FLAGS = {"no_std": ["--no-default-features"]}


def promised(source):
    """The text in the fence at the head of an example."""
    fence = re.search(r"^//! ```text\n((?://!.*\n)+?)//! ```$", source, re.MULTILINE)
    return re.sub(r"^//! ?", "", fence[1], flags=re.MULTILINE) if fence else None


def fault(source, code, printed):
    """What is wrong with an example, or nothing."""
    if len(source.splitlines()) > MOST_LINES:
        return f"longer than {MOST_LINES} lines"
    if code != 0:
        return f"ended with {code}: {printed[-2000:]}"
    if printed != promised(source):
        return f"promises {promised(source)!r}, prints {printed!r}"
    return None


def main():
    outcomes = {}
    for path in sorted(EXAMPLES.glob("*.rs")):
        flags = ["-p", "lock-free-ring", "--example", path.stem, *FLAGS.get(path.stem, [])]
        gate.must(["cargo", "build", *flags])
        outcomes[path.stem] = (path.read_text(), *gate.run(["cargo", "run", "--quiet", *flags]))
    faults = {name: fault(*outcome) for name, outcome in outcomes.items()}
    for name, said in faults.items():
        print(f"  {name}: {said or 'prints what it promises'}")
    # One that prints something else than it promises must be reported.
    source, code, printed = outcomes["channel"]
    caught = fault(source, code, printed.replace("1998000", "1998001")) is not None
    passed = len(outcomes) >= 5 and not any(faults.values())
    gate.report(
        "examples", f"each example runs, prints what it promises, and has at most {MOST_LINES} lines",
        f"{len(outcomes)} examples" if passed else "see above",
        f"a wrong sum: {'reported' if caught else 'NOT REPORTED'}", passed and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
