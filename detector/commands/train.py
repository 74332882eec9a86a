"""The commands that learn the models again."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import Annotated

import typer
from rich.table import Table

from detector.errors import DetectorError
from detector.models import SHIPPED
from detector.terminal import Console


class CleanerPart(StrEnum):
    """What the cleaner consists of."""

    blocks = "blocks"
    lines = "lines"


def _made(folder: Path) -> Path:
    """The folder, which is there and can be written to: found out before an hour of learning and not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise typer.BadParameter(f"nothing can be written to {folder} ({error.strerror}); name another") from error
    return folder


Weights = Annotated[
    Path, typer.Option(file_okay=False, callback=_made, help="Folder that the weights are written to; made if absent.")
]


def cleaner(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")],
    out: Weights = SHIPPED,
    only: Annotated[CleanerPart | None, typer.Option(help="Learn this model alone; the lines take minutes.")] = None,
) -> None:
    """Learn again which parts of a page, and which lines of a text, are the article. Takes half an hour or more."""
    parts = [part.value for part in CleanerPart if only in (None, part)]
    _print_scores(_trainer("cleaner").train_cleaner(data, out, parts))


def quality(
    data: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")
    ] = None,
    seeds: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Our own labelled texts.")] = Path("seeds"),
    decisions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A newsroom's own decisions, as lines of JSON.")
    ] = None,
    out: Weights = SHIPPED,
) -> None:
    """Learn again what filler is; from the seeds alone without --data. Or refit what is there to --decisions."""
    if decisions is not None:
        _print_scores(_trainer("decisions").train_decisions(decisions, out / "quality.npz"))
        return
    _print_scores(_trainer("quality").train_quality(data, seeds, out / "quality.npz"))


def duplicates(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder described in docs/training.md.")],
    out: Weights = SHIPPED,
) -> None:
    """Learn again what tells a text that was told anew from one on the same subject."""
    _print_scores(_trainer("duplicates").train_duplicates(data, out / "kinship.npz"))


def _trainer(name: str) -> ModuleType:
    """The module that trains; it needs scikit-learn, which nothing else does."""
    try:
        return import_module(f"detector.train.{name}")
    except ModuleNotFoundError as error:
        raise DetectorError(f"the package {error.name!r} is missing; run: pip install 'copytaster[train]'") from error


def _print_scores(scores: dict[str, float]) -> None:
    table = Table("held out", title="written")
    table.add_column("score", justify="right")
    for name, score in scores.items():
        table.add_row(name, f"{score:.4f}")
    Console().print(table)
