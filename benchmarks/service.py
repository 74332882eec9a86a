"""The service's table: latency and throughput over a million items, memory, overload, kills, and its own schema.

    python -m benchmarks.service --data DIR --write
    python -m benchmarks.service --data DIR --database items.db --part speed --write

The store is written by ``benchmarks.stock`` for the occasion, or copied from ``--database``. ``--part`` runs a part of
it; ``--write`` keeps its rows in benchmarks/results/service.md beside those of the other parts. ``--st`` names the
command of schemathesis, which is installed elsewhere (see ``benchmarks.schema``). Exit status 1 when kills or schema
failed; the figures of speed are for people to judge, as they hang on the machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import tables
from benchmarks.loads import ROOT
from benchmarks.serving import Row, overload, speed
from benchmarks.stock import stock

PARTS = ("speed", "overload", "kills", "schema")
RESULTS = tables.RESULTS / "service.md"
HEADER = ("", "floor", "aim", "measured")


def rows(arguments: argparse.Namespace) -> Iterator[Row]:
    """The rows of the parts that are wanted, as they are measured."""
    if {"speed", "overload"} & set(arguments.part):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            database = Path(folder) / "items.db"
            if arguments.database:
                shutil.copyfile(arguments.database, database)
            else:
                stock(database, arguments.items)
            if "speed" in arguments.part:
                yield from speed(database, arguments.data, arguments.seconds)
            if "overload" in arguments.part:
                yield from overload(database, arguments.data)
    if "kills" in arguments.part:
        command = [sys.executable, "-m", "benchmarks.kills", "--rounds", str(arguments.rounds)]
        yield "kill -9 by the clock and at named points", "0 lost, doubled or half-indexed", "", _told(command, "kills")
    if "schema" in arguments.part:
        command = [sys.executable, "-m", "benchmarks.schema", "--st", arguments.st]
        yield "schemathesis, all routes, stateful", "0 server errors, conformant", "", _told(command, "generated")


def _told(command: list[str], word: str) -> str:
    """The last line with a word that a command prints, or that it failed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    lines = [line.strip("= ") for line in done.stdout.splitlines() if line.strip()]
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        return f"FAILED: {lines[-1] if lines else ''}"
    return next((line for line in reversed(lines) if word in line), "")


def write(found: list[Row]) -> None:
    """Keep rows in the results, in place of what was measured of the same before."""
    kept: dict[str, tuple[str, ...]] = {}
    if RESULTS.exists():
        lines = re.findall(r"^\| (.*) \|$", RESULTS.read_text(encoding="utf-8"), re.MULTILINE)
        kept = {cells[0]: tuple(cells) for cells in (line.split(" | ") for line in lines[2:])}
    kept |= {row[0]: row for row in found}
    title = "The service, with a million stored items"
    tables.write(tables.table(HEADER, kept.values()), RESULTS.name, title, "service --data DIR")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder with pages/ and archive/")
    parser.add_argument("--part", action="append", choices=PARTS, help="more than once; all of them when not given")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path, help="a store that benchmarks.stock has written; it is copied")
    parser.add_argument("--folder", type=Path, help="where the store is put")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=200, help="kills")
    parser.add_argument("--st", default="st", help="the command of schemathesis")
    parser.add_argument("--write", action="store_true", help="keep the rows in benchmarks/results/service.md")
    arguments = parser.parse_args()
    arguments.part = arguments.part or list(PARTS)
    table = Table(*HEADER, title=f"{arguments.items:,} stored items")
    found = []
    for row in rows(arguments):
        print(*row, sep="\t", flush=True)
        found.append(row)
        table.add_row(*row)
    Console(width=120).print(table)
    if arguments.write:
        write(found)
    return int(any(row[3].startswith("FAILED") for row in found))


if __name__ == "__main__":
    sys.exit(main())
