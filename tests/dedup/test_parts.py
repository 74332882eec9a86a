"""Many texts read at once are what each is when it is read alone."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np

from detector.dedup.bands import Banding
from detector.dedup.collection import Gathering, lay, map_columns
from detector.dedup.normalise import tokenise
from detector.dedup.parts import Part
from detector.dedup.sketching import sketch

PIECES = [
    *("The ferry", "company’s", "chil-\ndren", "1,234.5", "no.", "Anglo-\nSaxon", "»Quoted« ", "été", "STRAßE", "a"),
    *("Россия", "東京都", "\U0001f6a2", "\ud800", "\x00", "\n\n", "   ", "…", "x" * 40, "4th", "\u200b"),
]


def _text(draw: Random, pieces: list[str]) -> str:
    return " ".join(draw.choices(pieces, k=draw.choice((0, 1, 2, 30, 200))))


def _assert_read_alike(texts: list[str]) -> None:
    part = Part.of(texts)
    gathering = Gathering()
    gathering.add(lay(part.columns, part.sizes, None))
    columns = gathering.finish()
    for k, text in enumerate(texts):
        tokens, (first, behind) = tokenise(text), columns.tokens[k].tolist()
        assert columns.text(k) == text
        for name in ("hashes", "flags", "starts", "ends"):
            assert np.array_equal(getattr(columns, name)[first:behind], getattr(tokens, name))
        if not len(tokens):
            assert part.digests[k] == ""
            assert columns.shingles_of(k).size == 0
            continue
        one = sketch(tokens)
        assert part.digests[k] == one.digest
        assert np.array_equal(columns.shingles_of(k), one.shingles)
        assert np.array_equal(columns.passages[slice(*columns.sampled[k].tolist())], one.passages)
        assert np.array_equal(columns.bands[slice(*columns.banded[k].tolist())], Banding().keys(one))


def test_many_texts_are_read_as_each_alone() -> None:
    draw = Random(4)
    narrow = [piece for piece in PIECES if max(map(ord, piece)) < 256]
    for pieces in (narrow, [*narrow, "Россия"], PIECES):  # of one, two and four bytes a character
        for count in (0, 1, 2, 60):
            _assert_read_alike([_text(draw, pieces) for _ in range(count)])


def test_a_part_without_any_token_is_empty() -> None:
    part = Part.of(["", "…", " \n"])
    assert part.digests == ["", "", ""]
    assert not any(part.columns[name].size for name in ("hashes", "shingles", "passages"))
    assert part.sizes[:, [0, 3, 4]].tolist() == [[0, 0, 0]] * 3


def test_columns_that_are_put_into_files_in_any_order_are_those_in_memory(tmp_path: Path) -> None:
    parts = [Part.of([f"The ferry {k} sailed from Wexcombe at {k} on Monday.", "été" * k]) for k in range(4)]
    laid = {k: lay(parts[k].columns, parts[k].sizes, tmp_path) for k in (2, 0, 3, 1)}
    in_memory, in_files = Gathering(), Gathering(tmp_path)
    for k, part in enumerate(parts):
        in_memory.add(lay(part.columns, part.sizes, None))
        in_files.add(laid[k])
    here, there = in_memory.finish(), in_files.finish()
    for k in range(8):
        assert here.text(k) == there.text(k)
        assert np.array_equal(here.shingles_of(k), there.shingles_of(k))
        for columns in (here, there):
            first, behind = columns.tokens[k].tolist()
            assert np.array_equal(columns.hashes[first:behind], tokenise(here.text(k)).hashes)
    assert map_columns(tmp_path).text(7) == "été" * 3


def test_a_collection_of_nothing_has_empty_columns(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        columns = Gathering(folder).finish()
        assert columns.tokens.shape == (0, 2)
        assert columns.hashes.size == columns.narrow.size == columns.wide.size == 0
