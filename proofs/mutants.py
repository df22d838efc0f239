#!/usr/bin/env python3
"""Breaks lock-free-ring in one place at a time and runs the models.

First each memory ordering is made weaker, then each step of the protocols listed below is taken
out. Every mutant must be killed: a model fails. A survivor means that the ordering (or the step)
is not needed, or that a model is missing. Prints a table (Markdown) and exits with 1 on a
survivor.

    proofs/mutants.py [--only TEXT]   # only mutants whose place contains TEXT
    proofs/mutants.py --every 8       # one of eight
    proofs/mutants.py --resume        # what was killed in an earlier run is not done again

What is killed is kept in target/mutants/models.json, by the text of the mutated file. `--through`
puts a command before each run of a model.
"""

import argparse
import hashlib
import json
import re
import shlex
import sys

import gate
import mutant_tree
from mutant_tree import SOURCES

PLACE = gate.TARGET / "mutants"
OUTCOMES = PLACE / "models.json"
STRONG = re.compile(r"Ordering::(Acquire|Release|AcqRel|SeqCst)")
# The files of models, the quickest first; `lib` are those beside the code.
MODELS = [
    "lib", "loom_dedicated", "loom_shared", "loom_close", "loom_parking", "loom_sleep", "loom_async",
    "loom_channel",
]
# Those that are tried before the others, for mutants of a file.
LIKELY = {
    "async_consumer.rs": ["loom_async"],
    "barrier.rs": ["loom_sleep"],
    "ends.rs": ["loom_close"],
    "gate.rs": ["loom_async"],
    "parking.rs": ["loom_parking"],
    "place.rs": ["loom_async"],
    "ring.rs": ["loom_close", "loom_parking"],
    "sharded.rs": ["loom_shared"],
    "tasks.rs": ["loom_async"],
    "wait.rs": ["loom_sleep"],
}
# Of one file of models.
LIMIT_S = 600

# (file, what is broken, the code, the broken code)
STEPS = [
    (
        "shard/claiming.rs", "publish before the item is there",
        "        unsafe { self.shard.put(self.next, make) };\n        self.stamps.publish(self.next);",
        "        self.stamps.publish(self.next);\n        unsafe { self.shard.put(self.next, make) };",
    ),
    (
        "shard/taking.rs", "release before the item is out",
        "        let item = unsafe { self.take(self.head.own()) };\n        self.head.release(1);",
        "        let at = self.head.own();\n        self.head.release(1);\n"
        "        let item = unsafe { self.take(at) };",
    ),
    ("shard/taking.rs", "step over without waking writers", "        self.room.wake();\n", ""),
    ("cursor.rs", "claim without looking for room", "if used >= capacity as u64 {", "if false {"),
    ("cursor.rs", "claim of a closed tail", "if word & FLAG != 0 {", "if false {"),
    (
        "wait.rs", "sleep without the barrier",
        "let ordered = barrier.heavy();", "let ordered = true;",
    ),
    (
        "producer.rs", "look for sleepers before the publish",
        "            Ok(vacancy) => {\n                ring.published(vacancy.write(item));",
        "            Ok(vacancy) => {\n                ring.published(ring.shard(0));\n"
        "                vacancy.write(item);",
    ),
    (
        "parking.rs", "park without looking again",
        "if ordered && shard.ready(lease, 1) == 0 && shard.len() == 0 {", "if ordered {",
    ),
    (
        "parking.rs", "park without the barrier",
        "let ordered = ring.barrier().heavy();", "let ordered = true;",
    ),
    (
        "ring.rs", "no barrier after the shard was made active",
        "            // Partner: `heavy` in `wait`: the consumer looks at the active shards alone.\n"
        "            self.barrier.light();\n", "",
    ),
    (
        "ring.rs", "finished without the seal",
        "shard.is_sealed() && shard.ready(lease, 1) == 0", "shard.ready(lease, 1) == 0",
    ),
    (
        "ring.rs", "abandon without the barrier",
        "let _ordered = self.barrier.heavy();", "let _ordered = true;",
    ),
    (
        "ring.rs", "a producer leaves in silence",
        "            // The consumer of a closed ring waits for each lease.\n"
        "            self.signal.items.wake();\n", "",
    ),
    (
        "ring.rs", "a seal in silence",
        "        if self.shards[lease.shard()].seal() {\n            self.signal.items.wake();\n",
        "        if self.shards[lease.shard()].seal() {\n",
    ),
    (
        "shard.rs", "a close without notice to the producer",
        "        self.notice.set(Notice::CLOSED);\n", "",
    ),
    (
        "ring.rs", "abandon without notice to the producers",
        "        self.shards.iter().for_each(|shard| shard.notice.set(Notice::ABANDONED));\n", "",
    ),
    ("ring.rs", "a close in silence", "        self.closing.wake();\n", ""),
    (
        "place.rs", "a task waits without the barrier",
        "let ordered = self.ring.barrier().heavy();", "let ordered = true;",
    ),
    (
        "place.rs", "a task waits without a second look",
        "        if let Some(result) = attempt() {\n            self.leave();\n"
        "            return Poll::Ready(result);\n        }\n        if !ordered {",
        "        if !ordered {",
    ),
    (
        "place.rs", "a place that is dropped stays at its gate",
        "    fn drop(&mut self) {\n        self.leave();\n", "    fn drop(&mut self) {\n",
    ),
    (
        "async_consumer.rs", "a read that is dropped stays at its gate",
        "        self.0.place.leave();\n", "",
    ),
    ("gate.rs", "one task is woken, not all", "if due == 0 {", "if true {"),
    (
        "gate.rs", "who leaves takes the mark with it",
        "if waiters.sleepers.is_empty() && waiters.tasks.is_empty() {", "if true {",
    ),
    (
        "gate.rs", "a task on the list without a mark",
        "            self.mark.store(1, Ordering::Relaxed);\n", "",
    ),
    (
        "tasks.rs", "a task is woken where it was polled before",
        "Some(there) => Some(core::mem::replace(there, task)),", "Some(_) => Some(task),",
    ),
    (
        "tasks.rs", "all tasks are one",
        "Self(NEXT.fetch_add(1, Ordering::Relaxed))", "Self(0 * NEXT.fetch_add(1, Ordering::Relaxed))",
    ),
]


def weaker_orderings(tree):
    """Yields (file, place, what is broken, the broken text)."""
    for source in sorted((tree / SOURCES).rglob("*.rs")):
        if source.name == "sync.rs":
            continue  # the facade itself: its orderings are the checker's
        lines = source.read_text().splitlines()
        for number, line in enumerate(lines):
            if line.startswith("#[cfg(all(test"):
                break
            if "compiler_fence" in line or line.lstrip().startswith("//"):
                continue
            for match in STRONG.finditer(line):
                weaker = "AcqRel" if "fence(" in line else "Relaxed"
                broken = list(lines)
                broken[number] = line[: match.start(1)] + weaker + line[match.end(1) :]
                place = f"`{source.name}` `{function_of(lines, number)}`"
                yield source, place, f"{match[1]} → {weaker}", "\n".join(broken) + "\n"


def missing_steps(tree):
    """As `weaker_orderings`."""
    for name, what, code, broken in STEPS:
        source = tree / SOURCES / name
        text = source.read_text()
        if text.count(code) != 1:
            sys.exit(f"{name}: the code of the mutant '{what}' is there {text.count(code)} times")
        yield source, f"`{name}`", what, text.replace(code, broken)


def all_mutants(tree):
    return [*missing_steps(tree), *weaker_orderings(tree)]


def function_of(lines, number):
    for line in reversed(lines[: number + 1]):
        if match := re.search(r"\bfn (\w+)", line):
            return match[1]
    return "?"


def in_order(name):
    """The models, those that are likely to kill a mutant of the file `name` first."""
    likely = LIKELY.get(name, [])
    return likely + [model for model in MODELS if model not in likely]


def run(tree, models, through):
    """Runs the models one file at a time; answers the first that fails."""
    env = {
        "RUSTFLAGS": "--cfg ring_loom -Awarnings",
        "RUST_BACKTRACE": "0",
        "CARGO_TARGET_DIR": str(PLACE / "models-target"),
        # See `mutants_all`.
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER": f"timeout {LIMIT_S} env RUSTC_BOOTSTRAP=1",
    }
    for model in models:
        target = ["--lib"] if model == "lib" else ["--test", model]
        command = [
            *through, "cargo", "test", "--release", "--quiet", "-p", "lock-free-ring", "--features",
            "async", *target, "--", "-Z", "unstable-options", "--fail-fast",
        ]
        code, said = gate.run(command, limit_s=3600, env=env, cwd=tree)
        if "exit status: 124" in said:
            return "time limit"
        if "could not compile" in said:
            sys.exit(f"the mutant does not compile:\n{said}")
        if code != 0:
            # The models' threads carry the names of their tests. A model that finds a deadlock
            # aborts.
            failed = re.findall(r"^thread '([\w:]+)'", said, re.M)
            if not failed and "SIGABRT" not in said:
                sys.exit(f"{model} did not run:\n{said[-3000:]}")
            return failed[0] if failed else f"aborted in {model}"
    return None


class Known:
    """What earlier runs have killed."""

    def __init__(self):
        self.killed = json.loads(OUTCOMES.read_text()) if OUTCOMES.exists() else {}

    @staticmethod
    def key(place, what, broken):
        return f"{place} {what} {hashlib.sha256(broken.encode()).hexdigest()}"

    def keep(self, key, killer):
        self.killed[key] = killer
        OUTCOMES.write_text(json.dumps(self.killed, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take one of so many")
    parser.add_argument("--resume", action="store_true", help="not what was killed before")
    parser.add_argument("--through", default="", help="a command to put before each run of a model")
    args = parser.parse_args()
    tree, through, known = PLACE / "models-tree", shlex.split(args.through), Known()
    tree.mkdir(parents=True, exist_ok=True)
    mutant_tree.copy_library(tree)
    mutant_tree.make_models_cheap(tree)
    if killed := run(tree, in_order(""), through):
        sys.exit(f"the models fail without any mutation: {killed}")
    print("| place | broken | killed by |\n|---|---|---|", flush=True)
    survivors, tried = 0, 0
    chosen = [mutant for mutant in all_mutants(tree) if args.only in mutant[1]]
    for source, place, what, broken in chosen[:: args.every]:
        key = Known.key(place, what, broken)
        killed = known.killed.get(key) if args.resume else None
        if not killed:
            original = source.read_text()
            source.write_text(broken)
            killed = run(tree, in_order(source.name), through)
            source.write_text(original)
        if killed:
            known.keep(key, killed)
        tried += 1
        survivors += killed is None
        verdict = f"`{killed}`" if killed else "**survived**"
        print(f"| {place} | {what} | {verdict} |", flush=True)
    gate.report(
        "mutants", "each weakened ordering and each step left out is killed by a model",
        f"{tried - survivors} of {tried} killed", "they are canaries themselves",
        tried > 0 and survivors == 0,
    )
    gate.finish()


if __name__ == "__main__":
    main()
