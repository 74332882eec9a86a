"""Carry a plan out: each row of each source to what stays, what goes and what could not be read, as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from detector.archive.formats import Fate, RawRow, Source, format_of
from detector.archive.formats.convert import convert
from detector.archive.formats.source import Judge
from detector.archive.formats.sql import MARKS
from detector.archive.formats.sql_marks import mark, unmark
from detector.errors import ArchiveError


class Judgement:
    """Where each row goes, by the plan; the rows of all sources are asked for once each, in order."""

    def __init__(self, actions: Mapping[str, str], bad: set[tuple[int, int]]) -> None:
        self.counts: Counter[Fate] = Counter()
        self._actions = actions  # digest of a row → its item's action
        self._bad = bad  # file and number of rows that are quarantined
        self._seen: set[str] = set()

    def __call__(self, raw: RawRow) -> Fate:
        """What the plan says of a row; a row that stands in the archive more than once is kept once."""
        fate = self._fate(raw)
        self.counts[fate] += 1
        return fate

    def _fate(self, raw: RawRow) -> Fate:
        if (raw.file, raw.number) in self._bad:
            return "quarantined"
        digest = raw.digest
        if digest in self._seen:
            return "repeated"
        self._seen.add(digest)
        return "removed" if self._actions[digest] == "reject" else "kept"


def carry_out(sources: Sequence[Source], judge: Judge, out: Path, to: str | None) -> None:
    """Write every row to where it goes: in its source's format or, with ``to``, as ``jsonl`` or ``parquet``.

    Raises ArchiveError when that cannot be written.
    """
    try:
        if to is None:
            distribute(sources, judge, out)
        else:
            convert(sources, judge, out, to)
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error.strerror or error}") from error


def distribute(sources: Sequence[Source], judge: Judge, out: Path) -> None:
    """Write every source, in its own format, to ``out/kept``, ``out/removed`` and ``out/quarantined``."""
    for source, name in zip(sources, output_names(sources), strict=True):
        format_of(source).write(source, judge, out, name)


def mark_files(sources: Sequence[Source]) -> dict[str, str]:
    """Address of each table among the sources → the file that lists what is to be marked in it."""
    named = zip(sources, output_names(sources), strict=True)
    return {source.address: f"{MARKS}/{name}" for source, name in named if source.format == "sql"}


def mark_all(out: Path, journal: Mapping[str, Any]) -> None:
    """Mark in databases what the journal's files list."""
    for address, keys in journal["marks"].items():
        mark(address, journal["plan"], out / keys, journal["column"])


def unmark_all(journal: Mapping[str, Any]) -> None:
    """Take away what ``mark_all`` did."""
    for address in journal["marks"]:
        unmark(address, journal["plan"], journal["column"])


def output_names(sources: Sequence[Source]) -> list[str]:
    """A name for what becomes of each source: its own, with a number where two are called alike."""
    used: Counter[str] = Counter()
    names = []
    for source in sources:
        path = PurePosixPath(source.label)
        used[source.label] += 1
        names.append(
            source.label if used[source.label] == 1 else str(path.with_name(f"{used[source.label]}-{path.name}"))
        )
    return names
