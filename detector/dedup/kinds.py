"""What kind of match two aligned texts are: the same, a cut of one another, an update, or a form filled in twice.

Jaccard and containment cannot tell these apart; the alignment can, by what fills its slots, and the rest is length,
lineage and what the feed repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import (
    BEGINNING,
    DIFFERING,
    FACTS,
    LONGEST,
    MATCHED,
    NUMBER_SLOT,
    Alignment,
    Side,
)
from detector.dedup.apart import LEAST_TOLD, Apart
from detector.dedup.bands import Entry
from detector.dedup.doubt import is_caseless
from detector.dedup.kernels import held_by_others, without
from detector.dedup.normalise import CAPITALISED, NUMBER, STARTS_SENTENCE
from detector.records import Kind

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matching:
    """Where one kind of match ends and the next begins. Shares are of tokens, in [0, 1]."""

    aligned: int = 8  # candidates that are aligned, the ones with most shingles in common
    aligned_short: int = 32  # the same for a short text: what it shares most with others may be its furniture
    min_overlap: float = 0.12  # of the smaller shingle set, for a candidate to be aligned at all
    min_matched: int = 16  # tokens that two texts of ordinary length share at least
    min_share: float = 0.35  # of the shorter text, for a match
    sure_share: float = 0.6  # of the shorter text; below it, phrases of the trade alone could make up the rest
    passage: int = 10  # tokens of the longest passage that then shows a common origin
    short: int = 60  # a text with fewer tokens is compared with more care: furniture alone can fill half of it
    short_share: float = 0.8
    lead: int = 8  # a short text's first tokens: the news is there, the furniture behind it
    lead_letters: int = 30  # and the characters that they take up: eight words, but not eight ideographs
    furniture_facts: int = 2  # names and numbers that a brief's furniture has at most
    report_days: float = 3  # between two items, from which on the same words can be another day's report …
    report_score: float = 0.97  # … unless next to nothing differs, and neither is a brief
    template_agreement: float = 0.65  # of the compared numbers and names, below which texts tell other facts
    template_density: float = 0.4  # slots per ten matched tokens, above which they do too
    other_figures: int = 3  # numbers that differ at least, and more than agree, in a report of the same form
    sparse_density: float = 0.2  # the same, below which one or two slots make no template where names are unseen
    length_ratio: float = 1.25  # longer over shorter text, from which on one contains the other
    cut_ratio: float = 1.15  # the same, where one long piece is missing …
    cut_piece: float = 0.1  # … of this share of the longer text at least
    grown: float = 1.1  # later over earlier length, from which on a text of the same lineage has grown
    grown_share: float = 0.85  # of the earlier text that still stands in one that has grown
    few_facts: int = 5  # numbers and names that a brief and its copy share; with fewer, the headline tells them apart
    doubtful_score: float = 0.75  # at most, where a copy parts from its original in what matters
    # Of a copy, known from that and other texts, from which on lines that tell of other things are left out of the
    # rest: what a page prints around a story. A column of several stories has less of any one.
    known_share: float = 0.7
    corrections: int = 6  # places that differ at most, in a text that was put right
    related_tokens: int = 40  # tokens of the shortest text that can be another one told again; a brief's furniture can
    related_overlap: float = 0.02  # of the smaller shingle set, for a candidate to be asked whether it was told again
    same_event: float = 0.5  # probability from which on two texts tell of one event
    derived: float = 0.35  # and from which on the later one then takes its wording from the earlier
    related: int = 4  # such matches of one item at most, the surest


_SURPLUS = 0.1  # of the other text's shingles; less makes no text the longer one
_UNLIKE = 0.2  # overlap in the smaller shingle set, below which a candidate says something else
_REPEATED = 2  # such candidates, from which on what they share is furniture


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries, their overlap and their alignment."""

    later: Entry
    earlier: Entry
    jaccard: float
    containment: float
    coverage: float
    sides: tuple[Side, Side]
    alignment: Alignment
    apart: Apart

    @property
    def share_later(self) -> float:
        """How much is matched of the later text, or of what it tells, in [0, 1]; whichever is more."""
        return min(1.0, max(self.alignment.matched / self.later.sketch.tokens, self.apart.share_told))

    @property
    def share_earlier(self) -> float:
        """How much of the earlier text is matched."""
        return self.alignment.matched / self.earlier.sketch.tokens


class Feed(Protocol):
    """The earlier texts among which some were found that a text may copy."""

    @property
    def shingles(self) -> tuple[NDArray[np.uint32], Longs]:
        """Their shingles, one text's behind the other's, and where those of each end."""
        ...


# What agencies write before a headline when a story goes out again: "UPDATE 2-", "Correction:", "CORRECTED WHEAT".
_UPDATED = re.compile(
    r"^\W*(?:(?:update\s*\d*|updated|corrected|correction|clarification|clarified|refile|adds|recasts|new lede)\b"
    r"(?:\s*\d+)?\)?\s*[-–—:(]|(?-i:(?:UPDATE|CORRECTED|CORRECTION|REFILE)\s+[A-Z]{2,}))",
    re.IGNORECASE,
)
_SITE_SUFFIX = re.compile(r"\s+[-–—|]\s+[^-–—|]{2,40}$")


def kind_of(pair: Pair, feed: Feed, matching: Matching) -> Kind | None:
    """The kind of match, or None when two texts merely have phrases in common.

    What those repeat among which the earlier text was found is the feed's furniture.
    """
    if is_exact(pair.later, pair.earlier):
        return "exact"
    alignment = pair.alignment
    shorter = min(pair.later.sketch.tokens - pair.apart.tokens, pair.earlier.sketch.tokens)
    share = alignment.matched / shorter
    if not _shares_enough(pair, share, shorter, matching):
        return None
    is_short = shorter < matching.short
    if _tells_other_facts(alignment, matching, is_short=is_short) and not _names_are_unseen(pair, matching):
        return "template"
    if _other_figures(pair, matching):
        return "template"
    if is_short and not _short_texts_match(pair, share, matching):
        return None
    return "update" if _is_update(pair, matching) else _by_length(pair, feed, matching)


def aligned_at_most(tokens: int, matching: Matching) -> int:
    """How many candidates a later text of so many tokens is aligned with."""
    return matching.aligned_short if tokens < matching.short else matching.aligned


def no_matches(
    numbers: NDArray[np.int32], later: Longs, earlier: Longs, matching: Matching, *, copies_only: bool = False
) -> NDArray[np.bool_]:
    """For which of n pairs ``kind_of`` gives None; with ``copies_only``, or a template. Each that it names is sure.

    ``numbers`` of their alignments, and the tokens of both texts, shape (n,) each. Of unlike texts, the later of which
    has no asides: what stands in those may not count.
    """
    few = ~_share_enough(numbers, later, earlier, matching, copies_only=copies_only)
    return few | _are_forms(numbers, np.minimum(later, earlier), matching) if copies_only else few


def _share_enough(
    numbers: NDArray[np.int32], later: Longs, earlier: Longs, matching: Matching, *, copies_only: bool
) -> NDArray[np.bool_]:
    shorter, matched = np.minimum(later, earlier), numbers[:, MATCHED]
    share = matched / shorter
    leads = numbers[:, BEGINNING] >= np.minimum(matching.lead, later)  # else they have not the same lead
    long_enough = (share >= matching.sure_share) | (numbers[:, LONGEST] >= matching.passage)
    enough: NDArray[np.bool_] = np.where(
        shorter < matching.short,
        (share >= (matching.short_share if copies_only else matching.min_share)) | leads,
        (matched >= matching.min_matched) & (share >= matching.min_share) & long_enough,
    )
    return enough


def _are_forms(numbers: NDArray[np.int32], shorter: Longs, matching: Matching) -> NDArray[np.bool_]:
    matched, differing, facts = numbers[:, MATCHED], numbers[:, DIFFERING], numbers[:, FACTS]
    agreement = facts / np.maximum(facts + differing, 1)
    # As in ``_tells_other_facts``.
    few = np.where(shorter < matching.short, agreement <= _EVEN, agreement < _EVEN)
    density = 10 * differing / np.maximum(matched, 1)
    many = (agreement < matching.template_agreement) | (density > matching.template_density)
    # Names may be unseen where next to nothing differs: that is for ``kind_of`` to see.
    unseen = (differing <= _FEW) & (10 * differing < matching.sparse_density * matched)
    forms: NDArray[np.bool_] = (differing > 0) & np.where(differing <= _FEW, few, many) & ~unseen
    return forms


def asides_may_count(numbers: NDArray[np.int32], later: Longs, earlier: Longs, matching: Matching) -> NDArray[np.bool_]:
    """Which of n pairs that ``no_matches(copies_only=True)`` named might be copies, had the later text asides.

    A text that tells less than LEAST_TOLD tokens beside its asides is taken whole. Of any other so much counts at
    least: next to a text as long, a share of that must be matched; next to a shorter one nothing else than without.
    """
    if matching.short > LEAST_TOLD:
        return np.ones(later.size, np.bool_)
    enough = _share_enough(numbers, later, earlier, matching, copies_only=True)
    counts = np.where(earlier < LEAST_TOLD, enough, numbers[:, MATCHED] >= matching.min_share * LEAST_TOLD)
    may: NDArray[np.bool_] = (later >= LEAST_TOLD) & counts
    return may


_FEW, _EVEN = 2, 0.5  # facts that differ at most, and the agreement that they are held to, where they are few


def _tells_other_facts(alignment: Alignment, matching: Matching, *, is_short: bool) -> bool:
    """Whether the texts are one form filled in twice.

    Of copies that people confirmed, 99 in 100 agree in nine of ten numbers and names and have a slot in ninety
    tokens at most; a scan with every tenth letter misread still agrees in three of four. One or two slots are a
    template only where they outweigh what agrees, or in a brief equal it: a correction changes one fact of several.
    """
    if alignment.differing <= _FEW:
        return alignment.agreement <= _EVEN if is_short else alignment.agreement < _EVEN
    density = 10 * alignment.differing / alignment.matched
    return alignment.agreement < matching.template_agreement or density > matching.template_density


def _names_are_unseen(pair: Pair, matching: Matching) -> bool:
    """Whether a slot or two weigh against nothing only because the script has no capitals, and next to all agrees."""
    alignment = pair.alignment
    if alignment.differing > _FEW or 10 * alignment.differing >= matching.sparse_density * alignment.matched:
        return False
    return all(map(is_caseless, pair.sides))


def _other_figures(pair: Pair, matching: Matching) -> bool:
    """Whether several numbers differ and fewer agree: the next day's report, though every capitalised word agrees.

    German gives each noun a capital, so that the names which differ count for little among all that look like names.
    """
    differing = int((pair.alignment.slots[:, 4] == NUMBER_SLOT).sum())
    if differing < matching.other_figures:
        return False
    matched = sum(
        int(np.count_nonzero(pair.sides[0].flags[start:end] & NUMBER))
        for start, end in pair.alignment.passages[:, :2].tolist()
    )
    return differing > matched


def _by_length(pair: Pair, feed: Feed, matching: Matching) -> Kind:
    """``near`` for texts of about one length, else which holds the other.

    Length is counted in tokens, or in distinct shingles without those that unlike candidates repeat, whichever tells
    the two less apart: neither furniture nor a bad scan makes a text longer. An edit takes out sentences here and
    there; a text that lacks one long piece was cut, however little.
    """
    later = pair.later.sketch.shingles.size - max(_furniture(pair.later, pair.earlier, feed), pair.apart.tokens)
    earlier = pair.earlier.sketch.shingles.size - _furniture(pair.earlier, pair.later, feed)
    ratios = later / earlier, (pair.later.sketch.tokens - pair.apart.tokens) / pair.earlier.sketch.tokens
    ratio = min(ratios, key=lambda ratio: max(ratio, 1 / ratio))
    longer = 0 if ratio > 1 else 1
    if min(pair.later.sketch.tokens, pair.earlier.sketch.tokens) < matching.short and not _own_facts(pair, longer):
        return "near"  # a brief, and what a site puts around it
    is_cut = max(ratio, 1 / ratio) > matching.cut_ratio and _missing_piece(pair, longer) >= matching.cut_piece
    if not is_cut and max(ratio, 1 / ratio) < matching.length_ratio:
        return "near"
    return "contains" if ratio > 1 else "contained"


def _furniture(one: Entry, other: Entry, feed: Feed) -> int:
    """How many shingles ``one`` has beyond ``other`` that two texts of the feed have too which say something else."""
    surplus = without(one.sketch.shingles, other.sketch.shingles)
    if surplus.size < _SURPLUS * other.sketch.shingles.size:
        return 0
    return held_by_others(surplus, other.sketch.shingles, *feed.shingles, _UNLIKE, _REPEATED)


def _own_facts(pair: Pair, which: int) -> int:
    """Numbers and names of one side that stand in no passage."""
    own = np.ones(pair.sides[which].hashes.size, np.bool_)
    for start, end in pair.alignment.passages[:, 2 * which : 2 * which + 2].tolist():
        own[start:end] = False
    flags = pair.sides[which].flags[own]
    named = (flags & CAPITALISED > 0) & (flags & STARTS_SENTENCE == 0)
    return int((named | (flags & NUMBER > 0)).sum())


def _missing_piece(pair: Pair, longer: int) -> float:
    """The longest piece of one side that no passage covers, as a share of its tokens."""
    starts, ends = pair.alignment.passages[:, 2 * longer], pair.alignment.passages[:, 2 * longer + 1]
    order = np.argsort(starts)
    size = (pair.later, pair.earlier)[longer].sketch.tokens
    gaps = np.append(starts[order], size) - np.append(0, ends[order])
    return float(gaps.max()) / size


def _shares_enough(pair: Pair, share: float, shorter: int, matching: Matching) -> bool:
    if shorter < matching.short:
        return share >= matching.min_share or _same_lead(pair, matching)
    if pair.alignment.matched < matching.min_matched or share < matching.min_share:
        return False
    return share >= matching.sure_share or pair.alignment.longest >= matching.passage


def _same_lead(pair: Pair, matching: Matching) -> bool:
    """Whether both texts begin with the same words, and one of them has little to say behind them.

    Two briefs on one company begin alike too: there each goes on with names and numbers of its own.
    """
    passages = pair.alignment.passages
    if not passages.shape[0]:
        return False
    a_start, a_end, b_start, _ = (int(place) for place in passages[0])
    if a_start or b_start or a_end < min(matching.lead, pair.later.sketch.tokens):
        return False
    later = pair.sides[0]
    enough = a_end == pair.later.sketch.tokens or int(later.ends[a_end - 1]) >= matching.lead_letters
    return enough and min(_own_facts(pair, which) for which in (0, 1)) <= matching.furniture_facts


def _short_texts_match(pair: Pair, share: float, matching: Matching) -> bool:
    return share >= matching.short_share or _same_lead(pair, matching)


def _is_update(pair: Pair, matching: Matching) -> bool:
    """Later in the same lineage, with text added or a figure put right.

    The source's own word for it decides; without one, the same headline or address does, when the later text
    holds the earlier one and more, or gives another number in its place.
    """
    same_source = pair.later.source == pair.earlier.source
    if same_source and (_UPDATED.match(pair.later.title) or _UPDATED.match(pair.later.text[:200])):
        return True
    if not _same_lineage(pair.later, pair.earlier):
        return False
    return _has_grown(pair, matching) or _corrects(pair, matching)


def _has_grown(pair: Pair, matching: Matching) -> bool:
    """Whether the later text is the earlier one and more."""
    longer = pair.later.sketch.tokens >= matching.grown * pair.earlier.sketch.tokens
    return longer and pair.share_earlier >= matching.grown_share


def _corrects(pair: Pair, matching: Matching) -> bool:
    """Almost the same text, and a number that differs: put right. A bad scan differs in many words besides."""
    slots = pair.alignment.slots[:, 4]
    numbers = int((slots == NUMBER_SLOT).sum())
    return numbers > 0 and slots.size <= matching.corrections


def _same_lineage(a: Entry, b: Entry) -> bool:
    """The same address, or the same headline from the same source; of unknown sources, exactly the same headline."""
    if a.url and a.url == b.url:
        return True
    if a.source != b.source or not a.title or not b.title:
        return False
    return a.title == b.title if a.source is None else _bare_title(a.title) == _bare_title(b.title)


def _bare_title(title: str) -> str:
    """A headline without case, and without the name of the site behind it."""
    return _SITE_SUFFIX.sub("", title.casefold()).strip()


def is_other_form(alignment: Alignment, matching: Matching) -> bool:
    """Whether what two texts share, little as it may be, is a form with other facts in it."""
    return alignment.differing > 2 and alignment.agreement < matching.template_agreement


def is_exact(a: Entry, b: Entry) -> bool:
    """Whether two texts are the same once normalised."""
    return a.sketch.digest == b.sketch.digest
