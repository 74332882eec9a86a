"""What a shard gives away of itself."""

from pathlib import Path

import numpy as np

from detector.archive import make_plan
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
