"""What a page says of itself: JSON-LD and meta elements first, the byline last, nothing unsafe or endless."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.clean import clean_html, clean_text
from detector.records import CleanText

STORY = (
    "<p>The harbour bridge opened on Monday after two years of work, 14 days later than the city had planned.</p>" * 3
)
MORNING = datetime(2026, 6, 3, 7, 30, tzinfo=UTC)


def clean(head: str = "", *, ld: object = None, around: str = "", url: str | None = None) -> CleanText:
    script = "" if ld is None else f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    heading = "<h1>Harbour bridge opens after two years</h1>"
    return clean_html(
        f"<html><head>{script}{head}</head><body><article>{heading}{around}{STORY}</article></body></html>", url=url
    )


def article(**stated: object) -> dict[str, object]:
    return {"@type": "NewsArticle", **stated}


def test_a_page_that_says_nothing_has_none_of_it() -> None:
    page = clean()
    assert (page.author, page.published, page.updated, page.canonical_url, page.site_name) == (None,) * 5
    assert page.notes == ()


def test_a_plain_text_has_none_of_it() -> None:
    assert clean_text("By Anna Berg\n\nThe bridge opened on Monday.").author is None


@pytest.mark.parametrize(
    ("stated", "author"),
    [
        ("Anna Berg", "Anna Berg"),
        ("By Anna Berg", "Anna Berg"),
        ("Von Miller", "Von Miller"),
        ("Anna &amp; Bo Berg", "Anna & Bo Berg"),
        ({"@type": "Person", "name": "Anna Berg"}, "Anna Berg"),
        ([{"name": "Anna Berg"}, {"name": "Bo Ek"}, {"name": "Anna Berg"}], "Anna Berg, Bo Ek"),
        ({"name": ["Anna Berg", "Bo Ek"]}, "Anna Berg, Bo Ek"),
        ("https://post.example/anna", None),
        ("anna@post.example", None),
        ("admin", None),
        ("page.head.author", None),
        ({"@type": "Person"}, None),
        (17, None),
        ([[[["Anna Berg"]]]], None),
    ],
)
def test_the_author_of_json_ld_may_be_a_text_a_person_or_a_list(stated: object, author: str | None) -> None:
    assert clean(ld=article(author=stated)).author == author


def test_an_author_in_a_graph_is_found_by_its_reference() -> None:
    person = {"@type": "Person", "@id": "#anna", "name": "Anna Berg"}
    assert clean(ld={"@graph": [article(author={"@id": "#anna"}), person]}).author == "Anna Berg"


def test_the_author_of_a_readers_review_is_not_the_articles() -> None:
    assert clean(ld=article(review={"@type": "Review", "author": {"name": "booklover77"}})).author is None


def test_the_site_is_its_own_author_only_where_nobody_else_is_named() -> None:
    site = '<meta property="og:site_name" content="Harbour Post">'
    assert clean(site, ld=article(author="Harbour Post")).author == "Harbour Post"
    both = clean(site + '<meta name="author" content="Anna Berg">', ld=article(author="Harbour Post"))
    assert both.author == "Anna Berg"


@pytest.mark.parametrize("name", ["author", "parsely-author", "dc.creator", "sailthru.author"])
def test_meta_elements_name_the_author(name: str) -> None:
    assert clean(f'<meta name="{name}" content="Anna Berg">').author == "Anna Berg"


def test_the_authors_of_a_paper_are_all_named_given_name_first() -> None:
    head = '<meta name="citation_author" content="Berg, Anna"><meta name="citation_author" content="Bo Ek">'
    assert clean(head).author == "Anna Berg, Bo Ek"


@pytest.mark.parametrize(
    ("around", "author"),
    [
        ("<p>By Anna Berg</p>", "Anna Berg"),
        ("<div>By Anna van der Berg and Bo Ek | 3 June 2026</div>", "Anna van der Berg and Bo Ek"),
        ("<div>Published June 3, 2026 by Anna Applebaum-Berg</div>", "Anna Applebaum-Berg"),
        ('<div><a href="/authors/anna-berg">Anna Berg</a></div>', "Anna Berg"),
        ('<div class="author-name">Anna Berg</div>', "Anna Berg"),
        ("<p>By Monday the bridge was open.</p>", None),
        ("<p>By the river</p>", None),
        ("<p>Anna Berg</p>", None),
        ('<div class="author-name">Written By</div>', None),
        ("<p hidden>By Anna Berg</p>", None),
        ("<h1>Another story</h1><p>By Anna Berg</p>", None),
    ],
)
def test_a_byline_counts_only_when_it_is_one(around: str, author: str | None) -> None:
    assert clean(around=around).author == author


@pytest.mark.parametrize(
    "stated",
    ["2026-06-03T07:30:00Z", "2026-06-03T09:30:00+02:00", "Wed, 03 Jun 2026 07:30:00 GMT", "June 3, 2026 03:30 AM EDT"],
)
def test_dates_are_in_utc(stated: str) -> None:
    assert clean(ld=article(datePublished=stated)).published == MORNING
    assert clean(f'<meta property="article:published_time" content="{stated}">').published == MORNING


def test_published_and_updated_are_told_apart() -> None:
    page = clean(ld=article(datePublished="2026-06-03T07:30:00Z", dateModified="2026-06-04"))
    assert (page.published, page.updated) == (MORNING, datetime(2026, 6, 4, tzinfo=UTC))
    shown = clean(around="<p>June 3, 2026 - Updated June 4, 2026</p>")
    assert shown.published == datetime(2026, 6, 3, tzinfo=UTC)
    assert shown.updated == datetime(2026, 6, 4, tzinfo=UTC)


def test_the_article_counts_before_the_page_around_it() -> None:
    graph = [{"@type": "WebPage", "datePublished": "2019-01-01"}, article(datePublished="2026-06-03T07:30Z")]
    assert clean(ld={"@graph": graph}).published == MORNING


def test_a_time_element_of_the_article_counts_and_one_beside_it_does_not() -> None:
    moment = '<time datetime="2026-06-03T07:30Z">today</time>'
    assert clean(around=f"<p>{moment}</p>").published == MORNING
    assert clean(around=f"<aside>{moment}</aside>").published is None


@pytest.mark.parametrize("shown", ["04/05/2026", "Event: June 3, 2026", "10:30", "May"])
def test_a_date_that_can_be_read_in_two_ways_is_none(shown: str) -> None:
    assert clean(around=f"<p>{shown}</p>").published is None


@pytest.mark.parametrize(
    "stated", ["soon", "0001-01-01T00:00:00Z", "1970-01-01", "May", 17, ["2026"], {"a": 1}, "9" * 99]
)
def test_a_date_that_cannot_be_read_is_none_and_is_noted(stated: object) -> None:
    page = clean(ld=article(datePublished=stated))
    assert page.published is None
    assert page.notes == ("date_unreadable",)
    assert page.complete


def test_a_readable_date_makes_up_for_an_unreadable_one() -> None:
    page = clean('<meta name="date" content="2026-06-03T07:30Z">', ld=article(datePublished="soon"))
    assert (page.published, page.notes) == (MORNING, ())


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        ("https://post.example/bridge", "https://post.example/bridge"),
        ("/bridge", "https://www.post.example/bridge"),
        ("//post.example/bridge", "https://post.example/bridge"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("JaVaScRiPt:alert(1)", None),
        ("https://user:word@post.example/", None),
        ("https://[post/", None),
        ("https://post.example/" + "a" * 3000, None),
        ("", None),
    ],
)
def test_the_canonical_address_is_absolute_http_or_none(stated: str, address: str | None) -> None:
    page = clean(f'<link rel="canonical" href="{stated}">', url="https://www.post.example/2026/06?id=7")
    assert page.canonical_url == address


def test_a_relative_canonical_address_of_a_page_without_one_is_none() -> None:
    assert clean('<link rel="canonical" href="/bridge">').canonical_url is None


def test_og_url_counts_where_no_canonical_link_can_be_used() -> None:
    head = '<link rel="canonical" href="javascript:x"><meta property="og:url" content="https://post.example/b">'
    assert clean(head).canonical_url == "https://post.example/b"


def test_the_site_is_named_by_og_site_name_or_by_json_ld() -> None:
    publisher = article(publisher={"@type": "Organization", "name": "Harbour Post"})
    assert clean(ld=publisher).site_name == "Harbour Post"
    assert clean('<meta property="og:site_name" content=" The  Post ">', ld=publisher).site_name == "The Post"


def nested(depth: int) -> object:
    value: object = "Anna Berg"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", ["x" * 1_000_000, nested(500), {"name": {"name": "x"}}, True, 1e300, [f"Anna {n}" for n in range(9999)]]
)
def test_hostile_values_are_bounded(value: object) -> None:
    stated = article(author=value, datePublished=value, dateModified=value, publisher={"name": value})
    page = clean(ld=[stated, {"@type": value, "@id": value, "name": value}])
    assert page.published is None
    assert len(page.author or "") <= 1200
    assert len(page.site_name or "") <= 120
    assert all(len(note.detail) < 200 for note in page.notes)
    assert page.text


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_no_value_of_json_ld_makes_cleaning_fail(value: object) -> None:
    page = clean(ld=article(author=value, creator=value, datePublished=value, dateModified=value, publisher=value))
    assert page.published is None or page.published.tzinfo is UTC
