#!/usr/bin/env python3
"""Compares the library's public items, of all features, with docs/public-api.txt, so that none changes unnoticed.

    proofs/public_api.py [--accept]   # accept: keep what there is now
"""

import argparse
import difflib

import gate

KEPT = gate.ROOT / "docs/public-api.txt"


def listed():
    """The public items, in rustdoc's order."""
    target = gate.TARGET / "public-api"
    gate.must(
        ["cargo", "+nightly", "rustdoc", "-p", "lock-free-ring", "--lib", "--all-features",
         "--target-dir", target, "--", "-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"]
    )
    tool = gate.ROOT / "proofs/public-api/Cargo.toml"
    return gate.must(
        ["cargo", "run", "--quiet", "--release", "--manifest-path", tool, "--target-dir", target,
         "--", target / "doc/lock_free_ring.json"], limit_s=900
    )


def difference(kept, now):
    lines = [kept.splitlines(keepends=True), now.splitlines(keepends=True)]
    return "".join(difflib.unified_diff(*lines, "docs/public-api.txt", "now", n=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accept", action="store_true")
    accept = parser.parse_args().accept
    now = listed()
    if accept:
        KEPT.write_text(now)
        print(f"kept {len(now.splitlines())} items in {KEPT.relative_to(gate.ROOT)}")
        return
    changed = difference(KEPT.read_text(), now)
    if changed:
        print(changed)
        print("If that is what you meant: make public-api-accept, and say so in the CHANGELOG.")
    # A lost method and a new one, each of which must show.
    lines = now.splitlines(keepends=True)
    broken = "".join([*lines[:-1], "pub fn lock_free_ring::unasked()\n"])
    caught = {"+pub fn lock_free_ring::unasked()", "-" + lines[-1].rstrip()}
    seen = caught <= set(difference(now, broken).splitlines())
    gate.report(
        "public-api", "the library's public items are those kept in docs/public-api.txt",
        f"{len(lines)} items" if not changed else "changed: see above",
        f"one taken away, one added: {'reported' if seen else 'NOT REPORTED'}", not changed and seen,
    )
    gate.finish()


if __name__ == "__main__":
    main()
