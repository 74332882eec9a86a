"""decide: one action, with every reason."""

from dataclasses import replace

import pytest

from detector.dedup import sketch, tokenise
from detector.errors import InvalidItemError
from detector.policy import Policy, Rule
from detector.records import CleanText, Examined, Item, Kind, Match, Quality, QualityLabel, Reason
from detector.verdict import decide

TEXT = "word " * 100


def examined(text: str = TEXT, label: QualityLabel = "publish", score: float = 0.1, **item: str) -> Examined:
    tokens = tokenise(text)
    quality = Quality(score, label, (Reason("padding", "half of it"),) if label in ("review", "reject") else (), ())
    paragraphs = (text,) if text else ()
    return Examined(
        Item("later", text, **item),
        CleanText("A headline", paragraphs),
        sketch(tokens) if len(tokens) else None,
        quality,
    )


def match(kind: Kind, score: float = 1.0, coverage: float = 0.9) -> Match:
    return Match("later", "earlier", kind, 0.8, 0.9, coverage, (), (), score)


@pytest.mark.parametrize(
    ("found", "action", "reason"),
    [
        (match("exact"), "reject", "duplicate"),
        (match("near", 0.9), "reject", "duplicate"),
        (match("contained", 0.95), "reject", "duplicate"),
        (match("near", 0.7), "review", "possible_duplicate"),
        (match("near", 0.4), "publish", None),
        (match("contains", 0.5), "review", "contains_earlier"),
        (match("contains", 0.5, coverage=0.3), "publish", None),
        (match("update", 0.9), "publish", "update"),
        (match("template", 0.9), "publish", None),
    ],
)
def test_what_a_match_of_each_kind_leads_to(found: Match, action: str, reason: str | None) -> None:
    verdict = decide(examined(), (found,), Policy())
    assert verdict.action == action
    assert list(verdict.reasons) == ([reason] if reason else [])
    assert verdict.matches == (found,)


@pytest.mark.parametrize("label", ["publish", "review", "reject"])
def test_the_quality_label_is_followed_where_the_policy_names_no_score(label: QualityLabel) -> None:
    verdict = decide(examined(label=label), (), Policy())
    assert verdict.action == label
    assert ("padding" in verdict.reasons) == (label != "publish")


def test_the_severest_action_is_taken_and_every_reason_told() -> None:
    verdict = decide(examined(label="review"), (match("exact"),), Policy())
    assert verdict.action == "reject"
    assert list(verdict.reasons) == ["duplicate", "padding"]


def test_an_item_without_text_goes_to_review() -> None:
    verdict = decide(examined(text=""), (), Policy())
    assert (verdict.action, list(verdict.reasons)) == ("review", ["no_text"])


def test_an_item_that_may_not_be_whole_goes_to_review_even_as_an_exact_copy() -> None:
    one = examined(label="reject")
    cut = replace(one, text=replace(one.text, complete=False, notes=(Reason("cut_bytes", "read 2 of 30 MB"),)))
    verdict = decide(cut, (match("exact"),), Policy())
    assert (verdict.action, list(verdict.reasons)) == ("review", ["unreadable"])
    assert "read 2 of 30 MB" in verdict.reasons[0].detail


def test_a_language_that_is_not_assessed_is_no_reason_to_hold_an_item() -> None:
    assert decide(examined(label="not_assessed"), (), Policy()).action == "publish"


def test_a_sign_that_needs_no_language_holds_an_item_that_is_not_assessed() -> None:
    quality = Quality(0.0, "not_assessed", (Reason("not_assessed", "in Urdu"), Reason("garbled", "200 broken")), ())
    assert decide(replace(examined(), quality=quality), (), Policy()).action == "review"


def test_a_short_text_needs_a_surer_match_to_be_rejected() -> None:
    brief = examined(text="word " * 20)
    assert decide(brief, (match("near", 0.9),), Policy()).action == "review"
    assert decide(brief, (match("near", 0.97),), Policy()).action == "reject"


def test_scores_of_the_policy_go_before_the_quality_label() -> None:
    lenient = Policy(review_score=0.6, reject_score=0.9)
    assert decide(examined(label="reject", score=0.7), (), lenient).action == "review"
    assert decide(examined(label="review", score=0.5), (), lenient).action == "publish"
    assert decide(examined(label="publish", score=0.95), (), lenient).action == "reject"


def test_a_rate_of_genuine_news_stands_for_a_score() -> None:
    careful, bold = Policy(false_reject_rate=0.0005, false_hold_rate=0.01), Policy(false_reject_rate=0.05)
    rejected = examined(label="reject", score=0.85)
    assert decide(rejected, (), Policy()).action == "reject"
    assert decide(rejected, (), careful).action == "review"
    assert decide(examined(label="publish", score=0.4), (), bold).action == "reject"
    assert decide(examined(label="review", score=0.4), (), careful).action == "publish"


def test_a_rate_rejects_nothing_that_only_sounds_padded() -> None:
    column = examined(label="review", score=0.95)
    column = replace(column, quality=replace(column.quality, genre="opinion"))
    assert decide(column, (), Policy(false_reject_rate=0.05)).action == "review"
    assert decide(column, (), Policy(reject_score=0.9)).action == "reject"  # a raw score asks nobody


def test_a_held_item_always_says_why() -> None:
    verdict = decide(examined(label="publish", score=0.26), (), Policy(false_hold_rate=0.2))
    assert (verdict.action, list(verdict.reasons)) == ("review", ["padding"])


@pytest.mark.parametrize(
    ("kind", "confidence", "action"),
    [("listing", 0.9, "review"), ("article", 0.9, "publish"), ("listing", 0.6, "publish"), (None, 0.0, "publish")],
)
def test_a_page_of_another_kind_is_held(kind: str | None, confidence: float, action: str) -> None:
    one = examined()
    one = replace(one, text=replace(one.text, page_kind=kind, page_kind_confidence=confidence))
    verdict = decide(one, (), Policy())
    assert verdict.action == action
    assert ("not_an_article" in verdict.reasons) == (action == "review")


def test_a_rule_changes_thresholds_for_a_source_alone() -> None:
    policy = Policy(rules=(Rule({"duplicate_score": 0.99}, source="agency"),))
    near = (match("near", 0.9),)
    assert decide(examined(source="agency"), near, policy).action == "review"
    assert decide(examined(source="other"), near, policy).action == "reject"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"duplicate_score": 1.5}, "duplicate_score is 1.5"),
        ({"keep": "newest"}, "'newest'"),
        ({"look_back_days": -1}, "look_back_days is -1"),
        ({"look_back_days": float("nan")}, "look_back_days is nan"),
        ({"look_back_days": 1e12}, "look_back_days is 1000000000000"),
        ({"rules": (Rule({"duplicate_score": 5}),)}, "duplicate_score is 5"),
        ({"candidates": 0}, "candidates is 0"),
        ({"false_reject_rate": 1.5}, "false_reject_rate is 1.5"),
        ({"rules": (Rule({"duplicate_scor": 1.0}),)}, "duplicate_scor"),
        ({"rules": (Rule({"keep": "earliest"}),)}, "keep"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_by_name(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidItemError) as caught:
        Policy(**wrong)
    assert named in str(caught.value)


def test_the_digest_of_a_policy_changes_with_any_setting() -> None:
    policies = [Policy(), Policy(duplicate_score=0.81), Policy(rules=(Rule({}, source="a"),))]
    assert len({policy.digest for policy in policies}) == 3
    assert Policy().digest == Policy().digest


def test_the_proof_holds_what_it_takes_to_check_again_and_no_text() -> None:
    verdict = decide(examined(), (match("exact"),), Policy())
    proof = verdict.proof()
    assert proof["text_digest"] == verdict.sketch_digest != ""
    assert proof["matches"][0]["of"] == "earlier"
    assert proof["policy"] == Policy().digest
    assert "word word" not in str(proof)
