"""Two texts side by side: rows of a table, unchanged paragraphs folded, moved ones marked, facts that differ told.

Pure: from the passages of ``Match.diff`` to what a template shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from detector import Passage

Mark = Literal["same", "changed", "only", "moved"]

_FACT = re.compile(r"\d[\d.,:%]*|(?<![.!?]\s)(?<!^)\b[^\W\d_a-z]\w+")  # a number, or a capital inside a sentence
_LEAST_FOLDED = 240  # characters of an unchanged row that is worth folding


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text on one side, all of one kind; ``fact`` when it names a number or a name that differs."""

    text: str
    mark: Mark
    fact: bool = False


@dataclass(slots=True)
class Row:
    """What stands beside each other, up to the end of a paragraph."""

    here: list[Piece] = field(default_factory=list)
    there: list[Piece] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether both sides read the same."""
        return all(piece.mark == "same" for piece in (*self.here, *self.there))

    @property
    def moved(self) -> bool:
        """Whether a passage of it stands in another place of the earlier text."""
        return any(piece.mark == "moved" for piece in self.here)

    @property
    def folded(self) -> bool:
        """Whether it may be folded: nothing of it tells the two texts apart, and it is long."""
        return self.same and sum(len(piece.text) for piece in self.here) >= _LEAST_FOLDED

    @property
    def words(self) -> int:
        """Words of the later text."""
        return sum(len(piece.text.split()) for piece in self.here)


def rows(passages: Sequence[Passage], later: str, earlier: str) -> list[Row]:
    """The passages of both texts as rows; each side's pieces, joined, are that text without its line breaks."""
    made = [Row()]
    reached = 0  # how far the earlier text has been read in order
    for passage in passages:
        here, there = later[passage.start : passage.end], earlier[passage.other_start : passage.other_end]
        moved = passage.kind == "equal" and passage.other_start < reached
        if passage.kind == "equal":
            _add_equal(made, here, there, "moved" if moved else "same")
        else:
            mark: Mark = "changed" if passage.kind == "changed" else "only"
            _add(made, here, there, mark)
        reached = max(reached, passage.other_end)
    return [row for row in made if row.here or row.there]


def _add_equal(made: list[Row], here: str, there: str, mark: Mark) -> None:
    """Split where both texts begin a new paragraph; a paragraph that is the same throughout has a row of its own."""
    left, right = here.split("\n\n"), there.split("\n\n")
    if len(left) != len(right):
        _put(made[-1].here, here, mark)
        _put(made[-1].there, there, mark)
        return
    for place, (one, other) in enumerate(zip(left, right, strict=True)):
        if place:
            made.append(Row())
        _put(made[-1].here, one, mark)
        _put(made[-1].there, other, mark)


def _add(made: list[Row], here: str, there: str, mark: Mark) -> None:
    for side, text, other in ((made[-1].here, here, there), (made[-1].there, there, here)):
        for piece, fact in _with_facts(text, other):
            _put(side, piece, mark, fact=fact)
    if here.endswith("\n\n") or there.endswith("\n\n"):
        made.append(Row())


def _put(side: list[Piece], text: str, mark: Mark, *, fact: bool = False) -> None:
    flat = re.sub(r"\s*\n\s*", " ", text)
    if flat:
        side.append(Piece(flat, mark, fact))


def _with_facts(text: str, other: str) -> Iterator[tuple[str, bool]]:
    """``text`` cut at the numbers and names that ``other`` lacks."""
    at = 0
    for found in _FACT.finditer(text):
        if found[0] not in other:
            yield text[at : found.start()], False
            yield found[0], True
            at = found.end()
    yield text[at:], False


@dataclass(frozen=True, slots=True)
class Fold:
    """Unchanged rows in a row, which a reader may open."""

    rows: tuple[Row, ...]

    @property
    def words(self) -> int:
        """Words in them."""
        return sum(row.words for row in self.rows)


def folded(all_rows: Iterable[Row]) -> list[Row | Fold]:
    """The rows with runs of long unchanged ones put together."""
    made: list[Row | Fold] = []
    for row in all_rows:
        before = made[-1] if made else None
        if not row.folded:
            made.append(row)
        elif isinstance(before, Fold):
            made[-1] = Fold((*before.rows, row))
        else:
            made.append(Fold((row,)))
    return made
