"""The compiled aligner against a plain one, and what each kind of slot is by example."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.dedup.align import NAME_SLOT, NUMBER_SLOT, SPELLING_SLOT, WORD_SLOT, Alignment, Side, align, side
from detector.dedup.normalise import tokenise
from tests.dedup.plain_alignment import aligned

_SAID = (
    "the council of Aldwick Aldwyck voted 9 12 to close pier bridge bridgo harbour harhour on Monday Sunday for 3 4"
    " weeks said mayor Ida Moss Mors it will cost 640 crowns crownz and a new one opens in May she is not sure"
)
_word = st.sampled_from(_SAID.split(" "))
_texts = st.lists(st.one_of(_word, _word.map(lambda word: f"{word}."), _word.map(str.capitalize)), max_size=70)


def _side(text: str) -> Side:
    return side(tokenise(text))


def _told(alignment: Alignment) -> dict[str, object]:
    names = ("matched", "facts", "differing", "new_facts", "longest")
    return {name: int(getattr(alignment, name)) for name in names} | {
        "passages": alignment.passages.tolist(),
        "slots": alignment.slots.tolist(),
    }


@given(_texts, _texts)
@settings(deadline=None, max_examples=100)
def test_two_texts_are_aligned_as_a_plain_aligner_does_it(one: list[str], other: list[str]) -> None:
    a, b = _side(" ".join(one)), _side(" ".join(other))
    assert _told(align(a, b)) == aligned(a, b)


@given(_texts, st.lists(st.tuples(st.integers(0, 69), st.integers(0, 3), _word), max_size=12), st.integers(0, 69))
@settings(deadline=None, max_examples=150)
def test_a_text_and_what_was_made_of_it_too(words: list[str], changes: list[tuple[int, int, str]], turn: int) -> None:
    """Words changed, put in and taken out, and the whole perhaps turned about some place."""
    other = list(words)
    for at, removed, word in changes:
        other[at : at + removed] = [word]
    other = other[turn:] + other[:turn]
    a, b = _side(" ".join(words)), _side(" ".join(other))
    assert _told(align(a, b)) == aligned(a, b)


BASE = "On Monday the council of Aldwick voted 9 to 3 to close the old pier, mayor Ida Moss said in the town hall."


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        (BASE, []),
        (BASE.replace("9", "8"), [NUMBER_SLOT]),
        (BASE.replace("Moss", "Reed"), [NAME_SLOT]),
        (BASE.replace("Moss", "Mosse"), [NAME_SLOT]),  # no ordinary word is misread: it is another name
        (BASE.replace("council", "councll").replace("Moss", "Mosa").replace("voted", "vofed"),
         [WORD_SLOT, WORD_SLOT, SPELLING_SLOT]),
        (BASE.replace("council", "councll").replace("Moss", "Mosa"), [WORD_SLOT, NAME_SLOT]),
        (BASE.replace("old", "ancient"), [WORD_SLOT]),
        (BASE.replace("old ", ""), [WORD_SLOT]),
        (BASE.replace("old", "very old"), [WORD_SLOT]),
    ],
)  # fmt: skip
def test_what_a_slot_is(changed: str, kinds: list[int]) -> None:
    found = align(_side(changed), _side(BASE))
    assert [int(slot[4]) for slot in found.slots] == kinds
    assert found.differing == sum(kind in (NUMBER_SLOT, NAME_SLOT) for kind in kinds)


def test_agreement_and_known_facts_are_shares() -> None:
    same = align(_side(BASE), _side(BASE))
    assert (same.agreement, same.known_facts, same.new_facts) == (1.0, 1.0, 0)
    other = align(_side(BASE.replace("9", "8")), _side(BASE))
    assert other.agreement == other.facts / (other.facts + 1) < 1
    assert other.new_facts == 1, "eight stands nowhere in the other"
    assert other.known_facts == other.facts / (other.facts + 1)
    twice = align(_side(BASE.replace("9 to 3", "8 to 8")), _side(BASE))
    assert twice.new_facts == 1, "it is counted once"


def test_a_gap_that_is_too_long_is_text_of_its_own() -> None:
    filler = " ".join(f"word{n}" for n in range(24))
    for between, slots in ((filler, 1), (f"{filler} more", 0)):
        found = align(_side(f"one two three {between} four five six"), _side("one two three four five six"))
        assert len(found.passages) == 2
        assert len(found.slots) == slots


def test_the_longest_word_that_is_compared_has_thirty_two_letters() -> None:
    for letters, kind in ((31, NAME_SLOT), (32, NAME_SLOT)):
        long = "B" + "a" * (letters - 1)
        ends = "the old pier at the end of the wharf"
        misread = (f"{ends} clesed saye {long}x {ends}", f"{ends} closed says {long}y {ends}")
        found = align(_side(misread[0]), _side(misread[1]))
        fits = letters + 1 <= 32
        assert int(found.slots[0][4]) == (SPELLING_SLOT if fits else kind)


SCANNED = (
    "{} airport was closed by the council on Friday, mayor Ida {} said, for snow had fallen on the runway all night."
)


@pytest.mark.parametrize(
    ("town", "name", "other_town", "other_name", "kinds"),
    [
        ("Leeds", "Harlow", "Leeds", "Harlxx", [SPELLING_SLOT]),  # a third of the letters, and no more
        ("Leeds", "Harlow", "Leeds", "Harxxx", [NAME_SLOT]),
        ("Leeds", "Harlow", "Leeds", "Xxxlow", [NAME_SLOT]),  # wherever they stand
        ("Leeds", "Moss", "Leeds", "Xyss", [NAME_SLOT]),
        ("Leeds", "Moss", "Leeds", "XyMoss", [SPELLING_SLOT]),  # letters in front count as any others
        ("Leeds", "Moss", "Leeds", "XyzMoss", [NAME_SLOT]),
        ("Leeds", "Moss", "Leedz", "Moss", [SPELLING_SLOT]),  # where a sentence begins, a name looks like any word
        ("Leeds", "Moss", "Exeter", "Moss", [NAME_SLOT]),
    ],
)
def test_in_a_bad_scan_a_name_may_differ_in_a_third_of_its_letters(
    town: str, name: str, other_town: str, other_name: str, kinds: list[int]
) -> None:
    here = SCANNED.format(town, name).replace("council", "councll").replace("runway", "rumway")
    found = align(_side(here), _side(SCANNED.format(other_town, other_name)))
    assert [int(slot[4]) for slot in found.slots if slot[4] != WORD_SLOT] == kinds
    assert len(found.slots) == len(kinds) + 2
    assert found.differing == kinds.count(NAME_SLOT)
