#!/usr/bin/env python3
"""Licences, sources and bans of all that is built on, by cargo-deny; and that it refuses at all.

    proofs/deny.py
"""

import tempfile
from pathlib import Path

import gate

MANIFESTS = ["Cargo.toml", "fuzz/Cargo.toml", "proofs/public-api/Cargo.toml"]


def check(manifest, config):
    command = ["cargo", "deny", "--offline", "--all-features", "--manifest-path", gate.ROOT / manifest]
    return gate.run([*command, "--config", config, "check", "licenses", "bans", "sources"])


def main():
    gate.need_cargo("cargo-deny", "cargo-deny", "0.20.2")
    config, bad = gate.ROOT / "deny.toml", []
    for manifest in MANIFESTS:
        gate.must(["cargo", "fetch", "--manifest-path", gate.ROOT / manifest])
        code, said = check(manifest, config)
        if code != 0:
            bad.append(manifest)
            print(said[-3000:])
    with tempfile.TemporaryDirectory() as scratch:
        strict = Path(scratch) / "deny.toml"
        strict.write_text(config.read_text().replace('"MIT", ', ""))
        code, said = check(MANIFESTS[0], strict)
    caught = code not in (0, None) and "licenses FAILED" in said
    gate.report(
        "deny", "licences, sources and bans of all dependencies",
        f"{len(MANIFESTS)} workspaces in order" if not bad else f"see above: {', '.join(bad)}",
        f"MIT not allowed: {'refused' if caught else 'NOT REFUSED'}", not bad and caught,
    )
    gate.finish()


if __name__ == "__main__":
    main()
