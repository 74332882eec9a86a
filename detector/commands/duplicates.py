"""The command that lists an archive's copies."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from detector.archive.copies import find_copies
from detector.archive.formats import FieldMapping
from detector.commands.options import (
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
from detector.records import Match
from detector.terminal import Console


def _writable(path: Path | None) -> Path | None:
    """The file, which can be written to: found out before an hour of work and not after it."""
    try:
        if path:
            path.open("ab").close()
    except OSError as error:
        raise typer.BadParameter(f"nothing can be written to {path} ({error.strerror}); name another") from error
    return path


def list_duplicates(
    inputs: Inputs,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, callback=_writable, help="File for the lines; standard output else.")
    ] = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Plain texts are clean: look for no furniture in them.")
    ] = False,
    map_: Map = None,
    mapping: Mapping = None,
    encoding: Encoding = "",
    workers: Processes = WORKERS,
    keep: KeepOption = "earliest",
    source_rank: SourceRank = None,
    look_back_days: LookBack = None,
) -> None:
    """List which items copy an earlier one, as lines of JSON: quick, and nothing else is judged.

    A score from 0.8 on (0.95 in a brief) would have a plan remove the item, and a lower one hold it.
    """
    policy = policy_of(keep, source_rank, look_back_days)
    fields = FieldMapping.parse(map_ or (), mapping, encoding)
    said = Console(stderr=True)
    try:
        found = find_copies(inputs, policy, workers, fields, as_is=as_is)
    except KeyboardInterrupt:
        said.print("stopped; nothing was listed", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    gc.freeze()  # as in ``plan``
    lines = "".join(json.dumps(_copy(match), ensure_ascii=False) + "\n" for match in found.matches)
    if out is None:
        sys.stdout.write(lines)
    else:
        out.write_text(lines, encoding="utf-8")
    for one in found.quarantined:
        said.print(
            Text(f"{found.sources[one.file].address}, {one.place} set aside: {one.error}", style="yellow"),
            soft_wrap=True,
        )
    said.print(f"{len(found.matches):,} of {found.items:,} items copy an earlier one", soft_wrap=True)
    raise typer.Exit(SET_ASIDE if found.quarantined else 0)


def _copy(match: Match) -> dict[str, str | float]:
    numbers = {name: round(getattr(match, name), 6) for name in ("score", "jaccard", "containment", "coverage")}
    return {"id": match.item_id, "of": match.of, "kind": match.kind, **numbers}
