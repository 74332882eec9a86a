"""Features: what is specific, what is new, who speaks."""

from __future__ import annotations

import numpy as np
import pytest

from detector.quality import features
from detector.quality.sentences import split
from detector.quality.tokens import tokenise


def read(text: str, title: str = "") -> dict[str, list[float]]:
    spans = split(text)
    table = features.dense(tokenise(text, spans, title))
    return {name: table[:, number].tolist() for number, name in enumerate(features.NAMES)}


def test_names_and_figures_count_as_new_once() -> None:
    found = read("On Monday Ann Reed paid $40. Later Ann Reed paid $40 again.")
    assert found["new_figures"] == [1, 0]
    assert found["new_names"][0] == 3  # Monday, Ann, Reed
    assert found["new_names"][1] == 0


def test_a_repeated_sentence_overlaps_with_the_one_before_it() -> None:
    found = read("The bridge on Alder Street closes in March. In March the bridge on Alder Street closes.")
    assert found["overlap_earlier"] == pytest.approx([0.0, 1.0])


def test_the_title_is_compared_with_every_sentence() -> None:
    found = read("A tram left the rails.\n\nNobody was hurt.", title="Tram leaves rails in Ostrand")
    assert found["overlap_title"][0] > 0.4
    assert found["overlap_title"][1] == 0


def test_a_named_speaker_and_a_generic_one_are_told_apart() -> None:
    found = read("“It leaks,” said engineer Tom Hale. Experts said it may leak.")
    assert found["named_speech"] == [1, 0]
    assert found["generic_speech"] == [0, 1]


def test_a_quotation_goes_on_until_it_closes_but_not_for_ever() -> None:
    found = read("“I came. I saw. I left,” he said. She slept.")
    assert found["inside_quotation"] == [0, 1, 1, 0]
    unclosed = read("“" + "It rained on the town. " * 20)
    assert unclosed["inside_quotation"][-1] == 0


def test_phrases_count_only_within_a_sentence() -> None:
    assert read("It remains to be seen.")["hedge"][0] > read("It remains. To be seen helps.")["hedge"][0]


def test_a_document_of_any_length_gives_finite_numbers() -> None:
    for text in ("A", "—", "5", "word " * 5_000, "One.\n\n" * 3_000):
        spans = split(text)
        table = features.dense(tokenise(text, spans, ""))
        assert table.shape == (len(spans), len(features.NAMES))
        assert np.isfinite(table).all()


def test_a_sentence_carries_what_stands_before_it_after_it_and_in_the_whole_text() -> None:
    found = read("Ann Reed paid $40. It rained. Tom Hale left Ostrand in 1999.")
    assert found["specifics_before"] == [0, *found["specifics"][:-1]]
    assert found["specifics_after"] == [*found["specifics"][1:], 0]
    assert found["specifics_in_text"] == [sum(found["specifics"]) / 3] * 3
