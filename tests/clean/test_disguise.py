"""Made-up languages: words are replaced, and nothing else is."""

from __future__ import annotations

import pytest

from detector.train.alignment import tokens
from detector.train.disguise import DISGUISES

TEXT = "The ferry sails at 7.30, the harbour says; will THE Ferry be late? Nobody knows."


@pytest.mark.parametrize("name", ["latin", "cyrillic", "greek", "caseless"])
def test_a_word_becomes_the_same_word_everywhere_and_keeps_its_length(name: str) -> None:
    before, after = tokens(TEXT), tokens(DISGUISES[name].text(TEXT).casefold())
    assert [len(word) for word in after] == [len(word) for word in before]
    assert after[0] == after[6] == after[10]
    assert not set(after) & {word for word in before if word.isalpha() and len(word) > 2}
    assert "30" in after


def test_capitals_stay_in_scripts_that_have_them() -> None:
    assert [word[0].isupper() for word in DISGUISES["greek"].text(TEXT).split()] == [
        word[0].isupper() for word in TEXT.split()
    ]
    assert DISGUISES["caseless"].text(TEXT) == DISGUISES["caseless"].text(TEXT.lower())


def test_a_script_without_blanks_has_none_between_words_and_its_own_marks() -> None:
    text = DISGUISES["spaceless"].text(TEXT)
    assert " " not in text.replace(" 7.30", "").replace("7.30，", "")
    assert "7.30" in text
    assert text.endswith("。")
    assert "？" in text


def test_of_a_page_only_what_is_read_changes() -> None:
    html = (
        '<html><head><title>Ferry sails</title><meta property="og:title" content="Ferry sails">'
        '<script>var ferry = "sails";</script>'
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry sails"}</script></head>'
        '<body class="ferry"><p id="sails">Ferry sails &amp; returns</p></body></html>'
    )
    said = DISGUISES["latin"].text("Ferry sails")
    page = DISGUISES["latin"].page(html)
    assert page.count(said) == 4
    assert 'class="ferry"><p id="sails">' in page
    assert 'var ferry = "sails";' in page
    assert '"NewsArticle"' in page
    assert "&amp;" in page
