"""Text without markup: furniture lines go, with a reason; a short line that is news stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.clean import clean_text
from detector.clean.lines import (
    choose_from,
    has_suspects,
    is_plain,
    known_furniture,
    line_rows,
    measure_lines,
)
from detector.clean.textstats import codes_of
from detector.clean.units import read_units
from detector.train.disguise import DISGUISES

FUZZ = Path(__file__).parents[2] / "fixtures" / "fuzz"

FIRST = (
    "A storm with gusts of 118 kilometres an hour cut power to about 4,000 homes along the coast on Friday night, the "
    "grid operator said. Most had electricity again by noon on Saturday."
)
SECOND = (
    "In Holmby a fallen spruce blocked the only road for six hours, the fire service said. Nobody was hurt, and the "
    "school bus took the way round by the quarry."
)
THIRD = "The weather service expects calmer days until Wednesday, with a northerly wind and some rain in the hills."
TITLE = "Storm on the Coast: Power Lines, Fallen Trees and a Long Night"

# In the manner of the feed that this project was made for: prompts above and below, neighbours at the end.
FEED_ITEM = f"""{TITLE}

No time to read?
Get a summary

{FIRST}

{SECOND}

{THIRD}

No time to read?
Get a summary
Previous Article

Harbour Seals Counted From the Air for the First Time

Next Article

How Islanders Shop in Winter: Results of a County Survey"""


def test_a_feed_item_loses_its_eight_furniture_lines_and_nothing_else() -> None:
    clean = clean_text(FEED_ITEM)
    assert clean.title == TITLE
    assert clean.paragraphs == (FIRST, SECOND, THIRD)
    assert [(piece.text, piece.reason) for piece in clean.dropped] == [
        ("No time to read?", "summary_prompt"),
        ("Get a summary", "summary_prompt"),
        ("No time to read?", "summary_prompt"),
        ("Get a summary", "summary_prompt"),
        ("Previous Article", "previous_next"),
        ("Harbour Seals Counted From the Air for the First Time", "previous_next"),
        ("Next Article", "previous_next"),
        ("How Islanders Shop in Winter: Results of a County Survey", "previous_next"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Short on time?", "summary_prompt"),
        ("TL;DR", "summary_prompt"),
        ("Read a quick summary", "summary_prompt"),
        ("Summarize this article with AI", "summary_prompt"),
        ("Keine Zeit zu lesen?", "summary_prompt"),
        ("← Previous post", "previous_next"),
        ("Nächster Artikel", "previous_next"),
        ("Следующая статья", "previous_next"),
        ("下一篇", "previous_next"),
        ("Share this article", "share"),
        ("Facebook | Twitter | WhatsApp", "share"),
        ("Copy link", "share"),
        ("Sign up for our free daily newsletter", "newsletter"),
        ("Related articles", "related"),
        ("You may also like", "related"),
        ("Lesen Sie auch", "related"),
        ("Читайте также:", "related"),
        ("Advertisement", "advertisement"),
        ("Article continues below", "advertisement"),
        ("Subscribe to continue reading", "paywall"),
        ("Already a subscriber? Log in", "paywall"),
        ("Accept all cookies", "cookie"),
        ("Leave a comment", "comments"),
        ("12 comments", "comments"),
        ("Skip to main content", "navigation"),
        ("Load more", "navigation"),
        ("© 2024 The Harbour Post. All rights reserved.", "legal"),
    ],
)
def test_a_furniture_line_goes_with_its_reason(line: str, reason: str) -> None:
    clean = clean_text(f"{FIRST}\n\n{line}\n\n{SECOND}")
    assert clean.paragraphs == (FIRST, SECOND)
    assert [(piece.text, piece.reason) for piece in clean.dropped] == [(line, reason)]


@pytest.mark.parametrize(
    "line",
    [
        "“We will rebuild,” Adler said.",
        "Holmby 2, Norden 1",
        "3-2",
        "What happens next",
        "Next steps for the county",
        "The previous storm",
        "Nobody was hurt.",
        "He declined to comment.",
        "No comment, said the mayor.",
        "By Jane Miller",
        "HOLMBY, Nov 3 (Coast Press) -",
        "More follows.",
        "- 4,000 homes without power",
        "1. Check the fuse box",
        "Share prices fell.",
        "Related to this, two roads stay closed.",
        "Time to read the small print",
        "Was it worth it?",
        "Shr 28 cts vs 31 cts",
        "Pay April 30",
        "The wind came down the hill at night,",
        "Копии договора нет.",
        "Keine Verletzten",
        "死傷者はいなかった。",
        "* * *",
    ],
)
def test_a_short_line_of_the_story_stays(line: str) -> None:
    clean = clean_text(f"{FIRST}\n\n{line}\n\n{SECOND}")
    assert clean.paragraphs == (FIRST, line, SECOND)
    assert clean.dropped == ()


POEM = """The wind came down the hill at night,
The lamps along the quay went out,
And no one there could see to write
A word of what it was about."""


@pytest.mark.parametrize(
    "text",
    [
        POEM,
        "Lake regatta:\n\nSingle sculls: Falk 7:41.2\nDouble sculls: Falk and Meyer 6:58.9\nEights: Norden 5:44.0",
        "Quarterly results of Nordline\nShr 28 cts vs 31 cts\nNet 1.2 mln vs 1.4 mln\nRevs 44.1 mln vs 40.8 mln",
        "Нет света в 4000 домов. Ветер достигал 118 километров в час, сообщили в четверг власти.\nШколы закрыты.",
        "風速は時速118キロに達した。\n\n約4000戸が停電した。\n\n負傷者はいない。",
    ],
    ids=["poem", "results", "earnings", "russian", "japanese"],
)
def test_a_text_without_furniture_loses_nothing(text: str) -> None:
    clean = clean_text(text)
    assert clean.dropped == ()
    kept = f"{clean.title}\n{clean.text}"
    assert kept.split() == text.split()


def test_a_transcript_keeps_its_short_lines() -> None:
    asked = [
        "ADLER: Is it safe?",
        "OTT: It is.",
        "ADLER: Since when?",
        "(LAUGHTER)",
        "OTT: Since Monday.",
        "ADLER: Thanks.",
    ] * 6
    assert clean_text("\n".join(asked)).dropped == ()


def test_the_title_after_a_label_goes_but_the_story_after_it_stays() -> None:
    clean = clean_text(f"{FIRST}\n\nNext Article\n\n{SECOND}")
    assert clean.paragraphs == (FIRST, SECOND)


def test_lines_wrapped_at_a_fixed_width_are_one_paragraph() -> None:
    wrapped = (
        "The county council agreed on Thursday to pay for a new slipway at\n"
        "the north end of the harbour, which the lifeboat crew has asked\n"
        "for since 2019, and put the cost at 400,000 euros including the\n"
        "road to it."
    )
    clean = clean_text(f"{wrapped}\n\n{FIRST}")
    assert clean.paragraphs == (wrapped.replace("\n", " "), FIRST)


def test_long_lines_without_blank_lines_are_paragraphs() -> None:
    assert clean_text(f"{FIRST}\n{SECOND}").paragraphs == (FIRST, SECOND)


def test_short_lines_of_one_paragraph_stay_together() -> None:
    units = read_units("One line\nAnother line\n\nA third")
    assert units.texts == ["One line", "Another line", "A third"]
    assert units.paragraphs.tolist() == [0, 0, 1]


def test_a_headline_is_taken_only_from_above_a_text() -> None:
    assert clean_text(f"{TITLE}\n\n{FIRST}").title == TITLE
    assert clean_text(f"{FIRST}\n\n{TITLE}\n\n{SECOND}").title == ""
    assert clean_text(TITLE).paragraphs == (TITLE,)
    both = clean_text(f"{TITLE}\n\nFallen Trees Everywhere\n\n{FIRST}")
    assert (both.title, both.paragraphs[0]) == ("", TITLE)


PIECES = st.sampled_from(
    [FIRST, SECOND, THIRD, TITLE, "Next Article", "Get a summary", "Menu", "Home", "Share", "3-2", "By Jane Miller",
     "Read more", "“No,” he said.", "News\nSport\nWeather", "12 comments", "Follow us", "Subheading of a part"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12), st.sampled_from(["\n", "\n\n"]))
@settings(deadline=None, max_examples=200)
def test_cleaning_again_changes_nothing(pieces: list[str], joint: str) -> None:
    once = clean_text(joint.join(pieces))
    again = clean_text(once.text)
    assert again.text == once.text
    assert again.dropped == ()


LINES = st.sampled_from([
    FIRST, SECOND, FIRST[:-1], f"{SECOND}”", TITLE, "Next Article",
    "“We shall see what comes of it all,” said Mr Reed of the harbour office,”",
    "Sign up for our newsletter to get the latest news in your inbox.", "Seven words are too few for this.",
    "In 1987 it paid 12 pct, 3.5 mln dlrs and no more.", "港口大桥于周一重新开放。", "It is - - - - - - - so.",
])  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=5))
@settings(deadline=None, max_examples=300)
def test_a_text_is_plain_when_no_line_of_it_is_suspect(lines: list[str]) -> None:
    measured = measure_lines(lines, range(len(lines)), known_furniture(lines))
    assert is_plain(lines, codes_of(lines)) == (not has_suspects(measured))


@given(st.lists(PIECES, min_size=1, max_size=12), st.lists(st.sampled_from(["\n", "\n\n"]), min_size=12, max_size=12))
@settings(deadline=None, max_examples=200)
def test_units_that_were_read_again_are_those_of_what_is_written(pieces: list[str], joints: list[str]) -> None:
    units = read_units("".join(map("".join, zip(pieces, joints, strict=False))))
    again = units.read_again()
    if again is not None:
        anew = read_units("\n\n".join(units.written()))
        assert (again.texts, again.breaks.tolist()) == (anew.texts, anew.breaks.tolist())
        assert again.written() == anew.written() == units.written()


@given(st.lists(PIECES, max_size=12))
@settings(deadline=None, max_examples=50)
def test_every_word_is_kept_or_accounted_for(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    clean = clean_text(text)
    found = [clean.title, clean.text, *(piece.text for piece in clean.dropped)]
    assert sorted(" ".join(found).split()) == sorted(text.split())
    assert clean == clean_text(text)


@pytest.mark.parametrize("name", DISGUISES)
def test_a_page_without_markup_loses_its_menus_in_a_language_of_which_no_word_is_known(name: str) -> None:
    says = DISGUISES[name].text
    story = [says(text) for text in (FIRST, SECOND, THIRD) for _ in range(2)]
    menus = [says(f"{place} {topic}") for place in ("Coast", "Hills", "Town", "Islands") for topic in _TOPICS]
    text = "\n".join([*menus[:20], *story, *menus[20:]])
    clean = clean_text(text)
    assert set(story) <= set(clean.paragraphs)
    assert len(clean.paragraphs) <= len(story) + len(menus) // 10


_TOPICS = ("news", "sport", "weather", "tides", "letters", "deaths", "jobs", "houses", "boats", "photos")


def test_what_is_left_of_a_text_is_measured_as_if_it_had_been_read_alone() -> None:
    texts = FEED_ITEM.replace("\n\n", "\n").split("\n")
    left = np.array([0, 3, 4, 5, 9])
    everything = measure_lines(texts, range(len(texts)), [1, 2])
    some = choose_from(everything.statistics, left, left, [])
    alone = measure_lines([texts[k] for k in left], left.tolist(), [])
    assert some.english == alone.english
    assert np.array_equal(line_rows(some, some.words), line_rows(alone, alone.words))


def test_a_long_text_that_goes_line_by_line_is_not_judged_to_the_end_and_says_so() -> None:
    once = (FUZZ / "lines" / "lines_that_go_one_by_one").read_bytes()
    assert "lines_unsettled" not in clean_text(once).notes
    assert "lines_unsettled" in clean_text(b"\n".join([once] * 64)).notes
