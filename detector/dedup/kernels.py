"""Compiled kernels: token hashes → shingle hashes → MinHash signature, and exact set overlap.

The signature is datasketch's ``affine32`` scheme bit for bit: murmur3's finaliser, then a * h + b modulo 2**32
for each permutation, then the minimum (Broder 1997; datasketch 2.0).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

UInts = NDArray[np.uint32]


@njit
def fmix32(h: np.uint32) -> np.uint32:
    """The finaliser of MurmurHash3: every input bit reaches every output bit."""
    # Each product is cut back to 32 bits at once: numba widens uint32 * uint32 to uint64 unasked.
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@njit
def shingle_at(tokens: UInts, at: int, width: int, seed: np.uint32) -> np.uint32:
    """Hash of the ``width`` tokens from ``at`` on (fewer at the text's end)."""
    h = seed
    for i in range(at, min(at + width, tokens.size)):
        h = np.uint32(fmix32(np.uint32(h ^ tokens[i])) * np.uint32(5) + np.uint32(0xE6546B64))
    return fmix32(h)


@njit
def shingle_sequence(tokens: UInts, width: int, seed: np.uint32) -> UInts:
    """The shingle at each position: shape (n,) in, (max(1, n - width + 1),) out; (0,) for no token."""
    if tokens.size == 0:
        return np.empty(0, np.uint32)
    count = max(1, tokens.size - width + 1)
    out = np.empty(count, np.uint32)
    for at in range(count):
        out[at] = shingle_at(tokens, at, width, seed)
    return out


def distinct(hashes: UInts) -> UInts:
    """The hashes sorted and without repeats; a third of ``numpy.unique``'s time on a few thousand of them."""
    ordered = np.sort(hashes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


@njit
def sign(shingles: UInts, a: UInts, b: UInts) -> UInts:
    """MinHash signature: shingle hashes (n,), permutations (num_perm,) twice in, (num_perm,) out; n ≥ 1."""
    signature = np.full(a.size, np.uint32(0xFFFFFFFF))
    for shingle in shingles:
        h = fmix32(shingle)
        # uint32 on purpose: the hardware's wraparound is the modulus, and an odd a makes a * h + b a bijection.
        for k in range(a.size):
            value = np.uint32(a[k] * h + b[k])
            signature[k] = min(signature[k], value)
    return signature


@njit
def band_keys(signature: UInts, bands: int, rows: int) -> NDArray[np.uint64]:
    """A 64-bit hash of each band of a signature: shape (num_perm,) in, (bands,) out; the highest bit is always set."""
    keys = np.empty(bands, np.uint64)
    for band in range(bands):
        key = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
        for value in signature[band * rows : (band + 1) * rows]:
            key = (key ^ np.uint64(value)) * np.uint64(0xC2B2AE3D27D4EB4F)
            key ^= key >> np.uint64(29)
        keys[band] = key | np.uint64(1 << 63)  # which no passage's key has
    return keys


@njit
def overlap(a: UInts, b: UInts) -> int:
    """|A ∩ B| of two sorted arrays without repeats, in one merge."""
    i = j = shared = 0
    while i < a.size and j < b.size:
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return shared
