"""The queue in the store, on both databases: filters, search, order, neighbours, claims, and what erasing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from benchmarks.review import held
from service.store import Store, claims, gists, items, queue
from service.store.queue import Filters
from service.store.records import now
from service.tables import items as item_table

COUNT = 12


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = Store.open(address)
    with opened.writing() as connection:
        for number in range(COUNT):
            if items.find(connection, f"held-{number}") is None:
                items.insert_item(connection, held(number))
    yield opened
    opened.close()


def _ids(store: Store, filters: Filters) -> list[str]:
    return [entry.id for entry in store.read(queue.page, filters, now(), limit=100)]


def test_each_filter_keeps_what_it_names_and_each_order_sorts(store: Store) -> None:
    everything = _ids(store, Filters())
    assert everything == [f"held-{number}" for number in reversed(range(COUNT))]
    assert _ids(store, Filters(order="oldest")) == everything[::-1]
    assert _ids(store, Filters(source="paper-3")) == ["held-3"]
    scores = {entry.id: entry.score for entry in store.read(queue.page, Filters(order="riskiest"), now())}
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert _ids(store, Filters(score=1.0)) == []
    for code, count in store.read(queue.facets, "held").reason:
        assert len(_ids(store, Filters(reason=code))) == count


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("voted 35 to", ["held-5"]),
        ("COUNCIL voted", None),
        ("counc", None),
        ("nowhere", []),
        ("'\" OR * (", None),
        ("a & b | !", []),
    ],
)
def test_a_search_finds_items_with_every_word(store: Store, asked: str, found: list[str] | None) -> None:
    answer = _ids(store, Filters(q=asked))
    if found is None:
        assert len(answer) == COUNT or asked.startswith("'")
    else:
        assert answer == found


def test_the_next_item_is_the_one_that_the_list_shows_next(store: Store) -> None:
    for order in ("newest", "oldest", "riskiest"):
        filters = Filters(order=order)  # type: ignore[arg-type]  # each is one
        listed = store.read(queue.page, filters, now(), limit=100)
        for before, here, after in zip(listed, listed[1:], listed[2:], strict=False):
            assert store.read(queue.neighbours, filters, here.seq) == (before.id, after.id)


def test_a_claim_keeps_others_off_until_it_ends_or_is_taken_over(store: Store) -> None:
    item = store.read(items.find, "held-1")
    assert item is not None
    assert store.write(claims.claim, item.seq, "Ann", now()) == "Ann"
    assert store.write(claims.claim, item.seq, "Ben", now()) == "Ann"
    assert store.write(claims.claim, item.seq, "Ben", now() + claims.LASTS + timedelta(seconds=1)) == "Ben"
    assert store.write(claims.claim, item.seq, "Ann", now(), take_over=True) == "Ann"


def test_an_item_that_is_erased_is_found_by_no_word(store: Store) -> None:
    with store.writing() as connection:
        item = items.find(connection, "held-2")
        assert item is not None
        items.erase(connection, item)
    assert _ids(store, Filters(q="voted 14 to")) == []
    with store.reading() as connection:
        condition = gists.holding(connection, item_table.c.seq, "voted 14 to")
        assert connection.scalar(item_table.select().with_only_columns(item_table.c.seq).where(condition)) is None
