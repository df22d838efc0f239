"""A copy of the library in which mutants are made: a workspace of its own, with nothing else."""

import re
import shutil

import gate

CRATE = "crates/lock-free-ring"
SOURCES = f"{CRATE}/src"
# Not about a mutant: the document's algorithm; bounds that the compiler checks.
OTHER_TESTS = ("document", "bounds")
# Modules that test files share, each of them once in the binary.
SHARED = ("bare", "common")
# A test that waits gives up after this; the whole binary is ended after the other, since not every
# test has a limit of its own.
LIMIT_S = 6
LIMIT_OF_ALL_S = 30
# Tests of scale do one part in so many of what they usually do.
SCALE = 10
# The order of test files: first what is quick and kills much, since the first failure is the end.
FIRST = ("text", "described", "drops", "capacity", "model", "channel", "async_bare", "async_wakers")
LAST = ("idle", "async_runtimes", "async_cancel")


def copy_library(tree):
    """Copies the library into the folder `tree`; what was built there before stays."""
    shutil.rmtree(tree / CRATE, ignore_errors=True)
    # As new files: else cargo may take the build of an earlier tree for this one's.
    shutil.copytree(gate.ROOT / CRATE, tree / CRATE, copy_function=shutil.copy)
    shutil.copy(gate.ROOT / "Cargo.lock", tree)
    manifest = (gate.ROOT / "Cargo.toml").read_text()
    alone = re.sub(r"default-members = .*\n", "", manifest)
    # The other members are not here.
    (tree / "Cargo.toml").write_text(
        re.sub(r"^(?!lock-free-ring)[\w-]+ = \{ path = .*\n", "", alone, flags=re.M)
    )


def make_models_cheap(tree):
    """The checker is as fast as ever; what a mutant changes is built in half the time."""
    replace(
        tree / "Cargo.toml", 'debug = "limited"\n',
        "debug = false\nopt-level = 1\nincremental = true\ncodegen-units = 16\n"
        '[profile.release.package."*"]\nopt-level = 3\n',
    )


def make_mutants_cheap(tree):
    """All test files as one binary, `all`, without debug information: a build takes 3 s, not 14.

    A test that waits gives up early, since many a mutant hangs.
    """
    tests = tree / CRATE / "tests"
    modules = [f"mod {shared};\n" for shared in SHARED]
    for path in [*sorted(tests.glob("*.rs")), tests / "model/main.rs"]:
        text = path.read_text()
        checkers = re.search(r"^#!\[cfg\((all\()?(ring_loom|ring_shuttle)\b", text, re.M)
        if checkers or path.stem in OTHER_TESTS:
            path.unlink()
            continue
        alias = re.compile(rf'^(#\[path = ".*"\]\n)?mod ({"|".join(SHARED)});$', re.M)
        text = re.sub(r"\b([\d_]+) \* stress\(\)", lambda few: str(int(few[1]) // SCALE), text)
        path.write_text(alias.sub(r"use crate::\2;", text))
        name = path.stem if path.parent == tests else path.parent.name
        modules.append(f'#[path = "{path.relative_to(tests)}"]\nmod {in_order(name)};\n')
    (tests / "all.rs").write_text("".join(modules))
    (tests / "bare_alone.rs").write_text('mod bare;\n#[path = "async_bare.rs"]\nmod async_bare;\n')
    replace(tests / "model/run.rs", "use crate::item::", "use super::item::")
    replace(tests / "common/mod.rs", "from_secs(300)", f"from_secs({LIMIT_S})")
    replace(tests / "common/mod.rs", "if cfg!(miri) { 100 } else { 1 }", str(SCALE))
    # The names of tests have their file before them now.
    replace(tests / "common/mod.rs", r"exec \"$0\" --exact \"$1\"", r"exec \"$0\" \"$1\"")

    manifest = tree / CRATE / "Cargo.toml"
    text = re.sub(r'\[\[bench\]\]\n.*\n.*\n\n', "", manifest.read_text())
    text = re.sub(r"^criterion = .*\n", "", text, flags=re.M)
    text = text.replace("[package]\n", "[package]\nautobenches = false\nautotests = false\n")
    text = text.replace("[lib]\n", "[lib]\ndoctest = false\n")
    manifest.write_text(text + "".join(f'\n[[test]]\nname = "{name}"\n' for name in ("all", "bare_alone")))
    workspace = tree / "Cargo.toml"
    workspace.write_text(workspace.read_text() + "\n[profile.dev]\ndebug = false\n")


def in_order(name):
    """The test binary runs its modules by their names."""
    rank = FIRST.index(name) if name in FIRST else 90 + LAST.index(name) if name in LAST else 50
    return f"t{rank:02}_{name}"


def replace(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, f"{path}: {old!r} is there {text.count(old)} times"
    path.write_text(text.replace(old, new))
