"""What a shard gives away of itself."""

from pathlib import Path

import numpy as np
import pytest

from detector.archive import cutting, make_plan, shards
from detector.archive.formats import jsonl
from detector.archive.shards import ShardReader
from detector.policy import Policy

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_what_is_held_of_an_item_does_not_hold_its_file_in_memory(tmp_path: Path) -> None:
    make_plan([FIXTURES / "archive.jsonl"], tmp_path / "plan", Policy(), 1)
    reader = ShardReader(next((tmp_path / "plan").rglob("000000.shard")).parent)
    entry, in_the_file = reader.entry(0, 0), reader[0].shingles(0)
    assert entry is not None
    assert entry.sketch.shingles.tolist() == in_the_file.tolist()
    assert not np.shares_memory(entry.sketch.shingles, in_the_file)
    assert not np.shares_memory(entry.sketch.passages, in_the_file)


def test_of_many_shards_single_items_are_read_as_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "_ROWS", 16)
    monkeypatch.setattr(jsonl, "_BLOCK", 2048)
    make_plan([FIXTURES / "archive.jsonl"], tmp_path / "few", Policy(), 1)
    folder = next((tmp_path / "few").rglob("000000.shard")).parent
    mapped, few = ShardReader(folder), ShardReader(folder, singly=True)
    monkeypatch.setattr(shards, "_OPEN", 3)
    sparse = ShardReader(folder, singly=True)
    assert [type(reader[0]).__name__ for reader in (mapped, few, sparse)] == ["ShardFile", "ShardFile", "_SparseShard"]
    for number in range(5):
        assert sparse[number].items == mapped[number].items
        for row in range(mapped[number].items):
            assert repr(sparse.entry(number, row)) == repr(mapped.entry(number, row))
            assert repr(sparse[number].prepared(row)) == repr(mapped[number].prepared(row))
            assert sparse[number].bands(row).tolist() == mapped[number].bands(row).tolist()
    make_plan([FIXTURES / "archive.jsonl"], tmp_path / "many", Policy(), 1)
    for name in ("plan.jsonl", "samples.json"):
        assert (tmp_path / "many" / name).read_bytes() == (tmp_path / "few" / name).read_bytes()
