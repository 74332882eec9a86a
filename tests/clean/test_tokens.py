"""Searches in a page's bytes, which look at 64 of them at once: right at every distance, and never beyond an end."""

from __future__ import annotations

import numpy as np
import pytest

from detector.clean.guard import guard
from detector.clean.tokens import find, find_within


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 127, 128, 200])
def test_a_byte_is_found_where_python_finds_it(size: int) -> None:
    for place in (-1, *range(0, size, 7), size - 1):
        page = bytearray(b"a" * size)
        if 0 <= place < size:
            page[place] = 0x3C
        for start in (0, 1, max(place, 0), place + 1, size, size + 1):
            assert find(np.frombuffer(page, dtype=np.uint8), start, 0x3C) == page.find(b"<", start)


def test_what_stands_behind_the_end_of_a_search_is_not_found() -> None:
    page = np.frombuffer(b"a" * 70 + b"<" + b"a" * 200, dtype=np.uint8)
    assert [find_within(page, 0, end, 0x3C) for end in (70, 71, 200)] == [-1, 70, 70]
    assert find_within(page, 71, 271, 0x3C) == -1


@pytest.mark.parametrize("distance", [1, 2, 61, 62, 63, 64, 65, 126, 127, 128])
def test_comments_and_scripts_end_at_every_distance(distance: int) -> None:
    filling = "x" * distance
    page = f"<p>a<!--{filling}->-{filling}-->b<script>{filling}</scrip>{filling}</SCRIPT>c</p>"
    assert guard(page).markup == b"<p>abc</p>"
