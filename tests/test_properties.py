"""What must hold for any item: claims, not cases."""

from __future__ import annotations

import html
import json
import math
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector import Detector, Item, Verdict, clean_html, clean_text, compare, find_duplicates
from detector.dedup import sketch, tokenise

ROOT = Path(__file__).parents[1]
ARCHIVE = [json.loads(line) for line in (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()]
STORIES = [row for row in ARCHIVE if row.get("media_type") == "text/html" and "<p>" in row["body"]][:40]
quick = settings(deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

BREAKS = st.sampled_from([" ", "\n", "\t", "  ", " \n ", "\r\n", "\f"])
stories = st.sampled_from(STORIES)


@pytest.fixture(scope="module")
def known() -> Detector:
    """A detector that has seen half of the archive."""
    detector = Detector()
    for row in ARCHIVE[::2]:
        detector.admit(Item(row["id"], row["body"], title=row.get("title", "")))
    return detector


def said(verdict: Verdict) -> tuple[Any, ...]:
    """What of a verdict must not hang on how an item was written down."""
    return verdict.action, [str(reason) for reason in verdict.reasons], [(m.of, m.kind) for m in verdict.matches]


@given(story=stories, breaks=st.lists(BREAKS, min_size=1, max_size=7))
@quick
def test_white_space_between_words_changes_no_verdict(
    known: Detector, story: dict[str, Any], breaks: list[str]
) -> None:
    places = iter(range(10**9))
    body = re.sub(r"(?<=\w) (?=\w)(?![^<]*>)", lambda _: breaks[next(places) % len(breaks)], story["body"])
    plain, spaced = (Item("asked", text, title=story["title"]) for text in (story["body"], body))
    assert said(known.check(plain)) == said(known.check(spaced))


@given(story=stories, seed=st.integers(0, 1000))
@quick
def test_entities_for_characters_change_no_verdict(known: Detector, story: dict[str, Any], seed: int) -> None:
    rng = random.Random(seed)

    def written(character: str) -> str:
        forms = (character, f"&#{ord(character)};", f"&#x{ord(character):X};")
        return rng.choice(forms) if character.isalnum() and rng.random() < 0.2 else character

    parts = re.split(r"(<[^>]*>|&[#\w]+;)", story["body"])
    body = "".join(part if part[:1] in ("<", "&") else "".join(map(written, part)) for part in parts)
    assert html.unescape(body) == html.unescape(story["body"])
    plain, spelt = (Item("asked", text, "text/html", title=story["title"]) for text in (story["body"], body))
    assert said(known.check(plain)) == said(known.check(spelt))


@given(story=stories, seed=st.integers(0, 1000))
@quick
def test_inline_markup_and_attributes_change_no_verdict(known: Detector, story: dict[str, Any], seed: int) -> None:
    rng = random.Random(seed)
    tags = ("b", "i", "span", "font", "u")

    def marked(word: re.Match[str]) -> str:
        tag = rng.choice(tags)
        return f"<{tag}>{word.group()}</{tag}>" if rng.random() < 0.1 else word.group()

    body = re.sub(r"\b\w+\b(?![^<]*>)(?!;)", marked, story["body"])
    body = body.replace("<p>", f'<p data-n="{seed}" onclick="x()">')
    plain, dressed = (Item("asked", text, "text/html", title=story["title"]) for text in (story["body"], body))
    assert said(known.check(plain)) == said(known.check(dressed))


@given(story=st.sampled_from(ARCHIVE))
@quick
def test_a_check_changes_nothing(known: Detector, story: dict[str, Any]) -> None:
    item = Item("asked", story["body"], title=story.get("title", ""))
    assert said(known.check(item)) == said(known.check(item))


@given(story=st.sampled_from(ARCHIVE))
@settings(quick, max_examples=15)
def test_admitting_twice_is_admitting_once(story: dict[str, Any]) -> None:
    once, twice = Detector(), Detector()
    item = Item(story["id"], story["body"], title=story.get("title", ""))
    first = once.admit(item)
    twice.admit(item)
    assert said(twice.admit(item)) == said(first)
    other = Item("other", story["body"], title=story.get("title", ""))
    assert said(once.check(other)) == said(twice.check(other))


@given(seed=st.integers(0, 10_000), count=st.integers(2, 25))
@settings(quick, max_examples=15)
def test_duplicates_hang_on_no_order(seed: int, count: int) -> None:
    rng = random.Random(seed)
    rows = rng.sample(ARCHIVE, count)
    items = [Item(row["id"], row["body"], title=row.get("title", "")) for row in rows]
    shuffled = rng.sample(items, count)
    one, other = (
        {(match.item_id, match.of, match.kind) for match in find_duplicates(given, workers=1)}
        for given in (items, shuffled)
    )
    assert one == other


SYMMETRIC = {"exact": "exact", "template": "template"}


@given(one=st.sampled_from(ARCHIVE), other=st.sampled_from(ARCHIVE))
@settings(quick, max_examples=80)
def test_exact_and_template_hold_either_way(one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = Item("a", one["body"], title=one.get("title", "")), Item("b", other["body"], title=other.get("title", ""))
    there, back = compare(a, b), compare(b, a)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there.jaccard == pytest.approx(back.jaccard)
        assert (there.containment, there.coverage) == pytest.approx((back.coverage, back.containment))
        for match, turned in ((there, back), (back, there)):
            if match.kind in SYMMETRIC:
                assert turned.kind == SYMMETRIC[match.kind]


@given(seed=st.integers(0, 10_000), shared=st.floats(0, 1))
@quick
def test_signatures_estimate_within_four_sigma(seed: int, shared: float) -> None:
    rng = random.Random(seed)
    words = [f"word{rng.randrange(10**6)}" for _ in range(400)]
    cut = int(shared * 400)
    one = sketch(tokenise(" ".join(words)))
    other = sketch(tokenise(" ".join(words[:cut] + [f"other{rng.randrange(10**6)}" for _ in range(400 - cut)])))
    both = np.intersect1d(one.shingles, other.shingles).size
    true = both / (one.shingles.size + other.shingles.size - both)
    estimate = float((one.signature == other.signature).mean())
    sigma = math.sqrt(true * (1 - true) / one.signature.size)
    assert abs(estimate - true) <= 4 * sigma + 1 / one.signature.size


texts = st.lists(st.text(st.sampled_from("abcde ABÉ.,!?\u2019\u00adñ港\n0123456789"), max_size=60), max_size=8).map(
    "\n\n".join
)


@given(text=texts)
@settings(quick, max_examples=200)
def test_cleaning_again_changes_nothing(text: str) -> None:
    clean = clean_text(text)
    again = clean_text(clean.text)
    assert again.text == clean.text or clean.title or again.title


@given(text=texts, tag=st.sampled_from(["p", "div", "li", "td", "b", "pre", "h2"]))
@settings(quick, max_examples=200)
def test_nothing_of_the_kept_text_is_invented(text: str, tag: str) -> None:
    page = "".join(f"<{tag}>{html.escape(part)}</{tag}>" for part in text.split("\n\n"))
    for clean in (clean_text(text), clean_html(page)):
        kept = "".join((clean.text, *(piece.text for piece in clean.dropped)))
        surplus = Counter(filter(str.isalnum, clean.text)) - Counter(filter(str.isalnum, text))
        assert not surplus
        assert not Counter(filter(str.isalnum, kept)) - Counter(filter(str.isalnum, text))
