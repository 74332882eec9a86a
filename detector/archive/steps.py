"""The batch's steps, pure: rows → examined items, items in the policy's order, verdicts in that order.

A runner (``local``) holds only map, group and write; every engine calls these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from detector.archive.formats import Quarantined, RawRow, Row, parse
from detector.clean import SourceMemory
from detector.pipeline import Detector, examine, without_what_its_source_repeats
from detector.records import Dropped, Examined, Verdict
from detector.verdict import Policy

_LINE_SHOWN = 120  # characters of a stripped line in the report


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row after examination, without its body: what waits in memory until its turn comes."""

    file: int
    number: int
    digest: str
    examined: Examined
    notes: tuple[str, ...]
    place: str
    stripped: tuple[tuple[str, str], ...]  # reason and beginning of each dropped piece
    rows: int = 1  # how many times the same row stands in the archive


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
    stripped = tuple(_shown(dropped) for dropped in examined.text.dropped)
    return Prepared(row.file, row.number, row.digest, _slim(examined), row.notes, row.place, stripped)


def _slim(examined: Examined) -> Examined:
    """Without the body and what was dropped from it, which only the item's own examination needs."""
    text = replace(examined.text, dropped=(), fragment=None)
    return replace(examined, item=replace(examined.item, body=""), text=text)


def _shown(dropped: Dropped) -> tuple[str, str]:
    return dropped.reason, " ".join(dropped.text[: 2 * _LINE_SHOWN].split())[:_LINE_SHOWN]


def in_order(prepared: Iterable[Prepared], policy: Policy) -> tuple[list[Prepared], list[Quarantined]]:
    """The items in the policy's order, one for each id.

    A line that stands in the archive more than once counts as one item. Of unlike lines under one id the first
    in order stays and the others are quarantined: which that is depends on the lines, not on where they stand.
    """
    ordered = sorted(prepared, key=lambda p: (policy.order(p.examined), p.digest, p.file, p.number))
    kept: dict[str, Prepared] = {}
    quarantined: list[Quarantined] = []
    for digest_key, group in groupby(ordered, key=lambda p: (p.examined.item.id, p.digest)):
        same = list(group)
        item_id = digest_key[0]
        if item_id in kept:
            quarantined += [_same_id(p, kept[item_id]) for p in same]
        else:
            kept[item_id] = replace(same[0], rows=len(same))
    return list(kept.values()), quarantined


def _same_id(one: Prepared, other: Prepared) -> Quarantined:
    error = f"the id {one.examined.item.id!r} stands at {other.place} too, with other content; make ids unique"
    return Quarantined(one.file, one.number, error, one.examined.text.title[:80], one.place)


def without_repeats(ordered: list[Prepared]) -> list[Prepared]:
    """The items without what their sources repeat: every item is counted first, then each is looked at again."""
    memories: dict[str, SourceMemory] = {}
    for one in ordered:
        if source := one.examined.item.source:
            memories.setdefault(source, SourceMemory()).observe(one.examined.text.paragraphs)
    return [_without_repeats(one, memories.get(one.examined.item.source or "")) for one in ordered]


def _without_repeats(one: Prepared, memory: SourceMemory | None) -> Prepared:
    if memory is None:
        return one
    examined = without_what_its_source_repeats(one.examined, memory)
    if examined is one.examined:
        return one
    stripped = one.stripped + tuple(_shown(dropped) for dropped in examined.text.dropped)
    return replace(one, examined=_slim(examined), stripped=stripped)


def settle(ordered: Iterable[Prepared], policy: Policy) -> Iterator[tuple[Prepared, Verdict]]:
    """A verdict on each item, given those before it: the service's own steps, replayed."""
    detector = Detector(policy=policy)
    for one in ordered:
        verdict = detector.judge(one.examined)
        detector.remember(one.examined, verdict)
        yield one, verdict


def stripped_most(prepared: Iterable[Prepared]) -> Counter[tuple[str, str]]:
    """How often each (reason, line) was taken out."""
    return Counter(piece for one in prepared for piece in one.stripped)
