"""From tokens to what the duplicate search keeps: shingles, signature, passage sample.

Shingles and MinHash after Broder, "On the resemblance and containment of documents" (1997). The passage sample
is a FracMinHash (Irber et al. 2022): every shingle whose hash falls below a fixed share of the range is kept, so
two texts that share a passage share its sampled shingles however much else surrounds it, which a signature of
the whole text cannot promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detector.dedup.kernels import distinct, sampled, shingle_sequence, sign
from detector.dedup.normalise import Tokens, tables, tokens_of, unicode_version
from detector.errors import EmptyTextError, InvalidItemError, SketchMismatchError
from detector.jit import njit
from detector.records import Sketch

if TYPE_CHECKING:
    from datasketch import MinHash

UInts = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Sketching:
    """What makes a sketch; two sketches of unlike settings do not compare."""

    num_perm: int = 128
    width: int = 3  # tokens in a shingle
    sample: int = 4  # one shingle in so many is a passage key
    sample_all_below: int = 48  # a text with no more distinct shingles than this keeps them all
    seed: int = 1
    secret: str = field(default="", repr=False)  # with one, nobody can make texts that fall into a bucket of his choice

    def __post_init__(self) -> None:
        for name in ("num_perm", "width", "sample", "sample_all_below"):
            if getattr(self, name) < 1:
                raise InvalidItemError(f"Sketching.{name} is {getattr(self, name)}; it must be at least 1")

    @property
    def header(self) -> str:
        """A line that names everything on which a sketch depends; of the secret, a fingerprint."""
        return _header(self)

    def minhash(self, sketch: Sketch) -> MinHash:
        """The signature of a sketch of this making as a ``datasketch.MinHash``, for that library's indexes and stores.

        It equals the one that datasketch makes of the same shingles, seed and scheme (``affine32``). Raises
        SketchMismatchError for a sketch of another making.
        """
        from datasketch import MinHash  # noqa: PLC0415  # brings scipy, half a second for each process

        if sketch.header != self.header:
            raise SketchMismatchError(f"this sketch is of the making {sketch.header!r}, and not {self.header!r}")
        return MinHash(self.num_perm, self.seed, hashvalues=sketch.signature, scheme="affine32")


@lru_cache(maxsize=8)
def _header(making: Sketching) -> str:
    secret = _keyed(making.secret, "fingerprint", 4).hex() if making.secret else "none"
    return (
        f"copytaster-sketch/2 unicode={unicode_version()} shingle={making.width} scheme=affine32"
        f" num_perm={making.num_perm} sample=1/{making.sample}>{making.sample_all_below} seed={making.seed}"
        f" secret={secret}"
    )


def _keyed(secret: str, purpose: str, size: int) -> bytes:
    key = blake2b(secret.encode()).digest()
    return blake2b(purpose.encode(), digest_size=size, key=key).digest()


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> tuple[UInts, UInts]:
    """The odd multipliers a and offsets b of datasketch's ``affine32`` scheme, shape (num_perm,) each."""
    # Drawn as datasketch draws them, without it: importing it brings scipy, half a second for each process.
    numbers = np.random.RandomState(seed)  # whose stream numpy promises never to change
    a = numbers.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, numbers.randint(0, 1 << 32, num_perm, dtype=np.uint32)


@lru_cache(maxsize=8)
def weights(making: Sketching) -> UInts:
    """What the tokens of a shingle are multiplied by, and what is added; the secret decides these alone."""
    numbers = (_keyed(making.secret, f"shingle {making.seed} {place}", 4) for place in range(making.width + 1))
    return np.array([int.from_bytes(number, "little") | 1 for number in numbers], np.uint32)


def sketch(tokens: Tokens, making: Sketching | None = None) -> Sketch:
    """The sketch of a text's tokens; raises EmptyTextError when there are none."""
    making = making or _USUAL
    if not len(tokens):
        raise EmptyTextError(_NOTHING)
    return _sketch(tokens.hashes, shingle_sequence(tokens.hashes, weights(making)), making)


def sketch_text(text: str, making: Sketching | None = None) -> Sketch | None:
    """The sketch of a text without its tokens being located; None when there are none."""
    table, expansions, numbers, width = _usual_arrays() if making is None else _arrays(making)
    hashes, shingles = _shingles(text, table, expansions, numbers[-width - 1 :])
    return _sketch(hashes, shingles, making or _USUAL) if hashes.size else None


@njit
def _shingles(text: str, table: UInts, expansions: UInts, weighted: UInts) -> tuple[UInts, UInts]:
    """The hashes of a text's tokens, and the shingle at each position."""
    hashes = tokens_of(text, table, expansions, False).hashes
    return hashes, shingle_sequence(hashes, weighted)


def _sketch(hashes: UInts, sequence: UInts, making: Sketching) -> Sketch:
    shingles = distinct(sequence)
    return Sketch(
        header=making.header,
        digest=blake2b(hashes.data, digest_size=16).hexdigest(),
        tokens=hashes.size,
        shingles=shingles,
        signature=sign(shingles, *permutations(making.num_perm, making.seed)),
        passages=shingles if shingles.size <= making.sample_all_below else sampled(shingles, making.sample),
    )


def signature(text: str, making: Sketching | None = None) -> UInts:
    """The MinHash signature of a text alone, shape (num_perm,): that of its sketch, in one step."""
    signed = _signature(text, *(_usual_arrays() if making is None else _arrays(making)))
    if not signed.size:
        raise EmptyTextError(_NOTHING)
    return signed


@lru_cache(maxsize=8)
def _arrays(making: Sketching) -> tuple[UInts, UInts, UInts, int]:
    """What the kernel needs besides a text: a making's numbers in one array, for each costs a call its time."""
    table, expansions, _ = tables()
    return (
        table,
        expansions,
        np.concatenate((*permutations(making.num_perm, making.seed), weights(making))),
        making.width,
    )


@lru_cache(maxsize=1)
def _usual_arrays() -> tuple[UInts, UInts, UInts, int]:
    return _arrays(_USUAL)


@njit
def _signature(text: str, table: UInts, expansions: UInts, numbers: UInts, width: int) -> UInts:
    """``numbers``: the multipliers of the permutations, their offsets, and the ``width`` + 1 weights of a shingle."""
    num_perm = (numbers.size - width - 1) // 2
    shingles = shingle_sequence(tokens_of(text, table, expansions, False).hashes, numbers[2 * num_perm :])
    return sign(shingles, numbers[:num_perm], numbers[num_perm : 2 * num_perm]) if shingles.size else shingles


_USUAL = Sketching()
_NOTHING = "the text has no token to sign; an item without text goes to review, not to the index"
