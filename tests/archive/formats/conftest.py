"""What the tests of formats share: what is read of some sources, and a plan that is made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detector.archive.formats import (
    USUAL,
    Fate,
    FieldMapping,
    Quarantined,
    RawRow,
    Row,
    find_sources,
    parse,
    read,
    read_shard,
    shards,
)
from detector.archive.write import distribute
from detector.records import Item

Reads = Callable[..., tuple[list[Item], list[Quarantined]]]
Writes = Callable[..., Path]


def read_all(*addresses: str | Path, mapping: FieldMapping = USUAL) -> tuple[list[Item], list[Quarantined]]:
    """Items and what was quarantined; what is read shard by shard must be the same."""
    sources = find_sources(addresses, mapping)
    raws = list(read(sources))
    assert [raw for shard in shards(sources, 1000) for raw in read_shard(shard)] == raws
    assert [raw.number for raw in raws] == sorted(raw.number for raw in raws) or len(sources) > 1
    found = [parse(raw) for raw in raws]
    return [row.item for row in found if isinstance(row, Row)], [row for row in found if isinstance(row, Quarantined)]


@pytest.fixture
def reads() -> Reads:
    return read_all


@pytest.fixture
def writes(tmp_path: Path) -> Writes:
    def write(*addresses: str | Path, remove: set[str]) -> Path:
        """Where it was written, as a plan that removes the items with these ids would."""

        def judge(raw: RawRow) -> Fate:
            row = parse(raw)
            if isinstance(row, Quarantined):
                return "quarantined"
            return "removed" if row.item.id in remove else "kept"

        out = tmp_path / "out"
        distribute(find_sources(addresses), judge, out)
        return out

    return write
