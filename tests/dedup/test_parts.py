"""Many texts read at once are what each is when it is read alone."""

from __future__ import annotations

from random import Random

import numpy as np

from detector.dedup.bands import Banding
from detector.dedup.normalise import tokenise
from detector.dedup.parts import Part
from detector.dedup.sketch import sketch

PIECES = [
    *("The ferry", "company’s", "chil-\ndren", "1,234.5", "no.", "Anglo-\nSaxon", "»Quoted« ", "été", "STRAßE", "a"),
    *("Россия", "東京都", "\U0001f6a2", "\ud800", "\x00", "\n\n", "   ", "…", "x" * 40, "4th", "\u200b"),
]


def _text(draw: Random, pieces: list[str]) -> str:
    return " ".join(draw.choices(pieces, k=draw.choice((0, 1, 2, 30, 200))))


def _assert_read_alike(texts: list[str]) -> None:
    part = Part.of(texts)
    assert part.texts == texts
    edges = np.concatenate((np.zeros((1, 3), np.int64), np.cumsum(part.sizes, axis=0)))
    for k, text in enumerate(texts):
        (t0, s0, p0), (t1, s1, p1) = edges[k].tolist(), edges[k + 1].tolist()
        tokens = tokenise(text)
        for name in ("hashes", "flags", "starts", "ends"):
            assert np.array_equal(getattr(part, name)[t0:t1], getattr(tokens, name))
        if not len(tokens):
            assert (part.digests[k], s0, p0) == ("", s1, p1)
            continue
        one = sketch(tokens)
        assert part.digests[k] == one.digest
        assert np.array_equal(part.shingles[s0:s1], one.shingles)
        assert np.array_equal(part.passages[p0:p1], one.passages)
        assert np.array_equal(part.bands[k], Banding().keys(one))


def test_many_texts_are_read_as_each_alone() -> None:
    draw = Random(4)
    narrow = [piece for piece in PIECES if max(map(ord, piece)) < 256]
    for pieces in (narrow, [*narrow, "Россия"], PIECES):  # of one, two and four bytes a character
        for count in (0, 1, 2, 60):
            _assert_read_alike([_text(draw, pieces) for _ in range(count)])


def test_a_part_without_any_token_is_empty() -> None:
    part = Part.of(["", "…", " \n"])
    assert part.digests == ["", "", ""]
    assert part.hashes.size == part.shingles.size == part.passages.size == 0
    assert part.sizes.tolist() == [[0, 0, 0]] * 3
