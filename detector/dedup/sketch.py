"""From tokens to what the duplicate search keeps: shingles, signature, passage sample.

Shingles and MinHash after Broder, "On the resemblance and containment of documents" (1997). The passage sample
is a FracMinHash (Irber et al. 2022): every shingle whose hash falls below a fixed share of the range is kept, so
two texts that share a passage share its sampled shingles however much else surrounds it, which a signature of
the whole text cannot promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from detector.dedup.kernels import distinct, shingle_sequence, sign
from detector.dedup.normalise import Tokens, unicode_version
from detector.errors import EmptyTextError, InvalidItemError
from detector.records import Sketch

UInts = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Sketching:
    """What makes a sketch; two sketches of unlike settings do not compare."""

    num_perm: int = 128
    width: int = 3  # tokens in a shingle
    sample: int = 4  # one shingle in so many is a passage key
    sample_all_below: int = 48  # a text with no more distinct shingles than this keeps them all
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("num_perm", "width", "sample", "sample_all_below"):
            if getattr(self, name) < 1:
                raise InvalidItemError(f"Sketching.{name} is {getattr(self, name)}; it must be at least 1")

    @property
    def header(self) -> str:
        """A line that names everything on which a sketch depends."""
        return (
            f"copytaster-sketch/1 unicode={unicode_version()} shingle={self.width} scheme=affine32"
            f" num_perm={self.num_perm} sample=1/{self.sample}>{self.sample_all_below} seed={self.seed}"
        )


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> tuple[UInts, UInts]:
    """The odd multipliers a and offsets b of datasketch's ``affine32`` scheme, shape (num_perm,) each."""
    a, b = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    return np.ascontiguousarray(a), np.ascontiguousarray(b)


def sketch(tokens: Tokens, making: Sketching | None = None) -> Sketch:
    """The sketch of a text's tokens; raises EmptyTextError when there are none."""
    making = making or Sketching()
    if not len(tokens):
        raise EmptyTextError("the text has no token to sign; an item without text goes to review, not to the index")
    sequence = shingle_sequence(tokens.hashes, making.width, np.uint32(making.seed))
    shingles = distinct(sequence)
    a, b = permutations(making.num_perm, making.seed)
    return Sketch(
        header=making.header,
        digest=blake2b(tokens.hashes.tobytes(), digest_size=16).hexdigest(),
        tokens=len(tokens),
        shingles=shingles,
        signature=sign(shingles, a, b),
        passages=_passages(shingles, making),
    )


def _passages(shingles: UInts, making: Sketching) -> UInts:
    if shingles.size <= making.sample_all_below:
        return shingles
    # Mixed once more: the shingles' own order must not decide, for the signature's minima already hang on it.
    kept = shingles[_mixed(shingles) < np.uint32(0xFFFFFFFF // making.sample)]
    return kept if kept.size else shingles[:1]


def _mixed(shingles: UInts) -> UInts:
    with np.errstate(over="ignore"):
        h = shingles ^ np.uint32(0x9E3779B9)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        return h ^ (h >> np.uint32(16))
