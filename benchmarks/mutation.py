"""Small wrong changes to the code that must not be wrong, and how many of them its own quick tests notice.

    python -m benchmarks.mutation [guard | aligner | verdict | store ...] [--sample 150]

mutmut changes one operator, number, name or call at a time in a copy of the tree and runs the tests of that module.
It leaves decorated functions alone, and compiled code would not see a change made while it runs; so the copy's aligner
is plain Python, its decorators taken off, and is held by the same tests. Exit status 1 below the floor. What
survives is written beside the copy (``build/mutation/survivors-NAME.txt``), one difference each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "mutation"
FLOOR = 0.85
_SEED = 7
_NOTICED = ("killed", "timeout", "segfault", "suspicious")  # a mutant that hangs or breaks the process is noticed too
# In a process of its own, for mutmut reads its settings from the folder that it is started in.
_SHOW = """
import sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
for one in sys.argv[1:]:
    mutant, _, fate = one.partition(" ")
    print(one, get_diff_for_mutant(mutant), sep="\\n")
"""
# A mutant that takes some five times as long as its tests hangs; by mutmut's own setting it had thirty.
_PATIENCE = "use_git_change_detection = false\ntimeout_multiplier = 2.5"
_COMPILED = re.compile(r"^@(njit|leaf|inlined)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """What is changed, and the tests that should notice."""

    changed: tuple[str, ...]  # patterns of files
    tests: tuple[str, ...]
    plain: tuple[str, ...] = ()  # files whose compiled functions become plain ones


PARTS = {
    "guard": Part(("detector/clean/guard.py",), ("tests/clean/test_guard_notes.py",)),
    "aligner": Part(
        ("detector/dedup/align.py",),
        ("tests/dedup/test_align.py",),
        ("detector/dedup/align.py",),
    ),
    "verdict": Part(("detector/verdict.py",), ("tests/test_verdict.py", "tests/test_verdict_words.py")),
    "store": Part(
        ("service/store/*.py",),
        ("tests/service/store",),
    ),
}


def prepare(name: str, part: Part) -> Path:
    """A copy of the tree, set up for mutmut."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    git = shutil.which("git") or "git"
    listed = subprocess.run(  # noqa: S603
        [git, "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for path in listed.stdout.decode().splitlines():
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    for path in part.plain:
        _make_plain(folder / path)
    settings = folder / "pyproject.toml"
    quoted = {key: ", ".join(f'"{one}"' for one in value) for key, value in _settings(part).items()}
    lines = "\n".join(f"{key} = [{value}]" for key, value in quoted.items())
    settings.write_text(f"{settings.read_text()}\n[tool.mutmut]\n{lines}\n{_PATIENCE}\n")
    return folder


def _settings(part: Part) -> dict[str, tuple[str, ...]]:
    return {
        "source_paths": ("detector", "service"),
        "only_mutate": part.changed,
        "also_copy": ("benchmarks", "fixtures", "seeds", "docs", "README.md"),
        "pytest_add_cli_args_test_selection": tuple(test for test in part.tests if (ROOT / test).exists()),
        # Numbers of 32 bits wrap around in compiled code, of which plain numpy warns.
        "pytest_add_cli_args": ("-p", "no:cacheprovider", "-W", "ignore::RuntimeWarning", "-k", "not postgres"),
    }


def _make_plain(path: Path) -> None:
    """Take the compiler off a file; ``borrowed`` gives what it is given."""
    source = _COMPILED.sub("", path.read_text())
    source = source.replace("from detector.jit import borrowed, leaf, njit\n", "")
    path.write_text(source.replace("\nWIDTH = ", "\ndef borrowed(given):\n    return given\n\n\nWIDTH = ", 1))


def run(name: str, part: Part, processes: int, sample: int) -> Counter[str]:
    """How the mutants of a part fared, by mutmut's word for it; of all of them, or of so many drawn by chance."""
    folder = prepare(name, part)
    environment = os.environ | {"PYTHONPATH": ".", "NUMBA_CACHE_DIR": str(BUILD / "numba")}
    mutmut = [str(Path(sys.executable).with_name("mutmut"))]
    command = [*mutmut, "run", "--max-children", str(processes)]
    with (BUILD / f"log-{name}.txt").open("w") as log:
        if sample:  # the mutants have no names before they are made, and mutmut stops when it is asked for none of them
            subprocess.run([*command, "none"], cwd=folder, env=environment, stdout=log, stderr=log, check=False)  # noqa: S603
            command += _drawn(folder, sample)
        done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log, check=False)  # noqa: S603
    told = subprocess.run(  # noqa: S603
        [*mutmut, "results", "--all", "true"], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    fates = dict(re.findall(r"^\s+(\S+): (.+)$", told.stdout, re.MULTILINE))
    if done.returncode or not fates:
        raise SystemExit(f"mutmut ended with status {done.returncode}; see {log.name}")
    fates = {mutant: fate for mutant, fate in fates.items() if fate != "not checked"}  # they were not drawn
    survivors = [f"{mutant} {fate}" for mutant, fate in fates.items() if fate not in _NOTICED]
    with (BUILD / f"survivors-{name}.txt").open("w") as file:
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", _SHOW, *survivors], cwd=folder, env=environment, stdout=file, check=True
        )
    return Counter(fates.values())


def _drawn(folder: Path, sample: int) -> list[str]:
    names = []
    for made in sorted(folder.glob("mutants/**/*.py.meta")):
        names += sorted(json.loads(made.read_text())["exit_code_by_key"])
    return sorted(random.Random(_SEED).sample(names, min(sample, len(names))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all by default")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, default=0, help="mutants of each part, drawn by chance; 0: all")
    arguments = parser.parse_args()
    poor = False
    for name in arguments.parts or PARTS:
        fates = run(name, PARTS[name], arguments.processes, arguments.sample)
        noticed, total = sum(fates[fate] for fate in _NOTICED), fates.total() - fates["skipped"]
        poor |= noticed < FLOOR * total
        others = ", ".join(f"{fate}: {number}" for fate, number in fates.most_common())
        drawn = " drawn" if arguments.sample else ""
        print(
            f"{name}: {noticed} of {total}{drawn} noticed, {noticed / total:.1%} (floor {FLOOR:.0%}); {others}",
            flush=True,
        )
    return int(poor)


if __name__ == "__main__":
    sys.exit(main())
