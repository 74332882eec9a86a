"""Sentences: exact offsets, nothing lost, abbreviations survived, linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencex import get_sentence_boundaries

from detector.quality.sentences import split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@settings(deadline=None)  # the first call compiles
@given(st.text(max_size=300))
def test_whatever_lies_outside_the_sentences_is_white_space(text: str) -> None:
    position = 0
    for start, end in split(text):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


PIECES = [
    "Dr.",
    "Roe",
    "said",
    "“No.",
    "Never!”",
    "5",
    "p.m.",
    "U.S.",
    "Army.",
    "\n",
    "\n\n",
    " ",
    "(",
    ")",
    "a@b.co",
    "…",
    "😀",
]


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_newswire_pieces_in_any_order_keep_every_character(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "Mr. and Mrs. A. B. Cole met Gen. Roe of St. Louis.",
        "The U.S. Army paid Acme Inc. in Jan. 2020.",
        "It opens at 5 p.m. Monday.",
        "HAYWARD, Calif. (AP) — A man was hurt.",
        "See No. 5 on p. 12 for the figures.",
        "“Is it over?” Tom Smith asked.",
        "The bond paid 4.75 pct vs. 4.5 pct.",
        "Write to news@example.com or see www.example.com for more.",
    ],
)
def test_these_are_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He was born in the U.S. He left in May.", ["He was born in the U.S.", "He left in May."]),
        ("“I won. We all did,” she said.", ["“I won.", "We all did,” she said."]),
        (
            "They met two decades ago.An online trailer is out.",
            ["They met two decades ago.", "An online trailer is out."],
        ),
        ("He closed at 5 p.m. The shop is shut.", ["He closed at 5 p.m.", "The shop is shut."]),
        ("He said no. Five years passed.", ["He said no.", "Five years passed."]),
    ],
)
def test_these_are_two(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_heading_and_a_byline_are_sentences_of_their_own() -> None:
    text = "Fire guts farmhouse\nBy Ann Reed\n\nA family escaped on Sunday."
    assert sentences(text) == ["Fire guts farmhouse", "By Ann Reed", "A family escaped on Sunday."]


def test_a_line_that_was_wrapped_in_mid_sentence_goes_on() -> None:
    text = "The council voted on Monday night to lower the speed limit on\nHarbor Street from 35 to 25 miles an hour."
    assert len(sentences(text)) == 1


HOSTILE = {
    "one_line_of_a_million_characters": "word " * 200_000,
    "a_hundred_thousand_short_paragraphs": "Short one.\n\n" * 100_000,
    "one_word_of_a_million_letters": "a" * 1_000_000,
    "a_million_quotation_marks": "." + "'" * 1_000_000,
    "a_quarter_million_abbreviations": "Dr. " * 250_000,
    "wrapped_lines_without_end": ("x" * 60 + "\n") * 16_000,
    "quotations_that_never_close": '"He said. ' * 100_000,
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_text_takes_seconds_not_minutes(attack: str) -> None:
    started = time.perf_counter()
    spans = split(HOSTILE[attack])
    assert spans[-1][1] == len(HOSTILE[attack].rstrip())
    assert time.perf_counter() - started < 15


@pytest.mark.parametrize("space", ["\xa0", "\x85", "\u2028", "\u202f", "\u3000", " \xa0", "\xa0\u2009"])
def test_wide_white_space_between_an_initial_and_its_stop_does_not_end_the_process(space: str) -> None:
    text = f"Anna J{space}. Reed cut the ribbon. The bridge is open."
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert found[-1] == "The bridge is open."


def test_half_a_surrogate_pair_does_no_harm() -> None:
    text = "The mayor \ud83d said no. He left."
    assert sentences(text) == ["The mayor \ud83d said no.", "He left."]


_UNSTOPPED = (
    st.characters(min_codepoint=0xC0, max_codepoint=0x24F)
    | st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    | st.sampled_from(" ,:;'\"/&-‐‑‒–—―‘’‚“”„‟")
)


@given(st.text(_UNSTOPPED, min_size=1), st.sampled_from(["", ".", "!", "?"]))
def test_sentencex_would_not_cut_a_line_without_a_stop_before_its_end_which_it_is_not_shown(
    letters: str, stop: str
) -> None:
    line = letters + stop
    assert [(one["start_index"], one["end_index"]) for one in get_sentence_boundaries("en", line)] == [(0, len(line))]
    assert [line[start:end] for start, end in split(line)] == [line.strip()] * bool(line.strip())


def test_what_numbers_a_list_is_cut_as_sentencex_cuts_it() -> None:
    line = "Rest\t6 miles (s)\t9 miles (m)\tRest"
    expected = [(one["start_index"], one["end_index"]) for one in get_sentence_boundaries("en", line)]
    assert len(expected) > 1
    assert split(line) == [(start, start + len(line[start:end].rstrip())) for start, end in expected]
