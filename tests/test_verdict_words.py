"""The verdict word for word: every bound from both sides, every reason's text, every field of the answer."""

from dataclasses import replace
from typing import Any

import pytest

from detector.errors import InvalidItemError
from detector.keep import criteria
from detector.policy import Policy, Rule
from detector.quality.item import FALSE_HOLD_RATE, PROTECTED_HOLD_RATE, shipped_model
from detector.records import Examined, Quality, Reason
from detector.verdict import decide
from tests.test_verdict import examined, match

EVIDENCE = "of earlier (Jaccard 0.80, containment 0.90)"


def _said(one: Examined, *found: Any, policy: Policy | None = None) -> tuple[str, list[tuple[str, str]]]:
    verdict = decide(one, found, policy or Policy())
    return verdict.action, [(str(reason), reason.detail) for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("found", "action", "said"),
    [
        (match("exact"), "reject", ("duplicate", f"exact copy {EVIDENCE}")),
        (match("near", 0.8), "reject", ("duplicate", f"near copy {EVIDENCE}")),
        (match("near", 0.79), "review", ("possible_duplicate", f"perhaps a near copy {EVIDENCE}")),
        (match("near", 0.6), "review", ("possible_duplicate", f"perhaps a near copy {EVIDENCE}")),
        (match("contains", 0.5, coverage=0.6), "review", ("contains_earlier", f"holds the text {EVIDENCE} and more")),
        (match("update", 0.9), "publish", ("update", f"update {EVIDENCE}")),
    ],
)
def test_a_match_at_its_bound_and_what_is_said_of_it(found: Any, action: str, said: tuple[str, str]) -> None:
    assert _said(examined(), found) == (action, [said])


def test_a_match_below_its_bound_is_shown_and_no_more() -> None:
    assert _said(examined(), match("near", 0.599)) == ("publish", [])
    assert _said(examined(), match("contains", 0.5, coverage=0.599)) == ("publish", [])


def test_a_text_is_short_below_sixty_tokens() -> None:
    assert _said(examined("word " * 60), match("near", 0.9))[0] == "reject"
    assert _said(examined("word " * 59), match("near", 0.9))[0] == "review"
    assert _said(examined("word " * 59), match("near", 0.95))[0] == "reject"


def test_what_could_not_be_read_says_every_note() -> None:
    one = examined()
    notes = (Reason("page_cut", "too large"), Reason("binary", ""))
    cut = replace(one, text=replace(one.text, complete=False, notes=notes))
    assert _said(cut) == ("review", [("unreadable", "the text may not be whole: too large; binary")])
    assert _said(examined("")) == ("review", [("no_text", "nothing was left after cleaning")])


def test_a_page_of_another_kind_is_held_from_its_confidence_on() -> None:
    one = examined()

    def page(confidence: float) -> Examined:
        return replace(one, text=replace(one.text, page_kind="listing", page_kind_confidence=confidence))

    detail = "the page is of the kind 'listing' (confidence 0.80)"
    assert _said(page(0.8)) == ("review", [("not_an_article", detail)])
    assert _said(page(0.799)) == ("publish", [])


@pytest.mark.parametrize(
    ("reasons", "action"),
    [
        ((), "publish"),
        (("not_assessed",), "publish"),
        (("not_assessed", "garbled"), "review"),
        (("garbled",), "review"),
    ],
)
def test_a_language_that_is_not_read_holds_only_by_another_sign(reasons: tuple[str, ...], action: str) -> None:
    quality = Quality(0.0, "not_assessed", tuple(Reason(code, "why") for code in reasons), ())
    told = _said(replace(examined(), quality=quality))
    assert told == (action, [(code, "why") for code in reasons])


def test_a_raw_score_counts_from_itself_on() -> None:
    policy = Policy(review_score=0.6, reject_score=0.9)
    assert _said(examined(score=0.599), policy=policy) == ("publish", [])
    assert _said(examined(score=0.6), policy=policy) == ("review", [("padding", "a score of 0.60, too high here")])
    assert _said(examined(score=0.9), policy=policy) == ("reject", [("padding", "a score of 0.90, too high here")])
    assert _said(examined(score=0.899), policy=policy)[0] == "review"


def test_what_is_rejected_already_is_not_made_milder_by_a_score_that_holds() -> None:
    assert _said(examined(label="reject", score=0.7), policy=Policy(review_score=0.6))[0] == "reject"
    assert _said(examined(label="reject", score=0.1), policy=Policy(review_score=0.6))[0] == "reject"


def test_what_is_no_article_is_held_by_a_raw_score_and_not_rejected() -> None:
    quality = Quality(0.95, "review", (Reason("not_an_article", "a list"),), ())
    one = replace(examined(), quality=quality)
    assert _said(one, policy=Policy(reject_score=0.9))[0] == "review"
    padded = replace(one, quality=replace(quality, reasons=(Reason("padding", "half of it"),)))
    assert _said(padded, policy=Policy(reject_score=0.9))[0] == "reject"


def test_a_genre_that_only_sounds_padded_is_held_from_a_higher_score_by_the_protected_share() -> None:
    rate = 2 * FALSE_HOLD_RATE
    at = shipped_model().score_at
    plain, protected = at(rate), at(rate * PROTECTED_HOLD_RATE / FALSE_HOLD_RATE)
    assert protected > plain, "or this shows nothing"
    between = (plain + protected) / 2

    def held(score: float, genre: str) -> str:
        one = examined(label="publish", score=score)
        return _said(replace(one, quality=replace(one.quality, genre=genre)), policy=Policy(false_hold_rate=rate))[0]

    assert held(between, "news") == "review"
    assert held(between, "opinion") == "publish"
    assert held(protected + 1e-6, "opinion") == "review"
    assert held(plain - 1e-6, "news") == "publish"


def test_every_field_of_a_verdict_is_what_it_was_made_from() -> None:
    one = replace(examined(), models={"cleaner": "c1"})
    assert one.sketch is not None
    verdict = decide(one, (match("near", 0.3),), Policy(duplicate_score=0.7), truncated=True)
    assert verdict.item_id == "later"
    assert verdict.text is one.text
    assert verdict.quality is one.quality
    assert verdict.models == {"cleaner": "c1"}
    assert (verdict.sketch_header, verdict.sketch_digest) == (one.sketch.header, one.sketch.digest)
    assert verdict.policy == Policy(duplicate_score=0.7).digest
    assert verdict.truncated is True
    assert decide(one, (), Policy()).truncated is False
    nothing = decide(examined(""), (), Policy())
    assert (nothing.sketch_header, nothing.sketch_digest) == ("", "")


@pytest.mark.parametrize("value", [0, 1, 0.5])
def test_a_share_may_be_nothing_and_everything(value: float) -> None:
    assert Policy(duplicate_score=value, look_back_days=value).duplicate_score == value


def test_the_bounds_of_a_policy_may_be_reached() -> None:
    assert Policy(candidates=1, look_back_days=365_000).look_back is not None
    with pytest.raises(InvalidItemError, match="must be from 0 to 365000, or None"):
        Policy(look_back_days=365_001)
    with pytest.raises(InvalidItemError, match=r"must be one of earliest, most_complete, source_rank, best"):
        Policy(keep="newest")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rules", "keep", "source_rank", "digest"])
def test_a_rule_changes_thresholds_alone(name: str) -> None:
    with pytest.raises(InvalidItemError, match=f"a Rule changes \\['{name}'\\]; it may change") as refused:
        Policy(rules=(Rule({name: ()}),))
    assert f"'{name}'" not in str(refused.value).partition("may change")[2]


def test_a_digest_has_twelve_digits_that_do_not_hang_on_the_order_of_a_rules_changes() -> None:
    one = Policy(rules=(Rule({"duplicate_score": 0.9, "possible_score": 0.5}, source="a"),))
    other = Policy(rules=(Rule({"possible_score": 0.5, "duplicate_score": 0.9}, source="a"),))
    assert one.digest == other.digest
    assert len(one.digest) == 12


def test_the_order_of_an_archive_is_that_of_its_criteria() -> None:
    policy = Policy(keep="source_rank", source_rank=("agency", "blog"))
    agency, blog = examined(source="agency"), examined(source="blog")
    assert policy.criteria(blog) == criteria(blog, "source_rank", ("agency", "blog"))
    assert policy.order(agency) < policy.order(blog)
    assert policy.order(agency) == tuple(value for _, value in policy.criteria(agency))
