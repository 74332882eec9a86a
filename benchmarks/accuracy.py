"""Accuracy on public data, printed as a table; ``--check`` fails where a figure falls below its floor.

    python benchmarks/accuracy.py [cleaner|text|duplicates|quality|seeds] [--data DIR] [--check] [--write] [--cache DIR]

The data is described in docs/training.md; without it this says so and ends with status 2. ``--check`` measures the
quick variant, which CI has time for. ``--write`` writes the table of all parts to benchmarks/results/accuracy.md.
``cleaner`` alone stands beside other extractors too, and ``--write`` writes that to benchmarks/results/cleaner.md;
``text`` alone looks at other languages, and ``--write`` writes that to benchmarks/results/cleaner_text.md.
Learning its models for five folds takes an hour; ``--cache`` keeps them (delete it when a feature or the learning
changes).
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import cleaner, cleaner_peers, cleaner_text, duplicates, quality, quality_peers, seeds, tables  # noqa: E402  # the repo's root must be found first

Measure = Callable[..., dict[str, float]]
PARTS: dict[str, Measure] = {
    "cleaner": cleaner.measure,
    "text": cleaner_text.measure,
    "duplicates": duplicates.measure,
    "quality": quality.measure,
    "seeds": seeds.measure,
}
FLOORS = HERE / "floors.json"
RESULTS = HERE / "results" / "accuracy.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; all by default")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--check", action="store_true", help="measure quickly and fail below a floor")
    parser.add_argument("--cache", type=Path, help="a folder that keeps the cleaner's models for the next run")
    parser.add_argument("--pages", type=int, help="so many pages beside other extractors, instead of all")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data at {options.data}: nothing was measured; name its folder with --data")
        return 2
    floors = json.loads(FLOORS.read_text())
    parts = PARTS | {
        "cleaner": partial(cleaner.measure, cache=options.cache),
        "text": partial(cleaner_text.measure, cache=options.cache),
    }
    figures: dict[str, float] = {}
    for part in options.parts or parts:
        started = time.perf_counter()
        figures |= parts[part](options.data, quick=options.check)
        print(f"{part}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    table = _table(figures, floors)
    print(table)
    if options.write and not options.parts:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(f"{_heading(quick=options.check)}\n\n{table}\n")
    if options.parts == ["quality"] and not options.check:
        beside = quality_peers.report(options.data)
        print(f"\n{beside}")
        if options.write:
            quality_peers.write(beside)
    if options.parts == ["text"] and not options.check:
        beside = cleaner_text.report(options.data, options.cache)
        print(f"\n{beside}")
        if options.write:
            tables.write(beside, "cleaner_text.md", "Text without markup, and other languages", "accuracy.py text")
    if options.parts == ["cleaner"] and not options.check:
        beside = cleaner_peers.report(options.data, options.cache, options.pages)
        print(f"\n{beside}")
        if options.write:
            tables.write(beside, "cleaner.md", "The cleaner beside other extractors", "accuracy.py cleaner")
    return _missed(figures, floors, every=not options.parts) if options.check else 0


def _heading(*, quick: bool) -> str:
    variant = "quick variant, as CI runs it" if quick else "full"
    machine = f"Python {platform.python_version()}, numpy {version('numpy')}, scikit-learn {version('scikit-learn')}"
    return f"# Accuracy\n\nWritten by `python benchmarks/accuracy.py --write` ({variant}); {machine}."


def _bound(floor: dict[str, float]) -> str:
    return f"≥ {floor['min']:g}" if "min" in floor else f"≤ {floor['max']:g}"


def _table(figures: dict[str, float], floors: dict[str, dict[str, float]]) -> str:
    rows = ["| figure | measured | floor |", "|---|---|---|"]
    rows += [f"| {n} | {v:.4f} | {_bound(floors[n]) if n in floors else ''} |" for n, v in figures.items()]
    return "\n".join(rows)


def _missed(figures: dict[str, float], floors: dict[str, dict[str, float]], *, every: bool) -> int:
    """1 when a figure is beyond its floor, or when a floor has no figure any more."""
    missed = [
        f"{name} is {value:.4f}, floor {_bound(floors[name])}"
        for name, value in figures.items()
        if name in floors and not floors[name].get("min", -1e9) <= value <= floors[name].get("max", 1e9)
    ]
    missed += [f"{name} has a floor but was not measured" for name in floors if every and name not in figures]
    for line in missed:
        print(f"FLOOR MISSED: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
