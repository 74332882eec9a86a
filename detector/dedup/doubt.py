"""When a copy must be seen by a person: the words agree, and yet the later text may say something else.

Share and agreement measure how much two texts have in common. A reader looks at where they part: a "not", another
weekday, another name in the headline, another word for the subject, a lead of its own. Any of these caps the
confidence of a match below what rejects, for a wrong rejection costs more than a look.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import NAME_SLOT, WORD_SLOT, Alignment, Side, is_misread
from detector.dedup.normalise import ALL_CAPITALS, CAPITALISED, NUMBER, Tokens, tokenise

UInts = NDArray[np.uint32]
Places = NDArray[np.intp]

# A statement is turned round by one of these where the other text has none …
_NEGATIONS = """not no never none nor nobody nothing without longer cannot didnt doesnt dont wont isnt arent wasnt
werent hasnt havent nicht kein keine keinen nie ohne pas jamais sans nunca sin bez"""
# … and by one of these in the place of another.
_OUTCOMES = """guilty innocent acquitted cleared convicted approved rejected accepted refused denied granted passed
failed won lost raised cut rose fell higher lower increased decreased opened closed reopened resumed suspended cancelled
postponed alive dead killed survived hired fired backed blocked upheld overturned"""
_EDITS = 10  # slots; in a text that was edited throughout, a lost "not" is one edit among many
_SWAPS = 3  # slots; in a text with no more, one word for another in its beginning was put there on purpose
_BEGINNING = 30  # tokens: the lead and what follows from it
_CONTENT = 5  # letters of a word that names or does something; "said" for "says" is none
_DAYS = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi
mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo"""
_LEAD = 14  # tokens: where the news of a story stands
_LEAD_SHARE = 0.6  # of the lead, in passages, from which on it is the earlier item's
_LEAD_WORDS = 5  # words without a capital in a lead of its own; a byline and a dateline have fewer
_TABLE = 0.3  # of the tokens; running text on money has a tenth
_CASELESS = 0.02  # of the tokens have a capital at most, in a script without; foreign names have one there
_UNSEEN = 0.4  # words for others per ten matched tokens, above which some of them may be names
_AGREEMENT = 0.9  # of the compared facts; 99 in 100 confirmed copies of articles reach it


@lru_cache(maxsize=3)
def _hashes(words: str) -> frozenset[int]:
    return frozenset(tokenise(words).hashes.tolist())


def is_doubtful(alignment: Alignment, a: Side, b: Side, told: Places) -> bool:
    """Whether the later text ``a`` parts from the earlier ``b`` where it matters.

    ``told``: the first tokens of ``a`` that tell its story, behind headlines and bylines.
    """
    facts_differ = alignment.differing > 0 and alignment.agreement < _AGREEMENT
    return (
        facts_differ
        or _turned_round(alignment, a, b)
        or _other_day(alignment, a, b)
        or _other_subject(alignment, a, b)
        or (is_caseless(a) and _perhaps_other_names(alignment, a, b))
        or _own_lead(alignment, a, b, told[:_LEAD])
    )


def is_caseless(side: Side) -> bool:
    """Whether a text is in a script without capitals, where a name looks like any other word."""
    return bool(np.count_nonzero(side.flags & CAPITALISED) < _CASELESS * side.flags.size)


def is_table(side: Side) -> bool:
    """Whether numbers make up much of a text: quotations, results, rates. One of them changed is the news."""
    return bool(np.count_nonzero(side.flags & NUMBER) >= _TABLE * side.flags.size)


def _pieces(alignment: Alignment, kind: int, a: Side, b: Side) -> Iterator[tuple[list[int], list[int]]]:
    """What the two sides have in each slot of a kind, as token hashes."""
    for a0, a1, b0, b1, _ in alignment.slots[alignment.slots[:, 4] == kind].tolist():
        yield a.hashes[a0:a1].tolist(), b.hashes[b0:b1].tolist()


def _turned_round(alignment: Alignment, a: Side, b: Side) -> bool:
    """Whether, in a text with few edits, a small slot is negated on one side only, or has another outcome."""
    if len(alignment.slots) > _EDITS:
        return False
    return any(
        _negated(here, there) or (max(len(here), len(there)) <= 4 and _unlike(_OUTCOMES, here, there))
        for here, there in _pieces(alignment, WORD_SLOT, a, b)
    )


def _negated(here: list[int], there: list[int]) -> bool:
    """Whether a "not", "no longer" or the like was put in or taken out, and not said in other words."""
    if max(len(here), len(there)) > 2:
        return False
    negations = _hashes(_NEGATIONS)
    return negations.isdisjoint(here) != negations.isdisjoint(there)


def _other_day(alignment: Alignment, a: Side, b: Side) -> bool:
    """Whether both sides of a slot name a day or a month, and not the same."""
    return any(_unlike(_DAYS, here, there) for here, there in _pieces(alignment, NAME_SLOT, a, b))


def _unlike(words: str, here: list[int], there: list[int]) -> bool:
    """Whether both pieces hold some of ``words``, and not the same ones."""
    ours, theirs = _hashes(words).intersection(here), _hashes(words).intersection(there)
    return bool(ours and theirs) and ours != theirs


def _other_subject(alignment: Alignment, a: Side, b: Side) -> bool:
    """Whether one content word stands for another throughout, or in the beginning of a text with next to no edits.

    An editor who smooths a text changes a word here and there; carrots for lentils wherever they stand are another
    dish, and "remains closed" for "will reopen" in a lead that is else the same is other news.
    """
    slots = alignment.slots[alignment.slots[:, 4] == WORD_SLOT].tolist()
    if len(alignment.slots) > _EDITS:
        return False
    swaps = [slot[:4] for slot in slots if _is_swap(slot, a, b)]
    if len(alignment.slots) <= _SWAPS and any(min(a0, b0) < _BEGINNING for a0, _, b0, _ in swaps):
        return True
    said = [(a.hashes[a0:a1].tobytes(), b.hashes[b0:b1].tobytes()) for a0, a1, b0, b1 in swaps]
    return len(set(said)) < len(said)


def _perhaps_other_names(alignment: Alignment, a: Side, b: Side) -> bool:
    """Whether words stand for others in the beginning, or in many places: where names have no capitals, perhaps names.

    Short as names are there, every word counts, unless it is the other one in another spelling.
    """
    swaps = [
        (a0, b0)
        for a0, a1, b0, b1, kind in alignment.slots.tolist()
        if kind == WORD_SLOT and a1 > a0 and b1 > b0 and not any(is_misread(a, at, b, b0, b1) for at in range(a0, a1))
    ]
    return any(min(swap) < _BEGINNING for swap in swaps) or 10 * len(swaps) > _UNSEEN * alignment.matched


def _is_swap(slot: list[int], a: Side, b: Side) -> bool:
    """Whether each side of a slot has a content word or two, and none of them is the other's in another spelling."""
    a0, a1, b0, b1, _ = slot
    if max(a1 - a0, b1 - b0) > 2:
        return False
    here = [at for at in range(a0, a1) if a.ends[at] - a.starts[at] >= _CONTENT]
    there = [at for at in range(b0, b1) if b.ends[at] - b.starts[at] >= _CONTENT]
    return bool(here and there) and not any(is_misread(a, at, b, b0, b1) for at in here)


def _own_lead(alignment: Alignment, a: Side, b: Side, lead: Places) -> bool:
    """Whether the later text begins with a sentence of its own that names somebody or something new."""
    covered = np.zeros(a.hashes.size, np.bool_)
    for start, end in alignment.passages[:, :2].tolist():
        covered[start:end] = True
    if not lead.size or covered[lead].mean() >= _LEAD_SHARE:
        return False
    own = lead[~covered[lead]]
    named = (a.flags[own] & (CAPITALISED | NUMBER)) > 0
    if int((~named).sum()) < _LEAD_WORDS:
        return False
    return bool(np.setdiff1d(a.hashes[own[named]], b.hashes).size)


def headlines_differ(later: str, earlier: str) -> bool:
    """Whether each headline has a name or a number that the other lacks; headlines that are absent do not differ."""
    here, there = _facts(tokenise(later)), _facts(tokenise(earlier))
    return bool(np.setdiff1d(here, there).size and np.setdiff1d(there, here).size)


def _facts(tokens: Tokens) -> UInts:
    """Numbers and capitalised words; of a line all in capitals, every word."""
    kinds = tokens.flags & (CAPITALISED | NUMBER)
    if len(tokens) and (tokens.flags & (ALL_CAPITALS | NUMBER) > 0).all():
        return tokens.hashes
    return tokens.hashes[kinds > 0]
