"""Options and exit statuses that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from detector.keep import Keep
from detector.policy import Policy
from detector.workers import default_workers

SET_ASIDE, VALVE, INTERRUPTED = 3, 4, 130
COLOURS = {"publish": "green", "review": "yellow", "reject": "red"}
Inputs = Annotated[list[str], typer.Argument(help="Files, folders and URL#table; see `archive formats`.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="Whose field is which: body=content.")]
Mapping = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same in a TOML file.")]
Encoding = Annotated[str, typer.Option(help="Of CSV or XML that does not say; found when not given.")]
WORKERS = default_workers()
Processes = Annotated[int, typer.Option(min=1, help="Worker processes.")]
KeepOption = Annotated[str, typer.Option(help=f"Which copy stays: {', '.join(get_args(Keep))}.")]
SourceRank = Annotated[list[str] | None, typer.Option(help="The best source first, for --keep.")]
LookBack = Annotated[float | None, typer.Option(help="How far back copies are looked for.")]


def policy_of(keep: str, source_rank: list[str] | None, look_back_days: float | None) -> Policy:
    """The policy that an archive is gone through by."""
    if keep not in get_args(Keep):
        raise typer.BadParameter(f"{keep!r} is not one of {', '.join(get_args(Keep))}", param_hint="--keep")
    return Policy(keep=cast("Keep", keep), source_rank=tuple(source_rank or ()), look_back_days=look_back_days)
