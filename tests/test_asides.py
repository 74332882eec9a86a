"""What stands apart from a story does not make its copy another text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector import Detector, Item, clean_html
from detector.archive.shards import Prepared, ShardFile, shard_pieces, slim
from detector.archive.steps import bands_of
from detector.asides import asides_of
from detector.clean import SourceMemory, without_repeats
from detector.dedup import Entry, matches, sketch, tokenise
from detector.pipeline import examine
from detector.records import CleanText, Quality

FERRY = """The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said today.

Carrow Line, which has run the crossing since 1985, carried 61,000 passengers last year against 148,000 in 2012.
Its managing director, Oona Fairley, said the boat needed a new gearbox that would cost 420,000 pounds.

Wexcombe council offered a grant of 90,000 pounds in January. Councillor Piet Harmsen said the company had asked for
three times as much and that the town could not pay it."""

HEADLINES = [
    "Ellory mill to bake through the night", "Hagg bridge closes for repainting", "Scart rowers take county cup",
    "Two charged over stolen church bells", "Marl pool loses nine tonnes a night", "Weir Street school adds a class",
]  # fmt: skip
OWN = """Harbour pilot Dree Calloway, 58, said that without the ferry she would move her three boats to Ellory before
winter, and that six families on the Scart quay had told the parish clerk the same at a meeting on Friday."""


def page(*parts: str) -> str:
    story = "".join(f"<p>{paragraph}</p>" for paragraph in FERRY.split("\n\n"))
    return f"<html><head><title>Ferry to stop</title></head><body><div>{story}{''.join(parts)}</div></body></html>"


LINKS = "".join(f'<p><a href="/{number}">{line}</a></p>' for number, line in enumerate(HEADLINES))


def entry(item_id: str, text: str, *asides: str) -> Entry:
    spans = tuple((text.index(aside), text.index(aside) + len(aside)) for aside in asides)
    return Entry(item_id, text, sketch(tokenise(text)), kept=True, asides=spans)


def test_paragraphs_that_are_links_are_known_and_stay_so_when_others_go() -> None:
    text = replace(clean_html(page()), paragraphs=(OWN, *HEADLINES), linked=tuple(range(1, 7)), fragment=None)
    memory = SourceMemory()
    for _ in range(8):
        memory.observe([HEADLINES[0]])
    without = without_repeats(text, memory)
    assert [without.paragraphs[number] for number in without.linked] == HEADLINES[1:]
    spans = asides_of(without, examine(Item("a", OWN)).quality)
    assert [without.text[start:end] for start, end in spans if end - start < 60] == HEADLINES[1:]


def test_a_page_says_which_of_its_paragraphs_are_links() -> None:
    fragment = "".join(f"<p>{paragraph}</p>" for paragraph in FERRY.split("\n\n")) + LINKS
    clean = clean_html(fragment)
    assert set(HEADLINES) <= set(clean.paragraphs)
    assert [clean.paragraphs[number] for number in clean.linked] == HEADLINES


def test_other_pages_headlines_around_a_story_make_it_no_other_story() -> None:
    text = FERRY + "\n\n" + "\n\n".join(HEADLINES)
    (plain,) = matches(entry("later", text), [entry("earlier", FERRY)])
    (told,) = matches(entry("later", text, *HEADLINES), [entry("earlier", FERRY)])
    assert (plain.kind, plain.score < 0.8) == ("contains", True)
    assert (told.kind, told.score) == ("near", 1.0)


def test_a_paragraph_of_its_own_counts_whatever_stands_around_it() -> None:
    text = "\n\n".join([FERRY, OWN, *HEADLINES])
    (match,) = matches(entry("later", text, *HEADLINES), [entry("earlier", FERRY)])
    assert match.score < 0.8


def test_of_a_text_that_is_nearly_all_asides_nothing_is_set_apart() -> None:
    notice = FERRY.split("\n\n", maxsplit=1)[0]
    text = "\n\n".join([notice, *HEADLINES, OWN])
    assert matches(entry("later", text, *HEADLINES, OWN), [entry("earlier", FERRY)]) == ()


def test_a_headline_and_a_byline_above_a_story_are_no_lead_of_its_own() -> None:
    above = "Wexcombe quay loses its last boat to the islands\nBy Sanna Holm\n14 January\n\n"
    (match,) = matches(entry("later", above + FERRY), [entry("earlier", FERRY)])
    assert match.score > 0.8


def test_a_sentence_above_a_story_is_a_lead_of_its_own() -> None:
    above = "Sanna Holm will buy the ferry and sail it herself from June, the new owner told the council.\n\n"
    (match,) = matches(entry("later", above + FERRY), [entry("earlier", FERRY)])
    assert match.score <= 0.75


def test_captions_notices_of_rights_and_dates_are_asides_and_rows_of_figures_are_none() -> None:
    furniture = [
        "The Tern leaves Scart. (AP Photo/Sanna Holm)", "REUTERS/Sanna Holm", "© 2007 Wire. All rights reserved.",
        "POSTED: 8:54 am PST January 26, 2007", "Wednesday, 17th January 2007, 13:23",
    ]  # fmt: skip
    told = [
        "COPPER 876 876", "SEPT 189.00 189.50", "12 months", "The 10:45 ferry was cancelled on 3 January 2007.",
        "The council ordered the redistribution of 40 moorings.",
    ]  # fmt: skip
    text = "\n\n".join([*told, *furniture])
    spans = asides_of(CleanText("", (text,)), Quality(0.0, "publish", (), ()))
    assert [text[start:end] for start, end in spans] == furniture


def test_batch_and_service_know_the_same_asides() -> None:
    item = Item("page", "".join(f"<p>{paragraph}</p>" for paragraph in FERRY.split("\n\n")) + LINKS, "text/html")
    detector = Detector()
    detector.admit(Item("wire", FERRY))
    assert detector.check(item).action == "reject"
    examined = examine(item)
    prepared = Prepared(0, 0, "line 1", "digest", slim(examined), bands_of(examined), (), ())
    stored = ShardFile(b"".join(shard_pieces([prepared]))).prepared(0).examined
    assert asides_of(stored.text, stored.quality) == asides_of(examined.text, examined.quality) != ()


@pytest.mark.parametrize(
    "line",
    [
        "A tern (AP Photo/Sanna Holm)", "A tern (AFP/Sanna Holm)", "A tern (EPA/Sanna Holm)", "A tern (PA Images)",
        "A tern (Getty Images)", "REUTERS/Sanna Holm", "AFP/Sanna Holm", "EPA/Sanna Holm",
        "A tern [AP]", "A tern [Xinhua]",
        "A tern, Getty Images", "A tern, file photo", "Photo: Sanna Holm",
        "ALL RIGHTS RESERVED", "Alle Rechte vorbehalten",
        "Tous droits réservés", "TOUS DROITS RÉSERVÉS", "Reservados todos los derechos", "This may not be rewritten",
        "No republication or redistribution", "Copyright (c) 2007", "All rightſ reſerved",
    ],
)  # fmt: skip
def test_each_form_of_a_credit_or_a_notice_is_an_aside_where_it_is_the_only_one(line: str) -> None:
    text = f"The council met.\n\n{line}"
    spans = asides_of(CleanText("", (text,)), Quality(0.0, "publish", (), ()))
    assert line in [text[start:end] for start, end in spans]
