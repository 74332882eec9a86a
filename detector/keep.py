"""Which copy of a story stays: the criteria of a keep policy, in the order in which they are asked.

What comes first in the order is what stays, so a criterion is a value that sorts the better copy first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from detector.records import Examined

Keep = Literal["earliest", "most_complete", "source_rank", "best"]
Criteria = tuple[tuple[str, Any], ...]  # name and value, the smaller value first

# How agencies and sites mark an item that they took back.
_RETRACTED = re.compile(
    r"^\W*(?:retracted|retraction|withdrawn|removed|(?-i:KILL|KILLED|WITHDRAWAL))\b\s*[-–—:\])]", re.I
)
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)


def criteria(examined: Examined, keep: Keep, source_rank: Sequence[str] = ()) -> Criteria:
    """What decides whether ``examined`` stays, the first criterion in front; the id comes last, so no two are equal."""
    item = examined.item
    earliest: Criteria = (("earliest", (item.published is None, item.published or _EPOCH)), ("id", item.id))
    if keep == "earliest":
        return earliest
    text = examined.text.text
    rank = source_rank.index(item.source) if item.source in source_rank else len(source_rank)
    if keep == "most_complete":
        return (("most_complete", -len(text)), *earliest)
    if keep == "source_rank":
        return (("source_rank", rank), *earliest)
    return (
        ("not_retracted", bool(_RETRACTED.match(item.title or text[:200]))),
        ("newest_version", _newest_first(item.version)),
        ("source_rank", rank),
        ("quality", round(examined.quality.score * 1000)),
        ("most_complete", -len(text)),
        *earliest,
    )


def _newest_first(version: str | None) -> tuple[int, ...]:
    """A version's numbers so that "2.1" sorts before "2", and both before an item without one."""
    numbers = [-min(int(number), 2**62) for number in re.findall(r"\d{1,18}", version or "")]
    return (*numbers, 1)


def sort_key(of: Criteria) -> bytes:
    r"""The criteria's values as bytes that sort as they do: the same order in Python, on disk and in Spark.

    >>> sort_key((("most_complete", -7), ("id", "a"))) < sort_key((("most_complete", -6), ("id", "a")))
    True
    """
    return b"".join(piece for _, value in of for piece in _sortable(value))


def _sortable(value: Any) -> Iterator[bytes]:
    if isinstance(value, bool):
        yield b"\1" if value else b"\0"
    elif isinstance(value, int):
        yield (value + 2**63).to_bytes(8, "big")
    elif isinstance(value, str):
        yield value.encode("utf-8", "surrogatepass") + b"\0"
    elif isinstance(value, datetime):
        moment = value - _EPOCH
        yield (moment.days * 86_400_000_000 + moment.seconds * 1_000_000 + moment.microseconds).to_bytes(8, "big")
    else:
        for part in value:
            yield from _sortable(part)


_BECAUSE = {
    "not_retracted": "it was not retracted",
    "newest_version": "it is the newer version",
    "source_rank": "its source ranks higher",
    "quality": "it has less filler",
    "most_complete": "it is the more complete",
    "earliest": "it is the earlier",
    "id": "both are of one moment, and its id comes first",
}


def why(names: Sequence[str], stays: Sequence[bytes], goes: Sequence[bytes]) -> str:
    """Why one copy stays and not the other: by the first criterion, called ``names``, that tells them apart."""
    for name, one, other in zip(names, stays, goes, strict=True):
        if one != other:
            return _BECAUSE[name]
    return _BECAUSE["id"]


def sort_keys(of: Criteria) -> list[bytes]:
    """``sort_key`` in pieces, one a criterion."""
    return [b"".join(_sortable(value)) for _, value in of]
