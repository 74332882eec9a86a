"""Does a text tell another one again in its own words? What the shingles no longer show, the words still do.

Rewritten agency copy keeps names, figures and turns of phrase and loses its runs of three words. Two questions are
asked, each of a small logistic regression (``detector.train.duplicates``): do both texts tell of the same event, and
does the later one take its wording from the earlier? (COUNTER: Sharjeel, Nawab and Rayson 2017; METER: Gaizauskas et
al. 2001.) A word counts by its letters, for the longer a word is the more it says, in any language (Zipf 1935;
Piantadosi, Tily and Gibson 2011), and what a text says twice it is about (Luhn 1958). So nothing here knows a
language or the rest of the archive: two texts alone decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from detector.dedup.kernels import distinct, overlap, shingle_sequence
from detector.dedup.normalise import CAPITALISED, NUMBER, STARTS_SENTENCE, Tokens
from detector.jit import leaf, njit
from detector.models import Weights, shipped

UInts = NDArray[np.uint32]
Floats = NDArray[np.float64]

SAME_EVENT = ("words_alike", "repeated_words_known", "repeated_words_found")
DERIVED = ("pairs_known", "letters_known", "repeated_words_known", "length_ratio")
LONG = 4  # letters from which on a word that a text repeats tells what the text is about
_EMPTY = 2  # letters; a word of no more says nothing by itself
_CASED = 0.02  # of the tokens have a capital at least, in a script with capitals
_FACTS = 6  # names and numbers that two tellings of one event share at least …
_FACT_SHARE = 0.5  # … and of the text that has fewer
_PAIR = np.array([0x9E3779B1, 0x85EBCA77, 7], np.uint32)  # what a pair of tokens is hashed with


@dataclass(frozen=True, slots=True)
class Words:
    """A text's distinct words with their weights, sorted by hash, and its distinct pairs of neighbouring words."""

    hashes: UInts
    letters: Floats  # of each word, less two
    vector: Floats  # letters, weighed by how often the word stands in the text, of unit length
    repeated: UInts  # long words that stand in the text twice or more
    pairs: UInts
    tokens: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text names and counts."""

    hashes: UInts  # numbers, and names where the script has capitals; sorted, distinct
    is_cased: bool


def facts_of(tokens: Tokens) -> Facts:
    """The names and numbers of a text."""
    return Facts(distinct(_facts(tokens.hashes, tokens.flags)), _is_cased(tokens.flags))


@njit
def _facts(hashes: UInts, flags: NDArray[np.uint8]) -> UInts:
    found = np.empty_like(hashes)
    count = 0
    for at in range(hashes.size):
        found[count] = hashes[at]
        count += flags[at] & (CAPITALISED | STARTS_SENTENCE) == CAPITALISED or flags[at] & NUMBER != 0
    return found[:count].copy()


@leaf
def _is_cased(flags: NDArray[np.uint8]) -> bool:
    capitals = 0
    for flag in flags:
        capitals += flag & CAPITALISED != 0
    return capitals >= _CASED * flags.size


def words_of(tokens: Tokens) -> Words:
    """What ``kinship`` compares of a text."""
    hashes, first, counts = np.unique(tokens.hashes, return_index=True, return_counts=True)
    length = (tokens.ends - tokens.starts)[first]
    letters = np.maximum(length - _EMPTY, 0).astype(np.float64)
    vector = (1 + np.log(counts)) * letters
    norm = float(np.sqrt((vector**2).sum()))
    return Words(
        hashes,
        letters,
        vector / norm if norm else vector,
        hashes[(counts > 1) & (length >= LONG)],
        distinct(shingle_sequence(tokens.hashes, _PAIR)),
        len(tokens),
    )


def features(later: Words, earlier: Words) -> dict[str, float]:
    """The named features of a pair; all but the ratio are shares in [0, 1]."""
    _, here, there = np.intersect1d(later.hashes, earlier.hashes, assume_unique=True, return_indices=True)
    return {
        "words_alike": float(later.vector[here] @ earlier.vector[there]),
        "letters_known": _share(float(later.letters[here].sum()), float(later.letters.sum())),
        "pairs_known": _share(overlap(later.pairs, earlier.pairs), later.pairs.size),
        "repeated_words_known": _share(overlap(later.repeated, earlier.hashes), later.repeated.size),
        "repeated_words_found": _share(overlap(earlier.repeated, later.hashes), earlier.repeated.size),
        "length_ratio": log(later.tokens / earlier.tokens) if later.tokens and earlier.tokens else 0.0,
    }


def share_facts(later: Facts, earlier: Facts) -> bool:
    """Whether half of what either text names or counts stands in the other; where names cannot be seen, they do.

    Items of one trade are alike in every word but these: two debt ratings, two trade figures, two retiring presidents.
    """
    if not (later.is_cased and earlier.is_cased):
        return True
    shared = overlap(later.hashes, earlier.hashes)
    return shared >= _FACTS and shared >= _FACT_SHARE * min(later.hashes.size, earlier.hashes.size)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Kinship:
    """The two regressions, each a weight for every feature and a bias last."""

    same_event: Floats
    derived: Floats

    @classmethod
    def from_weights(cls, weights: Weights) -> Kinship:
        """The model in ``weights/kinship.npz``."""
        return cls(weights["same_event"], weights["derived"])

    def probabilities(self, found: dict[str, float]) -> tuple[float, float]:
        """That both texts tell of one event; that the later takes its wording from the earlier, given that they do."""
        return _logistic(found, SAME_EVENT, self.same_event), _logistic(found, DERIVED, self.derived)


@lru_cache(maxsize=1)
def shipped_kinship() -> Kinship:
    """The model that came with the package."""
    return Kinship.from_weights(shipped("kinship"))


def _logistic(found: dict[str, float], names: tuple[str, ...], weights: Floats) -> float:
    # Summed in a fixed order, so that the same pair gives the same bits wherever it is asked.
    total = float(weights[-1])
    for name, weight in zip(names, weights[:-1].tolist(), strict=True):
        total += weight * found[name]
    return float(1 / (1 + np.exp(-total)))
