#!/usr/bin/env python3
"""Breaks lock-free-ring in one place at a time and runs the models.

First each step of the protocols listed below is taken out, then each memory ordering is made
weaker. Every mutant must be killed: a model fails. A survivor means that the ordering (or the step)
is not needed, or that a model is missing. Prints a table (Markdown) and exits with 1 on a
survivor. The work goes on in as many copies of the library at a time as there are jobs.

    proofs/protocol_mutants.py [--only TEXT]   # only mutants whose place contains TEXT
    proofs/protocol_mutants.py --every 8       # one of eight
"""

import argparse
import concurrent.futures
import re
import sys

import gate
import mutant_tree
from mutant_tree import SOURCES

PLACE = gate.TARGET / "mutants"
STRONG = re.compile(r"Ordering::(Acquire|Release|AcqRel|SeqCst)")
# The files of models, the quickest first; `lib` are those beside the code.
MODELS = [
    "lib", "loom_dedicated", "loom_shared", "loom_close", "loom_parking", "loom_sleep", "loom_async",
    "loom_channel",
]
# Those that are tried before the others: for all mutants of a file, for those of a function, for one.
LIKELY = {
    "async_consumer.rs": ["loom_async"],
    "barrier.rs": ["lib", "loom_sleep"],
    "ends.rs": ["loom_close"],
    "gate.rs": ["loom_async"],
    "parking.rs": ["loom_parking"],
    "place.rs": ["loom_async"],
    "producer.rs": ["loom_close"],
    "ring.rs": ["loom_close"],
    "shard.rs": ["loom_close"],
    "tasks.rs": ["loom_async"],
    "wait.rs": ["loom_sleep"],
    "abort": ["loom_shared"],
    "seal": ["loom_close"],
    "seal_if_free": ["loom_close"],
    "a close in silence": ["loom_sleep"],
    "claim of a closed tail": ["loom_close"],
    "no barrier after the shard was made active": ["loom_parking"],
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


class Mutant:
    """One file of the library, broken in one place."""

    def __init__(self, file, function, what, broken):
        self.file, self.function, self.what, self.broken = file, function, what, broken
        self.place = f"`{file}`" + (f" `{function}`" if function else "")

    def killer(self, tree):
        """The model that fails in `tree` with this mutant in place; None if none does."""
        source = tree / SOURCES / self.file
        original = source.read_text()
        source.write_text(self.broken)
        killed = run(tree, in_order(self.what, self.function, self.file))
        source.write_text(original)
        return killed


def weaker_orderings(sources):
    for source in sorted(sources.rglob("*.rs")):
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
                file, function = str(source.relative_to(sources)), function_of(lines, number)
                yield Mutant(file, function, f"{match[1]} → {weaker}", "\n".join(broken) + "\n")


def missing_steps(sources):
    for file, what, code, broken in STEPS:
        text = (sources / file).read_text()
        if text.count(code) != 1:
            sys.exit(f"{file}: the code of the mutant '{what}' is there {text.count(code)} times")
        yield Mutant(file, "", what, text.replace(code, broken))


def function_of(lines, number):
    for line in reversed(lines[: number + 1]):
        if match := re.search(r"\bfn (\w+)", line):
            return match[1]
    return "?"


def in_order(*names):
    """The models, those first that are likely to kill a mutant called one of `names`."""
    likely = next((LIKELY[name] for name in names if name in LIKELY), [])
    return likely + [model for model in MODELS if model not in likely]


def run(tree, models):
    """Runs the models one file at a time; answers the first that fails."""
    env = {
        "RUSTFLAGS": "--cfg ring_loom -Awarnings",
        "RUST_BACKTRACE": "0",
        "CARGO_TARGET_DIR": str(tree / "target"),
        # See `mutants.py`.
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER": f"timeout {LIMIT_S} env RUSTC_BOOTSTRAP=1",
    }
    for model in models:
        target = ["--lib"] if model == "lib" else ["--test", model]
        command = [
            "cargo", "test", "--release", "--quiet", "-p", "lock-free-ring", "--features",
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


def make_tree(number, jobs):
    """One of `jobs` copies of the library. Each model is run in one of them, and must pass."""
    tree = PLACE / f"models-{number}"
    mutant_tree.copy_library(tree)
    mutant_tree.make_models_cheap(tree)
    if failed := run(tree, MODELS[number::jobs]):
        sys.exit(f"the models fail without any mutation: {failed}")
    return tree


def kill(mutants, jobs):
    """Says of each mutant what killed it; answers how many were killed."""
    due = iter(mutants)

    def work(tree):
        killed = 0
        # An iterator gives each of its items to one thread.
        for mutant in due:
            killer = mutant.killer(tree)
            killed += killer is not None
            verdict = f"`{killer}`" if killer else "**survived**"
            print(f"| {mutant.place} | {mutant.what} | {verdict} |", flush=True)
        return killed

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        trees = list(pool.map(lambda number: make_tree(number, jobs), range(jobs)))
        return sum(pool.map(work, trees))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take one of so many")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    sources = gate.ROOT / SOURCES
    mutants = [*missing_steps(sources), *weaker_orderings(sources)]
    mutants = [mutant for mutant in mutants if args.only in mutant.place][:: args.every]
    print("| place | broken | killed by |\n|---|---|---|", flush=True)
    killed = kill(mutants, args.jobs)
    gate.report(
        "prove-protocols", "each weakened ordering and each step left out is killed by a model",
        f"{killed} of {len(mutants)} killed", "they are canaries themselves",
        0 < killed == len(mutants),
    )
    gate.finish()


if __name__ == "__main__":
    main()
