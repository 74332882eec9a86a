"""Verified matches: which kind two texts are, and the evidence for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from detector.dedup import Entry, matches, sketch, tokenise
from detector.records import Kind, Match

FERRY = """The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said today.

Carrow Line, which has run the crossing since 1985, carried 61,000 passengers last year against 148,000 in 2012.
Its managing director, Oona Fairley, said the boat needed a new gearbox that would cost 420,000 pounds.

Wexcombe council offered a grant of 90,000 pounds in January. Councillor Piet Harmsen said the company had asked for
three times as much and that the town could not pay it.

The 14 crew will be offered work on the Ellory route, where the larger Guillemot sails six times a day. Season
tickets bought before 1 March will be refunded in full, the company said, and freight will go by road over the
Hagg bridge from the first week of May."""

POOL = """Builders will drain the outdoor pool at Great Marl this week to look for a leak that loses nine cubic
metres of water a night. The parks department has put the cost of the search at 12,500 pounds and expects
to reopen the pool on the last Saturday of June, three weeks later than in other years. Swimming lessons move to the
school in Weir Street, where evening sessions are added on Tuesdays and Thursdays for the 230 children enrolled."""


def entry(item_id: str, text: str, title: str = "", source: str | None = None, url: str | None = None) -> Entry:
    return Entry(item_id, text, sketch(tokenise(text)), kept=True, title=title, source=source, url=url)


def match(later: Entry, earlier: Entry) -> Match | None:
    found = matches(later, [earlier])
    return found[0] if found else None


def kind(later: str, earlier: str, /, **titles: str) -> Kind | None:
    found = match(entry("later", later, titles.get("later", "")), entry("earlier", earlier, titles.get("earlier", "")))
    return found.kind if found else None


def test_the_same_text_is_exact_whatever_its_case_spacing_and_quotes() -> None:
    assert kind(FERRY.upper().replace("\n\n", "\n"), FERRY) == "exact"


def test_a_few_changed_words_are_near() -> None:
    edited = FERRY.replace("managing director", "chief executive").replace("larger", "bigger").replace("said", "says")
    assert kind(edited, FERRY) == "near"


def test_a_scan_with_misread_letters_is_near() -> None:
    scanned = FERRY.replace("e c", "c c").replace("rn", "m").replace("ll", "1l").replace("in ", "m ")
    assert kind(scanned, FERRY) == "near"


def test_paragraphs_in_another_order_are_near() -> None:
    first, second, third, fourth = FERRY.split("\n\n")
    assert kind("\n\n".join([first, fourth, third, second]), FERRY) == "near"


def test_a_cut_is_contained_in_the_whole_and_the_whole_contains_the_cut() -> None:
    cut = "\n\n".join(FERRY.split("\n\n")[:2])
    assert kind(cut, FERRY) == "contained"
    assert kind(FERRY, cut) == "contains"


def test_a_text_that_lacks_one_paragraph_was_cut_and_one_that_lacks_as_much_here_and_there_was_edited() -> None:
    paragraphs = FERRY.split("\n\n")
    assert kind("\n\n".join(paragraphs[:3]), FERRY) == "contained"
    thinned = FERRY.replace(", its owner said today", "").replace(" against 148,000 in 2012", "")
    thinned = thinned.replace(" in January", "").replace("in full, the company said, ", "")
    assert kind(thinned, FERRY) == "near"


def test_what_other_stories_repeat_too_makes_a_copy_no_longer() -> None:
    furniture = (
        " We use small files to improve your visit here and to show you notices that suit you. You have read three of"
        " your five free stories this month; subscribe for unlimited access. Copyright, all rights reserved; nothing of"
        " this may be published, broadcast, rewritten or passed on. Sign up for the morning letter and get the top"
        " stories of the day. Do you have a story for us? Call the desk at any hour, or write to the newsroom by post."
    )
    others = [entry("pool", POOL + furniture), entry("minister", MINISTER.format("Norway", "Monday") + furniture)]
    copy, original = entry("copy", FERRY + furniture), entry("original", FERRY)
    alone, among = match(copy, original), matches(copy, [original, *others])[0]
    assert alone is not None
    assert (alone.kind, among.of, among.kind) == ("contains", "original", "near")


def test_a_wire_story_within_a_local_one_is_contained_by_it() -> None:
    assert kind(f"{POOL}\n\n{FERRY}\n\n{POOL.replace('Marl', 'Hagg')}", FERRY) == "contains"


@pytest.mark.parametrize("word", ["UPDATE 2-", "CORRECTED-", "(CORRECTED) - ", "Correction: ", "REFILE-"])
def test_the_agencys_own_word_makes_an_update(word: str) -> None:
    later = FERRY.replace("61,000", "64,000")
    assert kind(later, FERRY, later=f"{word}Ferry to stop", earlier="Ferry to stop") == "update"


def test_the_same_headline_with_more_text_is_an_update() -> None:
    later = f"{FERRY}\n\n{POOL}"
    assert kind(later, FERRY, later="Ferry to stop", earlier="Ferry to stop") == "update"
    assert kind(later, FERRY, later="Pool to drain", earlier="Ferry to stop") == "contains"


def test_one_figure_put_right_under_the_same_headline_is_an_update_and_says_which() -> None:
    found = match(
        entry("later", FERRY.replace("61,000", "64,000"), "Ferry to stop", "post"),
        entry("earlier", FERRY, "Ferry to stop", "post"),
    )
    assert found is not None
    assert found.kind == "update"
    assert [(d.kind, d.here, d.there) for d in found.differs] == [("number", "64,000", "61,000")]


EARNINGS = (
    "{0} reported first-quarter net income of ${1} million, or {2} cents a share, compared with ${3} million, or {4}"
    " cents a share, a year earlier. Revenue at the {5}-based company rose {6} percent to ${7} million. Shares of {0}"
    " closed at ${8} on {9}."
)


def test_the_same_form_with_other_facts_is_a_template_and_no_duplicate() -> None:
    one = EARNINGS.format("Harl Foods", 21.4, 31, 18.2, 26, "Porthal", 6.1, 310.5, 14.20, "Tuesday")
    other = EARNINGS.format("Vantis Steel", 102.7, 88, 96.0, 81, "Grenmark", 2.8, 944.1, 51.75, "Friday")
    found = match(entry("later", other), entry("earlier", one))
    assert found is not None
    assert found.kind == "template"
    assert not found.is_duplicate
    assert ("name", "Vantis Steel", "Harl Foods") in [(d.kind, d.here, d.there) for d in found.differs]


def test_much_standing_text_with_few_facts_is_a_template_too() -> None:
    standing = (
        "Residents of {} are told to boil tap water after tests on {} found bacteria in a reservoir. Water should be"
        " brought to a rolling boil for one minute and left to cool before it is used for drinking, cooking or making"
        " ice. It is safe to wash clothes in it. People with weak immune systems should ask their doctor. The notice"
        " covers about {} homes."
    )
    assert kind(standing.format("Hagg", "Monday", "4,100"), standing.format("Scart", "Friday", "760")) == "template"


def test_a_recurring_report_is_a_template_where_every_noun_has_a_capital() -> None:
    standing = (
        "Die Ämter in Grenmark haben dem Institut binnen eines Tages {} neue Fälle gemeldet. Zudem wurden dabei {}"
        " Todesfälle verzeichnet. Der Wert lag nach Angaben des Instituts am {} bei {}. Am Wochenende fallen die Zahlen"
        " meist niedriger aus, weil dann weniger getestet wird und nicht alle Ämter ihre Daten übermitteln. Die Zahl"
        " dürfte deutlich höher liegen, da viele Infektionen nicht erkannt werden. Die Zahl der Genesenen gab das"
        " Institut nicht an. Eine Übersicht über die Lage in den Kliniken gibt die Vereinigung der Mediziner."
    )
    one, other = standing.format("8.412", "126", "Montag", "71,3"), standing.format("11.903", "243", "Freitag", "88,9")
    assert kind(one, other) == "template"


def test_short_items_that_share_only_their_furniture_are_no_duplicates() -> None:
    furniture = " This is a breaking story. More details will be published here as soon as they are available."
    one = "Wexcombe library shuts for nine days from 4 May for new wiring." + furniture
    other = "A lorry has shed its load of gravel on the Ellory road." + furniture
    assert kind(one, other) in (None, "template")


def test_a_short_item_without_its_furniture_is_the_same_item() -> None:
    brief = "Wexcombe library shuts for nine days from 4 May for new wiring."
    furniture = " This is a breaking story. More details will be published here as soon as they are available."
    assert kind(brief, brief + furniture) == "near"
    assert kind(brief + furniture, brief) == "near"


def test_unlike_stories_do_not_match() -> None:
    assert kind(POOL, FERRY) is None


def test_spans_are_offsets_of_the_shared_passages_in_both_texts() -> None:
    cut = "\n\n".join(FERRY.split("\n\n")[1:3])
    found = match(entry("later", cut), entry("earlier", FERRY))
    assert found is not None
    span = found.spans[0]
    assert cut[span.start : span.end] == FERRY[span.other_start : span.other_end] == cut.rstrip(".")


def test_shares_are_exact_and_directed() -> None:
    cut = "\n\n".join(FERRY.split("\n\n")[:2])
    found = match(entry("later", cut), entry("earlier", FERRY))
    assert found is not None
    assert found.containment == 1.0
    assert 0 < found.coverage < 1
    assert found.jaccard == pytest.approx(found.coverage)
    assert found.score == 1.0


def test_alignment_of_a_text_that_repeats_itself_stays_bounded() -> None:
    same = "The same sentence stands here again and again. " * 20_000
    found = match(entry("later", same + FERRY.replace("larger", "bigger")), entry("earlier", same + FERRY))
    assert found is not None
    assert found.kind == "near"


def test_a_very_long_word_is_compared_like_any_other() -> None:
    assert kind("x" * 1_000_000 + " " + FERRY, "x" * 1_000_000 + " " + FERRY) == "exact"


def test_a_short_copy_is_found_among_many_items_with_the_same_furniture() -> None:
    furniture = " This is a breaking news story. More details will be published here as soon as they are available."
    other = " Our live coverage has ended for today. Join us again tomorrow morning from six for all the latest news."
    towns = ["Scart", "Hagg", "Lindeth", "Castrel", "Ostrey", "Tarnholme", "Ellory", "Marl", "Wexcombe", "Skerrin"]
    briefs = [f"A bridge in {town} has reopened after {number + 3} weeks." for number, town in enumerate(towns * 2)]
    crowd = [entry(f"crowd{number}", brief + other) for number, brief in enumerate(briefs)]
    original = entry("original", "The Aldwick lifeboat was called out twice on Sunday." + furniture)
    copy = entry("copy", "The Aldwick lifeboat was called out twice on Sunday." + other)
    found = matches(copy, [*crowd, original])
    assert [match.of for match in found if match.kind != "template"] == ["original"]


MINISTER = (
    "The foreign minister of {} told parliament on {} that the country would sign the fishing treaty before the summer."
    " The opposition said it would vote against it because it gives too much away. A vote is expected within weeks, and"
    " the president has said he will respect the result whatever it is. Fishermen in the ports held a small protest."
)
TRIAL = (
    "A jury at Castrel has found Darren Pike, 44, {} of the murder of his business partner after a trial of five weeks."
    " The court had heard that the two men quarrelled over a debt of 12,000 crowns in the office of their haulage firm"
    " on 3 May last year. Pike, of Weir Street, had always denied that he was there on the night."
)
MAYOR = (
    "周二上午，市长{}在市政厅会见了来访的渔业代表团，双方就港口扩建、冷库建设和明年的捕捞配额交换了意见。代表团团长表示，"
    "希望在夏天以前签署协议。会见结束后，代表团参观了老码头和新建的鱼市场，并听取了关于污水处理的介绍。"
)
DISH = (
    "Heat two spoons of oil in a pan and soften the onions for ten minutes. Stir in the {0} with the cumin, pour in"
    " the stock and simmer until the {0} are tender. Season with salt and lemon and serve with yoghurt and warm bread."
    " What is left keeps for three days. The recipe is from Marta Olin, who has cooked it in Weir Street since 2011."
)
BRIDGE = (
    " The bridge, built in 1911, carries 9,000 vehicles a day. It was closed in January last year after divers found"
    " cracks in the second pier. Repairs by Northline cost 3.2 million crowns and took 14 months. Traders on Quay Road"
    " said the closure had cost them a third of their income, and two shops closed."
)


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param(MINISTER.format("Iraq", "Monday"), MINISTER.format("Iran", "Monday"), id="a name much like it"),
        pytest.param(MINISTER.format("Norway", "Sunday"), MINISTER.format("Norway", "Monday"), id="another day"),
        pytest.param(MAYOR.format("王丽"), MAYOR.format("李强"), id="another name in a script without capitals"),
        pytest.param(DISH.format("carrots"), DISH.format("lentils"), id="another subject throughout"),
        pytest.param(
            f"The harbour bridge at Aldwick remains closed to traffic on Monday.{BRIDGE}",
            f"The harbour bridge at Aldwick will reopen to traffic on Monday.{BRIDGE}",
            id="another turn in the lead",
        ),
        pytest.param(TRIAL.format("not guilty"), TRIAL.format("guilty"), id="a not"),
        pytest.param(
            f"A lorry driver was hurt on Wednesday when his vehicle hit the parapet of the bridge at Aldwick.{BRIDGE}",
            f"The harbour bridge at Aldwick reopened on Monday.{BRIDGE}",
            id="a lead of its own over old background",
        ),
    ],
)
def test_a_copy_that_parts_from_its_original_in_what_matters_is_not_sure(later: str, earlier: str) -> None:
    found = match(entry("later", later), entry("earlier", earlier))
    assert found is None or not found.is_duplicate or found.score <= 0.75


def test_a_copy_with_a_few_smoothed_words_behind_its_lead_is_sure() -> None:
    smoothed = TRIAL.format("guilty").replace("quarrelled over", "argued about").replace("always denied", "denied")
    found = match(entry("later", smoothed), entry("earlier", TRIAL.format("guilty")))
    assert found is not None
    assert found.score > 0.9


def test_two_briefs_on_one_company_are_no_copies_though_they_begin_alike() -> None:
    lead = "Grenmark Motors said its Hellen Aircraft unit in Porthal"
    one = f"{lead} named Albert Wieland as chairman, succeeding Alma Pucket who retired after 38 years."
    other = f"{lead} won a contract worth 20 million crowns from Norrby to equip the cabins of the new N47 jet."
    assert kind(one, other) in (None, "template")


def test_the_same_brief_weeks_later_is_another_report_and_the_next_minute_a_copy() -> None:
    text = "The central bank bought 1.5 billion crowns of bills on Tuesday. Overnight money stood at 6.25 percent."
    first = replace(entry("first", text), published=datetime(2026, 3, 2, tzinfo=UTC))
    for days, score in ((0, 1.0), (21, 0.75)):
        found = match(replace(entry("later", text), published=datetime(2026, 3, 2 + days, tzinfo=UTC)), first)
        assert found is not None
        assert (found.kind, found.score) == ("exact", score)


def test_an_edited_copy_weeks_later_is_not_sure_and_the_same_day_it_is() -> None:
    edited = FERRY.replace("managing director", "chief executive").replace("could not pay it", "has no money")
    edited = edited.replace("refunded in full", "paid back").replace("from the first week of", "early in")
    first = replace(entry("first", FERRY), published=datetime(2026, 3, 2, tzinfo=UTC))
    for days, is_sure in ((1, True), (14, False)):
        found = match(replace(entry("later", edited), published=datetime(2026, 3, 2 + days, tzinfo=UTC)), first)
        assert found is not None
        assert (found.score >= 0.8) is is_sure


def test_a_table_with_another_number_is_not_sure() -> None:
    rates = "Deposit rates. Week 6.3 6.1, month 6.4 6.2, two 6.5 6.3, three 6.6 6.4, six 6.7 6.5, year 6.9 6.8, "
    rates += "two years 7.1 7.0, five 7.4 7.2, ten 7.8 7.6. Bills 5.9, notes 7.7, bonds 7.9, swaps 7.5 7.3, repo 6.1."
    found = match(entry("later", rates.replace("7.4", "7.3")), entry("earlier", rates))
    assert found is not None
    assert found.score <= 0.75


def test_a_brief_under_another_headline_is_not_sure_however_alike_it_is() -> None:
    body = "Watch the video above. Our reporter was there and will have more for you on this page during the day."
    found = match(entry("later", body, "Bus crash kills nine"), entry("earlier", body, "Mayor resigns in tears"))
    assert found is not None
    assert (found.kind, found.score) == ("exact", 0.75)
    same = match(entry("later", body, "Mayor resigns in tears"), entry("earlier", body, "Mayor resigns in tears"))
    assert same is not None
    assert same.score == 1.0


def test_the_word_update_over_another_sources_text_makes_no_update_of_it() -> None:
    found = match(
        entry("later", FERRY, "UPDATE 1-Ferry to stop", "thief"), entry("earlier", f"{FERRY} ", "Ferry to stop", "post")
    )
    assert found is not None
    assert found.kind != "update"
