"""Stories: matches as family trees."""

from detector.records import Kind, Match
from detector.stories import Member, stories


def match(later: str, earlier: str, kind: Kind = "near") -> Match:
    return Match(later, earlier, kind, 0.8, 0.9, 0.9, (), (), 0.9)


def test_an_item_hangs_below_its_surest_match() -> None:
    found = stories("abc", [match("b", "a"), match("c", "b", "update"), match("c", "a")])
    assert len(found) == 1
    assert found[0].first == "a"
    assert found[0].members[2] == Member("c", "b", "update")


def test_an_item_without_a_match_is_a_story_of_its_own() -> None:
    assert [story.first for story in stories("ab", [])] == ["a", "b"]


def test_a_template_links_nothing() -> None:
    assert len(stories("ab", [match("b", "a", "template")])) == 2


def test_one_wrong_match_moves_one_item_and_welds_no_stories() -> None:
    matches = [match("a2", "a1"), match("b2", "b1"), match("b3", "a1"), match("b3", "b1")]
    sizes = {story.first: len(story.members) for story in stories(["a1", "a2", "b1", "b2", "b3"], matches)}
    assert sizes == {"a1": 3, "b1": 2}
