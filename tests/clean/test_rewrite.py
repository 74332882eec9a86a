"""The HTML fragment is safe whatever the page holds, and its text is the cleaned text."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag

from detector.clean import clean_html

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"
ALLOWED = {"h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "td", "th", "a",
           "em", "strong", "br", "figure", "figcaption", "img"}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}

SENTENCE = "The harbour bridge opened to traffic on Monday after two years of repairs."
XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<a href='javascript:alert(1)'>link</a>",
    "<a href=' java\nscript:alert(1)'>link</a>",
    "<a href='JaVaScRiPt&#58;alert(1)'>link</a>",
    "<a href='vbscript:msgbox(1)'>link</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>link</a>",
    "<a href='//evil.example' onclick='alert(1)'>link</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>styled text of some words</p>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>go</button></form>",
    "<base href='javascript:alert(1)//'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template>",
    "<title><img src=x onerror=alert(1)></title>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<b><a href='http://x.example/\" onmouseover=\"alert(1)'>quoted</a></b>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
]


def same_words(html: str, text: str) -> bool:
    return BeautifulSoup(html, "html.parser").get_text(" ").split() == text.split() or (
        "".join(BeautifulSoup(html, "html.parser").get_text().split()) == "".join(text.split())
    )


@pytest.mark.parametrize("attack", XSS)
def test_no_script_survives(attack: str) -> None:
    clean = clean_html(
        f"<p>{SENTENCE}</p>{attack}<p>{SENTENCE}</p><p>Before {attack} after it all.</p>", url="https://post.example/1"
    )
    soup = BeautifulSoup(clean.html(), "html.parser")
    for tag in soup.find_all(True):
        assert tag.name in ALLOWED
        assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set())
        for name in ("href", "src"):
            assert str(tag.get(name, "https:")).startswith(("https:", "http:", "mailto:"))
    assert same_words(clean.html(), clean.text)


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_the_text_of_the_fragment_is_the_cleaned_text(path: Path) -> None:
    clean = clean_html(path.read_bytes(), url="https://post.example/1")
    assert same_words(clean.html(), clean.text)


def test_structure_is_kept() -> None:
    html = clean_html((PAGES / "story_between_menu_and_footer.html").read_bytes()).html()
    assert "<h2>What changes for drivers</h2>" in html
    assert html.count("<ul>") == 1
    assert html.count("<li>") == 2
    assert "<blockquote>" in html
    table = clean_html((PAGES / "table_of_results.html").read_bytes()).html()
    assert table.count("<table>") == 1
    assert table.count("<tr>") == 3


def test_links_images_and_emphasis_are_kept_with_full_addresses() -> None:
    clean = clean_html(
        f"<p>{SENTENCE}</p><img src='/b.jpg' alt='The bridge'><p>It is <em>really</em> <strong>open</strong>, said "
        "<a href='/ott'>Paul Ott</a>, the engineer.</p>",
        url="https://post.example/news/1",
    )
    html = clean.html()
    assert '<img alt="The bridge" src="https://post.example/b.jpg"' in html
    assert '<a href="https://post.example/ott">Paul Ott</a>' in html
    assert "<em>really</em> <strong>open</strong>" in html


def test_a_fragment_travels_between_processes() -> None:
    clean = clean_html(f"<p>{SENTENCE}</p>")
    assert pickle.loads(pickle.dumps(clean)).html() == clean.html()  # noqa: S301  # our own


def test_plain_words_that_look_like_markup_stay_words() -> None:
    clean = clean_html(f"<p>{SENTENCE}</p><p>The sign says &lt;b&gt;closed&lt;/b&gt; &amp; nothing else.</p>")
    assert "<b>closed</b> & nothing else." in clean.text
    assert "&lt;b&gt;closed&lt;/b&gt; &amp; nothing" in clean.html()


def test_quotation_marks_in_attributes_end_no_attribute() -> None:
    page = f"<p>{SENTENCE}</p><img src='/b.jpg' alt='\"New\" pier &amp; Ott&#39;s <boat>'><p>{SENTENCE}</p>"
    html = clean_html(page, url="https://post.example/").html()
    assert '<img alt="&quot;New&quot; pier &amp; Ott\'s &lt;boat&gt;" src="https://post.example/b.jpg"/>' in html
    image = BeautifulSoup(html, "html.parser").img
    assert isinstance(image, Tag)
    assert image["alt"] == '"New" pier & Ott\'s <boat>'


def test_an_image_takes_nothing_from_the_one_before_it() -> None:
    images = "<img src='/a.jpg' alt='A long description'><img data-src='/b.jpg'><img src='&#1;'>"
    html = clean_html(f"<p>{SENTENCE}</p>{images}<p>{SENTENCE}</p>", url="https://post.example/").html()
    found = BeautifulSoup(html, "html.parser").find_all("img")
    assert [(image["src"], image.get("alt", "")) for image in found] == [
        ("https://post.example/a.jpg", "A long description"),
        ("https://post.example/b.jpg", ""),
    ]


def test_lists_tables_and_rows_are_closed_where_they_end() -> None:
    cells = "<tr><td>Salt Lane<td>closed on Monday<tr><td>Pier Road<td>open to all"
    page = f"<p>{SENTENCE}</p><table>{cells}</table><ol><li>First the lane<li>Then the pier</ol><p>{SENTENCE}</p>"
    assert clean_html(page).html() == (
        f"<p>{SENTENCE}</p>\n"
        "<table><tr><td>Salt Lane</td>\n<td>closed on Monday</td>\n</tr>"
        "<tr><td>Pier Road</td>\n<td>open to all</td>\n</tr></table>\n"
        f"<ol><li>First the lane</li>\n<li>Then the pier</li>\n</ol>\n<p>{SENTENCE}</p>"
    )


def test_line_breaks_on_a_page_with_a_single_link_stay_line_breaks() -> None:
    body = "<p>The harbour bridge opened on Monday<br>after two years of repairs, mayor Ines Adler said.</p>"
    page = f"<html><body><article>{body}<p>Its <a href='https://example.org/toll'>toll</a> is 2 crowns.</p></article>"
    assert clean_html(page).html() == (
        "<p>The harbour bridge opened on Monday<br/>\nafter two years of repairs, mayor Ines Adler said.</p>\n"
        '<p>Its <a href="https://example.org/toll">toll</a> is 2 crowns.</p>'
    )
