"""A page is read as a parser would read it, and any bytes are read without harm."""

from __future__ import annotations

import html
from html.entities import html5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from detector.clean.blocks import read_blocks
from detector.clean.guard import guard
from detector.clean.phrases import NONE, Phrases, Stretches

_TAGS = ["p", "div", "span", "b", "em", "a", "ul", "li", "table", "tr", "td", "h2", "section", "blockquote"]
_PIECES = st.one_of(
    st.sampled_from(
        [f"<{tag}>" for tag in _TAGS] + [f"</{tag}>" for tag in _TAGS] + ["<br>", "<!-- x -->", "&amp;", " "]
    ),
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=12),
)


def _letters(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


@given(st.lists(_PIECES, max_size=30))
@settings(max_examples=150, deadline=None)
def test_the_text_is_that_of_lxmls_tree(pieces: list[str]) -> None:
    markup = guard("<html><body>" + "".join(pieces) + "</body></html>").markup
    root = etree.fromstring(markup, etree.HTMLParser(encoding="utf-8"))
    assert _letters("".join(read_blocks(markup).texts)) == _letters("".join(root.itertext()))


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_bytes_that_no_guard_has_seen_do_no_harm(data: bytes) -> None:
    assert isinstance(read_blocks(data).texts, tuple)
    assert isinstance(read_blocks(b"<div class=" + data + b"><p>x", depth=2).texts, tuple)


def test_named_characters_are_those_of_the_standard() -> None:
    for name in (name for name in html5 if name.endswith(";")):
        wanted = " ".join(f"a{html.unescape('&' + name)}b".replace("\u200b", "").split())
        assert " ".join(read_blocks(f"<p>a&{name}b</p>".encode()).texts) == wanted, name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#8217;", "’"), ("&#x2019;", "’"), ("&#146;", "’"), ("&copy 2024", "© 2024"), ("&#0;", "\ufffd"),
        ("&#xD800;", "\ufffd"), ("&#99999999;", "\ufffd"), ("AT&T", "AT&T"), ("&nonsense;", "&nonsense;"),
        ("&#;", "&#;"),
    ],
)  # fmt: skip
def test_references_are_read_as_a_browser_reads_them(written: str, read: str) -> None:
    assert read_blocks(f"<p>{written}</p>".encode()).texts == (read,)


def test_runs_keep_links_emphasis_and_line_breaks() -> None:
    page = read_blocks(b'<p>One <em>two</em> <a href="/x?a=1&amp;b=2">three</a><br>four</p>')
    assert page.texts == ("One two three\nfour",)
    assert [(run.text, run.emphasis, run.href) for run in page.runs_of(0)] == [
        ("One ", 0, ""), ("two", 1, ""), (" ", 0, ""), ("three", 0, "/x?a=1&b=2"), ("\n", 0, ""), ("four", 0, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "&#10;"])
def test_the_lines_of_a_listing_are_runs_however_many_they_are(end: str) -> None:
    page = read_blocks(f"<pre>{f'a{end}' * 50_000}</pre>".encode())
    assert page.texts == ("\n".join("a" * 50_000),)
    assert len(page.runs_of(0)) == 99_999


def test_hidden_elements_are_known_to_be_hidden() -> None:
    page = read_blocks(b'<p>Seen</p><div style="display : none"><p>Hidden</p></div><p hidden="">Too</p><p>Seen</p>')
    assert page.hidden.tolist() == [False, True, True, False]


def test_the_first_list_with_a_phrase_counts() -> None:
    phrases = Phrases.of((("one", ("abc", "é")), ("two", ("b", "cd"))))
    texts = ["xABCx", "bbb", "É", "zz", "ccd", ""]
    assert phrases.first(Stretches.of(texts)) == [0, 1, 0, NONE, 1, NONE]
