"""Stories: matches as family trees."""

from detector.records import Difference, Kind, Match
from detector.stories import Member, stories


def match(later: str, earlier: str, kind: Kind = "near") -> Match:
    return Match(later, earlier, kind, 0.8, 0.9, 0.9, (), (), 0.9)


def test_an_item_hangs_below_its_surest_match() -> None:
    found = stories("abc", [match("b", "a"), match("c", "b", "update"), match("c", "a")])
    assert len(found) == 1
    assert found[0].first == "a"
    member = found[0].members[2]
    assert (member.item_id, member.parent, member.kind) == ("c", "b", "update")


def test_an_item_without_a_match_is_a_story_of_its_own() -> None:
    assert [story.first for story in stories("ab", [])] == ["a", "b"]


def test_a_template_links_nothing() -> None:
    assert len(stories("ab", [match("b", "a", "template")])) == 2


def test_one_wrong_match_moves_one_item_and_welds_no_stories() -> None:
    matches = [match("a2", "a1"), match("b2", "b1"), match("b3", "a1"), match("b3", "b1")]
    sizes = {story.first: len(story.members) for story in stories(["a1", "a2", "b1", "b2", "b3"], matches)}
    assert sizes == {"a1": 3, "b1": 2}


def test_a_story_told_again_in_other_words_is_another_story_named_beside_it() -> None:
    found = stories("abcd", [match("b", "a"), match("c", "b", "related"), match("d", "c"), match("d", "a", "related")])
    assert [(story.first, len(story.members), story.related) for story in found] == [("a", 2, ()), ("c", 2, ("a",))]


def test_a_member_says_what_changed_on_the_way_from_its_parent() -> None:
    differs = (Difference("number", "64,000", "61,000"),)
    corrected = Match("b", "a", "update", 0.9, 0.98, 1.0, (), differs, 0.9)
    member = stories("ab", [corrected])[0].members[1]
    assert member.changed == "2% of this text new or reworded; '61,000' became '64,000'"
    assert stories("ab", [match("b", "a", "exact")])[0].members[1].changed == "nothing but case, spacing or marks"
    assert Member("a", None, None).changed == ""


def test_the_tree_is_walked_with_each_member_behind_its_parent() -> None:
    links = [match("b", "a"), match("c", "a"), match("d", "b"), match("e", "d")]
    walked = [(depth, member.item_id) for depth, member in stories("abcde", links)[0].walk()]
    assert walked == [(0, "a"), (1, "b"), (2, "d"), (3, "e"), (1, "c")]


def test_a_match_with_an_item_that_is_not_among_these_leads_nowhere() -> None:
    assert [story.first for story in stories("bc", [match("b", "a"), match("c", "b")])] == ["b"]
