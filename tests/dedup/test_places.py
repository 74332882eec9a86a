"""Places by their keys, however they came there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.dedup.places import Places, likeliest_first

Keys = NDArray[np.uint32]


def _keys(generator: np.random.Generator, size: int) -> Keys:
    return np.unique(generator.integers(0, 40_000, size, dtype=np.uint32))


def _stocked(count: int) -> tuple[list[Keys], list[Keys]]:
    generator = np.random.default_rng(7)
    bands = [generator.integers(0, 5_000, 4, dtype=np.uint32) for _ in range(count)]
    return bands, [_keys(generator, int(generator.integers(1, 60))) for _ in range(count)]


def _one_by_one(bands: list[Keys], passages: list[Keys]) -> Places:
    places = Places(8)
    for one, other in zip(bands, passages, strict=True):
        places.add(one, other, None)
    return places


def _at_once(bands: list[Keys], passages: list[Keys], places: Places | None = None) -> Places:
    places = Places(8) if places is None else places
    sizes = np.array([one.size for one in passages], np.int32)
    places.fill(np.array(bands), np.concatenate(passages), sizes, np.full(sizes.size, np.inf))
    return places


@pytest.mark.parametrize("by_hand", [0, 700, 3_000])
def test_filling_at_once_finds_what_adding_one_by_one_finds(by_hand: int) -> None:
    bands, passages = _stocked(3_000)
    one_by_one = _one_by_one(bands, passages)
    mixed = _one_by_one(bands[:by_hand], passages[:by_hand])
    if by_hand < len(bands):
        _at_once(bands[by_hand:], passages[by_hand:], mixed)
    for band, passage in zip(bands[::97], passages[::97], strict=True):
        assert mixed.nearest(band, passage, limit=20) == one_by_one.nearest(band, passage, limit=20)


def test_places_that_were_given_up_do_not_crowd_a_bucket() -> None:
    bands, passages = _stocked(1)
    for places in (_one_by_one(bands * 60, passages * 60), _at_once(bands * 60, passages * 60)):
        for place in range(50):
            places.give_up(place)
        assert places.nearest(bands[0], passages[0], limit=5) == ([50, 51, 52, 53, 54], True)


def test_the_likeliest_are_ranked_by_tenths_of_what_is_shared_then_by_place_and_those_of_a_band_alone_last() -> None:
    generator = np.random.default_rng(11)
    for _ in range(500):
        by_band, by_passage = (
            np.sort(generator.choice(80, int(generator.integers(0, most)), replace=False)).astype(np.int32)
            for most in (12, 60)
        )
        sizes = generator.integers(1, 300, by_passage.size).astype(np.int32)
        size = int(generator.integers(1, 300))
        shared = generator.integers(1, np.minimum(sizes, size) + 1).astype(np.int32)
        tenths = dict(zip(by_passage.tolist(), np.round(shared / (np.minimum(sizes, size) + 4), 1), strict=True))
        worth = sorted((-tenth, place) for place, tenth in tenths.items() if tenth)
        alone = [place for place in by_band.tolist() if not tenths.get(place)]
        expected = [place for _, place in worth] + alone
        assert likeliest_first(by_band, by_passage, shared, sizes, size) == expected
