"""Items as they come in, and the records made of them."""

import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import pytest

from detector.errors import DetectorError, InvalidItemError
from detector.records import CleanText, Dropped, Item, Reason, Sentence


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"id": ""}, "'id'"),
        ({"id": 7}, "'id' is 7 (int)"),
        ({"body": 42}, "'body' is 42"),
        ({"title": ["a"]}, "'title'"),
        ({"media_type": "application/pdf"}, "application/pdf"),
        ({"published": "next Tuesday"}, "next Tuesday"),
        ({"published": "10:30"}, "year, month and day"),
        ({"published": "2026-02-31"}, "2026-02-31"),
        ({"published": 20260231}, "20260231"),
        ({"version": 1.5}, "'version'"),
        ({"source": 3}, "'source'"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_with_its_value(changes: dict[str, Any], named: str) -> None:
    fields: dict[str, Any] = {"id": "a", "body": "text", **changes}
    with pytest.raises(InvalidItemError) as caught:
        Item(**fields)
    assert named in str(caught.value)
    assert isinstance(caught.value, DetectorError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T10:00:00+02:00", datetime(2026, 3, 4, 8, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 10:00:00 GMT", datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("26-FEB-1987 15:01:01.79", datetime(1987, 2, 26, 15, 1, 1, 790000, tzinfo=UTC)),
        ("27-MAR-1987 00:02:59.13&#5;&#5;&#5;RM", datetime(1987, 3, 27, 0, 2, 59, 130000, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 10:00:00 +0530", datetime(2026, 3, 4, 4, 30, tzinfo=UTC)),
        ("4 Mar 2026 10:00 -01:30", datetime(2026, 3, 4, 11, 30, tzinfo=UTC)),
        ("4 Mar 2026", datetime(2026, 3, 4, tzinfo=UTC)),
        ("4 March 2026 10:00", datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("01.12.14", datetime(2014, 12, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_in_the_forms_that_archives_have(written: str | None, read: datetime | None) -> None:
    assert Item("a", "text", published=written).published == read


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ("<!DOCTYPE html><html><body>x</body></html>", "text/html"),
        (b"\xef\xbb\xbf<p>x</p>", "text/html"),
        ("Standard Widgets <SWG> said profit was < 5 pct", "text/plain"),
        ("", "text/plain"),
    ],
)
def test_the_media_type_is_found_from_the_body(body: str | bytes, media_type: str) -> None:
    assert Item("a", body).media_type == media_type


def test_items_are_in_order_of_date_then_id_and_undated_ones_last() -> None:
    items = [Item("c", ""), Item("b", "", published="2026-01-02"), Item("z", "", published="2026-01-01")]
    items.append(Item("a", "", published="2026-01-02"))
    assert [item.id for item in sorted(items, key=lambda item: item.order)] == ["z", "a", "b", "c"]


def test_a_reason_is_its_code_and_keeps_its_detail_through_pickle() -> None:
    reason = pickle.loads(pickle.dumps(Reason("duplicate", "exact copy of a")))  # noqa: S301  # our own bytes
    assert reason == "duplicate"
    assert reason.detail == "exact copy of a"


def test_a_clean_text_without_markup_writes_itself_as_escaped_paragraphs() -> None:
    text = CleanText("", ("a < b", "c & d"))
    assert text.text == str(text) == "a < b\n\nc & d"
    assert text.html() == "<p>a &lt; b</p>\n<p>c &amp; d</p>"


def test_dropped_pieces_made_together_are_those_made_one_by_one() -> None:
    made = Dropped.from_columns(["Share", "Old"], ["share", "boilerplate"], [1.0, 0.25])
    assert made == (Dropped("Share", "share"), Dropped("Old", "boilerplate", 0.25))
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # its own


def test_sentences_made_together_are_those_made_one_by_one() -> None:
    made = Sentence.from_columns(["A.", "B."], [0, 3], [2, 5], [0.1, 0.9], [None, "moral"])
    assert made == (Sentence("A.", 0, 2, 0.1, None), Sentence("B.", 3, 5, 0.9, "moral"))
    with pytest.raises(FrozenInstanceError):
        made[0].text = "C."  # type: ignore[misc]  # what is tested
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # its own


def test_items_made_of_columns_are_those_that_were_taken_apart() -> None:
    items = (
        Item("a", "Text.", title="Ferry", url="https://post.example/a", published="2026-01-02T10:00:00+02:00"),
        Item("b", b"<p>Page.</p>", source="Post", section="Local", language="en", version="2"),
    )
    assert Item.from_columns(Item.columns(items)) == items
    assert Item.from_columns(Item.columns(())) == ()
