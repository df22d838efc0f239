#!/usr/bin/env python3
"""Does every public item of the library have an example? Nightly rustdoc knows.

    proofs/doc_examples.py
"""

import re
import tempfile
from pathlib import Path

import gate

LINT = ["-Zunstable-options", "-Zcrate-attr=feature(rustdoc_missing_doc_code_examples)",
        "-W", "rustdoc::missing-doc-code-examples"]
# The second has none.
CANARY = """//! ```
//! canary::with();
//! ```
/// ```
/// canary::with();
/// ```
pub fn with() {}
/// None.
pub fn without() {}
"""


def missing(said):
    """Where rustdoc misses an example: file and line of each."""
    return re.findall(r"warning: missing code example[^\n]*\n\s*--> ([^\n]+)", said)


def of_the_library():
    (gate.LIBRARY / "src/lib.rs").touch()  # cargo says nothing of what it has not built again
    target = gate.TARGET / "doc-examples"
    return gate.must(["cargo", "+nightly", "rustdoc", "-p", "lock-free-ring", "--lib", "--all-features",
                      "--target-dir", target, "--", *LINT])


def of_the_canary():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "canary.rs"
        source.write_text(CANARY)
        return gate.must(["rustdoc", "+nightly", "--crate-type", "lib", source, "-o", folder, *LINT])


def main():
    places = missing(of_the_library())
    for place in places:
        print(f"  no example: {place}")
    caught = len(missing(of_the_canary())) == 1
    gate.report(
        "doc-examples", "every public item of the library has an example",
        f"{len(places)} without" if places else "none is without one",
        f"one of two items without: {'reported' if caught else 'NOT REPORTED'}", not places and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
