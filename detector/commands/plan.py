"""The commands that plan what becomes of an archive, and report it."""

from __future__ import annotations

import gc
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from detector.archive import make_plan, write_report
from detector.archive.formats import FieldMapping
from detector.archive.job import Engine
from detector.archive.local import LocalEngine
from detector.archive.plan import Options, Summary
from detector.archive.progress import Telling
from detector.archive.valve import Limits
from detector.commands.options import (
    COLOURS,
    INTERRUPTED,
    SET_ASIDE,
    WORKERS,
    Encoding,
    Inputs,
    KeepOption,
    LookBack,
    Map,
    Mapping,
    Processes,
    SourceRank,
    policy_of,
)
from detector.errors import DetectorError
from detector.terminal import Console


def plan(
    inputs: Inputs,
    out: Annotated[Path, typer.Option(help="Folder for the plan and its report.")],
    map_: Map = None,
    mapping: Mapping = None,
    encoding: Encoding = "",
    workers: Processes = WORKERS,
    keep: KeepOption = "earliest",
    source_rank: SourceRank = None,
    look_back_days: LookBack = None,
    keep_line: Annotated[
        list[str] | None, typer.Option(help="A line that stays, although its source repeats it.")
    ] = None,
    keep_lines: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file of such lines.")] = None,
    since: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="An earlier plan: new items only.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local (worker processes) or spark.")] = "local",
    master: Annotated[str, typer.Option(help="Spark's master URL; local[*] by default.")] = "local[*]",
    max_removal: Annotated[float, typer.Option(help="Share of a source that may go without being confirmed.")] = 0.5,
    max_story: Annotated[int, typer.Option(help="Items of a story that need no confirmation.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Plan what to keep, hold and remove; nothing is changed. Run it again to go on after an interruption."""
    console = Console()
    policy = policy_of(keep, source_rank, look_back_days)
    lines = [*(keep_line or ()), *(keep_lines.read_text(encoding="utf-8").splitlines() if keep_lines else ())]
    options = Options(keep_lines=tuple(lines), limits=Limits(max_removal, max_story), since=since)
    fields = FieldMapping.parse(map_ or (), mapping, encoding)
    try:
        with Telling(Console(stderr=True)) as telling:
            chosen = _engine(engine, workers, master)
            summary = make_plan(inputs, out, policy, workers, telling.hear, fields, options=options, engine=chosen)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; the same command goes on from here", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    report = write_report(out)
    gc.freeze()  # the process ends: to look for cycles among a plan's records takes longer than the report
    if as_json:
        print(json.dumps({**asdict(summary), "plan": str(out), "report": str(report)}))
    else:
        _print_summary(console, summary)
        console.print(f"Report: {report}", soft_wrap=True)
    raise typer.Exit(SET_ASIDE if summary.quarantined else 0)


def _engine(name: str, workers: int, master: str) -> Engine:
    if name == "local":
        return LocalEngine(workers)
    if name != "spark":
        raise typer.BadParameter(f"{name!r} is not local or spark", param_hint="--engine")
    try:
        spark: Engine = import_module("detector.archive.spark").SparkEngine(master)
    except ModuleNotFoundError as error:
        raise DetectorError(f"the package {error.name!r} is missing; run: pip install 'copytaster[spark]'") from error
    return spark


def _print_summary(console: Console, summary: Summary) -> None:
    table = Table("action", "reason", title=f"{summary.items:,} items")
    table.add_column("items", justify="right")
    for action, total in summary.actions.items():
        table.add_row(Text(action, style=f"bold {COLOURS[action]}"), "", f"{total:,}")
        for reason, count in summary.reasons[action].items():
            table.add_row("", "(no remark)" if reason == "none" else reason, f"{count:,}")
    if summary.repeated_rows:
        table.add_row("repeated rows", "", f"{summary.repeated_rows:,}")
    if summary.quarantined:
        table.add_row(Text("quarantined", style="bold magenta"), "", f"{summary.quarantined:,}")
    console.print(table)
    for name in summary.valve:
        console.print(Text(f"beyond a limit: {name}; the report says more", style="yellow"), soft_wrap=True)


def report(plan_folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Write the report of a plan again."""
    Console().print(f"Report: {write_report(plan_folder)}", soft_wrap=True)
