#!/usr/bin/env python3
"""Packs the library as it would be published, builds it from the package, and checks its content.

    proofs/package.py
"""

import re
import tempfile
from pathlib import Path

import gate
import mutant_tree

EXPECTED = re.compile(
    r"src/(\w+/)*\w+\.rs|LICENSE|README\.md|Cargo\.(toml|lock|toml\.orig)|\.cargo_vcs_info\.json"
)
NEEDED = {"src/lib.rs", "LICENSE", "README.md"}
COMMAND = ["cargo", "package", "-p", "lock-free-ring", "--allow-dirty"]
INCLUDE = 'include = ["/src/**/*.rs", '


def wrong_content(root):
    """Answers (number of files, what is wrong with them) of the package made in the tree `root`."""
    said = gate.must([*COMMAND, "--list", "--quiet"], cwd=root)
    files = [line for line in said.splitlines() if line and not line.startswith(("warning", " "))]
    strays = [f"{file} is too much" for file in files if not EXPECTED.fullmatch(file)]
    return len(files), strays + [f"{file} is missing" for file in NEEDED - set(files)]


def broken_package(include):
    """What is wrong with a package whose manifest includes something else, and whether it builds."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch)
        mutant_tree.copy_library(tree)
        (tree / "README.md").write_text((gate.ROOT / "README.md").read_text())
        mutant_tree.replace(tree / mutant_tree.CRATE / "Cargo.toml", INCLUDE, include)
        env = {"CARGO_TARGET_DIR": str(gate.TARGET / "package")}
        return wrong_content(tree)[1], gate.run(COMMAND, cwd=tree, env=env)[0] == 0


def main():
    count, wrong = wrong_content(gate.ROOT)
    code, said = gate.run(COMMAND)
    if code != 0:
        print(said[-3000:])
        wrong.append("it does not build")
    strays, _ = broken_package('include = ["/src/**/*.rs", "/tests/*.rs", ')
    _, builds = broken_package('include = ["/src/**/*.rs", "!/src/wait.rs", ')
    gate.report(
        "package", "the crate as published builds, with nothing but its sources",
        f"{count} files, builds" if not wrong else ", ".join(wrong),
        f"packed with its tests: {'reported' if strays else 'NOT REPORTED'}, "
        f"without wait.rs: {'builds ALL THE SAME' if builds else 'does not build'}",
        not wrong and bool(strays) and not builds,
    )
    gate.finish()


if __name__ == "__main__":
    main()
