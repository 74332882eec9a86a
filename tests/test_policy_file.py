"""A policy in TOML: read into a Policy, or refused with the key, its value and what to do."""

from pathlib import Path

import pytest

from detector import Item, Policy, PolicyError, Rule, parse_policy, read_policy

WHOLE = """
duplicate_score = 0.9
look_back_days = 30
keep = "source_rank"
source_rank = ["wire", "harbour-post"]

[[rules]]
source = "wire"
language = "de"
duplicate_score = 0.95

[[rules]]
section = "opinion"
false_hold_rate = 0
"""


def test_a_file_says_what_a_policy_can_express(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(WHOLE)
    rules = (
        Rule({"duplicate_score": 0.95}, source="wire", language="de"),
        Rule({"false_hold_rate": 0}, section="opinion"),
    )
    wanted = Policy(
        duplicate_score=0.9, look_back_days=30, keep="source_rank", source_rank=("wire", "harbour-post"), rules=rules
    )
    assert read_policy(file) == wanted
    assert read_policy(file).digest == wanted.digest


def test_an_empty_file_is_the_default_policy() -> None:
    assert parse_policy("# nothing\n") == Policy()


def test_a_rule_changes_the_items_that_it_names_and_no_others() -> None:
    policy = parse_policy(WHOLE)
    assert policy.applied_to(Item("a", "x", source="wire", language="de")).duplicate_score == 0.95
    assert policy.applied_to(Item("a", "x", source="wire", language="en")).duplicate_score == 0.9
    assert policy.applied_to(Item("a", "x", section="opinion")).false_hold_rate == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("duplicate_score = ", "this is not TOML"),
        ("duplicat_score = 0.9", "'duplicat_score' is no setting of a policy; did you mean 'duplicate_score'"),
        ("colour = 1", "'colour' is no setting of a policy; it has duplicate_score"),
        ("duplicate_score = 1.5", "Policy.duplicate_score is 1.5; it must be between 0 and 1"),
        ("duplicate_score = nan", "Policy.duplicate_score is nan; it must be between 0 and 1"),
        ("duplicate_score = '0.9'", "'duplicate_score' is '0.9'; it must be a number"),
        ("duplicate_score = true", "'duplicate_score' is True; it must be a number"),
        ("candidates = 2.5", "'candidates' is 2.5; it must be a whole number"),
        ("keep = 'latest'", "Policy.keep is 'latest'; it must be one of earliest"),
        ("source_rank = 'wire'", "'source_rank' is 'wire'; it must be a list of strings"),
        ("source_rank = [1]", "it must be a list of strings"),
        ("digest = 'x'", "'digest' is no setting of a policy"),
        ("rules = 1", "begin each with a line"),
        ("[[rules]]\nduplicate_score = 0.9", r"rules\[1\] names no source, section or language"),
        ("[[rules]]\nsource = 'wire'", r"rules\[1\] changes nothing"),
        ("[[rules]]\nsource = 7\ncandidates = 3", r"'rules\[1\].source' is 7; it must be a string"),
        ("[[rules]]\nsource = 'a'\nkeep = 'earliest'", r"'rules\[1\].keep' is no setting of a rule; it orders a whole"),
        ("[[rules]]\nsource = 'a'\nreject_score = 2", "Policy.reject_score is 2; it must be between 0 and 1"),
    ],
)
def test_a_mistake_is_named_with_its_value(text: str, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        parse_policy(text)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "policy.toml"
    if content:
        file.write_bytes(content)
    with pytest.raises(PolicyError, match=r"policy\.toml cannot be read"):
        read_policy(file)


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("candidates = 0")
    with pytest.raises(PolicyError, match=r"policy\.toml: Policy.candidates is 0"):
        read_policy(file)
