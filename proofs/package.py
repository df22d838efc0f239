#!/usr/bin/env python3
"""Packs the library as it would be published, builds it from the package, and checks its content.

    proofs/package.py
"""

import re

import gate

EXPECTED = re.compile(
    r"src/(\w+/)*\w+\.rs|LICENSE|README\.md|Cargo\.(toml|lock|toml\.orig)|\.cargo_vcs_info\.json"
)


def unexpected(files):
    return [file for file in files if not EXPECTED.fullmatch(file)]


def main():
    command = ["cargo", "package", "-p", "lock-free-ring", "--allow-dirty"]
    said = gate.must([*command, "--list", "--quiet"])
    files = [line for line in said.splitlines() if line and not line.startswith(("warning", " "))]
    strays = unexpected(files)
    missing = {"src/lib.rs", "LICENSE", "README.md"} - set(files)
    code, said = gate.run(command, limit_s=600)
    if code != 0:
        print(said[-3000:])
    # What was once in it: the tests.
    caught = unexpected([*files, "tests/common/mod.rs"]) == [*strays, "tests/common/mod.rs"]
    passed = code == 0 and not strays and not missing
    result = f"{len(files)} files, builds" if passed else f"strays {strays}, missing {missing}"
    canary = f"a test file in it: {'reported' if caught else 'NOT REPORTED'}"
    gate.report("package", "the crate as published builds, with nothing but its sources", result,
                canary, passed and caught)
    gate.finish()


if __name__ == "__main__":
    main()
