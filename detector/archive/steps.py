"""The batch's steps, pure: rows → examined items → an order → a verdict on each, given those before it.

A runner (``local``, ``spark``) holds only map, group and write; both call these, so that their plans are the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Protocol

import numpy as np

from detector.archive.formats import Quarantined, RawRow, Row, parse
from detector.archive.formats.json_bytes import dumps, loads_own
from detector.archive.shards import BANDING, Keys, Prepared, slim
from detector.clean import SourceMemory
from detector.dedup import Entry, matches
from detector.keep import sort_key, sort_keys, why
from detector.pipeline import (
    entry_of,
    examine,
    later_entry_of,
    lines_of,
    look_back,
    without_what_its_source_repeats,
)
from detector.policy import Policy
from detector.records import Dropped, Examined, Match, Verdict
from detector.verdict import decide

_LINE_SHOWN = 120  # characters of a stripped line in the report
_LEARNABLE = 8  # items of a source, below which it cannot be seen to repeat anything
_NO_KEYS: Keys = np.zeros(0, np.uint32)


def prepare(raws: Iterable[RawRow]) -> tuple[list[Prepared], list[Quarantined]]:
    """Examine the items in some rows; what is no item is quarantined."""
    prepared: list[Prepared] = []
    quarantined: list[Quarantined] = []
    for raw in raws:
        row = parse(raw)
        if isinstance(row, Quarantined):
            quarantined.append(row)
        else:
            prepared.append(_prepare(row))
    return prepared, quarantined


def _prepare(row: Row) -> Prepared:
    examined = examine(row.item)
    stripped = tuple(map(_shown, examined.text.dropped))
    return Prepared(
        row.file, row.number, row.place, row.digest, slim(examined), bands_of(examined), row.notes, stripped
    )


def bands_of(examined: Examined) -> Keys:
    """One key a band; none for a text without a token."""
    return BANDING.keys(examined.sketch) if examined.sketch else _NO_KEYS


def _shown(dropped: Dropped) -> tuple[str, str]:
    return dropped.reason, " ".join(dropped.text[: 2 * _LINE_SHOWN].split())[:_LINE_SHOWN]


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of every item at once: enough to find repeated rows and to put all in order."""

    item_id: str
    digest: str  # of its row
    key: bytes  # by which the policy's order sorts
    file: int
    number: int
    place: str
    title: str
    source: str
    moment: float  # seconds since 1970; infinite for an undated item
    sketch: str  # digest of the normalised text; empty without a token
    passages: int  # how many passage keys
    rejected: bool  # for what it is, whatever came before


def outline(one: Prepared, policy: Policy) -> Outline:
    """The outline of an examined item."""
    item, sketch = one.examined.item, one.examined.sketch
    return Outline(
        item.id, one.digest, sort_key(policy.criteria(one.examined)), one.file, one.number, one.place,
        one.examined.text.title[:80], item.source or "",
        item.published.timestamp() if item.published else math.inf,
        sketch.digest if sketch else "", sketch.passages.size if sketch else 0,
        decide(one.examined, (), policy).action == "reject",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unique:
    """Which rows are items, and what becomes of the others."""

    rows: dict[tuple[int, int], int]  # file and number of an item's row → how many times the row stands there
    quarantined: list[Quarantined]


def unique(outlines: Iterable[Outline]) -> Unique:
    """One item for each id.

    A row that stands in the archive more than once counts as one item. Of unlike rows under one id the first in order
    stays and the others are quarantined: which that is depends on the rows, not on where they stand.
    """
    ordered = sorted(outlines, key=lambda o: (o.item_id, o.key, o.digest, o.file, o.number))
    rows: dict[tuple[int, int], int] = {}
    quarantined: list[Quarantined] = []
    for _, rows_of_id in groupby(ordered, key=lambda o: o.item_id):
        first: Outline | None = None
        for _, same in groupby(rows_of_id, key=lambda o: o.digest):
            found = list(same)
            if first is None:
                first = found[0]
                rows[first.file, first.number] = len(found)
            else:
                quarantined += [same_id(one, first) for one in found]
    return Unique(rows, quarantined)


def same_id(one: Outline, other: Outline) -> Quarantined:
    """Why a row is no item: another row, which stays, has its id."""
    error = f"the id {one.item_id!r} stands at {other.place} too, with other content; make ids unique"
    return Quarantined(one.file, one.number, error, one.title, one.place)


Memories = dict[str, SourceMemory]


def learn(lessons: Iterable[tuple[str | None, list[str]]], sources: Collection[str]) -> Memories:
    """What some sources print on their items, given each item's source and paragraphs; memories of lots add up."""
    memories: Memories = {}
    for source, lines in lessons:
        if source and source in sources:
            memories.setdefault(source, SourceMemory()).observe(lines)
    return memories


def lesson(one: Prepared) -> tuple[str | None, list[str]]:
    """An item's source, and the paragraphs by which a memory learns what that source repeats."""
    return one.examined.item.source, [*lines_of(one.examined.text), *one.repeated]


def merge_memories(lots: Iterable[Memories]) -> Memories:
    """The memories of several lots as one."""
    whole: Memories = {}
    for lot in lots:
        for source, memory in lot.items():
            whole.setdefault(source, SourceMemory()).merge(memory)
    return whole


def learnable(counts: Iterable[tuple[str, int]]) -> set[str]:
    """The sources with items enough to show what they repeat."""
    return {source for source, items in counts if source and items >= _LEARNABLE}


def strip(one: Prepared, memories: Memories, spared: Collection[str]) -> Prepared:
    """An item without what its source repeats, but for the lines that a person wants kept; often itself."""
    memory = memories.get(one.examined.item.source or "")
    if memory is None:
        return one
    examined = without_what_its_source_repeats(one.examined, memory, spared=spared)
    if examined is one.examined:
        return one
    gone = examined.text.dropped
    return replace(
        one,
        examined=slim(examined),
        bands=bands_of(examined),
        stripped=one.stripped + tuple(map(_shown, gone)),
        repeated=one.repeated + tuple(piece.text for piece in gone),
    )


def earliest_of(one: Prepared, policy: Policy) -> float:
    """From when on a copy of an item is looked for, in seconds since 1970."""
    if one.examined.sketch is None:
        return -math.inf
    here = policy.applied_to(one.examined.item)
    since = look_back(entry_of(one.examined, one.examined.sketch, kept=True), here)
    return -math.inf if since is None else since.timestamp()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an item, and of which earlier items that follows."""

    near: tuple[int, ...]  # their places
    cut: bool  # whether the look was cut
    kept: bool  # whether later items are compared with it
    row: dict[str, Any]  # as it stands in the plan, but for ``rows``

    def as_json(self) -> bytes:
        """A line, without its end."""
        return dumps([self.near, self.cut, self.kept, self.row])

    @classmethod
    def from_json(cls, line: bytes) -> Outcome:
        """What ``as_json`` gave."""
        near, cut, kept, row = loads_own(line)
        return cls(tuple(near), cut, kept, row)


def candidate_limit(one: Prepared, policy: Policy) -> int:
    """How many earlier items are compared with an item at most."""
    return policy.applied_to(one.examined.item).candidates


def verify(one: Prepared, candidates: Sequence[Entry], truncated: bool, policy: Policy) -> Verdict:
    """The verdict on an item, given the earlier items that may say the same."""
    examined = one.examined
    if examined.sketch is None or not candidates:
        return decide(examined, (), policy, truncated=truncated)
    entry = later_entry_of(examined, examined.sketch)
    return decide(examined, matches(entry, candidates), policy, truncated=truncated)


def settled(one: Prepared, near: Sequence[int], cut: bool, others: Mapping[int, Other], policy: Policy) -> Outcome:
    """What becomes of an item, given the earlier items near it by their places, the likeliest first."""
    entries = {place: others[place].entry for place in near}
    verdict = verify(one, [entry for entry in entries.values() if entry], cut, policy)
    stays = None
    if verdict.action == "reject" and (match := shown_match(verdict)):
        place = next(place for place, entry in entries.items() if entry and entry.item_id == match.of)
        stays = reason_to_keep(others[place].prepared(), one, policy)
    kept = verdict.action != "reject" and one.examined.sketch is not None
    return Outcome(tuple(near), cut, kept, row_of(one, verdict, stays))


class Other(Protocol):
    """An earlier item that another is compared with."""

    @property
    def entry(self) -> Entry | None:
        """As it is compared; None for a text without a token."""
        ...

    def prepared(self) -> Prepared:
        """As it was examined."""
        ...


def reason_to_keep(one: Prepared, other: Prepared, policy: Policy) -> str:
    """Why, of two copies, ``one`` stays and not ``other``."""
    stays, goes = policy.criteria(one.examined), policy.criteria(other.examined)
    return why([name for name, _ in stays], sort_keys(stays), sort_keys(goes))


def row_of(one: Prepared, verdict: Verdict, stays: str | None) -> dict[str, Any]:
    """An item's row of the plan; ``stays``: why the copy that it repeats stays and not this one."""
    item, match = one.examined.item, shown_match(verdict)
    return {
        "id": item.id,
        "action": verdict.action,
        "reasons": [{"code": str(reason), "detail": reason.detail} for reason in verdict.reasons],
        "of": match.of if match else None,
        "stays": stays,
        "kind": match.kind if match else None,
        "score": _rounded(match.score if match else None),
        "jaccard": _rounded(match.jaccard if match else None),
        "containment": _rounded(match.containment if match else None),
        "coverage": _rounded(match.coverage if match else None),
        "matches": len(verdict.matches),
        "truncated": verdict.truncated,
        "quality": {"score": _rounded(verdict.quality.score), "label": verdict.quality.label},
        "title": one.examined.text.title,
        "source": item.source,
        "published": item.published.isoformat() if item.published else None,
        "characters": len(one.examined.text.text),
        "digest": one.digest,
        "notes": [*one.notes, *(f"{note}: {note.detail}" for note in one.examined.text.notes)],
    }


def shown_match(verdict: Verdict) -> Match | None:
    """The match that an item's row names: the surest one that the verdict acts on, else the surest of all."""
    return next((m for m in verdict.matches if m.is_duplicate), verdict.matches[0] if verdict.matches else None)


def _rounded(value: float | None) -> float | None:
    """Six digits: enough to tell values apart, and the same on every machine."""
    return None if value is None else round(value, 6)


def line_of(row: dict[str, Any]) -> str:
    """A row as a line of the plan."""
    return json.dumps(row, ensure_ascii=False) + "\n"
