"""Postings on disk answer as a plain look over all items would."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detector.archive.buckets import Buckets, Spill, kept_only, postings_of, sharing

ITEMS, KEYS = 300, 4000
NONE = np.zeros(0, np.uint32)


def test_whoever_shares_a_key_is_found_and_the_keys_of_one_item_alone_take_no_room(tmp_path: Path) -> None:
    rng = np.random.default_rng(20261126)
    keys = rng.choice(2**32, KEYS, replace=False).astype(np.uint32)
    bands = [np.sort(rng.choice(keys, rng.integers(0, 30), replace=False)) for _ in range(ITEMS)]
    kept = (rng.random(ITEMS) < 0.8).astype(np.uint8)
    by_band, by_passage = Spill(tmp_path, "bands"), Spill(tmp_path, "passages")
    for place in rng.permutation(ITEMS).tolist():  # as shards come, not in the order
        by_band.add(postings_of(bands[place], place))
    whole, none = by_band.sorted(), by_passage.sorted()
    buckets = Buckets(kept_only(whole, kept, tmp_path / "bands.kept"), none, np.zeros(ITEMS, np.int32))

    for place in range(ITEMS):
        earlier = [at for at in range(place) if kept[at] and np.intersect1d(bands[at], bands[place]).size]
        assert list(buckets.nearest(bands[place], NONE, place, kept, ITEMS).places) == earlier
    for some in ([], [7], [3, 50, 200]):
        asked = np.concatenate([NONE, *(bands[at] for at in some)])
        others = [at for at in range(ITEMS) if at not in some and np.intersect1d(bands[at], asked).size]
        assert sorted({*sharing(whole, [bands[at] for at in some]).tolist()} - {*some}) == others
    _, holders = np.unique(np.concatenate(bands), return_counts=True)
    assert (holders == 1).any()
    assert whole.stat().st_size == 8 * holders[holders > 1].sum()
