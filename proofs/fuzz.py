#!/usr/bin/env python3
"""Fuzzes the ring's operations against their model, and every parser; each for some seconds.

    proofs/fuzz.py [--seconds N] [--only TARGET] [--dev]

What was found interesting stays in fuzz/corpus, for the next run; what fails, in fuzz/artifacts.
"""

import argparse
import re

import gate

FUZZ = gate.ROOT / "fuzz"
TARGETS = {
    "ops": "sequences of all operations, against the model",
    "flags": "command lines",
    "duration": "durations",
    "result": "result files",
    "capture": "capture files, and the headers in them",
    "rtp": "datagrams into a window in the order of RTP",
    "message": "messages of a NATS stream",
}
CANARY_SECONDS = 30


def fuzz(profile, target, seconds):
    """Answers (exit code, inputs tried, what it said)."""
    corpus, artifacts = FUZZ / "corpus" / target, FUZZ / "artifacts" / target
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    binary = FUZZ / "target" / gate.HOST / profile / target
    seeds = [path for path in [FUZZ / "seeds" / target] if path.exists()]
    # Some operations leak on purpose, so leaks are no fault here.
    options = [f"-max_total_time={seconds}", "-detect_leaks=0", "-timeout=20", "-rss_limit_mb=4096"]
    command = [binary, *options, f"-artifact_prefix={artifacts}/", corpus, *seeds]
    code, said = gate.run(command, limit_s=seconds + 120, env={"ASAN_OPTIONS": "detect_leaks=0"})
    tried = re.findall(r"^#(\d+)\s", said, re.M)
    return code, int(tried[-1]) if tried else 0, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--only", choices=TARGETS)
    parser.add_argument("--dev", action="store_true", help="built sooner, not optimised")
    args = parser.parse_args()
    gate.need_cargo("cargo-fuzz", "cargo-fuzz", "0.13.2")
    gate.must(["cargo", "+nightly", "fuzz", "build", *(["--dev"] if args.dev else [])], limit_s=1500)
    profile = "debug" if args.dev else "release"
    results, passed = [], True
    for target in [args.only] if args.only else TARGETS:
        code, tried, said = fuzz(profile, target, args.seconds)
        passed &= code == 0 and tried > 0
        if code != 0:
            print(said[-3000:])
        print(f"  {target} ({TARGETS[target]}): {tried} inputs in {args.seconds} s")
        results.append(f"{target} {tried}")
    code, tried, said = fuzz(profile, "canary", CANARY_SECONDS)
    caught = code not in (0, None) and "panicked" in said
    gate.report(
        "fuzz", "operations against the model, and every parser (libFuzzer)",
        f"inputs: {', '.join(results)}" if passed else "see above",
        f"the document's shard: {f'found after {tried} inputs' if caught else 'NOT FOUND'}",
        passed and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
