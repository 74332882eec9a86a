"""The candidates of a whole collection at once are those that an index would give each item in its turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from detector.dedup import Entry, MemoryIndex, sketch_text
from detector.dedup.collection import Columns, Gathering, lay
from detector.dedup.earlier import earlier, file_keys
from detector.dedup.order import Order, replaced
from detector.dedup.parts import Part
from detector.records import Sketch

START = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = [f"w{number}" for number in range(60)]


def _texts(draw: Random, count: int) -> list[str]:
    """Texts that share passages with one another, in crowds."""
    passages = [" ".join(draw.choices(WORDS, k=draw.randint(4, 40))) for _ in range(8)]
    return [" ".join(draw.sample(passages, draw.randint(1, 3))) for _ in range(count)]


def _sketch(text: str) -> Sketch:
    made = sketch_text(text)
    assert made is not None
    return made


def _columns(entries: list[Entry]) -> Columns:
    part = Part.of([entry.text for entry in entries])
    gathering = Gathering()
    gathering.add(lay(part.columns, part.sizes, None))
    return gathering.finish()


def _at_once(
    entries: list[Entry], since: list[datetime | None], limit: int, representatives: int, stretch: int
) -> list[list[int]]:
    count = len(entries)
    order = Order(
        np.arange(count),
        np.array([np.inf if entry.published is None else entry.published.timestamp() for entry in entries]),
        np.array([-np.inf if moment is None else moment.timestamp() for moment in since]),
        np.full(count, limit),
        np.zeros(count),
        *replaced([entry.item_id for entry in entries], [entry.sketch.digest for entry in entries]),
    )
    columns = _columns(entries)
    filed = file_keys(columns, order)
    found: list[list[int]] = []
    for first in range(0, count, stretch):
        places, ends = earlier(columns, order, filed, first, min(first + stretch, count), representatives)
        found += [own.tolist() for own in np.split(places, ends[:-1])]
    return found


def _in_turn(entries: list[Entry], since: list[datetime | None], limit: int, representatives: int) -> list[list[int]]:
    index, found = MemoryIndex(representatives=representatives), list[list[int]]()
    places: dict[tuple[str, str], int] = {}
    for place, (entry, moment) in enumerate(zip(entries, since, strict=True)):
        near = index.candidates(entry.sketch, limit=limit + 1, since=moment).entries
        others = [places[one.item_id, one.sketch.digest] for one in near if one.item_id != entry.item_id]
        found.append(others[:limit])
        before = index.get(entry.item_id)
        index.add(entry)
        if before is None or before.sketch.digest != entry.sketch.digest:
            places[entry.item_id, entry.sketch.digest] = place
    return found


@pytest.mark.parametrize("ids", [1000, 40])
@pytest.mark.parametrize("look_back", [None, 5])
@pytest.mark.parametrize("representatives", [64, 3])
def test_what_an_index_gives_in_turn_is_what_is_found_at_once(
    ids: int, look_back: int | None, representatives: int
) -> None:
    draw = Random(f"{ids} {look_back} {representatives}")
    entries = []
    for number, text in enumerate(_texts(draw, 120)):
        day = None if draw.random() < 0.1 else START + timedelta(days=number // 4 + draw.randint(-3, 3))
        item_id = str(draw.randrange(ids))
        entries.append(Entry(item_id, text, _sketch(text), kept=True, published=day))
    since = [
        None if look_back is None or entry.published is None else entry.published - timedelta(days=look_back)
        for entry in entries
    ]
    in_turn = _in_turn(entries, since, 6, representatives)
    at_once = _at_once(entries, since, 6, representatives, len(entries))
    assert at_once == in_turn
    assert _at_once(entries, since, 6, representatives, 7) == in_turn
    assert any(len(found) == 6 for found in at_once)


def test_of_nothing_nothing_is_found() -> None:
    places, moments = np.zeros(0, np.int64), np.zeros(0)
    order = Order(places, moments, moments, places, moments, places, places)
    columns = _columns([])
    found, ends = earlier(columns, order, file_keys(columns, order), 0, 0)
    assert found.size == ends.size == 0
