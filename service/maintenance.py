"""``copytaster backup``, ``doctor`` and ``reindex``: what an operator does beside the server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from detector import DetectorError, Sketching
from detector.terminal import Console
from service.settings import Settings
from service.sqlite import InUseError
from service.store import Store, StoreError, backups, checks, making, reindexing

_console = Console(stderr=True)
Database = Annotated[
    str | None, typer.Option(help="SQLite file or postgresql:// URL (default: COPYTASTER_DATABASE, or copytaster.db).")
]


def _opened(database: str | None, *, claim: bool) -> Store:
    try:
        return Store.open(database or Settings().database, claim=claim)
    except StoreError as error:
        raise DetectorError(str(error)) from error


def backup(
    to: Annotated[Path, typer.Argument(help="File that the copy is written to; it must not be there yet.")],
    database: Database = None,
) -> None:
    """Copy an SQLite store while the server goes on, and look at whether the copy is whole."""
    try:
        pages = backups.back_up(database or Settings().database, to)
    except StoreError as error:
        raise DetectorError(str(error)) from error
    typer.echo(f"{to}: {pages:,} pages, whole")


def doctor(database: Database = None) -> None:
    """Look at whether the store is whole: the file, the counts, the index against the items. Changes nothing.

    Exit status 1 when something is wrong.
    """
    store = _opened(database, claim=False)
    try:
        findings = store.read(checks.examine, Sketching(secret=store.read(making.known_secret)))
    finally:
        store.close()
    for finding in findings:
        typer.echo(f"{'ok' if finding.fine else 'WRONG':5}  {finding.what}: {finding.said}")
    sys.exit(0 if all(finding.fine for finding in findings) else 1)


def reindex(
    database: Database = None,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also what this version made: for an index that the doctor finds wrong."),
    ] = False,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Do all but the last step, which lets the new index count.")
    ] = False,
) -> None:
    """Make the index again, from texts cleaned again, after a new version or a doctor's finding.

    A server may run meanwhile: it answers and admits by the index that it has, and takes the new one over when that
    is complete. A run that was stopped or killed goes on where it was. Verdicts and statuses stay.
    """
    store = _reindexed(database)
    try:
        with store.admitting() as connection:
            sketching = Sketching(secret=making.secret(connection))
        run = reindexing.begin(store, sketching, everything=everything)
        if run is not None:
            _make(store, run, prepare=prepare)
        reindexing.tidy(store)
    finally:
        store.close()
    if run is None:
        typer.echo("the index is of this version; --everything makes it again all the same")
    else:
        done = f"{run.items:,} items reindexed"
        typer.echo(f"{done}; the next copytaster reindex lets the new index count" if prepare else done)


def _reindexed(database: str | None) -> Store:
    """The store, for this process alone where no server has it."""
    address = database or Settings().database
    try:
        return Store.open(address)
    except InUseError:
        return _opened(address, claim=False)
    except StoreError as error:
        raise DetectorError(str(error)) from error


def _make(store: Store, run: reindexing.Run, *, prepare: bool) -> None:
    while True:
        total = store.read(reindexing.left, run.making)
        for _ in track(_steps(store, run), "reindex", total=total, console=_console):
            pass
        if prepare or reindexing.finish(store, run):
            return


def _steps(store: Store, run: reindexing.Run) -> Iterator[int]:
    while done := reindexing.step(store, run):
        yield from range(done)
