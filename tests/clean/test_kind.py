"""A page that is no article is said to be none."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.clean import clean_html, clean_text

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"
_MENU = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/news'>News</a></li></ul></nav>"


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_a_story_is_an_article(path: Path) -> None:
    clean = clean_html(path.read_bytes())
    assert clean.page_kind == "article"
    assert 0.5 <= clean.page_kind_confidence <= 1


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("404 Not Found", "The page you are looking for no longer exists.", "error"),
        ("Seite nicht gefunden", "Diese Seite gibt es nicht mehr.", "error"),
        (
            "Just a moment...",
            "Checking your browser before you can go on. Please enable JavaScript and cookies.",
            "error",
        ),
        (
            "The Harbour Post",
            "Before you continue: we value your privacy. We and our partners store cookies.",
            "consent",
        ),
    ],
)
def test_a_page_without_content_is_an_error_or_consent_page(title: str, text: str, kind: str) -> None:
    page = f"<html><head><title>{title}</title></head><body>{_MENU}<h1>{title}</h1><p>{text}</p></body></html>"
    clean = clean_html(page)
    assert clean.page_kind == kind
    assert clean.page_kind_confidence >= 0.8


def test_a_grid_of_teasers_is_no_article() -> None:
    cards = "".join(
        f"<div class='card'><a href='/p/{k}'><img src='/{k}.jpg' alt=''><h3>Lamp {k}</h3></a>"
        f"<span class='price'>{k}9.90 €</span><button class='add-to-cart'>Add to cart</button></div>"
        for k in range(40)
    )
    page = f"<html><head><title>Lamps</title></head><body>{_MENU}<div class='product-grid'>{cards}</div></body></html>"
    assert clean_html(page).page_kind != "article"


def test_a_text_and_a_fragment_have_no_kind() -> None:
    assert clean_text("The bridge opened on Monday.").page_kind is None
    assert clean_html("<p>The bridge opened on Monday.</p>").page_kind is None


def test_text_that_is_printed_twice_is_kept_once() -> None:
    story = "".join(
        f"<p>Paragraph {k} says that the council voted for the bridge by {k + 20} to 12 on Monday evening.</p>"
        for k in range(6)
    )
    twice = f"<div class='wide'>{story}</div><div class='narrow'>{story}</div>"
    clean = clean_html(f"<html><body>{_MENU}<main>{twice}</main></body></html>")
    assert len(clean.paragraphs) == 6
    assert [piece.reason for piece in clean.dropped].count("repeated") == 6
