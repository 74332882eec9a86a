"""What each stage costs against the length of what it is given: no path of ours may be quadratic.

    python benchmarks/growth.py [STAGE ...] [--text NAME ...] [--write]

Each stage is given ordinary and adversarial strings at 1, 2, 4 and 8 times a length; the exponent is the slope of a
least squares line through the logarithms of the process's own times (each the least of three runs), so that 1 is linear
and 2 quadratic. Size is in characters, that of a fragment in tags. Bounds cut in at the longest (a page beyond 2 MiB is
not read on), which makes an exponent smaller: lengths are chosen below them. A length at which a stage needs less than
10 milliseconds does not count, for there page faults and caches weigh as much as the work; where fewer than two lengths
count, 16 times is tried too, and where that leaves fewer than two there is no exponent. Exit status 1 means an exponent
above 1.2.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import tables  # the repo's root must be found first
from benchmarks.growth_stages import SIZES, STAGES
from benchmarks.growth_texts import TEXTS

FLOOR = 1.2
TIMES = (1, 2, 4, 8)
LONGER = 16  # when too few of those take long enough
LEAST = 0.010  # seconds; below, page faults and caches weigh as much as the work
MOST = 20.0  # seconds for one run: what takes longer is said to do so, and not run at the next length
RUNS = 3
_COUNTED = 2  # lengths, at least, for a slope


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The least of the process's times over some runs; one run where it takes long."""
    least = math.inf
    for _ in range(runs):
        started = time.process_time()
        work()
        least = min(least, time.process_time() - started)
        if least > MOST / 10:
            break
    return least


def exponent(sizes: Sequence[int], taken: Sequence[float]) -> float:
    """The slope of log(time) over log(size), by least squares over the lengths that count; nan for fewer than two."""
    counted = [(size, time) for size, time in zip(sizes, taken, strict=True) if time >= LEAST]
    if len(counted) < _COUNTED:
        return math.nan
    return float(np.polyfit(*np.log(np.array(counted)).T, 1)[0])


def measure(stage: str, name: str) -> tuple[list[int], list[float]]:
    """Sizes and seconds at each length, up to the first that takes too long."""
    prepare, size = STAGES[stage], SIZES.get(stage, len)
    sizes: list[int] = []
    taken: list[float] = []
    for times in (*TIMES, LONGER):
        if times == LONGER and sum(spent >= LEAST for spent in taken) >= _COUNTED:
            break
        text = TEXTS[name](times)
        work = prepare(text)
        sizes.append(size(text))
        taken.append(seconds(work))
        if taken[-1] > MOST:
            break
    return sizes, taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], help="all by default")
    parser.add_argument("--text", action="append", choices=list(TEXTS), help="all by default")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results/growth.md")
    options = parser.parse_args()
    rows: list[list[str]] = []
    worst = 0.0
    names = options.text or list(TEXTS)
    for stage in options.stages or STAGES:
        STAGES[stage](TEXTS[names[0]](1))()  # compiles
        for name in names:
            sizes, taken = measure(stage, name)
            slope = exponent(sizes, taken)
            worst = max(worst, 0.0 if math.isnan(slope) else slope)
            shown = "–" if math.isnan(slope) else f"{slope:.2f}"
            rows.append([stage, name, f"{sizes[-1]:,}", *(f"{1000 * t:.1f}" for t in taken), shown])
            print(" ".join(rows[-1]), "<<<" if slope > FLOOR else "", flush=True)
    header = ["stage", "string", "greatest size", *(f"ms at {times}×" for times in (*TIMES, LONGER)), "exponent"]
    print(f"\nthe greatest exponent is {worst:.2f} (floor {FLOOR})")
    if options.write:
        padded = [row[:3] + row[3:-1] + ["–"] * (len(header) - len(row)) + row[-1:] for row in rows]
        said = f"The greatest exponent is {worst:.2f} (floor {FLOOR}).\n\n{tables.table(header, padded)}"
        tables.write(said, "growth.md", "Cost against length", "growth")
    return int(worst > FLOOR)


if __name__ == "__main__":
    sys.exit(main())
