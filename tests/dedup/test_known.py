"""What a copy says beyond its original and is no news: what others said before, and what is not about the story."""

from __future__ import annotations

from detector.dedup import Entry, matches, sketch, tokenise

FERRY = """The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said today.

Carrow Line, which has run the crossing since 1985, carried 61,000 passengers last year against 148,000 in 2012. Its
managing director, Oona Fairley, said the boat needed a new gearbox that would cost 420,000 pounds.

Wexcombe council offered a grant of 90,000 pounds in January. Councillor Piet Harmsen said the company had asked for
three times as much and that the town could not pay it. The council will meet the company again before Easter."""

PILOT = """Harbour pilot Dree Calloway, 58, said that without the ferry she would move her three boats to Ellory before
winter, and that six families on the Scart quay had told the parish clerk the same at a meeting on Friday."""

MEETING = """More than 200 people came to the hall at Scart, where chairs had been put out for 80, and the meeting ran
until midnight. Clerk Hal Brandt read a letter from the bishop, and the rowing club offered its old launch."""

STORY = f"{FERRY}\n\n{PILOT}"
ADVERTISEMENT = "Winter tyres from 39 crowns at Marl Garage, fitted while you drink coffee."

RATES = """Scart exchange, two weeks ended 25 February. Excess reserves 1,025 against 1,497, required reserves 55,250
against 55,366, borrowed 680 against 425, seasonal 81 against 56, extended 299 against 265, vault cash {cash}, float 511
down 320, balances 2,101 down 67, currency 206,490 down 519, treasury deposits 4,208 down 63, other 614 down 131."""


def entry(item_id: str, text: str) -> Entry:
    return Entry(item_id, text, sketch(tokenise(text)), kept=True)


def score(later: str, *earlier: str) -> float:
    found = matches(entry("later", later), [entry(f"earlier {n}", text) for n, text in enumerate(earlier)])
    return next(match.score for match in found if match.of == "earlier 0")


def test_what_stands_in_another_earlier_item_is_no_news() -> None:
    first, second, third = FERRY.split("\n\n")
    said = "Clerk Hal Brandt said on Saturday that the rowing club of Ellory had offered its old launch."
    both = "\n\n".join([first, second, said, third, PILOT])
    assert score(both, STORY) < 0.8
    assert score(both, STORY, "\n\n".join([second, said, MEETING])) > 0.95


def test_above_a_byline_an_advertisement_is_no_lead() -> None:
    assert score(f"{ADVERTISEMENT}\n\nBy Sanna Holm\n\n{STORY}", STORY) > 0.8
    assert score(f"{ADVERTISEMENT}\n\n{STORY}", STORY) <= 0.75


def test_a_new_lead_about_the_story_is_seen_wherever_it_stands() -> None:
    lead = "Sanna Holm will buy the ferry and sail it herself from June, Oona Fairley told passengers in Wexcombe."
    dated, signed = f"WEXCOMBE (AP) - {STORY}", f"By Sanna Holm\n\n{STORY}"
    assert score(f"{lead}\n\n{dated}", dated) <= 0.75
    assert score(f"{lead}\n\n{signed}", signed) <= 0.75


def test_figures_that_a_first_report_lacked_are_news() -> None:
    first, second = (
        RATES.format(cash="not known"),
        RATES.format(cash="25,237 against 27,327, equal 22,834 against 24,680"),
    )
    assert score(second, first) == score(
        second, first, "Vault cash 25,237 against 27,327, equal 22,834 against 24,680."
    )


def test_a_column_of_several_stories_is_no_copy_of_one() -> None:
    assert score("\n\n".join([FERRY, ADVERTISEMENT, MEETING, PILOT]), FERRY) < 0.8
