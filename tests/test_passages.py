"""Two texts side by side: lossless, in order, and telling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector import DetectorError, Item, Match, Passage, compare

FERRY = """The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said today.

Carrow Line, which has run the crossing since 1985, carried 61,000 passengers last year against 148,000 in 2012.
Its managing director, Oona Fairley, said the boat needed a new gearbox that would cost 420,000 pounds.

Wexcombe council offered a grant of 90,000 pounds in January. Councillor Piet Harmsen said the company had asked for
three times as much and that the town could not pay it."""


def match(later: str, earlier: str) -> Match:
    found = compare(Item("later", later, "text/plain"), Item("earlier", earlier, "text/plain"))
    assert found is not None
    return found


def shown(found: Match) -> list[tuple[str, str, str]]:
    here, there = found.later_text or "", found.earlier_text or ""
    return [(p.kind, here[p.start : p.end].strip(), there[p.other_start : p.other_end].strip()) for p in found.diff()]


def assert_tiles(passages: list[Passage], later: str, earlier: str) -> None:
    here = [(p.start, p.end) for p in passages if p.end > p.start]
    there = sorted((p.other_start, p.other_end) for p in passages if p.other_end > p.other_start)
    for ranges, text in ((here, later), (there, earlier)):
        places = [0, *(end for _, end in ranges)]
        assert [start for start, _ in ranges] == places[:-1]
        assert places[-1] == len(text)


def test_a_figure_put_right_is_the_one_passage_that_changed() -> None:
    found = match(FERRY.replace("61,000", "64,000"), FERRY)
    assert [piece for piece in shown(found) if piece[0] != "equal"] == [("changed", "64,000", "61,000")]


def test_what_only_one_text_says_is_on_its_side() -> None:
    later = FERRY.replace("Carrow Line, which has run the crossing since 1985, carried", "Carrow Line carried")
    found = match(f"{later}\n\nThe last sailing is at noon.", FERRY)
    assert [(kind, here or there) for kind, here, there in shown(found) if kind != "equal"] == [
        ("right", ", which has run the crossing since 1985,"),
        ("left", "The last sailing is at noon."),
    ]


def test_a_moved_paragraph_is_equal_where_the_later_text_has_it() -> None:
    first, second, third = FERRY.split("\n\n")
    found = match("\n\n".join([first, third, second]), FERRY)
    assert_tiles(found.diff(), found.later_text or "", found.earlier_text or "")
    moved = [p.other_start for p in found.diff() if p.kind == "equal"]
    assert moved != sorted(moved)


@pytest.mark.parametrize("later", [FERRY, FERRY.upper(), FERRY[200:], f"{FERRY}\n\n{FERRY}", FERRY.replace(" ", "  ")])
def test_the_passages_tile_both_texts(later: str) -> None:
    found = match(later, FERRY)
    assert_tiles(found.diff(), found.later_text or "", found.earlier_text or "")
    assert found.diff() == found.diff()


WORDS = st.lists(st.sampled_from(["the", "ferry", "Tern", "sails", "on", "3", "4", "May", ",", "."]), max_size=60)


@settings(deadline=None)  # the first call compiles
@given(WORDS, WORDS)
def test_the_passages_tile_any_two_texts(later: list[str], earlier: list[str]) -> None:
    one, other = FERRY + " ".join(later), " ".join(earlier) + FERRY
    found = match(one, other)
    assert_tiles(found.diff(), found.later_text or "", found.earlier_text or "")


def test_a_match_without_its_texts_is_given_them() -> None:
    bare = Match("b", "a", "near", 0.8, 0.9, 0.9, (), (), 0.9)
    assert [p.kind for p in bare.diff("one two", "one two")] == ["equal"]
    with pytest.raises(DetectorError, match="holds no texts"):
        bare.diff()
