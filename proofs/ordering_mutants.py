#!/usr/bin/env python3
"""Weakens one memory ordering of lock-free-ring at a time and runs the models.

Each mutant must be killed: a model fails. A survivor means that the ordering is stronger than
needed, or that a model is missing. Prints a table (Markdown) and exits with 1 on a survivor.

    proofs/ordering_mutants.py [--only TEXT]   # only mutants whose place contains TEXT
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = "crates/lock-free-ring/src"
STRONG = re.compile(r"Ordering::(Acquire|Release|AcqRel|SeqCst)")
TARGETS = ["--lib"] + [
    word
    for name in ("loom_shared", "loom_dedicated", "loom_sleep", "loom_parking", "loom_close")
    for word in ("--test", name)
]
LIMIT_S = 900


def mutants(tree):
    """Yields (file, line number, match of the ordering, what it becomes, the line)."""
    for source in sorted((tree / SOURCES).glob("*.rs")):
        if source.name == "sync.rs":
            continue  # the facade itself: its orderings are the checker's
        for number, line in enumerate(source.read_text().splitlines()):
            if line.startswith("#[cfg(all(test"):
                break
            if "compiler_fence" in line or line.lstrip().startswith("//"):
                continue
            for match in STRONG.finditer(line):
                weaker = "AcqRel" if "fence(" in line else "Relaxed"
                yield source, number, match, weaker, line


def function_of(source, number):
    lines = source.read_text().splitlines()
    for line in reversed(lines[: number + 1]):
        if match := re.search(r"\bfn (\w+)", line):
            return match[1]
    return "?"


def run(tree):
    """Runs the models one file at a time; answers the first that fails."""
    env = os.environ | {
        "RUSTFLAGS": "--cfg ring_loom -Awarnings",
        "RUST_BACKTRACE": "0",
        "CARGO_TARGET_DIR": str(Path(tempfile.gettempdir()) / "ordering-mutants-target"),
    }
    command = ["cargo", "test", "--release", "--quiet", "-p", "lock-free-ring", *TARGETS]
    try:
        result = subprocess.run(
            command, cwd=tree, env=env, capture_output=True, text=True, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return "time limit"
    if result.returncode == 0:
        return None
    if "could not compile" in result.stderr:
        sys.exit(f"the mutant does not compile:\n{result.stderr}")
    # The models' threads carry the names of their tests. A model that finds a deadlock aborts.
    failed = re.findall(r"^thread '([\w:]+)'", result.stderr + result.stdout, re.M)
    return failed[0] if failed else "aborted"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    survivors = 0
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        shutil.copytree(ROOT / "crates/lock-free-ring", tree / "crates/lock-free-ring")
        for name in ("Cargo.toml", "Cargo.lock"):
            shutil.copy(ROOT / name, tree)
        manifest = tree / "Cargo.toml"
        alone = re.sub(r"default-members = .*\n", "", manifest.read_text())
        manifest.write_text(re.sub(r"^data-generator = .*\n", "", alone, flags=re.M))
        if killed := run(tree):
            sys.exit(f"the models fail without any mutation: {killed}")
        print("| place | ordering | weakened to | killed by |\n|---|---|---|---|", flush=True)
        for source, number, match, weaker, line in list(mutants(tree)):
            place = f"`{source.name}` `{function_of(source, number)}`"
            if only not in place:
                continue
            original = source.read_text()
            lines = original.splitlines()
            lines[number] = line[: match.start(1)] + weaker + line[match.end(1) :]
            source.write_text("\n".join(lines) + "\n")
            killed = run(tree)
            source.write_text(original)
            survivors += killed is None
            verdict = f"`{killed}`" if killed else "**survived**"
            print(f"| {place} | {match[1]} | {weaker} | {verdict} |", flush=True)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
