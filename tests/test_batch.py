"""The duplicates of a collection: all matches, or the copies alone, over any number of processes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from detector import Item, Match, MemoryIndex, Policy, Rule, clean_text, find_duplicates
from detector.batch import readiness
from detector.dedup.match import matches
from detector.pipeline import candidates_of, examined_for_matching, later_entry_of
from detector.ready.matching import load
from tests.archive.synthetic import story

SUBSCRIBE = "Sign up for our newsletter and never miss a story"
CREDIT = "(Reuters Photo/Ivo Renn)"


def _edited(text: str, draw: random.Random) -> str:
    """The text as somebody might print it again: cut, with a word or a number changed, or with more behind it."""
    sentences = text.split(". ")
    kind = draw.randrange(5)
    if kind == 0:
        sentences = sentences[: max(1, draw.randint(len(sentences) // 2, len(sentences)))]
    elif kind == 1:
        at = draw.randrange(len(sentences))
        sentences[at] = sentences[at].replace("people", "passengers").replace("crowns", "pounds")
    elif kind == 2:
        sentences[-1] = sentences[-1].replace("1", "7")
    elif kind == 3:
        sentences.insert(1, story(draw).split(". ")[0])
    return ". ".join(sentences) + (f"\n\n{CREDIT}" if draw.random() < 0.2 else "")


def _collection(count: int, seed: int) -> list[Item]:
    draw = random.Random(seed)
    bodies: list[str] = []
    for _ in range(count):
        body = _edited(draw.choice(bodies), draw) if bodies and draw.random() < 0.5 else story(draw)
        bodies.append(body if draw.random() < 0.8 else body.split(". ")[0] + ".")
    items = [
        Item(f"{number:03}", body, "text/plain", published=f"2026-03-{1 + number // 20:02}", title=f"Report {number}")
        for number, body in enumerate(bodies)
    ]
    return draw.sample(items, count)


def _by_an_index(items: Sequence[Item], policy: Policy) -> list[Match]:
    """The copies that a verdict acts on, found item by item."""
    index, found = MemoryIndex(), list[Match]()
    for examined in sorted(map(examined_for_matching, items), key=policy.order):
        assert examined.sketch is not None
        entry = later_entry_of(examined, examined.sketch)
        near = candidates_of(entry, index, policy.applied_to(examined.item)).entries
        least = policy.applied_to(examined.item).possible_score
        found += [match for match in matches(entry, near) if match.is_duplicate and match.score >= least]
        index.add(entry)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_copies_alone_are_those_among_all_matches_that_a_verdict_acts_on(seed: int) -> None:
    items, policy = _collection(150, seed), Policy()
    found = find_duplicates(items, copies_only=True)
    assert found == _by_an_index(items, policy)
    assert {match.kind for match in found} == {"exact", "near", "contained"}
    everything = find_duplicates(items)
    assert [match for match in everything if match in found] == found
    assert {match.kind for match in everything} > {match.kind for match in found}


def test_each_item_is_held_to_its_own_rule() -> None:
    items = [*_collection(150, 5)]
    lax = Policy(possible_score=0.2, duplicate_score=0.8)
    strict = Policy(possible_score=0.2, rules=(Rule(section="courts", changes={"possible_score": 0.7}),))
    courts = [Item(i.id, i.body, i.media_type, i.title, section="courts", published=i.published) for i in items]
    found = find_duplicates(courts, lax, copies_only=True)
    assert any(match.score < 0.7 for match in found)
    assert find_duplicates(courts, strict, copies_only=True) == [match for match in found if match.score >= 0.7]


@pytest.mark.parametrize("copies_only", [True, False])
def test_what_is_found_does_not_hang_on_the_number_of_processes(copies_only: bool) -> None:
    items = [*_collection(300, 6), *_collection(20, 7)]  # the last with ids that stood there before
    alone = find_duplicates(items, copies_only=copies_only)
    shared = find_duplicates(items, copies_only=copies_only, workers=2)
    assert shared == alone
    assert [match.later_text for match in shared] == [match.later_text for match in alone]


def test_a_pages_links_to_other_pages_are_no_news_of_its_own_whoever_reads_it() -> None:
    page = (Path(__file__).parents[1] / "fixtures" / "copied_page.html").read_text(encoding="utf-8")
    text = "\n\n".join(clean_text(story(random.Random(3))).paragraphs)
    links = "".join(f'<p><a href="/{n}">{story(random.Random(n)).split(". ")[0]}</a></p>' for n in range(4))
    items = [
        Item("a", text, published="2026-01-01"),
        Item("b", f"<html><body><article><p>{text}</p>{links}</article></body></html>", published="2026-01-02"),
        Item("c", page, published="2026-01-03"),
    ]
    found = find_duplicates(items)
    assert ("b", "a") in [(match.item_id, match.of) for match in found]
    assert find_duplicates(items, workers=2) == found


def test_a_text_that_is_taken_as_it_is_keeps_its_furniture() -> None:
    body = story(random.Random(1))
    items = [Item("a", body), Item("b", f"{body}\n\n{SUBSCRIBE}")]
    (cleaned,) = find_duplicates(items, copies_only=True)
    (as_it_is,) = find_duplicates(items, copies_only=True, as_is=True)
    assert (cleaned.kind, as_it_is.of) == ("exact", "a")
    assert as_it_is.later_text == items[1].body
    assert SUBSCRIBE not in str(cleaned.later_text)


def test_a_page_is_cleaned_even_where_texts_are_taken_as_they_are() -> None:
    body = story(random.Random(1))
    page = f"<html><body><nav><a href='/'>News</a></nav><article><p>{body}</p></article></body></html>"
    (found,) = find_duplicates([Item("a", body), Item("b", page)], copies_only=True, as_is=True)
    assert (found.item_id, found.of, found.kind) == ("b", "a", "exact")


@pytest.mark.parametrize("body", ["", " \n", b"\x00\x01\xff" * 300, "\ud800", "!" * 50])
def test_an_item_without_text_is_a_copy_of_none(body: str | bytes) -> None:
    story_one = Item("a", story(random.Random(1)))
    for as_is in (False, True):
        for items in ([], [Item("b", body)], [story_one, Item("b", body), Item("c", body)]):
            assert find_duplicates(items, copies_only=True, as_is=as_is) == []


def test_the_modules_that_make_processes_ready_are_there() -> None:
    for as_is in (True, False):
        assert all(map(import_module, readiness(as_is=as_is)))
    assert load() == 2
