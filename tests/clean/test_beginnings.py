"""The quick look at a text's first letters never hides a match of the pattern behind it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.clean.beginnings import Beginnings
from detector.clean.lexicon import BEGINS, WHOLE_LINES
from detector.clean.phrases import Stretches
from detector.clean.reasons import furniture, prompts

_CASES = [*WHOLE_LINES.items(), *BEGINS.items()]
_LETTERS = re.IGNORECASE | re.VERBOSE


@pytest.mark.parametrize(("name", "pattern"), _CASES, ids=[name for name, _ in _CASES])
@given(data=st.data(), before=st.sampled_from(["", "» ", "- ", "_", "* "]))
@settings(deadline=None, max_examples=40)
def test_whatever_matches_may_match(name: str, pattern: str, data: st.DataObject, before: str) -> None:
    # Digits of Thai and Lao, which count as signs, may be hidden.
    alphabet = st.characters(
        max_codepoint=0x4FFF, exclude_categories=["M", "C"], exclude_characters="๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙"
    )
    line = before + data.draw(st.from_regex(re.compile(pattern, _LETTERS), fullmatch=True, alphabet=alphabet))
    assert Beginnings.of(pattern).possible(Stretches.of([line])).tolist() == [True]


@pytest.mark.parametrize(
    ("pattern", "possible", "impossible"),
    [
        ("(?:share|tweet)s?", ["Share", "  tweets"], ["shop", "twin", "a share"]),
        (r"\d+\ comments", ["12 comments", "٣ comments"], ["comments", "no 12"]),
        (r"(?:-\ *)?ads?", ["- Ads", "ad"], ["- bad", ""]),
        (r"©\ \w+", ["© 2026", "— © us"], ["(c) us"]),
        (r"[上下]一篇", ["上一篇", "下一篇文章"], ["一篇"]),
        (r"\w+", ["anything"], []),
    ],
)
def test_other_beginnings_are_no_match(pattern: str, possible: list[str], impossible: list[str]) -> None:
    found = Beginnings.of(pattern).possible(Stretches.of([*possible, *impossible]))
    assert found.tolist() == [True] * len(possible) + [False] * len(impossible)


def test_prompts_are_the_lines_that_are_furniture_by_themselves() -> None:
    lines = ["Share this article", "A ferry sails.", "", "© 2026 The Coast", "» Read more", "x" * 200, "Menu"]
    assert prompts(lines) == {k: reason for k, line in enumerate(lines) if (reason := furniture(line))}
