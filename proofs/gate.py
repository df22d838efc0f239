"""What the gates of `make prove` share: running a command, getting a tool, saying the outcome.

A gate prints its figures as it goes and ends with one `report` for each thing that it checks. With
RING_PROVE_TABLE set, the report also goes into that file, from which `prove.py` makes its table.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "crates/lock-free-ring"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HOST = "x86_64-unknown-linux-gnu"

# No tool may fetch a toolchain of its own.
os.environ |= {"CARGO_LLVM_COV_SETUP": "no", "RUSTUP_AUTO_INSTALL": "0", "CARGO_TERM_COLOR": "never"}

failures = 0


def report(gate, checks, result, canary, passed):
    """One row of the table. A canary that was not caught is a failure like any other."""
    global failures
    failures += not passed
    verdict = "ok" if passed else "FAILED"
    print(f"{gate}: {verdict}: {checks}: {result}; canary: {canary}", flush=True)
    if table := os.environ.get("RING_PROVE_TABLE"):
        row = {"gate": gate, "checks": checks, "result": result, "canary": canary, "passed": passed}
        with open(table, "a") as rows:
            rows.write(json.dumps(row) + "\n")


def finish():
    sys.exit(1 if failures else 0)


def run(command, limit_s=600, env=None, cwd=ROOT):
    """Runs to its end or its limit; answers (exit code, or None at the limit; what it said)."""
    try:
        result = subprocess.run(
            [str(word) for word in command], cwd=cwd, env=os.environ | (env or {}), timeout=limit_s,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")
    return result.returncode, result.stdout.decode(errors="replace")


def must(command, **options):
    """As `run`, for what has to work: else says why and ends."""
    code, said = run(command, **options)
    if code != 0:
        print(said[-6000:])
        sys.exit(f"failed ({code}): {' '.join(str(word) for word in command)}")
    return said


def need(tool, package):
    """Sees to it that a Debian tool is there; `package` has it."""
    if shutil.which(tool) or Path(tool).exists():
        return
    code, said = run(["apt-get", "install", "-y", "--no-install-recommends", package])
    if code != 0:
        run(["apt-get", "update"])
        code, said = run(["apt-get", "install", "-y", "--no-install-recommends", package])
    if code != 0:
        sys.exit(f"{tool} is missing, and to install {package} failed: {said[-500:]}")


def need_cargo(tool, crate, version):
    """Sees to it that a cargo subcommand is there. Building it takes minutes, once."""
    if not shutil.which(tool):
        print(f"installing {crate} {version} (once)", flush=True)
        must(["cargo", "install", "--locked", crate, "--version", version], limit_s=1800)


def executables(said):
    """The test binaries that `cargo test --no-run` names."""
    return [TARGET_LINE.sub(r"\1", line) for line in said.splitlines() if TARGET_LINE.match(line)]


TARGET_LINE = re.compile(r"^\s*Executable .*\((.+)\)$")


def tests_passed(said):
    """The number of tests that passed, over all binaries of a run."""
    return sum(int(number) for number in re.findall(r"test result: ok\. (\d+) passed", said))
