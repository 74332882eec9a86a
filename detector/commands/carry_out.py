"""The commands that carry a plan out, take it back, and say what is read and written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from detector.archive import apply_plan
from detector.archive import undo as take_back
from detector.archive.formats import FORMATS
from detector.archive.valve import ValveError
from detector.commands.options import VALVE
from detector.terminal import Console


def apply(
    plan_folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="New folder for what is kept and what is removed.")],
    mark_column: Annotated[
        str | None, typer.Option(help="Of a database: an empty text column for the marks, instead of a table.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="jsonl or parquet, instead of each source's own format.")] = None,
    confirm: Annotated[list[str] | None, typer.Option(help="What is beyond a limit, by its name in the plan.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Carry a plan out in a new folder; the archive itself is not touched, but for marks in a database."""
    try:
        done = apply_plan(plan_folder, out, mark_column, to, confirmed=confirm or ())
    except ValveError as error:
        Console(stderr=True).print(Text(f"copytaster: {error}", style="yellow"), soft_wrap=True)
        raise typer.Exit(VALVE) from None
    if as_json:
        print(json.dumps({**asdict(done), "out": str(out)}))
        return
    Console().print(
        f"{out}: {done.kept:,} kept, {done.removed:,} removed, {done.quarantined:,} quarantined,"
        f" {done.repeated:,} repeated rows left out",
        soft_wrap=True,
    )


def formats() -> None:
    """List what is read and written."""
    for one in FORMATS.values():
        Console().print(Text(f"{one.name:10}{one.about}"), soft_wrap=True)


def undo(out: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Take back what apply wrote to a folder."""
    take_back(out)
    Console().print(f"{out} is gone; the archive was never touched", soft_wrap=True)
