"""Two texts side by side: what both say, what each says differently, and what only one of them says.

The shared passages of a match are the frame; what lies between two that follow one another on both sides is compared
word by word (Ratcliff and Obershelp 1988, as ``difflib`` has it). Nothing is lost: the passages tile both texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, Protocol

PassageKind = Literal["equal", "changed", "left", "right"]

_WORDS = 250  # on either side of a gap that is compared word by word; a longer one is another text altogether
# A word with its inner marks ("61,000", "won't") and what stands behind it; of scripts without spaces a character.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_CHUNK = re.compile(rf"[{_UNSPACED}]\W*|[^\W{_UNSPACED}]+(?:[.,:'’-][^\W{_UNSPACED}]+)*\W*|\W+")
_KINDS: dict[str, PassageKind] = {"equal": "equal", "replace": "changed", "delete": "left", "insert": "right"}


class Shared(Protocol):
    """A passage that both texts share, such as ``records.Span``."""

    @property
    def start(self) -> int: ...  # noqa: D102  # as in Span
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def other_start(self) -> int: ...  # noqa: D102
    @property
    def other_end(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one or both texts, as character offsets; the side that lacks it has an empty range there.

    ``left`` stands in the later text alone, ``right`` in the earlier alone. ``equal`` reads the same in both, whatever
    its case, marks and spacing.
    """

    kind: PassageKind
    start: int  # in the later text
    end: int
    other_start: int  # in the earlier text
    other_end: int


def side_by_side(later: str, earlier: str, shared: Sequence[Shared]) -> list[Passage]:
    """``later`` from its beginning to its end, beside what ``earlier`` has in each place.

    Taken in order, the ranges of the later text tile it; those of the earlier one tile it too, in order except where
    a passage was moved: it stands where the later text has it.

    >>> [(p.kind, p.start, p.end, p.other_start, p.other_end) for p in side_by_side("so 61 sailed", "so 64 sailed", [])]
    [('equal', 0, 3, 0, 3), ('changed', 3, 6, 3, 6), ('equal', 6, 12, 6, 12)]
    """
    here = sorted(shared, key=lambda span: span.start)
    there = sorted(shared, key=lambda span: span.other_start)
    follower = dict(zip([None, *map(_key, there)], [*there, None], strict=True))
    found: list[Passage] = []
    for before, after in zip([None, *here], [*here, None], strict=True):
        next_there = follower[_key(before) if before else None]
        gap = Passage(
            "changed",
            before.end if before else 0,
            after.start if after else len(later),
            before.other_end if before else 0,
            next_there.other_start if next_there else len(earlier),
        )
        found += _compared(gap, later, earlier) if next_there is after else _apart(gap)
        if after:
            found.append(Passage("equal", after.start, after.end, after.other_start, after.other_end))
    return list(_joined(found))


def _key(span: Shared) -> tuple[int, int]:
    return span.start, span.other_start


def _apart(gap: Passage) -> list[Passage]:
    """A gap whose two sides do not belong together, or of which one is empty."""
    left = Passage("left", gap.start, gap.end, gap.other_start, gap.other_start)
    right = Passage("right", gap.end, gap.end, gap.other_start, gap.other_end)
    return [
        passage for passage, size in ((left, gap.end - gap.start), (right, gap.other_end - gap.other_start)) if size
    ]


def _compared(gap: Passage, later: str, earlier: str) -> list[Passage]:
    """The same gap in both texts: the marks with which both begin and end, and the words between."""
    here, there = later[gap.start : gap.end], earlier[gap.other_start : gap.other_end]
    head = _same_marks(here, there)
    tail = _same_marks(here[head:][::-1], there[head:][::-1])
    inner = Passage("changed", gap.start + head, gap.end - tail, gap.other_start + head, gap.other_end - tail)
    pieces = [
        Passage("equal", gap.start, inner.start, gap.other_start, inner.other_start),
        *_words_compared(inner, later, earlier),
        Passage("equal", inner.end, gap.end, inner.other_end, gap.other_end),
    ]
    return [piece for piece in pieces if piece.end > piece.start or piece.other_end > piece.other_start]


def _same_marks(here: str, there: str) -> int:
    """How many marks and spaces two strings begin with alike."""
    count = 0
    for one, other in zip(here, there, strict=False):
        if one != other or one.isalnum():
            break
        count += 1
    return count


def _words_compared(gap: Passage, later: str, earlier: str) -> list[Passage]:
    if gap.start == gap.end or gap.other_start == gap.other_end:
        return _apart(gap)
    here, there = _CHUNK.findall(later[gap.start : gap.end]), _CHUNK.findall(earlier[gap.other_start : gap.other_end])
    if max(len(here), len(there)) > _WORDS:
        return [gap]
    a, b = _places(gap.start, here), _places(gap.other_start, there)
    steps = SequenceMatcher(None, [*map(str.rstrip, here)], [*map(str.rstrip, there)], autojunk=False).get_opcodes()
    return [Passage(_KINDS[tag], a[i0], a[i1], b[j0], b[j1]) for tag, i0, i1, j0, j1 in steps]


def _places(start: int, chunks: list[str]) -> list[int]:
    places = [start]
    for chunk in chunks:
        places.append(places[-1] + len(chunk))
    return places


def _joined(passages: list[Passage]) -> Iterator[Passage]:
    """Neighbours of one kind as one passage, where they touch in both texts."""
    held: Passage | None = None
    for passage in passages:
        if held and (held.kind, held.end, held.other_end) == (passage.kind, passage.start, passage.other_start):
            held = Passage(held.kind, held.start, passage.end, held.other_start, passage.other_end)
            continue
        if held:
            yield held
        held = passage
    if held:
        yield held
