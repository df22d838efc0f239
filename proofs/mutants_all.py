#!/usr/bin/env python3
"""Runs cargo-mutants over the library: each function's result replaced, each operator changed.

    proofs/mutants_all.py [--file NAME] [--least PERCENT]

Takes hours for the whole library. Which mutants and which tests: .cargo/mutants.toml. It skips
unsafe functions and all orderings; the latter are `make mutants`. The whole result, with what
survived and the log of each, is in target/mutants/mutants.out.
"""

import argparse
import json

import gate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", help="one file of the library's src, such as position.rs")
    parser.add_argument("--least", type=float, default=95.0)
    args = parser.parse_args()
    gate.need_cargo("cargo-mutants", "cargo-mutants", "27.1.0")
    output = gate.TARGET / "mutants"
    output.mkdir(parents=True, exist_ok=True)
    command = ["cargo", "mutants", "-p", "lock-free-ring", "--output", output, "--no-shuffle"]
    if args.file:
        command += ["--file", f"crates/lock-free-ring/src/{args.file}"]
    code, said = gate.run(command, limit_s=24 * 3600)
    outcomes = json.loads((output / "mutants.out/outcomes.json").read_text())
    caught = outcomes["caught"] + outcomes["timeout"]
    viable = caught + outcomes["missed"]
    survivors = (output / "mutants.out/missed.txt").read_text()
    print(survivors, end="")
    percent = 100 * caught / viable if viable else 0
    passed = viable > 0 and percent >= args.least
    # 0: all caught, 2: some missed, 3: some hung. Anything else is no result.
    if code not in (0, 2, 3):
        print(said[-3000:])
        passed = False
    gate.report(
        "mutants-all", f"at least {args.least} % of viable mutants killed (cargo-mutants)",
        f"{caught} of {viable} killed ({percent:.1f} %), {outcomes['timeout']} of them by hanging",
        "they are canaries themselves", passed,
    )
    gate.finish()


if __name__ == "__main__":
    main()
