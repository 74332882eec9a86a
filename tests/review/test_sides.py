"""Side by side, nothing of either text is lost, and an editor sees at once what differs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from detector import Item, compare
from detector.passages import side_by_side
from service.review.sides import Fold, Row, folded, rows

EARLIER = """The harbour bridge at Aldwick reopened on Monday after 14 months of repairs costing 3.2 million crowns.

Mayor Ines Adler cut the ribbon at noon before a crowd of some 400 people, among them the 61 workers who rebuilt it.

The ferry that replaced the bridge made its last crossing on Friday."""
LATER = """The harbour bridge at Aldwick reopened on Monday after 14 months of repairs costing 3.4 million crowns.

Mayor Ines Adler cut the ribbon at noon before a crowd of some 400 people, among them the 61 workers who rebuilt it.

The ferry that replaced the bridge made its last crossing on Friday. Its crew of nine has found other work."""


def _made(later: str, earlier: str) -> list[Row]:
    match = compare(Item("later", later), Item("earlier", earlier))
    assert match is not None
    return rows(match.diff(), later, earlier)


def _text(made: list[Row], side: str) -> str:
    return "".join(piece.text for row in made for piece in getattr(row, side))


def _letters(text: str) -> str:
    return "".join(text.split())


def test_each_side_has_all_of_its_text() -> None:
    made = _made(LATER, EARLIER)
    assert _letters(_text(made, "here")) == _letters(LATER)
    assert _letters(_text(made, "there")) == _letters(EARLIER)


def test_a_figure_that_differs_is_pointed_out() -> None:
    facts = {piece.text for row in _made(LATER, EARLIER) for piece in row.here if piece.fact}
    assert "3.4" in facts
    assert "Aldwick" not in facts


def test_what_only_one_side_has_is_marked_so() -> None:
    added = [piece for row in _made(LATER, EARLIER) for piece in row.here if piece.mark != "same"]
    assert any("crew of nine" in piece.text for piece in added)


def test_long_unchanged_paragraphs_are_folded_and_can_be_opened() -> None:
    long = "\n\n".join(
        f"Paragraph {n} says that {n * 7} boats came in. " + "They lay at the quay. " * 12 for n in range(6)
    )
    made = folded(_made(long + "\n\nA last line on 12 more boats.", long))
    folds = [one for one in made if isinstance(one, Fold)]
    assert len(folds) == 1
    assert folds[0].words > 200


def test_a_passage_that_was_moved_says_so() -> None:
    one, two, three = EARLIER.split("\n\n")
    made = _made("\n\n".join([three, one, two]), EARLIER)
    assert any(row.moved for row in made)


@given(
    st.lists(st.sampled_from(["Ann Reed", "paid", "12", "crowns", "\n\n", "to", "the port", "Monday."]), max_size=30)
)
@settings(deadline=None, max_examples=60)
def test_two_texts_without_a_common_passage_stand_beside_each_other_whole(words: list[str]) -> None:
    later, earlier = " ".join(words), "The council met on Tuesday."
    made = rows(side_by_side(later, earlier, ()), later, earlier)
    assert _letters(_text(made, "here")) == _letters(later)
    assert _letters(_text(made, "there")) == _letters(earlier)
