"""A text that was told again in other words: found, shown, and never rejected."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from detector import Detector, Item, Match, compare, find_duplicates
from detector.dedup import tokenise
from detector.dedup.kinship import features, words_of
from detector.dedup.neighbours import neighbours

AGENCY = """\
The Grenmark central bank raised its main interest rate by half a percentage point to 4.75 percent on Tuesday,
the third increase this year, and said inflation would not return to its target of two percent before 2027. Governor
Ilse Brandauer told reporters in Porthal that wage growth in services had surprised the board. Seven of nine members
voted for the increase; two wanted to wait until the autumn forecast. The crown rose 1.2 percent against the dollar
after the decision, and yields on ten-year government bonds climbed to 5.1 percent. Economists at Harl Bank expect
another increase in November. The finance ministry declined to comment."""
RETOLD = """Borrowers in Grenmark face dearer mortgages after the central bank put its main interest rate up to 4.75
percent. Governor Ilse Brandauer said in Porthal that wage growth in services had been a surprise for the board, and
that inflation is not seen back at its two percent target until 2027. Of the nine members of the board seven backed
the rise of half a percentage point, while two would rather have waited for the autumn forecast. It is the third
increase this year. Government bonds with ten years to run now yield 5.1 percent; the crown gained 1.2 percent against
the dollar. Another rise may follow in November, say economists at Harl Bank."""
OTHER = """\
A storm that crossed the west of Grenmark on Tuesday night tore the roof off a school in Porthal and left 3,100
homes without power. Fire crews were called out 140 times, said Mart Kosk, who heads the county's rescue service. No
one was hurt. The main road to the airport was closed until noon because of fallen trees, and ferries to the islands
stayed in port. Forecasters expect the wind to ease on Thursday, with rain in the south and a first frost by the
weekend in the hills above Lindeth, where two campsites had to be cleared."""


def related(later: str, earlier: str) -> Match | None:
    return compare(Item("later", later), Item("earlier", earlier))


def test_copy_in_other_words_is_related_and_no_duplicate() -> None:
    found = related(RETOLD, AGENCY)
    assert found is not None
    assert found.kind == "related"
    assert not found.is_duplicate
    assert found.spans


def test_another_story_from_the_same_town_and_day_is_not_related() -> None:
    assert related(OTHER, AGENCY) is None


def test_another_item_of_the_same_trade_is_not_related() -> None:
    other = AGENCY
    for one, another in {
        "Grenmark": "Norrland", "4.75": "3.10", "Tuesday": "Friday", "2027": "2031", "Ilse Brandauer": "Otto Lindqvist",
        "Porthal": "Skerrin", "1.2": "0.4", "5.1": "3.8", "Harl": "Ostrey", "November": "March", "third": "first",
    }.items():  # fmt: skip
        other = other.replace(one, another)
    found = related(other, RETOLD)
    assert found is None or found.kind == "template"


def test_what_is_dated_weeks_apart_is_not_related() -> None:
    first = Item("1", AGENCY, published=datetime(2026, 9, 1, tzinfo=UTC))
    for day, count in ((2, 1), (20, 0)):
        later = Item("2", RETOLD, published=datetime(2026, 9, day, tzinfo=UTC))
        assert len(find_duplicates([first, later])) == count


def test_a_text_alone_with_itself_is_as_alike_as_can_be() -> None:
    words = words_of(tokenise(AGENCY))
    found = features(words, words)
    assert found.pop("length_ratio") == 0.0
    assert found == pytest.approx(dict.fromkeys(found, 1.0))


def test_texts_without_a_long_word_have_features_too() -> None:
    words = words_of(tokenise("a b c a b"))
    assert all(np.isfinite(value) for value in features(words, words).values())


def test_find_duplicates_shows_what_was_told_again_whatever_the_order_given() -> None:
    items = [Item("1", AGENCY), Item("2", OTHER), Item("3", RETOLD)]
    found = find_duplicates(items)
    assert [(match.item_id, match.of, match.kind) for match in found] == [("3", "1", "related")]
    assert find_duplicates(reversed(items)) == found


def test_what_was_told_again_is_never_rejected() -> None:
    detector = Detector()
    detector.admit(Item("1", AGENCY))
    assert detector.check(Item("2", RETOLD)).action == "publish"


def sets(*texts: str) -> list[np.ndarray[tuple[int], np.dtype[np.uint32]]]:
    return [np.unique(np.array([ord(letter) for letter in text], np.uint32)) for text in texts]


def test_neighbours_come_by_the_rarity_of_what_they_share() -> None:
    assert neighbours(sets("abcdefgh", "abcdezzz", "xyabzuvw", "abcdefgx"), nearest=2).tolist() == [
        [-1, -1],
        [0, -1],
        [1, -1],  # what all four have counts for nothing
        [0, 1],
    ]


def test_what_the_whole_feed_repeats_makes_nobody_a_neighbour() -> None:
    phrase = [f"abc{chr(0x4E00 + number)}" for number in range(80)]
    assert (neighbours(sets(*phrase)) == -1).all()
    assert neighbours([]).shape == (0, 8)
