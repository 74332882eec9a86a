"""The usual ways to find duplicates, as their manuals show them: what copytaster is compared with.

Each takes texts and gives the pairs of places, the smaller first, that it calls duplicates. They need the extra bench.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from datasketch import MinHash, MinHashLSH

Pairs = set[tuple[int, int]]

NUM_PERM = 128
THRESHOLD = 0.5
_WORD = re.compile(r"\w+")


def shingles(text: str, width: int = 5) -> list[str]:
    """Word n-grams, one for a text shorter than that."""
    words = _WORD.findall(text.lower())
    return [" ".join(words[at : at + width]) for at in range(max(1, len(words) - width + 1))]


def datasketch_signature(text: str) -> MinHash:
    """As the manual's first example has it: an update for each member of the set."""
    minhash = MinHash(num_perm=NUM_PERM)
    for shingle in set(shingles(text)):
        minhash.update(shingle.encode("utf8"))
    return minhash


def datasketch_batch_signature(text: str) -> MinHash:
    """As the manual's later pages have it: all members at once."""
    minhash = MinHash(num_perm=NUM_PERM)
    minhash.update_batch([shingle.encode("utf8") for shingle in set(shingles(text))])
    return minhash


def datasketch_lsh(texts: Sequence[str]) -> Pairs:
    """MinHash and an LSH index, asked for each text before it is added; what it answers counts."""
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM)
    found: Pairs = set()
    for place, text in enumerate(texts):
        signature = datasketch_batch_signature(text)
        found.update((earlier, place) for earlier in lsh.query(signature))
        lsh.insert(place, signature)
    return found


def text_dedup(texts: Sequence[str]) -> Pairs:
    """text-dedup's recipe: word 5-grams, MinHash, LSH at 0.5, and union-find over whatever shares a band."""
    return _joined(len(texts), datasketch_lsh(texts))


def _joined(size: int, pairs: Pairs) -> Pairs:
    parents = list(range(size))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for a, b in sorted(pairs):
        parents[max(root(a), root(b))] = min(root(a), root(b))
    groups: dict[int, list[int]] = {}
    for place in range(size):
        groups.setdefault(root(place), []).append(place)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def rensa_signature(text: str) -> object:
    """A MinHash in Rust over shingles made in Python."""
    import rensa  # noqa: PLC0415  # an extra, not needed for the others

    minhash = rensa.RMinHash(num_perm=NUM_PERM, seed=42)
    minhash.update(shingles(text))
    minhash.digest()
    return minhash


def rensa_lsh(texts: Sequence[str]) -> Pairs:
    """Its LSH index, and of what that answers the pairs whose estimated Jaccard reaches the threshold."""
    import rensa  # noqa: PLC0415

    lsh = rensa.RMinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM, num_bands=32)
    signatures = [rensa_signature(text) for text in texts]
    found: Pairs = set()
    for place, signature in enumerate(signatures):
        found |= {(e, place) for e in lsh.query(signature) if signature.jaccard(signatures[e]) >= THRESHOLD}  # type: ignore[attr-defined]
        lsh.insert(place, signature)
    return found


def tfidf_at(threshold: float) -> Callable[[Sequence[str]], Pairs]:
    """Cosine of TF-IDF vectors, all pairs, from a threshold on."""

    def tfidf(texts: Sequence[str]) -> Pairs:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        vectors = TfidfVectorizer().fit_transform(texts)
        found: Pairs = set()
        for start in range(0, len(texts), 2000):
            block = (vectors[start : start + 2000] @ vectors.T).tocoo()
            alike = (block.data >= threshold) & (block.col < block.row + start)
            later = block.row[alike] + start
            found.update(zip(block.col[alike].tolist(), np.asarray(later).tolist(), strict=True))
        return found

    return tfidf
