"""Compiled tokens are those of the expression and the word lists, character for character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.quality.lexicon import FUNCTION_WORDS
from detector.quality.phrases import PhraseFinder
from detector.quality.tokens import COLUMN, fold, tokenise, tokens_of, word_hash

TEXTS = [
    "It's a 7-4 vote on $1,200.50; the co-op's AT&T bill (3:15 p.m.) was 10/12.",
    "“Don’t,” she said — twice… Über-ﬁne naïve café 2²",
    "a.b 1.a 1.2b 3,4,5 x--y 'quoted' rock'n'roll 50% [x] …",
    "\U0001f600 emoji and \ud83d half of one",
    "",
]
ALPHABET = st.sampled_from([*"aZé9 .,:/'’&-“\"…!$%\n_²", "the ", "said ", "will be ", "3.5", "U.S. "])


def compiled(text: str) -> list[int]:
    tokens = tokenise(text, [(0, len(text))], "")
    return [int(value) for value in tokens.word]


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_the_expression(text: str) -> None:
    assert compiled(text) == [word_hash(fold(token)) for token in tokens_of(text)]


@settings(max_examples=300, deadline=None)
@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_so_they_are_for_any_text(text: str) -> None:
    assert compiled(text) == [word_hash(fold(token)) for token in tokens_of(text)]


@pytest.mark.parametrize(
    ("word", "columns"),
    [
        ("Harbour", {"word", "capital", "letters", "content"}),
        ("NATO", {"word", "capital", "shout", "letters", "content"}),
        ("independence", {"word", "letters", "long", "nominal", "content"}),
        ("the", {"word", "letters", "function"}),
        ("42nd", {"word", "digit"}),
        ("£", {"money"}),
        ("—", {"other_mark"}),
    ],
)
def test_what_a_word_counts_for_by_its_form(word: str, columns: set[str]) -> None:
    tokens = tokenise(word, [(0, len(word))], "")
    assert {name for name in COLUMN if tokens.has(name)[0]} == columns


def test_function_words_are_found_whatever_their_case() -> None:
    text = " ".join(word.upper() for word in sorted(FUNCTION_WORDS["en"]))
    tokens = tokenise(text, [(0, len(text))], "")
    assert tokens.has("function").all()


def test_phrases_are_found_where_they_stand_and_not_elsewhere() -> None:
    finder = PhraseFinder({"a": ["shop now", "use code"], "b": ["advertorial", "sure, here's"]})
    for text, expected in {
        "Shop now and use  code X": {"a": ["shop now"]},
        "Sure, here’s the advertorial": {"b": ["sure, here's", "advertorial"]},
        "a workshop now": {},
        # Letters beyond ASCII whose lower case is one of it, or begins with one.
        "SHOP NOW, \u212a": {"a": ["shop now"]},
        "Advertor\u0130al, \u212aing of the use code": {"a": ["use code"]},
    }.items():
        found = finder.find(text, tokenise(text, [(0, len(text))], "").word)
        assert {name: sorted(phrases) for name, phrases in found.items()} == {
            name: sorted(phrases) for name, phrases in expected.items()
        }
