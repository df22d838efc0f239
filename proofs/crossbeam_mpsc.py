#!/usr/bin/env python3
"""Runs crossbeam-channel's own tests/mpsc.rs (std's tests, ported) on `lock_free_ring::channel`.

    proofs/crossbeam_mpsc.py

The file comes with the crate from crates.io, which `peer-bench` depends on; nothing of it is kept
here. Changed in it is how a channel is made (the shim below), and `select!` and its tests are cut.
"""

import json
import re
from pathlib import Path

import gate

SCRATCH = gate.TARGET / "crossbeam-mpsc"
# No unbounded channel here, and no rendezvous: a bound that no test reaches, and one slot.
SHIM = """
mod cc {
    pub use lock_free_ring::channel::*;

    pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        lock_free_ring::channel::bounded(1 << 14)
    }

    pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
        lock_free_ring::channel::bounded(capacity.max(1))
    }
}
"""
# They ask that a channel of capacity 0 takes nothing while nobody receives. On one with a slot the
# first two always fail; the third only if the receiver is not gone before the send.
RENDEZVOUS = [
    "sync_channel_tests::oneshot_single_thread_try_send_closed2",
    "sync_channel_tests::try_send1",
    "sync_channel_tests::send2",
]
ALWAYS_FAIL = RENDEZVOUS[:2]
MANIFEST = f"""
[package]
name = "crossbeam-mpsc"
version = "0.0.0"
edition = "2021"
[dev-dependencies]
lock-free-ring = {{ path = "{gate.LIBRARY}" }}
[workspace]
"""


def tests_of_crossbeam():
    """The version and the text of the file."""
    metadata = json.loads(gate.must(["cargo", "metadata", "--locked", "--format-version", "1"]).split("\n")[-2])
    package = next(p for p in metadata["packages"] if p["name"] == "crossbeam-channel")
    return package["version"], (Path(package["manifest_path"]).parent / "tests/mpsc.rs").read_text()


def ported(text):
    text, shimmed = re.subn(r"^use crossbeam_channel as cc;$", lambda _: SHIM, text, flags=re.MULTILINE)
    text, unselected = re.subn(r"^macro_rules! select \{.*?^\}$", "", text, flags=re.MULTILINE | re.DOTALL)
    text, cut = re.subn(r"^mod select_tests \{.*?^\}$", "", text, flags=re.MULTILINE | re.DOTALL)
    if (shimmed, unselected, cut) != (1, 1, 1):
        raise SystemExit("crossbeam's tests/mpsc.rs has changed: adapt this script")
    return text


def run(*arguments):
    command = ["cargo", "test", "--target-dir", SCRATCH / "target", "--test", "mpsc", "--", *arguments]
    return gate.run(command, cwd=SCRATCH, limit_s=300, env={"RUSTFLAGS": "-Awarnings", "RUST_BACKTRACE": "0"})


def main():
    version, text = tests_of_crossbeam()
    (SCRATCH / "tests").mkdir(parents=True, exist_ok=True)
    (SCRATCH / "src").mkdir(exist_ok=True)
    (SCRATCH / "src/lib.rs").write_text("")
    (SCRATCH / "Cargo.toml").write_text(MANIFEST)
    (SCRATCH / "tests/mpsc.rs").write_text(ported(text))
    skips = [word for name in RENDEZVOUS for word in ("--skip", name)]
    code, said = run("--exact", *skips)
    passed = gate.tests_passed(said)
    selects = len(re.findall(r"#\[test\]", text)) - len(re.findall(r"#\[test\]", ported(text)))
    zero = len(re.findall(r"sync_channel::<[^>]*>+\(0\)", ported(text)))
    print(f"  {passed} tests of crossbeam-channel {version} pass ({zero} channels of capacity 0 with 1 slot)")
    print(f"  {len(RENDEZVOUS)} left out, since they need a rendezvous; {selects}, since they need select!")
    if code != 0:
        print(said[-6000:])
    # They fail, as they must on a channel that has a slot.
    code_without, said_without = run("--exact", *ALWAYS_FAIL)
    caught = code_without not in (0, None) and f"{len(ALWAYS_FAIL)} failed" in said_without
    ok = code == 0 and passed > 0
    gate.report(
        "crossbeam-mpsc", f"tests/mpsc.rs of crossbeam-channel {version} on `channel`",
        f"{passed} pass; left out: {len(RENDEZVOUS)} rendezvous, {selects} select!" if ok else "see above",
        f"two of the rendezvous: {'fail' if caught else 'DO NOT FAIL'}", ok and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
