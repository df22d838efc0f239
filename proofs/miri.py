#!/usr/bin/env python3
"""Runs the library's tests under Miri, which alone sees aliasing, provenance and invalid values.

    proofs/miri.py [TEST ...]   # files of tests, such as close; all unless told

Needs the component miri of a nightly toolchain, and nothing else. It was not to be had where this
project was made: the tests are sized for it (`cfg(miri)`), and nobody has run them there yet.
"""

import sys

import gate

HELP = "Miri is missing. To get it: rustup +nightly component add miri rust-src"


def main():
    if gate.run(["cargo", "+nightly", "miri", "--version"])[0] != 0:
        print(HELP, file=sys.stderr)
        sys.exit(2)
    files = [word for name in sys.argv[1:] for word in ("--test", name)] or ["--lib", "--tests"]
    # The tests look at the clock.
    env = {"MIRIFLAGS": "-Zmiri-disable-isolation", "RUST_BACKTRACE": "0"}
    target = gate.TARGET / "miri"
    command = ["cargo", "+nightly", "miri", "test", "-p", "lock-free-ring", "--target-dir", target]
    code, said = gate.run([*command, *files], limit_s=6 * 3600, env=env)
    if code != 0:
        print(said[-6000:])
    gate.report(
        "test-miri", "aliasing, provenance, invalid values, races (Miri)",
        f"{gate.tests_passed(said)} tests, no report" if code == 0 else "see above", "none", code == 0,
    )
    gate.finish()


if __name__ == "__main__":
    main()
