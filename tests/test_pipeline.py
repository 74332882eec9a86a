"""One item through every stage, and items against one another."""

from __future__ import annotations

import random
import re

import pytest

from detector import Detector, Item, MemoryIndex, Policy, find_duplicates

FERRY = """The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said today.

Carrow Line, which has run the crossing since 1985, carried 61,000 passengers last year against 148,000 in 2012. Its
managing director, Oona Fairley, said the boat needed a new gearbox that would cost 420,000 pounds.

Wexcombe council offered a grant of 90,000 pounds in January. Councillor Piet Harmsen said the company had asked for
three times as much and that the town could not pay it."""

COURT = """A baker who sold 1,100 loaves under another mill's name was fined 8,400 crowns at Hagg magistrates' court.

Ivo Renn, 52, of Weir Street, admitted four charges under the Food Marks Act. Inspectors found 300 printed bags of
Ellory Mill in his cellar on 11 November, after the mill's manager had bought a loaf and sent it to a laboratory."""


def page(text: str) -> str:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    navigation = "".join(f'<li><a href="/{word}">{word}</a></li>' for word in ("News", "Sport", "Weather", "Jobs"))
    return (
        f"<!doctype html><html lang='en'><head><title>Harbour Post</title></head><body><nav><ul>{navigation}</ul></nav>"
        f"<article><h1>Ferry to stop</h1>{paragraphs}</article><aside class='newsletter'><p>Sign up for our newsletter"
        "</p></aside><footer><p>© Harbour Post. All rights reserved.</p></footer></body></html>"
    )


def test_genuine_news_is_published_and_a_page_with_the_same_story_is_rejected_with_its_evidence() -> None:
    detector = Detector()
    assert detector.admit(Item("wire", FERRY, title="Ferry to stop")).action == "publish"
    verdict = detector.check(Item("page", page(FERRY)))
    assert verdict.action == "reject"
    assert verdict.reasons[0] == "duplicate"
    assert "wire" in verdict.reasons[0].detail
    match = verdict.matches[0]
    assert (match.item_id, match.of) == ("page", "wire")
    assert match.containment > 0.9
    span = match.spans[0]
    here, there = verdict.text.text[span.start : span.end], FERRY[span.other_start : span.other_end]
    assert here.rstrip(".").split() == there.rstrip(".").split()


def test_check_remembers_nothing_and_admit_does() -> None:
    detector = Detector()
    detector.check(Item("a", FERRY))
    assert detector.check(Item("b", FERRY)).action == "publish"
    detector.admit(Item("a", FERRY))
    assert detector.check(Item("b", FERRY)).action == "reject"


def test_an_item_is_no_duplicate_of_itself() -> None:
    detector = Detector()
    detector.admit(Item("a", FERRY))
    assert detector.check(Item("a", FERRY)).action == "publish"
    assert detector.admit(Item("a", FERRY)).action == "publish"


def test_a_copy_of_a_rejected_copy_leads_to_the_original() -> None:
    detector = Detector()
    for item_id in ("original", "copy", "copy of the copy"):
        verdict = detector.admit(Item(item_id, FERRY))
    assert verdict.action == "reject"
    assert [match.of for match in verdict.matches] == ["original"]


@pytest.mark.parametrize(
    "body", ["", "   \n\n ", "<html><body><nav>News</nav></body></html>", b"\x00\x01\x02\xff" * 500]
)
def test_an_item_without_text_goes_to_review(body: str | bytes) -> None:
    verdict = Detector().admit(Item("a", body))
    assert verdict.action == "review"
    assert verdict.reasons


def test_the_look_back_hides_what_is_older() -> None:
    policy = Policy(look_back_days=30)
    for day, action in (("2026-02-01", "reject"), ("2026-06-01", "publish")):
        detector = Detector(policy=policy)
        detector.admit(Item("a", FERRY, published="2026-01-15"))
        assert detector.check(Item("b", FERRY, published=day)).action == action


def test_find_duplicates_names_the_later_item_first_whatever_the_order_and_the_workers() -> None:
    items = [
        Item("a", FERRY, published="2026-01-01"),
        Item("b", COURT, published="2026-01-02"),
        Item("c", FERRY.replace("managing director", "chief executive"), published="2026-01-03"),
        Item("d", FERRY, published="2026-01-04"),
    ]
    found = find_duplicates(items)
    assert {(m.item_id, m.of, m.kind) for m in found} == {("c", "a", "near"), ("d", "a", "exact"), ("d", "c", "near")}
    random.Random(3).shuffle(items)
    assert find_duplicates(items) == found
    assert find_duplicates(items, workers=2) == found
    assert find_duplicates(items, workers=2)[0].earlier_text == found[0].earlier_text


def test_the_callers_index_is_used() -> None:
    index = MemoryIndex()
    Detector(index=index).admit(Item("a", FERRY))
    assert [entry.item_id for entry in index] == ["a"]


ATTACKS = {
    "100k_nested_divs": "<div>" * 100_000 + FERRY + "</div>" * 100_000,
    "400k_nested_divs": "<div>" * 400_000 + FERRY,
    "50k_attributes_on_one_tag": "<div " + " ".join(f"a{n}=x" for n in range(50_000)) + ">" + FERRY + "</div>",
    "100k_open_comments": "<p>" + FERRY + "</p>" + "<!--" * 100_000,
    "50k_options": "<select>" + "<option>x" * 50_000 + "</select><p>" + FERRY + "</p>",
    "20k_unclosed_links": "<a href='/x'>" * 20_000 + FERRY,
    "30_megabytes": "<p>" + FERRY + "</p>" + "<p>filling</p>" * 2_200_000,
    "one_long_line": "<p>" + "word " * 400_000 + "</p>",
    "one_long_word": "<p>" + "x" * 2_000_000 + "</p>",
    "100k_paragraphs": "<p>a b</p>" * 100_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_page_gets_a_verdict_and_loses_no_text_silently(attack: str) -> None:
    verdict = Detector().check(Item(attack, ATTACKS[attack], "text/html"))
    assert verdict.action in ("publish", "review", "reject")
    whole = re.sub(r"\W+", "", FERRY)
    read = re.sub(r"\W+", "", verdict.text.text + "".join(dropped.text for dropped in verdict.text.dropped))
    if "Tern" in ATTACKS[attack]:
        assert whole in read or not verdict.text.complete
    if not verdict.text.complete:
        assert verdict.action == "review"
        assert verdict.reasons[0] == "unreadable"
        assert verdict.text.notes


FOOTER = "Harbour Post is owned by its readers and printed on paper from the Ellory mill."


def council_story(number: int) -> str:
    return (
        f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301}.\n\n"
        f"The buyer, Tamsin Ault & Sons, has paid {number * 17 + 240},000 crowns and will employ {number + 12}"
        f" people there from {number % 28 + 1} May, clerk Jory Penn said. Two councillors abstained from vote {number}."
    )


def test_what_a_source_prints_on_every_item_is_taken_out_once_it_is_known_to_repeat_it() -> None:
    detector = Detector(memory_window=100)
    for number in range(20):
        detector.admit(Item(f"i{number}", f"{council_story(number)}\n\n{FOOTER}", "text/plain", source="harbour-post"))
    known = detector.check(Item("new", f"{council_story(40)}\n\n{FOOTER}", "text/plain", source="harbour-post"))
    assert FOOTER not in known.text.text
    assert ("source_memory", FOOTER) in [(d.reason, d.text) for d in known.text.dropped]
    other = detector.check(Item("new", f"{council_story(40)}\n\n{FOOTER}", "text/plain", source="valley-courier"))
    assert FOOTER in other.text.text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_bytes_of_plain_text_are_decoded_like_those_of_a_page(encoding: str) -> None:
    story = f"{FERRY}\n\nThe café on the quay, “Chez Émile”, will stay open, its owner André Günther said."
    verdict = Detector().check(Item("a", story.encode(encoding), "text/plain"))
    assert "“Chez Émile”, will stay open, its owner André Günther" in verdict.text.text


def test_a_headline_found_in_the_text_is_text_when_the_item_has_another() -> None:
    first = "Two bus lanes will replace 46 parking spaces on Quay Road"
    body = f"{first}\n\nPort Ellory council voted 19 to 14 on Thursday. Work begins on 11 May and takes nine weeks."
    assert Detector().check(Item("a", body, title="Council vote")).text.paragraphs[0] == first
    assert first not in Detector().check(Item("a", body, title=first.upper())).text.text


def test_an_item_of_the_year_one_is_looked_back_from_without_an_error() -> None:
    policy = Policy(look_back_days=30)
    assert Detector(policy=policy).check(Item("a", FERRY, published="0001-01-02")).action == "publish"
