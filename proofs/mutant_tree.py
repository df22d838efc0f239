"""A copy of the library in which mutants are made: a workspace of its own, with nothing else."""

import re
import shutil

import gate

CRATE = "crates/lock-free-ring"
SOURCES = f"{CRATE}/src"
# Not about a mutant: the document's algorithm; bounds that the compiler checks.
OTHER_TESTS = ("document", "bounds")
LIMIT_S = 20
# What a test says that gave up.
HUNG = "hung: this test was not done in time"


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


def make_mutants_cheap(tree):
    """All test files as one binary, `all`, without debug information: a build takes 3 s, not 14.

    A test that waits gives up after LIMIT_S, since many a mutant hangs.
    """
    tests = tree / CRATE / "tests"
    modules = ["mod common;\n"]
    for path in [*sorted(tests.glob("*.rs")), tests / "model/main.rs"]:
        text = path.read_text()
        if re.search(r"^#!\[cfg\((ring_loom|ring_shuttle)\)\]", text, re.M) or path.stem in OTHER_TESTS:
            path.unlink()
            continue
        alias = re.compile(r'^(#\[path = "../common/mod.rs"\]\n)?mod common;$', re.M)
        path.write_text(alias.sub("use crate::common;", text))
        name = path.stem if path.parent == tests else path.parent.name
        modules.append(f'#[path = "{path.relative_to(tests)}"]\nmod {name};\n')
    (tests / "all.rs").write_text("".join(modules))
    replace(tests / "model/run.rs", "use crate::item::", "use super::item::")
    replace(tests / "common/mod.rs", "from_secs(300)", f"from_secs({LIMIT_S})")
    # The names of tests have their file before them now.
    replace(tests / "common/mod.rs", r"exec \"$0\" --exact \"$1\"", r"exec \"$0\" \"$1\"")

    manifest = tree / CRATE / "Cargo.toml"
    text = re.sub(r'\[\[bench\]\]\n.*\n.*\n\n', "", manifest.read_text())
    text = re.sub(r"^criterion = .*\n", "", text, flags=re.M)
    text = text.replace("[package]\n", "[package]\nautobenches = false\nautotests = false\n")
    text = text.replace("[lib]\n", "[lib]\ndoctest = false\n")
    manifest.write_text(text + '\n[[test]]\nname = "all"\n')
    workspace = tree / "Cargo.toml"
    workspace.write_text(workspace.read_text() + "\n[profile.dev]\ndebug = false\n")


def replace(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, f"{path}: {old!r} is there {text.count(old)} times"
    path.write_text(text.replace(old, new))
