#!/usr/bin/env python3
"""Runs the library's examples with the nightly rustdoc, which alone checks for what reason those
that must not compile do not.

    proofs/compile_fail.py
"""

import re
import tempfile
from pathlib import Path

import gate

# Examples that say they do not compile, and do, or not for the reason that they give.
CANARY = """
```compile_fail,E0499
let number = 1;
```

```compile_fail,E0499
let number: u8 = "text";
```
"""


def main():
    target = gate.TARGET / "doctests"
    command = ["cargo", "+nightly", "test", "--doc", "-p", "lock-free-ring", "--target-dir", target]
    code, said = gate.run(command, limit_s=900)
    refused = len(re.findall(r"^test .* - compile fail \.\.\. ok$", said, re.M))
    passed = code == 0 and refused > 0
    if not passed:
        print(said[-4000:])
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "canary.md"
        page.write_text(CANARY)
        _, canary = gate.run(["rustdoc", "+nightly", "--test", "--edition", "2024", page])
    caught = "0 passed; 2 failed" in canary
    gate.report(
        "prove-compile-fail", "what the types rule out: Send, Sync, clones, borrows",
        f"{refused} examples refused for the reason given" if passed else "see above",
        "two examples that lie about it: " + ("reported" if caught else "NOT REPORTED"),
        passed and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
