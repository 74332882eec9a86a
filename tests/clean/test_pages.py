"""Pages of fixtures/pages: the story stays whole, everything around it goes with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.clean import clean_html
from detector.clean.lexicon import AMBIGUOUS
from detector.clean.reasons import REASONS

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"

# page → how the story begins and ends, and pieces that must go with their reasons
EXPECTED = {
    "story_between_menu_and_footer": (
        "The harbour bridge opened", "its tension every ten seconds.",
        {"Sport": "navigation", "Related articles": "related", "Sign up for our newsletter": "newsletter"},
    ),
    "cookie_wall_before_article": ("All 63 primary schools", "at ten schools first.", {"Accept all": "cookie"}),
    "paywall_prompt_inside_the_story": (
        "Nordline will not sail", "for winter traffic.",
        {"Subscribe to continue reading": "paywall", "Already a subscriber? Sign in": "paywall"},
    ),
    "reader_comments_below_the_story": (
        "The city library stays open", "book budget by the same sum.",
        {"booklover77": "comments", "Great news, my kids love going there after lunch on Sundays!": "comments"},
    ),
    "hidden_text_in_the_story": (
        "Two people were slightly hurt", "put at 70,000 euros.",
        {"This paragraph is for search engines only and nobody who looks at the page can see it.": "hidden"},
    ),
    "table_of_results": ("The city's rowing club won", "national championships in July.", {"News": "navigation"}),
    "previous_and_next_story_links": (
        "A storm with gusts", "northerly wind and some rain.",
        {"No time to read?": "summary_prompt", "Choir of 300 fills the fish hall": "previous_next"},
    ),
    "deutsche_meldung": (
        "Der Stadtrat hat", "1.200 Unterschriften gesammelt.", {"Jetzt Newsletter abonnieren": "newsletter"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_the_story_stays_and_the_furniture_goes(name: str) -> None:
    begins, ends, gone = EXPECTED[name]
    clean = clean_html((PAGES / f"{name}.html").read_bytes())
    assert clean.text.startswith(begins)
    assert clean.text.endswith(ends)
    reasons = {piece.text: piece.reason for piece in clean.dropped}
    assert {text: reasons.get(text) for text in gone} == gone
    assert {piece.reason for piece in clean.dropped} <= set(REASONS)
    assert all(0 <= piece.confidence <= 1 for piece in clean.dropped)


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_every_page_has_its_title_its_language_and_no_notes(path: Path) -> None:
    clean = clean_html(path.read_text(encoding="utf-8"))
    assert clean.title
    assert "Post" not in clean.title
    assert clean.title not in clean.text
    assert clean.language == ("de" if path.stem.startswith("deutsch") else "en")
    assert clean.notes == ()
    assert clean.complete


def test_a_list_and_a_quotation_of_the_story_stay() -> None:
    clean = clean_html((PAGES / "story_between_menu_and_footer.html").read_text(encoding="utf-8"))
    assert "Lorries over 20 tonnes stay banned until the east ramp is done" in clean.paragraphs
    assert any(paragraph.startswith("“Nobody has to take") for paragraph in clean.paragraphs)


def test_the_cells_of_a_row_are_one_paragraph() -> None:
    clean = clean_html((PAGES / "table_of_results.html").read_text(encoding="utf-8"))
    assert "Single sculls\tLena Falk\t7:41.2" in clean.paragraphs


def test_a_fragment_without_a_page_around_it_is_cleaned_like_text() -> None:
    story = "".join(f"<p>Sentence number {n} of the story has some words in it.</p>" for n in ("one", "two", "three"))
    clean = clean_html(f"{story}<p>Share this article</p>")
    assert len(clean.paragraphs) == 3
    assert [piece.reason for piece in clean.dropped] == ["share"]


@pytest.mark.parametrize(
    "html", ["<p>Fire at sea.</p>", "<html><body><p>Fire at sea.</p></body></html>", "Fire at sea."]
)
def test_one_short_sentence_is_kept(html: str) -> None:
    assert clean_html(html).paragraphs == ("Fire at sea.",)


def test_text_is_cut_at_double_line_breaks_and_kept_whole_at_single_ones() -> None:
    clean = clean_html("<div>First part of it.<br><br>Second line of a verse,<br>and its end.</div>")
    assert clean.paragraphs == ("First part of it.", "Second line of a verse,\nand its end.")


def test_the_same_page_gives_the_same_text_as_bytes_and_as_text() -> None:
    path = PAGES / "story_between_menu_and_footer.html"
    assert clean_html(path.read_bytes()) == clean_html(path.read_text(encoding="utf-8"))


def test_json_ld_that_is_broken_says_nothing() -> None:
    page = (PAGES / "story_between_menu_and_footer.html").read_text(encoding="utf-8")
    broken = page.replace("</head>", '<script type="application/ld+json">{"headline": </script></head>')
    assert clean_html(broken).text == clean_html(page).text


def test_ambiguous_words_are_single_labels() -> None:
    assert all(word == word.casefold() and " " not in word for word in AMBIGUOUS)
