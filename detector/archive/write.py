"""Carry a plan out: each row of each source to what stays, what goes and what could not be read, as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from detector.archive.formats import Fate, RawRow, Source, format_of


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


def distribute(sources: Sequence[Source], judge: Judgement, out: Path) -> None:
    """Write every source, in its own format, to ``out/kept``, ``out/removed`` and ``out/quarantined``."""
    for source, name in zip(sources, output_names(sources), strict=True):
        format_of(source).write(source, judge, out, name)


def output_names(sources: Sequence[Source]) -> list[str]:
    """A name for what becomes of each source: its own, with a number where two are called alike."""
    used: Counter[str] = Counter()
    names = []
    for source in sources:
        name = source.path.name
        used[name] += 1
        names.append(name if used[name] == 1 else f"{used[name]}-{name}")
    return names
