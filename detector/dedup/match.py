"""From candidates to verified matches: align each, ask for its kind, say how sure it is.

Nothing here trusts an estimate: Jaccard and containment are counted on the shingles themselves, and the kind
comes from the alignment (which passages, and which numbers and names between them differ).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import NAME_SLOT, NUMBER_SLOT, Side, align, numbers_of
from detector.dedup.apart import set_apart, told_from
from detector.dedup.bands import Entry
from detector.dedup.doubt import Places, headlines_differ, is_doubtful, is_table
from detector.dedup.kernels import overlaps
from detector.dedup.kinds import Feed, Matching, Pair, aligned_at_most, is_exact, is_other_form, kind_of, no_matches
from detector.dedup.kinship import features, share_facts, shipped_kinship
from detector.dedup.known import Flags, elsewhere, second_look
from detector.dedup.readings import Readings
from detector.records import DUPLICATE, Difference, Kind, Match, Span


def matches(
    later: Entry, candidates: Iterable[Entry], matching: Matching | None = None, *, related: bool = False
) -> tuple[Match, ...]:
    """Verified matches of ``later``, the surest first; candidates that share too little give none.

    ``related`` asks of the others whether ``later`` tells one of them again in other words, which takes longer.
    """
    matching = matching or Matching()
    given = list(candidates)
    near = _overlapping(later, given)
    worth = _likeliest(near, matching.min_overlap)[: aligned_at_most(later.sketch.tokens, matching)]
    found = _told(later, _not_ruled_out(later, worth, matching), _Given(given), matching)
    if related and later.sketch.tokens >= matching.related_tokens:
        matched = {pair.earlier.item_id for _, pair in found}
        found += [("related", pair) for pair in _related(later, near, matched, matching)]
    return tuple(_in_order(found, matching))


def copies(
    later: Entry, likely: Iterable[Candidate], feed: Feed, matching: Matching | None = None
) -> tuple[Match, ...]:
    """The duplicates among the matches of ``later``, where it is known which of its candidates are likely to be some.

    ``likely`` comes from ``shortlists``; ``feed`` is all candidates.
    """
    matching = matching or Matching()
    return tuple(_in_order(_told(later, likely, feed, matching), matching, DUPLICATE))


class _Given:
    """Candidates as a feed."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    @cached_property
    def shingles(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """See ``Feed``."""
        shingles = [entry.sketch.shingles for entry in self._entries]
        return np.concatenate(shingles), np.cumsum([own.size for own in shingles])


def _told(later: Entry, likely: Iterable[Candidate], feed: Feed, matching: Matching) -> list[tuple[Kind, Pair]]:
    pairs = (_pair(later, one) for one in likely)
    return [(kind, pair) for pair in pairs if (kind := kind_of(pair, feed, matching))]


def _in_order(
    found: list[tuple[Kind, Pair]], matching: Matching, kinds: Collection[Kind] | None = None
) -> Iterator[Match]:
    found.sort(key=_surest_first)
    for (kind, pair), known in zip(found, elsewhere(found), strict=True):
        if kinds is None or kind in kinds:
            yield _match(kind, pair, known, matching)


class _Overlapping(NamedTuple):
    """Candidates, and how many shingles each has in common with the later item."""

    entries: list[Entry]
    shared: NDArray[np.int64]  # shape (n,)
    smaller: NDArray[np.int64]  # shingles of the smaller of the two, shape (n,)


class Candidate(NamedTuple):
    """An earlier item that is worth an alignment."""

    entry: Entry
    shared: int  # shingles that it has in common with the later one


def _overlapping(later: Entry, candidates: list[Entry]) -> _Overlapping:
    shingles = [entry.sketch.shingles for entry in candidates]
    sizes = np.fromiter(map(len, shingles), np.int64, len(shingles))
    shared = np.zeros_like(sizes)
    if candidates:
        overlaps(later.sketch.shingles, np.concatenate(shingles), sizes.cumsum(), shared)
    return _Overlapping(candidates, shared, np.minimum(sizes, later.sketch.shingles.size))


def _likeliest(near: _Overlapping, least: float) -> list[Candidate]:
    """Those that share so much of the smaller shingle set, the most first; the one that was given first among equals.

    Texts that are the same are always among them: they have the same shingles.
    """
    worth = np.flatnonzero(near.shared >= least * near.smaller)
    order = worth[np.argsort(-near.shared[worth] / near.smaller[worth], kind="stable")]
    return [Candidate(near.entries[place], int(near.shared[place])) for place in order.tolist()]


def _not_ruled_out(later: Entry, worth: list[Candidate], matching: Matching) -> list[Candidate]:
    """Those that may be a match: to see that most are none takes a third of what it takes to look at a pair."""
    if not worth or later.asides:
        return worth
    numbers = numbers_of(
        _READINGS.of(later.text).side, [_READINGS.of(candidate.entry.text).side for candidate in worth]
    )
    tokens = np.array([candidate.entry.sketch.tokens for candidate in worth])
    out = no_matches(numbers, np.full_like(tokens, later.sketch.tokens), tokens, matching)
    return [one for one, is_out in zip(worth, out.tolist(), strict=True) if not is_out or is_exact(later, one.entry)]


def _related(later: Entry, near: _Overlapping, matched: set[str], matching: Matching) -> list[Pair]:
    """The other candidates that ``later`` tells again in other words: asked of those with the most in common."""
    likely = (
        one
        for one in _likeliest(near, matching.related_overlap)
        if one.entry.item_id not in matched
        and one.entry.sketch.tokens >= matching.related_tokens
        and not _is_late(later, one.entry, matching)
    )
    asked = [(_kinship(later, one.entry, matching), one) for one in islice(likely, matching.aligned)]
    told_again = sorted((o for o in asked if o[0] > 0), key=lambda o: (-o[0], o[1].entry.item_id))
    pairs = (_pair(later, one) for _, one in told_again)
    return [pair for pair in pairs if not is_other_form(pair.alignment, matching)][: matching.related]


def _kinship(later: Entry, earlier: Entry, matching: Matching) -> float:
    """How surely the later text is the earlier one told again, in [0, 1]; 0 below either threshold."""
    here, there = _READINGS.of(later.text), _READINGS.of(earlier.text)
    if not share_facts(here.facts, there.facts):
        return 0.0
    found = features(here.words, there.words)
    same_event, derived = shipped_kinship().probabilities(found)
    return same_event * derived if same_event >= matching.same_event and derived >= matching.derived else 0.0


_READINGS = Readings()  # what a text holds does not change: this keeps time, and no result hangs on it
_RANK: dict[Kind, int] = {
    "exact": 0,
    "near": 1,
    "contained": 1,
    "update": 1,
    "contains": 2,
    "related": 3,
    "template": 4,
}


def _surest_first(found: tuple[Kind, Pair]) -> tuple[int, float, float, str]:
    kind, pair = found
    return (_RANK[kind], -pair.share_later * pair.alignment.agreement, -pair.jaccard, pair.earlier.item_id)


def _pair(later: Entry, candidate: Candidate) -> Pair:
    earlier, shared = candidate
    a, b = _READINGS.of(later.text).side, _READINGS.of(earlier.text).side
    alignment = align(a, b)
    apart = set_apart(later, a, alignment)
    sizes = later.sketch.shingles.size, earlier.sketch.shingles.size
    return Pair(
        later,
        earlier,
        jaccard=shared / (sizes[0] + sizes[1] - shared),
        containment=shared / sizes[0],
        coverage=shared / sizes[1],
        sides=(apart.side, b),
        alignment=alignment if apart.side is a else align(apart.side, b),
        apart=apart,
    )


def _match(kind: Kind, pair: Pair, known: Flags, matching: Matching) -> Match:
    return Match(
        item_id=pair.later.item_id,
        of=pair.earlier.item_id,
        kind=kind,
        jaccard=pair.jaccard,
        containment=pair.containment,
        coverage=pair.coverage,
        spans=_spans(pair),
        differs=_differences(pair),
        score=_score(kind, pair, known, matching),
        later_text=pair.later.text,
        earlier_text=pair.earlier.text,
    )


def _score(kind: Kind, pair: Pair, known: Flags, matching: Matching) -> float:
    """How surely the later text says nothing new: what of it stands in the earlier one, and what of its facts do.

    ``known``: what of it stands in other earlier texts that match.
    """
    alignment = pair.alignment
    score = pair.share_later * min(alignment.agreement, alignment.known_facts) if kind != "exact" else 1.0
    score = _undoubted(kind, pair, score, None, matching)
    look = second_look(pair, known, matching) if kind in ("near", "contained") and score < 1 else None
    if look is None:
        return score
    again = look.share * min(alignment.agreement, look.known_facts)
    return max(score, _undoubted(kind, pair, again, look.told, matching))


def _undoubted(kind: Kind, pair: Pair, score: float, told: Places | None, matching: Matching) -> float:
    """``score``, or no more than a doubtful match has.

    ``told``: the tokens that tell the later text's story; found here where nobody has looked for them.
    """
    if score <= matching.doubtful_score:  # as most templates have it: no doubt makes it less
        return score
    alignment = pair.alignment
    # In a brief the headline may hold the only facts: "Watch the video above" under two of them is no copy.
    is_bare = pair.later.sketch.tokens < matching.short and alignment.facts < matching.few_facts
    doubtful = is_bare and headlines_differ(pair.later.title, pair.earlier.title)
    doubtful = doubtful or _other_report(pair, score, matching)
    if not doubtful and kind != "exact":
        told = told_from(pair.later.text, pair.sides[0], pair.apart) if told is None else told
        doubtful = is_doubtful(alignment, *pair.sides, told)
    return matching.doubtful_score if doubtful else score


def _other_report(pair: Pair, score: float, matching: Matching) -> bool:
    """Whether the later text could be the next report of its kind: a number in a brief or table, or days between.

    "The Fed added reserves by 1.5 billion dollars of repurchases" is news again three weeks later, word for word.
    """
    is_short = min(pair.later.sketch.tokens, pair.earlier.sketch.tokens) < matching.short
    if pair.alignment.differing and (is_short or is_table(pair.sides[0])):
        return True
    return _is_late(pair.later, pair.earlier, matching) and (is_short or score < matching.report_score)


def _is_late(one: Entry, other: Entry, matching: Matching) -> bool:
    """Whether days lie between two items; not where a date is missing."""
    if one.published is None or other.published is None:
        return False
    return abs(one.published - other.published).total_seconds() > matching.report_days * 86_400


def _spans(pair: Pair) -> tuple[Span, ...]:
    a, b = pair.sides
    a_from, a_to, b_from, b_to = pair.alignment.passages.T
    ends = (a.starts[a_from], a.ends[a_to - 1], b.starts[b_from], b.ends[b_to - 1])
    spans = [Span(*place) for place in zip(*(end.tolist() for end in ends), strict=True)]
    return tuple(sorted(spans, key=lambda span: (span.start - span.end, span.start)))


def _differences(pair: Pair) -> tuple[Difference, ...]:
    a, b = pair.sides
    return tuple(
        Difference(
            "number" if kind == NUMBER_SLOT else "name",
            _words(a, a0, a1, pair.later.text),
            _words(b, b0, b1, pair.earlier.text),
        )
        for a0, a1, b0, b1, kind in pair.alignment.slots.tolist()
        if kind in (NUMBER_SLOT, NAME_SLOT)
    )


def _words(side: Side, start: int, end: int, text: str) -> str:
    return text[side.starts[start] : side.ends[end - 1]]
