"""Tables in Markdown, and where they are kept."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.bootstrap import SEED

RESULTS = Path(__file__).parent / "results"


def write(table: str, name: str, title: str, command: str) -> None:
    """Keep tables in benchmarks/results."""
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, seed {SEED}"
    how = f"benchmarks/{command}" if ".py" in command else f"-m benchmarks.{command}"
    heading = f"# {title}\n\nWritten by `python {how} --write`; {machine}."
    (RESULTS / name).write_text(f"{heading}\n\n{table}\n", encoding="utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
