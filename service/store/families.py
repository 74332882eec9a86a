"""Items that copy one another, by the matches that were stored with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from detector import Difference, Match, Span
from service.store.items import CURRENT
from service.store.records import StoredItem
from service.tables import items, matches, versions

COPIES = ("exact", "near", "contained", "contains", "update")
_OFFSETS = ("start", "end", "other_start", "other_end")
_MOST = 500  # items in a family that is looked at
_AT_ONCE = 200  # items that are asked for in one query


@dataclass(frozen=True, slots=True)
class Family:
    """The items around one, and the matches between them, the surest of each item first."""

    seqs: tuple[int, ...]  # in order of arrival
    matches: tuple[Match, ...]
    truncated: bool  # there are more


def around(connection: Connection, item_seq: int) -> Family:
    """Everything that copies an item, that it copies, that copies these, and so on."""
    known, waiting, links = {item_seq}, [item_seq], dict[tuple[int, int], tuple[int, Match]]()
    while waiting and len(known) < _MOST:
        asked, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        for later, earlier, rank, match in _links(connection, asked):
            links[later, rank] = (earlier, match)
            for seq in (later, earlier):
                if seq not in known:
                    known.add(seq)
                    waiting.append(seq)
    seqs = sorted(known)[:_MOST]
    ordered = [match for (later, _), (_, match) in sorted(links.items(), key=lambda link: link[0]) if later in known]
    return Family(tuple(seqs), tuple(ordered), truncated=bool(waiting))


def copies_below(connection: Connection, item_seq: int) -> set[int]:
    """The items whose current text copies this one, or a copy of it."""
    below: set[int] = set()
    waiting = [item_seq]
    while waiting and len(below) < _MOST:
        asked, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        query = select(items.c.seq).select_from(CURRENT.join(matches, matches.c.version_seq == versions.c.seq))
        query = query.where(matches.c.of_item_seq.in_(asked), matches.c.kind.in_(COPIES))
        found = {row.seq for row in connection.execute(query)} - below - {item_seq}
        below |= found
        waiting += sorted(found)
    return below


def with_texts(connection: Connection, item: StoredItem) -> list[tuple[dict[str, Any], str | None]]:
    """The matches of an item as they were answered, each with the other's text as it was then; None: it was deleted."""
    query = select(matches.c.answer, versions.c.text)
    query = query.select_from(matches.join(versions, versions.c.seq == matches.c.of_version_seq, isouter=True))
    query = query.where(matches.c.version_seq == item.version_seq).order_by(matches.c.rank)
    return [(json.loads(row.answer), row.text) for row in connection.execute(query)]


def _links(connection: Connection, seqs: Iterable[int]) -> list[tuple[int, int, int, Match]]:
    wanted = list(seqs)
    query = select(items.c.seq, items.c.id, matches.c.of_item_seq, matches.c.rank, matches.c.answer)
    query = query.select_from(CURRENT.join(matches, matches.c.version_seq == versions.c.seq))
    touches = or_(items.c.seq.in_(wanted), matches.c.of_item_seq.in_(wanted))
    query = query.where(touches, matches.c.of_item_seq.is_not(None), matches.c.kind.in_((*COPIES, "related")))
    rows = connection.execute(query.order_by(items.c.seq, matches.c.rank).limit(20 * _MOST))
    return [(row.seq, row.of_item_seq, row.rank, _match(row.id, json.loads(row.answer))) for row in rows]


def _match(item_id: str, answer: dict[str, Any]) -> Match:
    numbers = {name: answer[name] for name in ("jaccard", "containment", "coverage", "score")}
    differs = tuple(Difference(**difference) for difference in answer["differs"])
    return Match(
        item_id=item_id,
        of=answer["id"],
        kind=answer["kind"],
        spans=tuple(Span(*(passage[name] for name in _OFFSETS)) for passage in answer["passages"]),
        differs=differs,
        **numbers,
    )
