"""A WordPress export: published posts and pages are items; drafts, pictures and menus stay as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import find_sources

EXPORT = Path(__file__).parents[3] / "fixtures" / "formats" / "wordpress_export.xml"


def test_the_published_posts_of_an_export_are_its_items(reads: Any) -> None:
    assert [source.format for source in find_sources([EXPORT])] == ["wordpress"]
    items, bad = reads(EXPORT)
    assert not bad
    ferry, hives, about = items
    assert (hives.title, about.title) == ("Two hives on the town hall", "About us")
    assert ferry.title == "Ferry Tern stops sailing on 3 May"
    assert ferry.id == "https://harbour-post.example/?p=41"
    assert ferry.url == "https://harbour-post.example/2026/03/ferry-tern-stops/"
    assert ferry.published == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    assert (ferry.source, ferry.section, ferry.language, ferry.media_type) == (
        "Harbour Post", "Shipping", "en-GB", "text/html"
    )  # fmt: skip


def test_posts_of_the_classic_editor_get_the_paragraphs_that_readers_see(reads: Any) -> None:
    hives = reads(EXPORT)[0][1]
    assert hives.body.count("<p>") == 2
    assert "<blockquote>" in hives.body
    assert "<p><blockquote>" not in hives.body


def test_an_export_without_an_item_that_goes_is_otherwise_the_same(writes: Any) -> None:
    out = writes(EXPORT, remove={"https://harbour-post.example/?p=43"})
    before = EXPORT.read_text(encoding="utf-8")
    kept = (out / "kept" / EXPORT.name).read_text(encoding="utf-8")
    start = before.index("\n\n\t<item>\n\t\t<title><![CDATA[Two hives")
    end = before.index("</item>", start) + len("</item>")
    assert kept == before[:start].rstrip() + before[end:]
    assert "Draft about the gearbox" in kept
    assert "Draft about the gearbox" not in (out / "removed" / EXPORT.name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (("<title><![CDATA[Ferry Tern", "<title><b><![CDATA[Ferry Tern"), "not well-formed"),
        (("The <em>Tern</em>", "The \x00Tern"), "not well-formed"),
        (("<dc:creator><![CDATA[jory]]></dc:creator>", "<dc:creator>&nbsp;</dc:creator>"), "not well-formed"),
    ],
)
def test_a_broken_post_is_set_aside_and_the_others_are_read(
    broken: tuple[str, str], reason: str, tmp_path: Path, reads: Any
) -> None:
    file = tmp_path / "export.xml"
    text = EXPORT.read_text(encoding="utf-8")
    assert broken[0] in text
    file.write_text(text.replace(*broken, 1), encoding="utf-8")
    items, bad = reads(file)
    assert len(items) == 2
    assert [reason in row.error for row in bad] == [True]
